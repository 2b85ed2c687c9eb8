"""The numbers that a text names, in digits or in words, as values that can be compared across languages."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from pipeline.lang import entries
from pipeline.records import Language

TOKEN = re.compile(r"\d+(?:[ \u00a0\u202f.,'’]\d{3}(?!\d))*(?:[.,]\d+)?|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[,;:()—–]")
THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f.,'’](?=\d{3}(?!\d))")
DATE = re.compile(r"\b(0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])(?:\.(\d{4}))?(?!\d|[.,]\d)")
LINKS = frozenset({"and", "a", "і", "й", "и", "с", "з", "із"})
"""Words that may stand inside a number: two hundred and forty, две с половиной тысячи."""

ONE, HALF = Decimal(1), Decimal("0.5")

Word = tuple[bool, Decimal]
"""(whether it multiplies what stands before it, value)."""


def values(text: str, language: Language) -> Counter[Decimal]:
    """How often each number is named: "two hundred and forty", "240" and «двести сорок» are one value.

    1,450 = 1 450 = 1450 and 9.8 = 9,8; "1.5 million" is 1500000; an ordinal has the value of its cardinal.
    """
    return Counter(_numbers(text, language))


def _numbers(text: str, language: Language) -> Iterator[Decimal]:
    """Words and digits in order, put together as long as each can follow the one before."""
    number = _Number()
    for token in TOKEN.findall(DATE.sub(r"\1 \2", text)):  # 01.09.2026: the month is a word elsewhere
        if token[0].isdigit():
            yield from number.close()
            number.digits(_digits(token))
            continue
        found = _word(token, language)
        if found is None:
            if token.lower() not in LINKS:
                yield from number.close()
        elif not number.takes(*found):
            yield from number.close()
            number.takes(*found)
    yield from number.close()


@dataclass(slots=True)
class _Number:
    """A number on its way: `closed` by a large multiplier, `part` still open, `last` the last word's value."""

    closed: Decimal = Decimal(0)
    part: Decimal = Decimal(0)
    last: Decimal | None = None
    words: int = 0

    def digits(self, value: Decimal) -> None:
        """Begin with digits; only a multiplier can follow."""
        self.part, self.last, self.words = value, Decimal(0), 2

    def takes(self, multiplies: bool, value: Decimal) -> bool:
        """Whether another word belongs to this number; then it is added."""
        if multiplies:
            grown = (self.part or 1) * value
            self.closed, self.part = (self.closed, grown) if value == 100 else (self.closed + grown, Decimal(0))
        elif (value == HALF and self.part) or self.last is None or _fits(value, self.last):
            self.part += value
        else:
            return False
        self.last, self.words = value, self.words + 1
        return True

    def close(self) -> Iterator[Decimal]:
        """The value, unless there is none, or a lone "one" or "half"; then begin anew."""
        value = self.closed + self.part
        if value and not (self.words == 1 and value in (ONE, HALF)):
            yield value
        self.closed, self.part, self.last, self.words = Decimal(0), Decimal(0), None, 0


def _fits(value: Decimal, before: Decimal) -> bool:
    """Whether a word may follow another within one number: tens after hundreds, units after tens but not after teens."""
    return value < before and (before >= 100 or (before >= 20 and value < 10))


def _digits(token: str) -> Decimal:
    return Decimal(THOUSANDS.sub("", token).replace(",", "."))


@lru_cache(maxsize=50_000)
def _word(token: str, language: Language) -> Word | None:
    plain = token.lower().replace("’", "'").replace("ʼ", "'")
    known = _words(language)
    if plain in known or language == "en":
        return known.get(plain)
    from pipeline.speech.morphology import forms

    return next((known[form.lemma] for form in forms(plain, language)[:3] if form.lemma in known), None)


@cache
def _words(language: Language) -> dict[str, Word]:
    pairs = (line.split() for line in entries(language, "numbers"))
    return {word: (value.startswith("x"), Decimal(value.removeprefix("x"))) for word, value in pairs}
