"""What must survive, what stands in for it, and what is put right afterwards."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.protection import addresses, guard, localized, lost_addresses, lost_numbers, mended
from pipeline.records import Language


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://a.example/b_c?d=e&f=1, or www.pier.org.", ["https://a.example/b_c?d=e&f=1", "www.pier.org"]),
        ("Write to o.tenn+news@pier-post.example.org!", ["o.tenn+news@pier-post.example.org"]),
        ("Follow @pier_post, #FerryStop2024 and #Стоп.", ["@pier_post", "#FerryStop2024", "#Стоп"]),
        ("Item #12, No. 5, a&b, 16:40.", []),
        ("Read pier.com and (harbour.gov.ua/ua/news).", ["pier.com", "harbour.gov.ua/ua/news"]),
        ("End.It was late. U.S. and e.g. no.", []),
        ("«https://a.example»", ["https://a.example"]),
    ],
)
def test_addresses(text: str, found: list[str]) -> None:
    assert addresses(text) == found


def test_addresses_are_exchanged_and_come_back() -> None:
    text = "Write to a_b@pier.example or see https://pier.example/x_y (X1 is a ship); https://pier.example/x_y."
    guarded = guard(text)
    assert guarded.text == "Write to X2 or see X3 (X1 is a ship); X3."
    made = "Пишіть на X2 або дивіться X3 (X1 — корабель); X3."
    assert guarded.restored(made) == (
        "Пишіть на a_b@pier.example або дивіться https://pier.example/x_y (X1 — корабель); https://pier.example/x_y."
    )


def test_a_lost_or_doubled_stand_in_is_noticed() -> None:
    guarded = guard("Follow @pier and #Ferry.")
    assert guarded.restored("Стежте за X1.") is None
    assert guarded.restored("Стежте за X1, X1 і X2.") is None
    assert guarded.restored("Стежте за @X1 і Х2.") == "Стежте за @pier і #Ferry."


def test_words_to_keep_are_exchanged_too() -> None:
    guarded = guard("The Telegraph wrote it.", ("The Telegraph",))
    assert guarded.restored("X1 написала це.") == "The Telegraph написала це."


@given(st.text("aX1@# .https://x.com", max_size=60))
@example("1@1@1.1")
def test_what_is_guarded_is_restored(text: str) -> None:
    guarded = guard(text)
    assert guarded.restored(guarded.text) is not None
    assert not lost_addresses(text, guarded.restored(guarded.text) or "")


@pytest.mark.parametrize(
    ("source", "translation", "lost"),
    [
        ("It cost €5.4 million.", "Це коштувало 5,4 млн євро.", ()),
        ("It cost 12,400 dollars.", "Це коштувало 12 400 доларів.", ()),
        ("It cost 12,400 dollars.", "Це коштувало 12 500 доларів.", ("12,400",)),
        ("It cost €5 million.", "Це коштувало 5 мільйонів доларів.", ("€5 million",)),
        ("See https://a.example/2024.", "Дивіться https://a.example/2024.", ()),
        ("See https://a.example/2024.", "Дивіться сайт.", ()),
        ("It sank on day 51 of the year.", "Він затонув на 51-й день року.", ()),
        ("It covers 412 square kilometres.", "Площа — 412 квадратних метрів.", ("412 square kilometres",)),
    ],
)
def test_lost_numbers(source: str, translation: str, lost: tuple[str, ...]) -> None:
    found = lost_numbers(source, translation, ("en", "uk"))
    assert bool(found) == bool(lost)


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("It sold 12,400 loaves.", "Він продав 1240 хлібин.", "Він продав 12\u00a0400 хлібин."),
        ("It weighs 9.5 tonnes.", "Він важить 95 тонн.", "Він важить 9,5 тонн."),
        ("It sold 5 and 6.", "Він продав 7 і 8.", "Він продав 7 і 8."),
        ("An iPhone on YouTube.", "i Phone на You Tube.", "iPhone на YouTube."),
        ("It creates the Viewport.", "Він створюєViewport.", "Він створює Viewport."),
        ("Back 🚢 again!", "Знову тут!", "Знову тут! 🚢"),
        ("Nothing is lost.", "Нічого не втрачено.", "Нічого не втрачено."),
    ],
)
def test_mending(source: str, translation: str, expected: str) -> None:
    assert mended(source, translation, ("en", "uk")) == expected


@pytest.mark.parametrize(
    ("number", "languages", "expected"),
    [
        ("1,250", ("en", "uk"), "1250"),
        ("12,400.5", ("en", "ru"), "12\u00a0400,5"),
        ("2019", ("en", "ru"), "2019"),
        ("9,5", ("uk", "en"), "9.5"),
        ("3.125", ("en", "uk"), "3,125"),
        ("1,200.375", ("en", "uk"), "1200,375"),
        ("41,250", ("uk", "en"), "41.250"),
        ("12 400", ("ru", "uk"), "12 400"),
    ],
)
def test_numbers_are_written_as_the_target_writes_them(
    number: str, languages: tuple[Language, Language], expected: str
) -> None:
    assert localized(number, *languages) == expected


def test_endless_digits_stay_as_they_are() -> None:
    digits = "1," + "000," * 2_000 + "000"
    assert localized(digits, "en", "uk").replace("\u00a0", "") == digits.replace(",", "")
