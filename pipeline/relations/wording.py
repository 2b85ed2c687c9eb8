"""A text as the words that are compared: each with its base form, and what it is: a number, a name, a denial, a measure."""

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from pipeline import numbers
from pipeline.lang import entries
from pipeline.numbers import Number
from pipeline.records import Language, Span

TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*|[%$€£₴]|№")
CLAUSE_END = re.compile(r"[!?…;,()]|:\s|\s[—–-]\s|^[—–-]\s")
SENTENCE_END = re.compile(r"[.!?…:]|^[—–-]\s")
BETWEEN_CLAUSES = re.compile(r"(?<=[.!?;:,…])\s+|\s[—–-]\s")
CLAUSE = 4  # words that a clause has at least
TITLE = re.compile(r"[«“„‘\"]\w+(?:[ -]\w+){0,2}[»”“’\"]")  # a name between marks begins no sentence: «Жуляны»
OPENING = re.compile(r"[«“„‘\"]$")
PLAIN = str.maketrans({"ё": "е", "’": "'", "ʼ": "'", "`": "'"})

CONTRACTIONS = {"won't": ("will", "not"), "can't": ("can", "not"), "cannot": ("can", "not"), "shan't": ("shall", "not")}
ENGLISH_ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("es", ""),
    ("s", ""),
    ("e", ""),
)
SHORTEST_STEM = 3
LONG = 1_000
"""Words of a text from which on frequent ones begin no common stretch: the cost grows with the square of how many there are."""

OPENERS = ("sentence_starters", "sentence_openers", "conjunctions", "prepositions", "determiners", "auxiliaries")
"""Lists of English words with which sentences begin."""

PLACED = ("ский", "ський", "цкий", "цький", "щина")  # херсонский, Львівщина
SHORT = 3  # letters of English words that are no name when they begin a sentence
QUALITIES = frozenset({"ADJF", "ADJS", "ADVB", "PRTF", "PRTS", "COMP"})  # parts of speech of OpenCorpora
LONG_NEGATIVE = 6  # letters of words that begin with «не»
PARTICLES = frozenset({"not", "не", "ни", "ні", "no"})  # deny what follows them, and nothing else
WITHOUT = frozenset({"without", "без"})
SCOPE = 3  # words that a denial reaches forward over, within its clause
CAPITAL_KINDS = frozenset({"month", "weekday"})
"""Kinds of measures that English writes with a capital: May is no "may"."""

SURE, PERHAPS = 1.0, 0.5
"""How surely a word is part of a name."""

