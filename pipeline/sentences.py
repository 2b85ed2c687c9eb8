"""Splits a text into sentences, and keeps whole what must not be torn: quotations, brackets, turns of a dialogue.

A word that ends in . ! ? … may end a sentence; the next word and the abbreviations of the language decide. An end inside
a quotation does not count. In doubt a sentence is left unsplit, which harms less than a wrong split.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache

from pipeline.lang import entries
from pipeline.records import LANGUAGES, Language, Sentence, Span
from pipeline.speech.marks import marked

LONG = 40
"""Words; sentence models translate longer ones badly."""
LONGEST_TURN = 300
"""Characters; a longer turn of a dialogue that no narrator ends is an answer in an interview, told in sentences."""

STOPS = (".", "!", "?", "…")
QUOTES = "«»“”„\"‘’‚'‹›"
CLOSING = "»”“\"’‘'›)]}*"
OPENING = "«“”„\"‘‚'‹([{*"
DASHES = "—–-"
BEGINS_A_WORD = "#@№$€£₴₽•"
WORD = re.compile(r"\S+")
BRACKETED = re.compile(r"\([^()\n]*\)|\[[^\[\]\n]*\]")
LABEL = re.compile(r"\d{1,3}(?:\.\d{1,3})*|[IVXLC]+|\w")  # 1. 2.1. IV. а.
INITIALS = re.compile(r"(?:[^\W\d_]\.)*[A-ZА-ЯЁҐЄІЇ]")
SMALL_LETTER = re.compile(r"[а-яёґєії]")
NUMBER = re.compile(r"[#№]?\d|(?:[IVXLC]{2,}|[VX])\b")
TURN = re.compile(r"\s*(?:[—–]\s*|-\s+)(?=\S)")
DASH = re.compile(r"(?<=\s)[—–-]\s+(?=\S)")
GLUED = re.compile(r"[\d.,–-]+(?=[^\W\d_])")  # 2014г.


class _Kind(Enum):
    """How an abbreviation behaves; the values are the classes of `abbreviations.txt`, which explains them."""

    BEFORE_NAME = "before a name"
    BEFORE_NUMBER = "before a number"
    UNIT = "unit"
    MAY_END = "may end"


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the language files say, and whether “Why?” Mary asked is written without a dash."""

    abbreviations: dict[str, _Kind]
    goes_on: frozenset[str]
    starters: frozenset[str]
    bare_attribution: bool

    def kind(self, word: str, previous: str) -> _Kind | None:
        """The class of `word`, which a full stop follows; None for an ordinary word."""
        if glued := GLUED.match(word):
            word = word[glued.end() :]
        previous = previous.lstrip(OPENING)
        chained = len(previous) == 2 and previous[1] == "."  # т. е.
        if chained and (chain := f"{previous.lower()}{word}") in self.abbreviations:
            return self.abbreviations[chain]
        if word in self.abbreviations:
            return self.abbreviations[word]
        if INITIALS.fullmatch(word):
            return _Kind.MAY_END
        if word.lower() in self.abbreviations:
            return self.abbreviations[word.lower()]
        return _Kind.BEFORE_NAME if chained and SMALL_LETTER.fullmatch(word) else None

    def starts(self, word: str) -> bool:
        """Whether `word` is one that usually begins a sentence; with a full stop it is an initial."""
        return word.rstrip(",:;!?…" + CLOSING).lower() in self.starters


@dataclass(frozen=True, slots=True)
class _Next:
    """What follows a stop: `word` without what opens it, `first` its first letter or digit."""

    word: str
    first: str
    dashed: bool
    quoted: bool
    last: bool

    def begins(self, stop: str, closed: str) -> bool:
        """Whether a sentence may begin here, after `stop` and the marks `closed`."""
        if self.dashed and (not self.first or any(mark in QUOTES for mark in closed)):
            return False  # «Уйдём?» — Петров
        if not self.first:
            return not self.last and not self.word.startswith(STOPS)
        if self.first.islower() and self.word[0] not in BEGINS_A_WORD:
            return stop == "." and self.quoted and not self.dashed
        return True


