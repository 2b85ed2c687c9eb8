"""The numbers that a text names, in digits or in words, as values that can be compared across languages."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from pipeline.lang import entries
from pipeline.records import Language, Span

TOKEN = re.compile(r"\d+(?:[ \u00a0\u202f.,'’]\d{3}(?!\d))*(?:[.,]\d+)?|[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[,;:()—–]")
THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f.,'’](?=\d{3}(?!\d))")
DATE = re.compile(r"\b(?P<day>0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])(?:\.(?P<year>\d{4}))?(?!\d|[.,]\d)")
CLOCK = re.compile(
    r"(?<![\d.,:])(?P<hour>\d{1,2})"
    r"(?:(?::|[.](?=\d\d,\d|[0-5]\d\s?[ap]\.?m\b)|(?<=\b[воу] \d\d)[.](?=[0-5]\d(?!\d)))(?P<minute>\d\d(?:[.,]\d+)?)(?::(?P<second>\d\d))?(?!\d)(?:\s?(?P<half>[ap])\.?m\b)?"
    r"|\s?(?P<hour_half>[ap])\.?m\b)",
    re.IGNORECASE,
)
NOON = 12
LONGEST = 40
"""Characters of a number in digits; what is longer counts nothing, and Python refuses to write thousands of digits."""

LIKELIEST: dict[Language, int] = {"ru": 3, "uk": 12}  # readings of a form; the Ukrainian dictionary does not rank them
LONG_REST = 6  # letters of an adjective behind a number: with fewer, chance words fit
ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "І": 1, "Х": 10}
ROMAN = re.compile(f"[{''.join(ROMAN_DIGITS)}]{{2,}}")
CURRENCIES = ("$", "€", "£", "₴")
LINKS = frozenset({"and", "a", "і", "й", "и", "с", "з", "із"})
"""Words that may stand inside a number: two hundred and forty, две с половиной тысячи."""

ONE, HALF = Decimal(1), Decimal("0.5")

Word = tuple[bool, Decimal]
"""(whether it multiplies what stands before it, value)."""

SHORT_MULTIPLIERS: dict[str, Word] = {
    letter: (True, Decimal(10**power)) for letter, power in (("k", 3), ("m", 6), ("b", 9), ("M", 6), ("K", 3), ("B", 9))
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where the text names it."""

    value: Decimal
    start: int
    end: int


def values(text: str, language: Language) -> Counter[Decimal]:
    """How often each number is named: "two hundred and forty", "240" and «двести сорок» are one value.

    1,450 = 1 450 = 1450 and 9.8 = 9,8; "1.5 million" is 1500000; an ordinal has the value of its cardinal. 16:40 names
    two numbers, and "4:40 p.m." the same two.
    """
    return Counter(number.value for number in found(text, language))


def found(text: str, language: Language) -> list[Number]:
    """The numbers of a text in reading order."""
    return sorted(_found(text, language), key=lambda number: number.start)


def _found(text: str, language: Language) -> Iterator[Number]:
    """Clocks and dates first, then words and digits in order, put together as long as each can follow the one before."""
    for clock in CLOCK.finditer(text):
        yield from _clock(clock)
    number = _Number()
    for token in TOKEN.finditer(_without_clocks(text, language)):
        word = token[0]
        if word[0].isdecimal():
            yield from number.close()
            if len(word) <= LONGEST:
                number.digits(_digits(word), token.span())
            continue
        known = _short(word, text, token.start(), number) or _word(word, language)
        if known is None:
            if number.words and word.lower() not in LINKS:
                yield from number.close()
        elif not number.takes(*known, token.span()):
            yield from number.close()
            number.takes(*known, token.span())
    yield from number.close()


def _short(word: str, text: str, at: int, number: "_Number") -> Word | None:
    """What multiplies the amount that it is written to: the m of $2.3m; k and b likewise."""
    if not number.words or not text[at - 1].isdigit():
        return None
    return SHORT_MULTIPLIERS.get(word) if text.endswith(CURRENCIES, 0, number.span[0]) else None


def _roman(word: str) -> Word | None:
    """A Roman number from II on."""
    if not ROMAN.fullmatch(word):
        return None
    digits = [ROMAN_DIGITS[letter] for letter in word]
    value = sum(-one if one < after else one for one, after in itertools.pairwise([*digits, 0]))
    return (False, Decimal(value)) if value > 1 else None


def _clock(clock: re.Match[str]) -> Iterator[Number]:
    """Hours, minutes, and what stands behind them; zero minutes are not named elsewhere."""
    half = (clock["half"] or clock["hour_half"] or "").lower()
    later = NOON if half == "p" and int(clock["hour"]) < NOON else 0
    values = (Decimal(int(clock["hour"]) + later), *(_digits(clock[part] or "0") for part in ("minute", "second")))
    yield from (Number(value, *clock.span()) for value in values if value)