Measure = tuple[str, str]
"""(kind, value): ("time", "3600"), ("month", "5"), ("money", "usd")."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """What a word is wherever it stands: two words of one text, spelling and value share one form.

    `bases` are the base forms that it may have, likeliest first. `value` is the number that it is, `measures` what it
    measures, `known` what it names whatever the language, `matters` the matters about which it says something (+1) or its
    opposite (-1), `name` how surely it is part of a name. `denial`: it denies; `denies`: or says that something lacks;
    `negative`: it contains a denial (unknown, refuse).
    """

    text: str
    language: Language
    bases: tuple[str, ...]
    value: Decimal | None
    denial: bool
    denies: bool
    negative: bool
    name: float
    known: frozenset[str]
    measures: tuple[Measure, ...]
    matters: tuple[tuple[str, int], ...]


class Word(NamedTuple):
    """A form where it stands in a text; a number is one word, whatever it is written with.

    `clause` counts from 0; `denied`: a word that denies stands just before it in its clause.
    """

    form: Form
    start: int
    end: int
    clause: int
    denied: bool

    @property
    def base(self) -> str:
        """What stands for the word when wordings of one language are compared; a number is its value."""
        form = self.form
        return plain(form.value) if form.value is not None else form.bases[0]


def plain(value: Decimal) -> str:
    """A value as it is compared: equal ones are written alike, and text is quicker to look up than a decimal."""
    return str(value.normalize())


@dataclass(frozen=True)
class Wording:
    """A text taken apart."""

    text: str
    language: Language
    words: tuple[Word, ...]

    def __hash__(self) -> int:
        return hash((self.text, self.language))  # all else follows from these

    @cached_property
    def bases(self) -> list[str]:
        """The base of each word."""
        return [word.base for word in self.words]

    @cached_property
    def names(self) -> list[Word]:
        """The words that are, or may be, parts of names."""
        return [word for word in self.words if word.form.name]

    @cached_property
    def numbered(self) -> list[Word]:
        """The words that are numbers."""
        return [word for word in self.words if word.form.value is not None]

    @cached_property
    def denials(self) -> int:
        """In how many clauses something is denied: «ни один не пришёл» is one denial."""
        return len({word.clause for word in self.words if word.form.denial})

    @cached_property
    def clauses(self) -> int:
        """How many clauses there are."""
        return len({word.clause for word in self.words})

    @cached_property
    def tokens(self) -> list[tuple[str, str]]:
        """(what it is compared by, text) of what stands between blanks; a number of several words is one token."""
        numbered = sorted((word.start, word.end) for word in self.numbered)
        starts = [word.start for word in self.words]
        spans: list[Span] = []
        for chunk in re.finditer(r"\S+", self.text):
            mark = not any(map(str.isalnum, chunk[0]))  # a dash goes with the word before it
            number = bisect_left(numbered, (spans[-1][1],)) - 1 if spans else -1  # the last that begins before it
            if spans and (mark or (number >= 0 and chunk.start() < numbered[number][1])):
                spans[-1] = (spans[-1][0], chunk.end())
            else:
                spans.append(chunk.span())
        return [(self._key(starts, start, end), self.text[start:end]) for start, end in spans]

    def _key(self, starts: Sequence[int], start: int, end: int) -> str:
        words = self.words[bisect_left(starts, start) : bisect_left(starts, end)]
        keys = [word.base if word.form.value is not None else word.form.text.lower().translate(PLAIN) for word in words]
        return " ".join(keys) or self.text[start:end]


@lru_cache(maxsize=20_000)
def read(text: str, language: Language) -> Wording:
    """Take a text apart."""
    named: dict[int, list[Number]] = {}
    for number in numbers.found(text, language):
        named.setdefault(number.start, []).append(number)
    inside = {at for some in named.values() for at in range(some[0].start + 1, some[0].end)}
    words: list[Word] = []
    clause = end = 0
    for token in TOKEN.finditer(text):
        spelt, (start, after) = token[0], token.span()
        gap, end = text[end:start], after
        if start in inside:
            continue
        opens = not words
        if gap != " ":
            goes_on = "." in gap and spelt[0].islower()  # кв. км, ст. 205
            if words and (CLAUSE_END.search(gap) or ("." in gap and not goes_on)):
                clause += 1
            opens = opens or bool(OPENING.search(gap)) or (bool(SENTENCE_END.search(gap)) and not goes_on)
        opens = opens and not TITLE.match(text, max(0, start - 1))
        for form, span in _forms(token, language, named.get(start, ()), opens=opens):
            words.append(Word(form, *span, clause, not form.denial and _is_denied(words, clause)))
    return Wording(text, language, tuple(_denied_behind(words)))


def _denied_behind(words: list[Word]) -> Iterator[Word]:
    """The words, of which some are denied by the one after them: pardoned neither, бояться нечего."""
    for word, after in itertools.zip_longest(words, words[1:]):
        behind = after is not None and after.form.denial and after.clause == word.clause
        if behind and not word.form.denial and after.form.bases[-1] not in PARTICLES:
            yield word._replace(denied=True)
        else:
            yield word


def _forms(
    token: re.Match[str], language: Language, named: Sequence[Number], *, opens: bool
) -> Iterator[tuple[Form, Span]]:
    """The words of a token: one a number that begins there (16:40 names two), else one a part of a contraction."""
    for number in named:
        yield _form(token[0], language, number.value, opens=opens), (number.start, number.end)
    if not named:
        for part in _parts(token[0], language):
            yield _form(part, language, None, opens=opens), token.span()


def clauses(text: str) -> list[str]:
    """The clauses of a text, at punctuation; what has fewer words than `CLAUSE` goes with the one before."""
    found: list[str] = []
    for part in BETWEEN_CLAUSES.split(text):
        short = len(part.split()) < CLAUSE or (found and len(found[-1].split()) < CLAUSE)
        if found and short:
            found[-1] += f" {part}"
        elif part.strip():
            found.append(part.strip())
    return found or [text]


def _is_denied(before: list[Word], clause: int) -> bool:
    """Whether a word behind these, in this clause, is within the reach of a denial."""
    return any(word.clause == clause and word.form.denies for word in before[-SCOPE:])


def _parts(token: str, language: Language) -> tuple[str, ...]:
    """An English contraction is two words: don't is do not."""
    spelt = token.lower().translate(PLAIN)
    if language != "en" or ("'" not in spelt and spelt not in CONTRACTIONS):
        return (token,)
    if spelt in CONTRACTIONS:
        return CONTRACTIONS[spelt]
    if spelt.endswith("n't"):
        return (token[:-3], "not")
    return tuple(part for part in token.translate(PLAIN).split("'") if part)


