"""Counts what is visibly wrong with a translation, to choose among several."""

import re

from pipeline.records import Language

CYRILLIC = "а-яёіїєґ"
FOREIGN: dict[Language, re.Pattern[str]] = {
    "en": re.compile(f"[{CYRILLIC}]", re.I),
    "ru": re.compile("[іїєґ]", re.I),
    "uk": re.compile("[ыэъё]", re.I),
}
"""Letters that the language does not have."""

MIXED_WORD = re.compile(rf"\b(?=\w*[a-z])(?=\w*[{CYRILLIC}])\w+", re.I)
LATIN_WORD = re.compile(r"(?<![\w.@/-])[a-z]{3,}(?![\w.@/-])")  # no name, no address
OPENING_MARK = re.compile('[«“„"]')


def blemishes(translation: str, source: str, target: Language) -> int:
    """How many words with foreign letters, in two alphabets or left in English, and whether quotation marks were lost."""
    foreign = sum(1 for word in translation.split() if FOREIGN[target].search(word))
    english = 0 if target == "en" else len(LATIN_WORD.findall(translation))
    lost_marks = bool(OPENING_MARK.search(source)) and not OPENING_MARK.search(translation)
    return foreign + english + len(MIXED_WORD.findall(translation)) + lost_marks