@cache
def _rules(language: Language) -> _Rules:
    if language not in LANGUAGES:
        raise ValueError(f"no sentence rules for the language {language!r}")
    classes: dict[str, list[str]] = {}
    for line in entries(language, "abbreviations"):
        if line.startswith("["):
            members = classes.setdefault(line.strip("[]"), [])
        else:
            members.append(line.replace(" ", "").removesuffix("."))
    goes_on = frozenset(classes.pop("goes on", ()))
    abbreviations = {word: _Kind(name) for name, words in classes.items() for word in words}
    return _Rules(abbreviations, goes_on, frozenset(entries(language, "sentence_starters")), language == "en")


def split(text: str, language: Language) -> list[Sentence]:
    """The sentences of a text in order, without the whitespace around them; nothing else is left out.

    No sentence ends inside a quotation, however many sentences are quoted, nor inside brackets; a line break always
    ends one. A mark that is never closed counts for nothing. Takes time linear in the length of the text. A language
    without rules is a `ValueError`.
    """
    return _split(text, _ends(text, language))


def split_long(text: str, language: Language, *, words: int = LONG) -> list[Sentence]:
    """`split` for translation: what has more than `words` words is also split inside its quotations and brackets.

    The marks stay where they are: “We waited. Nobody came,” she said. gives “We waited. and Nobody came,” she said. What
    has no sentence end inside stays as long as it is.
    """
    ends = _ends(text, language)
    offsets = [end for end, _ in ends]
    parts: list[Sentence] = []
    for whole in _split(text, ends):
        if len(whole.text.split()) <= words:
            parts.append(whole)
        else:
            cuts = offsets[bisect_right(offsets, whole.start) : bisect_left(offsets, whole.end)]
            parts += _between(text, whole.start, whole.end, cuts)
    return parts


def _split(text: str, ends: list[tuple[int, bool]]) -> list[Sentence]:
    return _between(text, 0, len(text), [end for end, inside in ends if not inside])


def _between(text: str, start: int, end: int, cuts: list[int]) -> list[Sentence]:
    """The sentences that `cuts` make of text[start:end]."""
    sentences = []
    for begin, stop in zip([start, *cuts], [*cuts, end], strict=True):
        part = text[begin:stop]
        if words := part.strip():
            begin += len(part) - len(part.lstrip())
            sentences.append(Sentence(begin, begin + len(words), words))
    return sentences


def _ends(text: str, language: Language) -> list[tuple[int, bool]]:
    """Where sentences end, in order, and whether inside something that `split` keeps whole."""
    rules = _rules(language)
    lines = list(_lines(text))
    wholes = _wholes(text, lines, language)
    starts = [start for start, _ in wholes]
    ends: list[tuple[int, bool]] = []
    for start, stop in lines:
        for end, following in _line_ends(text, (start, stop), rules):
            before = bisect_left(starts, end) - 1
            inside = before >= 0 and end < wholes[before][1]
            if inside or not (rules.bare_attribution and _attributed(text, start, end, following, rules)):
                ends.append((end, inside))
                start = start if inside else following
        ends.append((stop, False))
    return ends


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line)
        start += len(line)


def _line_ends(text: str, line: Span, rules: _Rules) -> Iterator[Span]:
    """Where sentences may end in one line, and where the next one begins."""
    spans = [match.span() for match in WORD.finditer(text, *line)]
    words = [text[start:end] for start, end in spans]
    fresh = True  # the word is the first of its sentence
    for number, word in enumerate(words[:-1]):
        core = word.rstrip(CLOSING)
        fresh = core.endswith(STOPS) and _stops(words, number, core, fresh, rules)
        if fresh:
            yield spans[number][1], spans[number + 1][0]