def _without_clocks(text: str, language: Language) -> str:
    """The text, as long as before, without what stands on a clock and without the months of dates: words elsewhere."""
    text = CLOCK.sub(lambda clock: " " * len(clock[0]), text)

    def without_month(date: re.Match[str]) -> str:
        if language == "en" and not date["year"]:
            return date[0]  # 1.12 is a fraction where a comma does not part it
        year = date["year"] or ""
        return date["day"].ljust(len(date[0]) - len(year)) + year

    return DATE.sub(without_month, text)


@dataclass(slots=True)
class _Number:
    """A number on its way: `closed` by a large multiplier, `part` still open, `last` the last word's value."""

    closed: Decimal = Decimal(0)
    part: Decimal = Decimal(0)
    last: Decimal | None = None
    words: int = 0
    span: Span = (0, 0)

    def digits(self, value: Decimal, span: Span) -> None:
        """Begin with digits; only a multiplier can follow."""
        self.part, self.last, self.words, self.span = value, Decimal(0), 2, span

    def takes(self, multiplies: bool, value: Decimal, span: Span) -> bool:
        """Whether another word belongs to this number; then it is added."""
        if multiplies:
            grown = (self.part or 1) * value
            self.closed, self.part = (self.closed, grown) if value <= 100 else (self.closed + grown, Decimal(0))
        elif (value == HALF and self.part) or self.last is None or _fits(value, self.last):
            self.part += value
        else:
            return False
        self.span = (self.span[0] if self.words else span[0], span[1])
        self.last, self.words = value, self.words + 1
        return True

    def close(self) -> Iterator[Number]:
        """The number, unless there is none, or a lone "one" or "half"; then begin anew."""
        value = self.closed + self.part
        if value and not (self.words == 1 and value in (ONE, HALF)):
            yield Number(value, *self.span)
        self.closed, self.part, self.last, self.words = Decimal(0), Decimal(0), None, 0


def _fits(value: Decimal, before: Decimal) -> bool:
    """Whether a word may follow another within one number: tens after hundreds, units after tens but not after teens."""
    return value < before and (before >= 100 or (before >= 20 and value < 10))


def _digits(token: str) -> Decimal:
    return Decimal(THOUSANDS.sub("", token).replace(",", "."))


@lru_cache(maxsize=50_000)
def _word(token: str, language: Language) -> Word | None:
    """What a word is in a number, be it a Roman one."""
    roman = _roman(token)
    if roman:
        return roman
    plain = token.lower().replace("’", "'").replace("ʼ", "'")
    known = _words(language)
    if plain in known or language == "en":
        return known.get(plain) or known.get(plain.removesuffix("s"))  # two thirds
    from pipeline.speech.morphology import forms

    found = list(forms(plain, language)[: LIKELIEST[language]])
    if (
        language == "ru" and found[0].part == "NOUN" and found[0].lemma not in known
    ):  # семью is rather a family than seven
        found = [form for form in found if form.part != "NUMR"]
    named = next((known[form.lemma] for form in found if form.lemma in known), None)
    compounded = compound(found[0].lemma, language) if named is None else None
    return (False, compounded[1]) if compounded else named


@lru_cache(maxsize=50_000)
def compound(word: str, language: Language) -> tuple[str, Decimal] | None:
    """The number that a word begins with, when the rest is a measure or adjective: девятилетний gives ("девяти", 9)."""
    measures = _compounded(language)
    heads = (line.split() for line in entries(language, "number_prefixes"))
    rests = ((head, word.removeprefix(head), Decimal(value)) for head, value in heads if word.startswith(head))
    return next(((head, value) for head, rest, value in rests if rest in measures or _is_quality(rest, language)), None)


def _is_quality(rest: str, language: Language) -> bool:
    """Whether the rest of a word is an adjective, as in пятиэтажный."""
    from pipeline.speech.morphology import forms

    if len(rest) < LONG_REST:
        return False
    first = forms(rest, language)[0]
    return first.known and first.part == "ADJF"


@cache
def _compounded(language: Language) -> frozenset[str]:
    """The second parts of such words: those measures that begin with a hyphen."""
    words = (line.split()[0] for line in entries(language, "measures"))
    return frozenset(word[1:] for word in words if word.startswith("-"))


@cache
def _words(language: Language) -> dict[str, Word]:
    pairs = (line.split() for line in entries(language, "numbers"))
    return {word: (value.startswith("x"), Decimal(value.removeprefix("x"))) for word, value in pairs}
