"""Which encoding a file is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import encodings

RUSSIAN = "Капитан сказал пассажирам, что паром не выйдет из гавани до конца шторма."
UKRAINIAN = "Капітан сказав пасажирам, що пором не вийде з гавані до кінця шторму, і пішов їсти."


@pytest.mark.parametrize("text", [RUSSIAN, UKRAINIAN])
@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "koi8_u"]
)
def test_what_was_written_is_read(text: str, codec: str) -> None:
    data = text.encode(codec)
    found = encodings.detect(data)
    assert found
    assert data.decode(found) == text


def test_a_character_cut_at_the_end_of_the_sample_is_no_fault() -> None:
    assert encodings.detect(RUSSIAN.encode() + "я".encode()[:1]) == "utf-8"


@pytest.mark.parametrize("codec", ["cp1251", "koi8_u", "koi8_r"])
@pytest.mark.parametrize("text", ["Паром не выйдет", "РЕКА ВСТАЛА: ПАРОМ ОПОЗДАЛ", "Reuters: ждём парома, AP", RUSSIAN])
def test_a_few_words_are_enough(text: str, codec: str) -> None:
    found = encodings.decode(text.encode(codec))
    assert found
    assert found.text == text


def test_utf8_outranks_what_a_page_claims_and_a_claim_outranks_a_guess() -> None:
    assert encodings.decode(RUSSIAN.encode(), ["cp1251"]) == encodings.Decoded(RUSSIAN, damaged=False)
    assert encodings.decode("Да".encode("cp866"), ["cp866", "cp1251"]) == encodings.Decoded("Да", damaged=False)
    assert encodings.decode(RUSSIAN.encode("utf-16"), ["cp1251"]) == encodings.Decoded(RUSSIAN, damaged=False)


def test_damaged_utf8_is_still_utf8() -> None:
    data = RUSSIAN.encode()
    found = encodings.decode(data[:41] + data[42:])
    assert found
    assert found.damaged
    assert found.text.replace("\ufffd", "") in (RUSSIAN[:20] + RUSSIAN[21:], RUSSIAN[:21] + RUSSIAN[22:])


@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding_or_none(data: bytes) -> None:
    found = encodings.detect(data)
    assert found is None or isinstance(data.decode(found, errors="replace"), str)


@pytest.mark.parametrize(
    ("page", "codec"),
    [
        (b'<html><head><meta charset="windows-1251">', "cp1251"),
        (b"<meta http-equiv='Content-Type' content='text/html; charset=koi8-r'>", "koi8_u"),
        (b'<?xml version="1.0" encoding="UTF-8"?>', "utf-8"),
        (b'<meta charset="no-such-thing">', None),
        (b'<meta charset="iso-8859-1">', None),  # said by servers that do not know
        (b'<meta charset="hex">', None),  # a codec of Python, and no encoding
        (b"<html>", None),
    ],
)
def test_what_a_page_says_of_itself(page: bytes, codec: str | None) -> None:
    assert encodings.declared(page) == codec
