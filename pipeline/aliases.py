"""Names that are one although they do not sound alike: groups in `lang/aliases/`, one a line, members between commas."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from pipeline.transliteration import VOWELS, readings

WORD = re.compile(r"[^\W\d_]+(?:[’'ʼ`´][^\W\d_]+)*")
HYPHENS = ("-", "‐", "‑", "–")
ACCENT = re.compile("[\u0300\u0301]")
Groups = dict[tuple[str, ...], frozenset[int]]


def words(name: str) -> list[tuple[str, bool]]:
    """The words of a name, without accents of stress, each with whether it stands free, tied to no other by a hyphen."""
    plain = ACCENT.sub("", unicodedata.normalize("NFC", name))
    return [
        (found[0], plain[found.end() :][:1] not in HYPHENS and plain[: found.start()][-1:] not in HYPHENS)
        for found in WORD.finditer(plain)
    ]


def base(sound: str) -> str:
    """A sound with one vowel for all endings, which change with the case: "andri", "andra" -> "andra"; "petr" stays."""
    stem = sound.rstrip(VOWELS)
    return stem + "a" if stem and stem != sound else sound


@cache
def given_names() -> Groups:
    """The base of a given name, a tuple of one -> the groups it stands in."""
    return _groups("given_names")


@cache
def places() -> Groups:
    """The bases of the words of a place or body -> the groups it stands in."""
    return _groups("places")


@cache
def initials() -> dict[int, frozenset[str]]:
    """The sounds with which the given names of a group begin: Микола may be shortened to М. and to Н."""
    found: dict[int, set[str]] = defaultdict(set)
    for (name,), numbers in given_names().items():
        for number in numbers:
            found[number].add(name[:1])
    return {number: frozenset(letters) for number, letters in found.items()}


@cache
def particles() -> frozenset[str]:
    """Words, in lower case, that a name may have or lack."""
    return frozenset(_lines("particles"))


def _groups(name: str) -> Groups:
    found: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, line in enumerate(_lines(name)):
        for member in line.split(","):
            found[tuple(base(readings(word)[0]) for word, _ in words(member))].add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _lines(name: str) -> Iterator[str]:
    text = (files("pipeline.lang") / "aliases" / f"{name}.txt").read_text("utf-8")
    return (line for line in (line.partition("#")[0].strip() for line in text.splitlines()) if line)


def groups(known: Groups, sounds: list[str]) -> frozenset[int]:
    """The groups of a name of these sounds, one a word, in the nominative or declined."""
    bases = tuple(map(base, sounds))
    bare = (*bases[:-1], sounds[-1].rstrip(VOWELS)) if sounds else ()
    return known.get(bases, frozenset()) | known.get(bare, frozenset())
