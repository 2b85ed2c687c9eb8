"""Whether two names, in any of the three languages and either script, are one person's or one place's.

Words are compared by their sound (`transliteration`), given names and places also by what is known to be one
(`aliases`). `NameIndex` finds the namesake of a name among many.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from pipeline import aliases
from pipeline.lang import entries
from pipeline.transliteration import likeness, readings, skeleton

PATRONYMIC = re.compile("(?:[oei]viC|[oei]vn|iCn)[aeiou]*$")
CYRILLIC = re.compile("[а-яёєіїґ]", re.I)

ALIKE = 0.78  # words less alike are two words: more than one consonant in five is another
KNOWN, KNOWN_PLACE = 0.97, 0.94  # as alike as two names of one group; a person called Димитров goes before the town
LACKS_PARTICLE, LACKS_GIVEN_NAME, LACKS_WORD, LACKS_ADJECTIVE = 0.99, 0.95, 0.88, 0.6
"""What is left of the likeness when one name has a word more: Мала Данилівка is not Данилівка."""
DOUBTFUL, STEEPNESS = 0.84, 30.0
"""Where confidence is one half, and how fast it grows: set between two trials on names of which a third had no namesake,
among 66 other names (nearly all matches from 0.80 on were right) and among 22,000 surnames besides (few below 0.93 were)."""
EVEN = 0.5
ONE_WORD = 0.9  # as alike must names be that are written together and apart
LONGEST = 200  # characters of a name that are read: nobody is called more
TIE = 0.01  # two namesakes so close cannot be told apart
CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name: what it may sound like, and the groups of given names that it stands in."""

    sounds: tuple[str, ...]
    groups: frozenset[int]
    initial: bool
    particle: bool
    whole: bool  # no part of a hyphened name


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart; `joined` is the sound of the whole, `places` the groups of places that it stands in."""

    words: tuple[Word, ...]
    joined: str
    places: frozenset[int]


@lru_cache(maxsize=100_000)
def read_word(text: str, whole: bool = True) -> Word:
    """A word of a name; `whole` when no hyphen ties it to another."""
    sounds = [*readings(text), *_bases(text.lower())]
    known = aliases.given_names()
    groups = frozenset[int]().union(*(aliases.groups(known, [sound]) for sound in sounds))
    particle = text.lower() in aliases.particles()
    initial = len(text) <= 2 and len(sounds[0]) == 1  # Ю., Yu., Zh.
    return Word(tuple(dict.fromkeys(sounds)), groups, initial, particle, whole)


def _bases(text: str) -> Iterator[str]:
    """How a Cyrillic word sounds without the ending of an oblique case, and with a vowel instead."""
    if not CYRILLIC.search(text):
        return
    for ending in _endings():
        if text.endswith(ending) and len(text) - len(ending) >= 3:
            bare = readings(text.removesuffix(ending))[0]
            yield from (bare, bare + "a")
            return


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted({*entries("ru", "oblique_endings"), *entries("uk", "oblique_endings")}, key=len, reverse=True))


@lru_cache(maxsize=100_000)
def _name(text: str) -> Name:
    words = tuple(read_word(word, whole) for word, whole in aliases.words(text[:LONGEST]))
    first = [word.sounds[0] for word in words]
    spelt = [[sound] for sound in words[0].sounds] if len(words) == 1 else [first]
    groups = frozenset[int]().union(*(aliases.groups(aliases.places(), sounds) for sounds in spelt))
    return Name(words, "".join(first), groups)


@lru_cache(maxsize=200_000)
def word_likeness(left: Word, right: Word) -> float:
    """How alike two words of names are, 0 to 1; an initial is like every name that begins so."""
    if left.initial or right.initial:
        return KNOWN if _initials(left) & _initials(right) else 0.0
    best = max(likeness(a, b) for a in left.sounds for b in right.sounds)
    if left.groups and right.groups and best < 1:
        return max(best, KNOWN) if left.groups & right.groups else 0.0  # Ольга is not Олег
    return best


def _initials(word: Word) -> frozenset[str]:
    known = aliases.initials()
    return frozenset(sound[:1] for sound in word.sounds).union(*(known[group] for group in word.groups))


@lru_cache(maxsize=200_000)
def same_person(left: str | None, right: str | None) -> bool | None:
    """True when the names can be one person's, False when they cannot; None when either is unknown or only a role.

    Surnames (the last words) must be alike; first names too, where both are given. Words without a capital are no names.
    """
    a, b = _capitalised(left or ""), _capitalised(right or "")
    if not a or not b:
        return None
    if word_likeness(a[-1], b[-1]) < ALIKE:
        return False
    return len(a) == 1 or len(b) == 1 or word_likeness(a[0], b[0]) >= ALIKE


def is_full(name: str | None) -> bool:
    """Whether a name has several words, all with a capital: a person's given name and surname, no role."""
    words = (name or "").split()
    return len(words) > 1 and all(word[:1].isupper() for word in words)


def sound(name: str | None) -> str:
    """How the last capitalised word of a name sounds, a surname mostly; empty when there is none."""
    words = _capitalised(name or "")
    return words[-1].sounds[0] if words else ""


