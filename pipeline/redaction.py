"""Replaces the names of people who must not be found by pseudonyms, wherever and however a text spells them.

Words are compared by their sound, as in `names`, so that a name is found in every transliteration and case. What errs, errs
on the safe side: a namesake gets the same pseudonym, and an address that may hold a name is given up whole. A pseudonym
follows from the place of the name in the list alone; a hash of the name could be found out by trying names.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import unquote

from pipeline import aliases, names
from pipeline.errors import InputError
from pipeline.lang import listed
from pipeline.names import CYRILLIC, PATRONYMIC, Word
from pipeline.records import Span
from pipeline.speech.morphology import Form, forms
from pipeline.transliteration import readings, skeleton

SURE = 0.93  # as alike a surname that stands alone must be: Савченко is not Шевченко
LOWER = 0.97  # as alike a word without a capital
BESIDE = 0.8  # as alike a surname beside the given name, which spellings of people who never wrote it have
RESEMBLES = 0.55  # as alike the surnames of two names must be that are said to be one person's
SHORT = 4  # sounds; a shorter surname must be the very same
WITHIN = 4  # sounds; a shorter name is not sought inside the words of an address
HEADLINE = 200  # characters that a headline may have

MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"  # accents and what is not seen
LETTER = rf"[^\W\d_][{MARKS}]*"
TOKEN = re.compile(rf"(?:{LETTER})+(?:[’'ʼ`´](?:{LETTER})+)*")
SUFFIX = re.compile(r"[’'ʼ`´](?:s|d|ll|re|ve)$", re.I)
UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
ADDRESS = re.compile(
    r"(?<![^\s<>«»“”\"])[^\s<>«»“”\"]*(?:://|www\.|[@#]|%[0-9A-Fa-f]{2}|[^\W\d]_[^\W\d])[^\s<>«»“”\"]*[^\s<>«»“”\".,;:!?)\]]"
)
LONGEST = 16  # words of a name on either side of one; where there are more, the next name begins
OPENING = re.compile(r"(?:^|[.!?…:\n«“„\"(\[—–-])\s*$")
BETWEEN = re.compile(r"[ \t\u00a0\u2009\u202f]{0,2}|[-‐‑–]|\.[ \t\u00a0\u2009\u202f]?")

RESPELT = (("x", "ks"), ("ć", "č"), ("j", "zh"), ("j", "dzh"), ("ș", "sh"), ("ş", "sh"), ("ț", "ts"), ("ţ", "ts"))
"""Letters that stand for other sounds in some languages than in English: Lennox, Radulović, Cojocaru, Okonjo, Cioroș."""

Role = Literal["family", "near", "given", "alias"]
"""What a word may be to a person: the surname; something like it; the given name; another form of that."""


class Edit(NamedTuple):
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class Person:
    """Somebody on the list, under all spellings given: words of the surname, and others."""

    number: int
    families: list[Word] = field(default_factory=list)
    given: list[Word] = field(default_factory=list)

    def pseudonym(self, cyrillic: bool) -> str:
        """What stands for the name; never declined, since the case endings of a name say something of it."""
        return f"{'Персона' if cyrillic else 'Person'} {self.number}"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text; `roles` by the number of the person."""

    start: int
    end: int
    plain: str
    roles: dict[int, Role]


