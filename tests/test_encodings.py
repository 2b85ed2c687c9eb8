"""Which encoding a file is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import encodings

RUSSIAN = "Капитан сказал пассажирам, что паром не выйдет из гавани до конца шторма."
UKRAINIAN = "Капітан сказав пасажирам, що пором не вийде з гавані до кінця шторму, і пішов їсти."


@pytest.mark.parametrize("text", [RUSSIAN, UKRAINIAN])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8_u"])
def test_what_was_written_is_read(text: str, codec: str) -> None:
    data = text.encode(codec)
    found = encodings.detect(data)
    assert found
    assert data.decode(found) == text


def test_a_character_cut_at_the_end_of_the_sample_is_no_fault() -> None:
    assert encodings.detect(RUSSIAN.encode() + "я".encode()[:1]) == "utf-8"


@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding_or_none(data: bytes) -> None:
    found = encodings.detect(data)
    assert found is None or isinstance(data.decode(found, errors="replace"), str)


@pytest.mark.parametrize(
    ("page", "codec"),
    [
        (b'<html><head><meta charset="windows-1251">', "cp1251"),
        (b"<meta http-equiv='Content-Type' content='text/html; charset=koi8-r'>", "koi8-r"),
        (b'<?xml version="1.0" encoding="UTF-8"?>', "utf-8"),
        (b'<meta charset="no-such-thing">', None),
        (b"<html>", None),
    ],
)
def test_what_a_page_says_of_itself(page: bytes, codec: str | None) -> None:
    assert encodings.declared(page) == codec