@lru_cache(maxsize=50_000)
def _capitalised(name: str) -> tuple[Word, ...]:
    return tuple(read_word(word) for word, _ in aliases.words(name) if word[:1].isupper())


def similarity(left: Name, right: Name) -> float:
    """How likely two names are one, 0 to 1 (a likeness, not yet a probability)."""
    short, long = sorted((left, right), key=lambda name: len(name.words))
    found = _by_words(short.words, long.words)
    if len(short.words) != len(long.words):  # Privat Bank, ПриватБанк
        whole = likeness(left.joined, right.joined)
        found = max(found, whole if whole >= ONE_WORD else 0.0)
    return max(found, KNOWN_PLACE) if left.places & right.places else found


def _by_words(short: Sequence[Word], long: Sequence[Word]) -> float:
    """Every word of the shorter name must have its like in the longer one; what the longer has besides counts against."""
    free = list(range(len(long)))
    total = weight = 0.0
    for word in short:
        best = max(free, key=lambda at: word_likeness(word, long[at]), default=None)
        alike = word_likeness(word, long[best]) if best is not None else 0.0
        if best is None or alike < ALIKE:
            if word.particle:
                continue
            return 0.0
        free.remove(best)
        size = max(len(word.sounds[0]), 2)
        total, weight = total + alike * size, weight + size
    if not weight:
        return 0.0
    found = total / weight
    for at in free:
        found *= _lacking(long, at)
    return found


def _lacking(words: Sequence[Word], at: int) -> float:
    word = words[at]
    if word.particle or word.initial:
        return LACKS_PARTICLE
    if any(PATRONYMIC.search(sound) for sound in word.sounds) and len(words) > 2:
        return LACKS_PARTICLE
    if not word.whole:
        return LACKS_ADJECTIVE  # Кам'янка is not Кам'янка-Дніпровська
    last = at == len(words) - 1  # the surname, or what the place is called, unless the surname stands first
    if word.groups and (not last or not words[0].groups):
        return LACKS_GIVEN_NAME
    return LACKS_ADJECTIVE if last or word.sounds[0][-1:] in "aei" else LACKS_WORD


def confidence(similarity: float) -> float:
    """How sure one can be, 0 to 1, that the most similar of many names is the same name."""
    return 1 / (1 + math.exp(-STEEPNESS * (similarity - DOUBTFUL)))


class NameIndex:
    """Names among which namesakes are sought; `among` keeps its order, and the first of two equal names is found."""

    def __init__(self, among: Sequence[str]) -> None:
        self._among = among
        self._names = [_name(name) for name in among]
        self._blocks: dict[str | int, list[int]] = defaultdict(list)
        for at, name in enumerate(self._names):
            for block in _blocks(name):
                self._blocks[block].append(at)

    def best_match(self, name: str) -> tuple[str | None, float]:
        """The namesake and the confidence, 0 to 1; None where there is none, or several that cannot be told apart."""
        wanted = _name(name)
        found = sorted(((similarity(wanted, self._names[at]), -at) for at in self._candidates(wanted)), reverse=True)
        best, at = found[0] if found else (0.0, 0)
        sure = confidence(best)
        if sure < EVEN:
            return None, 0.0
        if any(self._are_two(wanted, -at, -other) for like, other in found[1:] if like > best - TIE):
            return None, 0.0
        return self._among[-at], sure

    def _are_two(self, wanted: Name, at: int, other: int) -> bool:
        """Whether a name lacks the word that tells two of the names apart: Kravets, of Taras Kravets and Inna Kravets."""
        one, two = self._names[at], self._names[other]
        return len(wanted.words) < len(one.words) and similarity(one, two) < ALIKE

    def _candidates(self, name: Name) -> list[int]:
        found = dict.fromkeys(at for block in _blocks(name) for at in self._blocks.get(block, ()))
        if len(found) <= CANDIDATES:
            return list(found)
        spoken = " ".join(word.sounds[0] for word in name.words)
        texts = {at: " ".join(word.sounds[0] for word in self._names[at].words) for at in found}
        close = process.extract(spoken, texts, scorer=fuzz.token_set_ratio, limit=CANDIDATES)
        alias = (at for group in name.places for at in self._blocks.get(-1 - group, ()))
        return list(dict.fromkeys([*(at for _, _, at in close), *alias]))


def lookup_keys(name: str) -> set[str | int]:
    """What a name shares with each that could be its namesake."""
    return _blocks(_name(name))


def best_match(name: str, among: Sequence[str]) -> tuple[str | None, float]:
    """The namesake of one name and the confidence; for many names, make a `NameIndex` once."""
    return NameIndex(among).best_match(name)


def _blocks(name: Name) -> set[str | int]:
    """Under what a name is looked up: consonants of its words, give or take one; its groups of places, as -1, -2 ….

    A given name, which thousands share, is no help beside a surname.
    """
    blocks: set[str | int] = {-1 - group for group in name.places}
    words = [word for word in name.words if not word.groups and not word.initial] or name.words
    sounds = {sound for word in words for sound in word.sounds} | {name.joined}
    for consonants in map(skeleton, sounds):
        blocks.add(consonants)
        if len(consonants) > 2:
            blocks.update(consonants[:i] + consonants[i + 1 :] for i in range(len(consonants)))
    blocks.update(group for word in words for group in word.groups)
    return blocks