def _stops(words: list[str], number: int, core: str, fresh: bool, rules: _Rules) -> bool:
    """Whether the word that ends in a stop (`core` without closing marks) ends a sentence."""
    following = _next(words, number + 1)
    closed = words[number][len(core) :]
    bare = core.rstrip("".join(STOPS)).lstrip(OPENING)
    if not bare and (fresh or core[0] in "(["):
        return False  # … And so on; he (!) says; […]
    if len(core) - len(core.rstrip("".join(STOPS))) == 1 and core[-1] == ".":
        if fresh and LABEL.fullmatch(bare):
            return False
        kind = rules.kind(bare, words[number - 1] if number else "")
        if kind and not _ends_abbreviated(kind, following, closed, rules):
            return False
    return following.begins(core[-1], closed)


def _ends_abbreviated(kind: _Kind, following: _Next, closed: str, rules: _Rules) -> bool:
    """Whether a sentence may end in an abbreviation of this kind."""
    if kind is _Kind.BEFORE_NAME or following.dashed or NUMBER.match(following.word):
        return False
    if kind is _Kind.UNIT:
        return following.word.rstrip(".,:;!?" + CLOSING) not in rules.goes_on
    if kind is _Kind.MAY_END:
        return any(mark in QUOTES for mark in closed) or rules.starts(following.word)
    return True


def _next(words: list[str], number: int) -> _Next:
    word = words[number]
    dashed = word[0] in DASHES and not word[1:2].isdigit()
    if dashed:
        number += not word.strip(DASHES)
        word = words[number].lstrip(DASHES) if number < len(words) else ""
    opened = word.lstrip(OPENING)
    quoted = any(mark in QUOTES for mark in word[: len(word) - len(opened)])
    first = next(filter(str.isalnum, opened), "")
    return _Next(opened, first, dashed, quoted, number + 1 >= len(words))


def _attributed(text: str, start: int, end: int, following: int, rules: _Rules) -> bool:
    """“Why?” Mary asked: the sentence is only a question or an exclamation so far, and a word follows that begins none."""
    if text[start] not in QUOTES or text[end - 1] not in QUOTES:
        return False
    asked = text[max(start, end - 4) : end].rstrip(CLOSING).endswith(("?", "!", "…"))
    word = WORD.match(text, following)
    return asked and word is not None and not rules.starts(word[0])


def _wholes(text: str, lines: list[Span], language: Language) -> list[Span]:
    """Disjoint stretches, in order, that no sentence may end in: quotations, brackets, turns of a dialogue."""
    stretches = [stretch.outer for stretch in marked(text, language) if stretch.closed or stretch.continues]
    stretches += [match.span() for match in BRACKETED.finditer(text)]
    for line in lines:
        stretches += _turns(text, line)
    wholes: list[Span] = []
    for start, end in sorted(stretches):
        if wholes and start < wholes[-1][1]:
            wholes[-1] = (wholes[-1][0], max(end, wholes[-1][1]))
        else:
            wholes.append((start, end))
    return wholes


def _turns(text: str, line: Span) -> Iterator[Span]:
    """What is spoken in a line that a dash opens: — We stay. We must, — she said. — All of us."""
    opening = TURN.match(text, *line)
    if not opening:
        return
    begin, speaking, narrated = line[0], True, False
    for dash in DASH.finditer(text, opening.end(), line[1]):
        stop = dash.start()
        while text[stop - 1].isspace():
            stop -= 1
        before = text[max(begin, stop - 4) : stop].rstrip(CLOSING)[-1:]
        if speaking and (before == "," or (before in STOPS and text[dash.end()].islower())):
            yield begin, stop
            speaking, narrated = False, True
        elif before in STOPS:
            if speaking:
                yield begin, stop
            begin, speaking = dash.start(), True
        elif not speaking and before in (",", ":"):
            begin, speaking = dash.start(), True
    told = narrated or not opening[0].lstrip().startswith("-")
    if speaking and told and line[1] - begin <= LONGEST_TURN:
        yield begin, line[1]
