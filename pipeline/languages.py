"""Which of the three languages a text is in, or which other."""

import re

from pipeline.records import LANGUAGES, Language

CODES: dict[str, Language] = {
    "en": "en",
    "eng": "en",
    "english": "en",
    "ru": "ru",
    "rus": "ru",
    "russian": "ru",
    "uk": "uk",
    "ukr": "uk",
    "ua": "uk",
    "ukrainian": "uk",
}
ENGLISH_NAMES: dict[str, str] = {"en": "English", "ru": "Russian", "uk": "Ukrainian"}
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
ONLY_RUSSIAN = re.compile(r"[ыэъё]", re.I)
ONLY_UKRAINIAN = re.compile(r"[іїєґ]", re.I)
SHORT = 60
"""Letters below which a text is taken for one of the three languages: the general classifier guesses there."""

LOOKED_AT = 100_000
"""Characters that a language is told by: more would not change the answer."""


class UnknownLanguage(ValueError):
    """The language is none of the three; the message names it."""


def named(code: str) -> Language:
    """The language behind a code such as "uk", "en-GB", "rus"; UnknownLanguage for any other."""
    language = CODES.get(re.split(r"[-_]", code.strip().lower())[0])
    if language is None:
        raise UnknownLanguage(f"{_name(code)} is none of {', '.join(LANGUAGES)}")
    return language


def detect(text: str) -> Language:
    """The language that `text` is written in; UnknownLanguage, with its name, when that is none of the three.

    py3langid (Lui and Baldwin 2012) decides; between Russian and Ukrainian the letters that only one of them has do.
    """
    text = text[:LOOKED_AT]
    letters = sum(map(str.isalpha, text))
    if letters == 0:
        raise UnknownLanguage("there are no letters to tell the language by; give the field")
    code = _classified(text, letters)
    if code not in CODES:
        raise UnknownLanguage(f"the text is in {_name(code)}, which is none of {', '.join(LANGUAGES)}")
    if code == "en":
        return "en"
    russian, ukrainian = len(ONLY_RUSSIAN.findall(text)), len(ONLY_UKRAINIAN.findall(text))
    return CODES[code] if russian == ukrainian else "uk" if ukrainian > russian else "ru"


def _classified(text: str, letters: int) -> str:
    """The classifier's code; of a short text only whether it is English, else the likelier of Russian and Ukrainian."""
    from py3langid import classify, rank

    if letters >= SHORT:
        return str(classify(text)[0])
    if len(CYRILLIC.findall(text)) * 2 < letters:
        return "en"
    return next(str(code) for code, _ in rank(text) if code in ("ru", "uk"))


def _name(code: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return f"{Locale.parse(code, sep='-' if '-' in code else '_').english_name} ({code})"
    except (ValueError, TypeError, UnknownLocaleError):
        return repr(code)
