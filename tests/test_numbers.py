"""Numbers in digits and in words, in three languages."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import numbers
from pipeline.records import LANGUAGES, Language


def found(text: str, language: Language) -> list[str]:
    return [format(value.normalize(), "f") for value in numbers.values(text, language).elements()]


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("two hundred and forty-one men, 1,450 shells, 9.8 kg", "en", ["241", "1450", "9.8"]),
        ("двести сорок один человек, 1 450 снарядов, 9,8 кг", "ru", ["241", "1450", "9.8"]),
        ("двісті сорок один чоловік, 1450 снарядів, 9,8 кг", "uk", ["241", "1450", "9.8"]),
        ("из девяноста четырёх человек тридцать один", "ru", ["94", "31"]),
        ("з дев’яноста чотирьох бійців тридцять один", "uk", ["94", "31"]),
        ("thirty-one thousand two hundred", "en", ["31200"]),
        ("1.5 million and 3 thousand", "en", ["1500000", "3000"]),
        ("1,5 млн и 3 тыс.", "ru", ["1500000", "3000"]),
        ("1,5 млн і 3 тис.", "uk", ["1500000", "3000"]),
        ("две с половиной тысячи, полтора миллиона", "ru", ["2500", "1500000"]),
        ("on the fourth day", "en", ["4"]),
        ("на четвёртый день", "ru", ["4"]),
        ("на четвертий день", "uk", ["4"]),
        ("01.09.2026", "ru", ["1", "2026"]),
        ("five, six and seven", "en", ["5", "6", "7"]),
        ("one of them said at first, and half of the rest", "en", []),
        ("он стоит у стола семьи", "ru", []),
        ("2022–2023", "en", ["2022", "2023"]),
        ("at 16:40, at 4:25 a.m. and at 11.05 p.m.", "en", ["16", "40", "4", "25", "23", "5"]),
        ("о 16.05, за 2:06,4", "uk", ["16", "5", "2", "6.4"]),
        ("by 1.12 or 1.20", "en", ["1.12", "1.2"]),
        ("$2.3m, 5m deep", "en", ["2300000", "5"]),
        ("в XXI веке, во II квартале", "ru", ["21", "2", "4"]),
        ("три сотни, восемь десятков тысяч", "ru", ["300", "80000"]),
        ("девятилетний из пятиэтажного дома, сторона", "ru", ["9", "5"]),
        ("двоповерховий, тривожний, у двадцять першому", "uk", ["2", "21"]),
        ("семью семью пахарей", "ru", []),
        ("у дев’яноста семи випадках зі ста", "uk", ["97", "100"]),
        ("x² and ½", "en", []),
    ],
)
def test_values(text: str, language: Language, wanted: list[str]) -> None:
    assert found(text, language) == wanted


@given(st.text(alphabet="0123456789 .,'’-семь two п’ять—", max_size=60), st.sampled_from(LANGUAGES))
def test_any_text_has_values(text: str, language: Language) -> None:
    assert all(isinstance(value, Decimal) for value in numbers.values(text, language))


@given(st.integers(min_value=2, max_value=999_999))
def test_digits_are_read_back(number: int) -> None:
    for text in (f"{number}", f"{number:,}", f"{number:,}".replace(",", "\u00a0")):
        assert numbers.values(f"about {text} men", "en") == {Decimal(number): 1}


@pytest.mark.parametrize("digits", ["9" * 5_000, "٣" * 5_000, "1" + ",000" * 3_000])
def test_endless_digits_are_no_number(digits: str) -> None:
    assert numbers.values(f"about {digits} men and 12", "en") == {Decimal(12): 1}
