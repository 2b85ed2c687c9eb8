"""Counts what is visibly wrong with a translation, to choose among several."""

import re
from functools import lru_cache

from pipeline.records import Language
from pipeline.speech.morphology import forms

CYRILLIC = "а-яёіїєґ"
FOREIGN: dict[Language, re.Pattern[str]] = {
    "en": re.compile(f"[{CYRILLIC}]", re.I),
    "ru": re.compile("[іїєґ]", re.I),
    "uk": re.compile("[ыэъё]", re.I),
}
"""Letters that the language does not have."""

MIXED_WORD = re.compile(rf"\b(?=\w*[a-z])(?=\w*[{CYRILLIC}])\w+", re.I)
LATIN_WORD = re.compile(r"(?<![\w.@/-])[a-z]{3,}(?![\w.@/-])")  # no name, no address
CYRILLIC_WORD = re.compile(
    rf"(?<![\w-])[{CYRILLIC}]{{4,}}(?:['’ʼ][{CYRILLIC}]+)?(?![\w-])"
)  # names and compounds are in no dictionary
OPENING_MARK = re.compile('[«“„"]')


def blemishes(translation: str, source: str, target: Language) -> int:
    """How many words have foreign letters or two alphabets, were left in English or are in no dictionary; lost marks."""
    english = 0 if target == "en" else len(LATIN_WORD.findall(translation))
    lost_marks = bool(OPENING_MARK.search(source)) and not OPENING_MARK.search(translation)
    return (
        len(foreign_words(translation, target))
        + english
        + len(MIXED_WORD.findall(translation))
        + len(unknown_words(translation, target))
        + lost_marks
    )


def foreign_words(text: str, language: Language) -> list[str]:
    """Words with letters that the language does not have."""
    return [word for word in text.split() if FOREIGN[language].search(word)]


def unknown_words(text: str, language: Language) -> list[str]:
    """Words in small letters that are in no dictionary of the language, for all their letters; none in English."""
    if language == "en":
        return []
    words = CYRILLIC_WORD.findall(text)
    return [word for word in words if not FOREIGN[language].search(word) and not is_known(word, language)]


@lru_cache(maxsize=100_000)
def is_known(word: str, language: Language) -> bool:
    """Whether the dictionary of Russian or Ukrainian has the word; small and capital letters are alike."""
    return any(form.known for form in forms(word, language))