def read(path: Path) -> list[str]:
    """The names of a list, one a line; # begins a comment. InputError when there are none: nothing would be protected."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", "give a file of names, one a line, UTF-8") from error
    found = [name for line in lines if (name := line.partition("#")[0].strip())]
    nameless = [name for name in found if not TOKEN.search(name)]
    if not found or nameless:
        said = f"{nameless[0]!r} is no name" if nameless else "there is no name"
        raise InputError(f"{path}: {said}", "give a file of names, one a line")
    return found


class Redactor:
    """Finds the people on a list in texts and addresses."""

    def __init__(self, listed_names: Sequence[str]) -> None:
        self._people: list[Person] = []
        self._under: dict[str, list[tuple[int, Role, Word]]] = defaultdict(list)
        self._sounds: dict[str, int] = {}
        for person in _people(listed_names):
            self._people.append(person)
            self._enter(person)
        self._roles = lru_cache(maxsize=500_000)(self._roles_of)

    def _enter(self, person: Person) -> None:
        for word in person.families:
            self._enter_word(person, "family", word)
            if len(word.sounds[0]) >= WITHIN:
                self._sounds.setdefault(word.sounds[0], person.number)
        for word in person.given:
            self._enter_word(person, "given", word)
            for group in word.groups:
                self._under[f"group {group}"].append((person.number, "alias", word))

    def _enter_word(self, person: Person, role: Role, word: Word) -> None:
        for block in _blocks(word.sounds):
            self._under[block].append((person.number, role, word))

    def learn(self, spellings: Iterable[str]) -> None:
        """Take in names that are said to be one person's: where one is on the list, full names that resemble it are too.

        Between alphabets some names are not alike enough to be known by their sound: Henrik Aasland, Хенрик Осланн.
        """
        others: dict[str, list[Word]] = {}
        known: set[int] = set()
        for name in spellings:
            tokens = list(self._tokens(name))
            named = {number for token in tokens for number, role in token.roles.items() if role == "family"}
            known |= named
            if not named and len(tokens) > 1 and all(token.plain[:1].isupper() for token in tokens):
                others[name] = [_heard(token.plain) for token in tokens]
        if len(known) != 1 or not others:
            return
        person = self._people[known.pop() - 1]
        for first, *rest in others.values():
            is_given = any(names.word_likeness(first, word) >= names.ALIKE for word in person.given)
            found = [word for word in rest if any(_likeness(word, family) >= RESEMBLES for family in person.families)]
            if is_given and found:
                more = Person(person.number, found, [first])
                person.families += found
                person.given.append(first)
                self._enter(more)
                self._roles.cache_clear()

    def redacted(self, text: str) -> str:
        """The text with pseudonyms."""
        return applied(text, self.edits(text))

    def edits(self, text: str) -> tuple[Edit, ...]:
        """Where the text names somebody on the list, ascending, without overlaps."""
        addresses = [
            Edit(found.start(), found.end(), self._people[number - 1].pseudonym(cyrillic=False))
            for found in ADDRESS.finditer(text)
            if (number := self.inside(found[0]))
        ]
        taken = [(edit.start, edit.end) for edit in addresses]
        tokens = [one for one in self._tokens(text) if not any(a < one.end and one.start < b for a, b in taken)]
        return tuple(sorted([*addresses, *self._named(text, tokens)]))

    def inside(self, address: str) -> int | None:
        """The number of the person whom an address, an identifier or the name of a file names; else None.

        Its words have no capitals and may run together, so a given name is enough, and a surname inside a word.
        """
        plain = unquote(unquote(address))
        for token in self._tokens(re.sub(r"(?<=[a-zа-яёіїєґ])(?=[A-ZА-ЯЁІЇЄҐ])|_", " ", plain)):
            hits = [number for number, role in token.roles.items() if role in ("family", "given")]
            if hits:
                return min(hits)
        for found in TOKEN.finditer(plain):
            heard = readings(_plain(found[0]))
            number = next((n for sound, n in self._sounds.items() if any(sound in one for one in heard)), None)
            if number:
                return number
        return None

    def _tokens(self, text: str) -> Iterator[Token]:
        for found in TOKEN.finditer(text):
            word = found[0]
            suffix = SUFFIX.search(word)
            word = word[: suffix.start()] if suffix else word
            plain = _plain(word)
            yield Token(found.start(), found.start() + len(word), plain, self._roles(plain))

    def _roles_of(self, plain: str) -> dict[int, Role]:
        """What a word may be to whom: to each person the likeliest role."""
        word = _heard(plain)
        if word.initial or len(plain) < 2:
            return {}
        roles: dict[int, Role] = {}
        keys = {*_blocks(word.sounds), *(f"group {group}" for group in word.groups)}
        for number, role, wanted in (entry for key in sorted(keys) for entry in self._under.get(key, ())):
            found = "alias" if role == "alias" else _role(plain, word, role, wanted)
            if found and _rank(found) < _rank(roles.get(number)):
                roles[number] = found
        return roles

    # Names among words

    def _named(self, text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
        done = 0
        headline = len(text) < HEADLINE and ". " not in text and _is_headline(tokens)
        for at, token in enumerate(tokens):
            if at < done or not token.roles:
                continue
            number, first, last = self._around(text, tokens, at, done)
            if number is None and self._stands_alone(text, tokens, at, headline):
                number = min(n for n, role in token.roles.items() if role == "given")
                first, last = at, _with_patronymic(text, tokens, at)
            if number is not None:
                done = last + 1
                cyrillic = bool(CYRILLIC.search(token.plain))
                end = tokens[last].end
                end += last > first and _is_initial(tokens[last].plain) and text[end : end + 1] == "."
                yield Edit(tokens[first].start, end, self._people[number - 1].pseudonym(cyrillic))

    def _around(self, text: str, tokens: Sequence[Token], at: int, done: int) -> tuple[int | None, int, int]:
        """Whose name begins or lies at a token, with its first and its last token: the person with most words there."""
        best: tuple[int | None, int, int] = (None, at, at)
        for number in sorted(tokens[at].roles):
            first, last = at, at
            while last + 1 < min(len(tokens), at + LONGEST) and self._belongs(text, tokens, last, last + 1, number):
                last += 1
            while first - 1 >= max(done, at - LONGEST) and self._belongs(text, tokens, first, first - 1, number):
                first -= 1
            roles = {tokens[n].roles.get(number) for n in range(first, last + 1)}
            certain = "family" in roles or ("near" in roles and roles & {"given", "alias"})
            if certain and (best[0] is None or last - first > best[2] - best[1]):
                best = (number, first, last)
        return best

    def _belongs(self, text: str, tokens: Sequence[Token], here: int, there: int, number: int) -> bool:
        """Whether the word beside a part of a name is a part of it too: another word of it, an initial, a patronymic."""
        left, right = sorted((tokens[here], tokens[there]), key=lambda token: token.start)
        gap = text[left.end : right.start]
        if not BETWEEN.fullmatch(gap) or ("." in gap and not _is_initial(left.plain)):
            return False
        word = tokens[there].plain
        initial = _is_initial(word) and text[tokens[there].end : tokens[there].end + 1] == "."
        return number in tokens[there].roles or initial or _is_patronymic(word)

    def _stands_alone(self, text: str, tokens: Sequence[Token], at: int, headline: bool) -> bool:
        """Whether a given name is nobody else's: no other name stands beside it."""
        token = tokens[at]
        if "given" not in token.roles.values() or not token.plain[:1].isupper():
            return False
        if headline:
            return True
        beside = [n for n in (at - 1, at + 1) if 0 <= n < len(tokens) and _adjoin(text, tokens[at], tokens[n])]
        return not any(_is_name(text, tokens[n], before=n < at) for n in beside)


