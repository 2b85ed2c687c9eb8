"""Clauses of Russian and Ukrainian sentences, as far as commas, dashes and small words show them."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from pipeline.lang import listed
from pipeline.records import Language
from pipeline.speech.morphology import forms
from pipeline.speech.narration import Token
from pipeline.speech.slavic_words import SUBORDINATING, is_relative, parts_of

Kind = Literal["main", "subordinate", "inserted", "verbless"]
DIVIDERS = frozenset(",;:—–()")
HARD = frozenset(";:")
OPENING = 3  # words among which a relative pronoun stands: «от имени которой»


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens `begin` to `end` between two dividing marks.

    `hard` tells that no clause goes on over the mark before it, `quoted` that a quotation stands there; `verbs` are its
    finite verbs. An inserted segment is a participle's, a gerund's, or stands in brackets.
    """

    begin: int
    end: int
    kind: Kind
    verbs: tuple[int, ...]
    hard: bool
    quoted: bool


@cache
def _conjunctions(language: Language) -> frozenset[str]:
    return listed(language, "conjunctions") | SUBORDINATING


def segments(tokens: tuple[Token, ...], language: Language) -> list[Segment]:
    """The segments of a sentence in order; marks and quotations that divide it belong to none."""
    found: list[Segment] = []
    begin, hard, quoted, depth = 0, True, False, 0
    for at in range(len(tokens) + 1):
        if at < len(tokens) and not _divides(tokens, at):
            continue
        if at > begin:
            found.append(_segment(tokens, begin, at, (hard, quoted, depth > 0), language))
            hard = quoted = False
        if at < len(tokens):
            token = tokens[at]
            hard = hard or token.stretch is not None or token.text in HARD
            quoted = quoted or token.stretch is not None
            depth = max(0, depth + (token.text == "(") - (token.text == ")"))
        begin = at + 1
    return found


def _divides(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a token parts two segments: a mark, or a stretch that stands as a sentence and not as a name."""
    token = tokens[at]
    if token.stretch is not None:
        return at == 0 or not (tokens[at - 1].is_word or tokens[at - 1].text[0].isdigit())
    if token.text == "-":
        return at > 0 and tokens[at - 1].end < token.start
    return token.text in DIVIDERS


def _segment(
    tokens: tuple[Token, ...], begin: int, end: int, before: tuple[bool, bool, bool], language: Language
) -> Segment:
    hard, quoted, bracketed = before
    verbs = tuple(at for at in range(begin, end) if is_verb(tokens[at], language))
    kind: Kind = "inserted" if bracketed else _kind(tokens, begin, end, verbs, language)
    return Segment(begin, end, kind, verbs, hard, quoted)


def _kind(tokens: tuple[Token, ...], begin: int, end: int, verbs: tuple[int, ...], language: Language) -> Kind:
    words = [token for token in tokens[begin:end] if token.is_word]
    while len(words) > 1 and words[0].lower in listed(language, "coordinators"):
        words = words[1:]
    if not words:
        return "verbless"
    asks = language == "ru" and any(word.lower == "ли" for word in words[1 : OPENING + 1])
    if asks or words[0].lower in _conjunctions(language) or any(_relates(word, language) for word in words[:OPENING]):
        return "subordinate"
    if verbs:
        return "main"
    if any("GRND" in parts_of(word, language) for word in words[:OPENING]):
        return "inserted"
    return "inserted" if begin and "PRTF" in parts_of(words[0], language) and not words[0].is_capital else "verbless"


def _relates(token: Token, language: Language) -> bool:
    return token.lower not in ("що", "хто", "кто") and is_relative(token, language)


def is_verb(token: Token, language: Language) -> bool:
    """Whether a word is a verb in the past or the third person and nothing likelier."""
    return token.is_word and _may_be_verb(token.text, language)


@lru_cache(maxsize=200_000)
def _may_be_verb(word: str, language: Language) -> bool:
    readings = forms(word, language)
    if language == "ru":  # its dictionary tells which reading is likely
        return readings[0].finite
    if any(form.finite and form.lemma in listed(language, "modal_verbs") for form in readings):
        return True  # «стала» is a noun and an adjective too
    return any(form.finite for form in readings) and not any(
        form.part in ("PREP", "CONJ", "PRCL", "ADVB") or (form.part == "NOUN" and not form.name) for form in readings
    )


def around(found: list[Segment], at: int) -> int:
    """The number of the segment that holds token `at`, or of the last one before it."""
    number = 0
    for candidate, segment in enumerate(found):
        if segment.begin <= at:
            number = candidate
    return number
