"""Which aligned pairs a parallel corpus is better without, each with the reason.

A filter looks at one pair and says whether it goes. The first that says so gives the reason, so that the numbers add up
to what is missing. What the filters are and what they are called follows OpusFilter (Aulamo et al. 2020).
"""

import re
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from rapidfuzz import fuzz

from pipeline import languages
from pipeline.errors import InputError
from pipeline.records import AlignedPair, Language

Filter = Callable[[AlignedPair], bool]
"""Whether a pair goes."""

MIN_WORDS = 2
MAX_RATIO = 2.0
SLACK = 15
"""Characters that both sides are counted longer for their ratio: "Yes." and «Звичайно.» are no bad pair."""

COPY = 96
"""Percent of likeness from which one side is a copy of the other. Russian and Ukrainian that say the same reach 94."""

_WORD = re.compile(r"[^\W\d_]+")


def length_ratio(pair: AlignedPair) -> float | None:
    """Characters of the right side for each on the left; None when one is empty."""
    left, right = len(pair.left.text), len(pair.right.text)
    return round(right / left, 2) if left and right else None


def omission(pair: AlignedPair) -> bool:
    """One side has no counterpart."""
    return not (pair.left.text.strip() and pair.right.text.strip())


def below(similarity: float) -> Filter:
    """The two sides are less alike than that cosine."""
    return lambda pair: pair.similarity is None or pair.similarity < similarity


def too_short(words: float = MIN_WORDS) -> Filter:
    """One side has fewer words than that; numbers are none."""
    return lambda pair: any(len(_WORD.findall(text)) < words for text in (pair.left.text, pair.right.text))


def unlike_lengths(ratio: float = MAX_RATIO) -> Filter:
    """One side has that many times the characters of the other."""

    def check(pair: AlignedPair) -> bool:
        shorter, longer = sorted((len(pair.left.text) + SLACK, len(pair.right.text) + SLACK))
        return longer > ratio * shorter

    return check


def wrong_language(pair: AlignedPair) -> bool:
    """One side is not in the language of its article, as far as its letters or, from 60 letters on, a classifier can tell."""
    sides = ((pair.left.text, pair.left_language), (pair.right.text, pair.right_language))
    return any(_foreign(text, language) for text, language in sides)


def _foreign(text: str, language: Language) -> bool:
    letters = sum(map(str.isalpha, text))
    if letters == 0:
        return False
    cyrillic = len(languages.CYRILLIC.findall(text))
    if (2 * cyrillic > letters) != (language != "en"):
        return True
    russian, ukrainian = len(languages.ONLY_RUSSIAN.findall(text)), len(languages.ONLY_UKRAINIAN.findall(text))
    if language != "en" and russian != ukrainian:
        return (language == "ru") != (russian > ukrainian)
    return letters >= languages.SHORT and _classified_otherwise(text, language)


def _classified_otherwise(text: str, language: Language) -> bool:
    try:
        return languages.detect(text) != language
    except languages.UnknownLanguage:
        return True


def copy(pair: AlignedPair) -> bool:
    """One side is the other, or nearly so: it was not translated."""
    return fuzz.ratio(_plain(pair.left.text), _plain(pair.right.text), score_cutoff=COPY) > 0


def duplicate() -> Filter:
    """Both sides were seen before, up to case and spaces; also with the sides exchanged.

    What was seen lies as hashes of 64 bits in a temporary table that SQLite keeps on disk when it grows.
    """
    database = sqlite3.connect("", isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("CREATE TABLE seen (hash INTEGER PRIMARY KEY)")
    database.execute("BEGIN")

    def check(pair: AlignedPair) -> bool:
        sides = sorted(((pair.left_language, _plain(pair.left.text)), (pair.right_language, _plain(pair.right.text))))
        digest = blake2b(repr(sides).encode(), digest_size=8).digest()
        number = int.from_bytes(digest, signed=True)
        return database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount == 0

    weakref.finalize(check, database.close)
    return check


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


class Rule(NamedTuple):
    """How a filter is made, from its limit where it has one."""

    made: Callable[..., Filter]
    limit: float | None = None


FILTERS: dict[str, Rule] = {
    "omission": Rule(lambda: omission),
    "too-short": Rule(too_short, MIN_WORDS),
    "length-ratio": Rule(unlike_lengths, MAX_RATIO),
    "wrong-language": Rule(lambda: wrong_language),
    "copy": Rule(lambda: copy),
    "duplicate": Rule(duplicate),
}
"""The filters that can be asked for, in the order in which they are put to a pair."""


def chosen(names: Sequence[str], *, min_similarity: float | None = None) -> dict[str, Filter]:
    """Filters by name from ``NAME`` or ``NAME=LIMIT``; ``all`` names all that are not named otherwise.

    With `min_similarity`, omissions go, and pairs below it. InputError for a name or limit that makes no sense.
    """
    limits: dict[str, float | None] = {}
    for name, _, limit in (entry.partition("=") for entry in names):
        if name == "all" and not limit:
            limits = dict.fromkeys(FILTERS) | limits
        else:
            limits[name] = _limit(name, limit)
    made = {name: _made(rule, limits[name]) for name, rule in FILTERS.items() if name in limits}
    if min_similarity is not None:
        made = {"omission": omission, "similarity": below(min_similarity)} | made
    return made


def _limit(name: str, limit: str) -> float | None:
    rule = FILTERS.get(name)
    if rule is None:
        raise InputError(f"there is no filter {name!r}", f"filters are all, {', '.join(FILTERS)}")
    if not limit:
        return None
    if rule.limit is None:
        raise InputError(f"{name} has no limit to set", f"use --filter {name}")
    try:
        return float(limit)
    except ValueError:
        raise InputError(f"{name}={limit}: {limit!r} is no number", f"for instance: {name}={rule.limit}") from None


def _made(rule: Rule, limit: float | None) -> Filter:
    return rule.made() if limit is None else rule.made(limit)


def kept(
    pairs: Iterable[AlignedPair], filters: Mapping[str, Filter], reject: Callable[[AlignedPair, str], object]
) -> Iterator[AlignedPair]:
    """The pairs that no filter takes, in order; `reject` is called with each of the others, and the reason."""
    for pair in pairs:
        reason = next((name for name, takes in filters.items() if takes(pair)), None)
        if reason is None:
            yield pair
        else:
            reject(pair, reason)
