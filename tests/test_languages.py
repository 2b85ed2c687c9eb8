"""Telling the three languages apart, and from all others."""

import pytest

from pipeline import languages
from pipeline.languages import UnknownLanguage


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("вони не пішли додому", "uk"),  # no letter that only Ukrainian has
        ("они не пошли домой", "ru"),
        ("Так, їдемо", "uk"),
        ("Это всё", "ru"),
        ("We stay.", "en"),
        (
            "Капитан Orest Lanovyi сказал, что паром Morning Star не выйдет из гавани до утра, если шторм не утихнет.",
            "ru",
        ),
    ],
)
def test_detected(text: str, language: str) -> None:
    assert languages.detect(text) == language


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Капітан паведаміў пасажырам, што паром не выйдзе з гавані, пакуль не скончыцца шторм, і прасіў усіх пачакаць.",
            "Belarusian",
        ),
        (
            "Der Kapitän sagte den Fahrgästen, die Fähre werde den Hafen vor dem Ende des Sturms nicht verlassen.",
            "German",
        ),
        (
            "Капитанът каза на пътниците, че фериботът няма да напусне пристанището, преди бурята да отмине.",
            "Bulgarian",
        ),
    ],
)
def test_other_languages_are_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(UnknownLanguage, match=name):
        languages.detect(text)


@pytest.mark.parametrize("text", ["", "123, 456!", "— … —"])
def test_a_text_without_letters_has_no_language(text: str) -> None:
    with pytest.raises(UnknownLanguage, match="letters"):
        languages.detect(text)


def test_an_unknown_code_is_named() -> None:
    with pytest.raises(UnknownLanguage, match="French"):
        languages.named("fr-CA")
    with pytest.raises(UnknownLanguage, match="'x!'"):
        languages.named("x!")