def _people(listed_names: Iterable[str]) -> list[Person]:
    """The people of a list; lines that name the same one, in whatever spelling, are one person."""
    found: list[Person] = []
    under: dict[str | int, list[tuple[int, str]]] = defaultdict(list)  # (number, spelling) by what is looked up
    for shown in dict.fromkeys(name.title() if name.islower() else name for name in listed_names):
        keys = names.lookup_keys(shown)
        alike = sorted({entry for key in keys for entry in under[key]})
        number = next((number for number, other in alike if _is_same(shown, other)), len(found) + 1)
        if number > len(found):
            found.append(Person(number))
        for key in keys:
            under[key].append((number, shown))
        families, given = _taken_apart(shown)
        found[number - 1].families += families
        found[number - 1].given += given
    return found


def _is_same(one: str, other: str) -> bool:
    return names.best_match(one, [other])[0] is not None


def _taken_apart(name: str) -> tuple[list[Word], list[Word]]:
    """Words of the surname, words of the given name. What is not known to be a given name is taken for a surname."""
    plain = [word for word, _ in aliases.words(name) if word[:1].isupper() and not _is_initial(word)]
    plain = plain or [word for word, _ in aliases.words(name)]
    given = [word for word in plain if len(plain) > 1 and _is_given(word)]
    families = [word for word in plain if word not in given and not (len(plain) > 2 and _is_patronymic(word))]
    if not families:
        families = given[-1:] or plain[-1:]
        given = [word for word in given if word not in families]
    return [_heard(word) for word in families], [_heard(word) for word in given]


@lru_cache(maxsize=100_000)
def _is_given(word: str) -> bool:
    if names.read_word(word).groups:
        return True
    if not CYRILLIC.search(word):
        return word.lower() in listed("en", "given_names_men") | listed("en", "given_names_women")
    return any(form.known and form.name == "Name" for form in _forms(word))


@cache
def _titles() -> frozenset[str]:
    """Words that have a capital before a name, or for a reason of their own."""
    return frozenset({*listed("en", "titles"), *listed("en", "calendar")})


@lru_cache(maxsize=200_000)
def _forms(word: str) -> tuple[Form, ...]:
    """What a Cyrillic word can be, in either language."""
    return (*forms(word, "uk"), *forms(word, "ru"))


def _is_name(text: str, token: Token, *, before: bool) -> bool:
    """Whether a word, before or after a given name, is part of somebody's name."""
    if not token.plain[:1].isupper():
        return False
    if CYRILLIC.search(token.plain):
        read_as = _forms(token.plain)
        return any(form.name and form.known for form in read_as) or not any(form.known for form in read_as)
    if before and OPENING.search(text[max(0, token.start - 4) : token.start]):
        return False
    return token.plain.lower() not in _titles()


def _adjoin(text: str, one: Token, other: Token) -> bool:
    left, right = sorted((one, other), key=lambda token: token.start)
    gap = text[left.end : right.start]
    return "." not in gap and BETWEEN.fullmatch(gap) is not None


def _with_patronymic(text: str, tokens: Sequence[Token], at: int) -> int:
    there = at + 1 < len(tokens) and _adjoin(text, tokens[at], tokens[at + 1]) and _is_patronymic(tokens[at + 1].plain)
    return at + 1 if there else at