@lru_cache(maxsize=100_000)
def _form(token: str, language: Language, value: Decimal | None, *, opens: bool) -> Form:
    """What a token is; `opens`: it stands at the beginning of a sentence."""
    spelt = token.lower().translate(PLAIN)
    bases = base_forms(spelt, language)
    measures = _measures(token, bases, language)
    known = _known(token, bases, language)
    plainly_none = measures or value is not None
    denial = bool(_listed(language, "negations") & {spelt, bases[0]})
    return Form(
        text=token,
        language=language,
        bases=bases,
        value=value,
        denial=denial,
        denies=denial or bases[0] in WITHOUT,
        negative=bool(_listed(language, "negative_words") & {spelt, *bases[:2]}) or _is_negative(bases[0], language),
        name=0.0 if plainly_none else _name(token, bases, language, opens=opens, known=bool(known)),
        known=known,
        measures=measures,
        matters=tuple(
            (matter, 1 if sign == "+" else -1)
            for base in (bases if language == "en" else bases[:1])
            for matter, sign in _table(language, "opposites").get(base, ())
        ),
    )


@lru_cache(maxsize=200_000)
def base_forms(spelt: str, language: Language) -> tuple[str, ...]:
    """The base forms a word in lower case may have, likeliest first; an English word itself, then its stems."""
    if not spelt[0].isalpha():
        return (spelt,)
    if language == "en":
        stems = [spelt.removesuffix(end) + new for end, new in ENGLISH_ENDINGS if spelt.endswith(end)]
        return (spelt, *(stem for stem in stems if len(stem) >= SHORTEST_STEM))
    from pipeline.speech.morphology import forms

    lemmas = (form.lemma.translate(PLAIN) for form in forms(spelt, language)[:3])
    return tuple(dict.fromkeys([*lemmas, spelt]))


def _name(token: str, bases: tuple[str, ...], language: Language, *, opens: bool, known: bool) -> float:
    """How surely a word is part of a name."""
    if known:
        return SURE if token[0].isupper() or language != "en" else 0.0
    if not token[0].isupper() or len(token) < 2:
        return 0.0
    if token.isupper():  # an abbreviation stands for other words in other languages
        return PERHAPS
    return _opening_name(bases, language) if opens else SURE


def _opening_name(bases: tuple[str, ...], language: Language) -> float:
    """How surely a capitalised word that begins a sentence is part of a name."""
    if language == "en":
        return PERHAPS if len(bases[0]) > SHORT and bases[0] not in _openers() else 0.0
    from pipeline.speech.morphology import forms

    first = forms(bases[-1], language)[0]
    if first.name or first.place:
        return SURE
    return PERHAPS if not first.known or bases[0].endswith(PLACED) else 0.0


def _measures(token: str, bases: tuple[str, ...], language: Language) -> tuple[Measure, ...]:
    """The measures of the likeliest base that has any; of a word that begins with a number, those of the rest."""
    table = _table(language, "measures")
    found = next((table[base] for base in bases if base in table), ())
    compound = None if found else numbers.compound(bases[0], language)
    if compound:
        found = table.get(f"-{bases[0].removeprefix(compound[0])}", ())
    if language == "en" and token[0].islower():
        found = tuple(measure for measure in found if measure[0] not in CAPITAL_KINDS)
    return tuple(dict.fromkeys(found))


def _known(token: str, bases: tuple[str, ...], language: Language) -> frozenset[str]:
    """What a word names: all that is listed for its base, of which some must be written with a capital."""
    if token in ("us", "Us"):
        return frozenset()
    table = _table(language, "known_names")
    spelt = [base for base in bases if base in table]
    if token[0].isupper():
        spelt += [base.capitalize() for base in bases if base.capitalize() in table]
    return frozenset(key for base in spelt for key, _ in table[base])


@cache
def known_spellings(keys: frozenset[str], language: Language) -> tuple[str, ...]:
    """The words of a language, in lower case, that name what has one of these keys."""
    table = _table(language, "known_names")
    return tuple(word.lower() for word, named in table.items() if any(key in keys for key, _ in named))


@cache
def _openers() -> frozenset[str]:
    """English words in lower case that begin sentences without being names."""
    return frozenset(word.lower() for name in OPENERS for word in entries("en", name))


@cache
def _table(language: Language, name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The lines of a list by their first word: the second and the third of each, the third empty where there is none."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for line in entries(language, name):
        word, key, *rest = line.translate(PLAIN).split()
        found[word] = (*found.get(word, ()), (key, rest[0] if rest else ""))
    return found


@cache
def _listed(language: Language, name: str) -> frozenset[str]:
    return frozenset(word.translate(PLAIN) for word in entries(language, name))


@lru_cache(maxsize=50_000)
def _is_negative(base: str, language: Language) -> bool:
    """Whether a Russian or Ukrainian adjective or adverb is another one with «не» before it."""
    if language == "en" or not base.startswith("не") or len(base) < LONG_NEGATIVE:
        return False
    from pipeline.speech.morphology import forms

    whole, rest = forms(base, language)[0], forms(base.removeprefix("не"), language)[0]
    return whole.part in QUALITIES and rest.known and rest.part in QUALITIES