def _is_headline(tokens: Sequence[Token]) -> bool:
    """Whether All Longer Words Have a Capital, as in English headlines, so that a capital says nothing."""
    long = [token.plain for token in tokens if len(token.plain) > 3]
    return len(tokens) > 3 and all(word[:1].isupper() and not CYRILLIC.search(word) for word in long)


@lru_cache(maxsize=100_000)
def _is_patronymic(word: str) -> bool:
    if not word[:1].isupper():
        return False
    if CYRILLIC.search(word):
        return any(form.name == "Patr" and form.known for form in _forms(word))
    return len(word) > 5 and any(PATRONYMIC.search(sound) for sound in readings(word))


def _is_initial(word: str) -> bool:
    return word[:1].isupper() and names.read_word(word).initial


@lru_cache(maxsize=200_000)
def _heard(plain: str) -> Word:
    """A word with the sounds of its base forms beside its own; the dictionary knows those that lose or change a letter."""
    word = names.read_word(plain)
    if not CYRILLIC.search(plain):
        others = _respelt(plain)
    elif plain[:1].isupper():
        others = {form.lemma for form in _forms(plain) if form.part in ("NOUN", "ADJF")}
    else:
        return word
    sounds = dict.fromkeys([*word.sounds, *(sound for other in sorted(others) for sound in readings(other))])
    return Word(tuple(sounds), word.groups, word.initial, word.particle, word.whole)


def _respelt(word: str) -> set[str]:
    """A Latin word as other languages' letters would have it, and a family's name without its plural."""
    lower = word.lower()
    found = {lower.replace(letters, other) for letters, other in RESPELT if letters in lower}
    return found | ({lower[:-1]} if word[:1].isupper() and len(word) > SHORT and lower.endswith("s") else set())


def _role(plain: str, word: Word, role: Role, wanted: Word) -> Role | None:
    """What a word is to the bearer of a name one of whose words is `wanted`."""
    alike = _likeness(word, wanted)
    if len(wanted.sounds[0]) < SHORT:
        alike = float(bool({*word.sounds} & {wanted.sounds[0]}))
    capital = plain[:1].isupper()
    if alike >= (SURE if capital else LOWER) and (capital or not _is_common(plain)):
        return role
    return "near" if role == "family" and capital and alike >= BESIDE else None


def _likeness(one: Word, other: Word) -> float:
    """How alike two words sound; groups of given names say nothing of surnames."""
    return names.word_likeness(_without_groups(one), _without_groups(other))


@lru_cache(maxsize=200_000)
def _without_groups(word: Word) -> Word:
    return Word(word.sounds, frozenset(), False, False, True)


@lru_cache(maxsize=100_000)
def _is_common(word: str) -> bool:
    """Whether a word without a capital means something else: мельник, a bell. English nouns are known by no list of ours."""
    if not CYRILLIC.search(word):
        return len(word) < len("bishops")
    return sum(form.known and not form.name for form in _forms(word)) > 1  # one alone may be its mistake: коваленко


def _rank(role: Role | None) -> int:
    return ("family", "given", "near", "alias", None).index(role)


def _blocks(sounds: Iterable[str]) -> set[str]:
    """Under what a word is looked up: its consonants, give or take one."""
    found: set[str] = set()
    for consonants in map(skeleton, sounds):
        found.add(consonants)
        if len(consonants) > 2:
            found.update(consonants[:i] + consonants[i + 1 :] for i in range(len(consonants)))
    return found


def _plain(word: str) -> str:
    """A word without accents of stress and without what is not seen."""
    return aliases.ACCENT.sub("", unicodedata.normalize("NFC", UNSEEN.sub("", word)))


# What becomes of a text and of offsets into it


def applied(text: str, edits: Sequence[Edit]) -> str:
    """The text after the edits."""
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def moved(span: Span, edits: Sequence[Edit]) -> Span:
    """Where a span lies after the edits; of a name that it cuts it takes all."""
    if not edits:
        return span
    start = _moved(span[0], edits, end=False)
    return start, start if span[0] == span[1] else _moved(span[1], edits, end=True)


def touching(span: Span, edits: Sequence[Edit]) -> Sequence[Edit]:
    """The edits that change something inside a span."""
    first = bisect_right(edits, span[0], key=lambda edit: edit.end)
    last = bisect_right(edits, span[1] - 1, key=lambda edit: edit.start)
    return edits[first:last]


def _moved(at: int, edits: Sequence[Edit], *, end: bool) -> int:
    shift = 0
    for edit in edits:
        if at <= edit.start:
            break
        new = edit.start + shift + len(edit.text)
        if at < edit.end:
            return new if end else edit.start + shift
        shift += len(edit.text) - (edit.end - edit.start)
    return at + shift
