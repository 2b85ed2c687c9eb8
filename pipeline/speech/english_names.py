"""Proper names and roles in English noun phrases."""

import re

from pipeline.lang import listed
from pipeline.records import Span
from pipeline.speech.english_words import (
    CONJUNCTIONS,
    DETERMINERS,
    NAME_PARTICLES,
    NOBODY,
    OF,
    PLURALS,
    PRONOUNS,
    RELATIVE,
    SAID,
    ends_like_adverb,
    openers,
    titles,
)
from pipeline.speech.narration import Token
from pipeline.speech.sources import Source

TRADE_ENDINGS = ("ist", "grapher", "lawyer", "priest", "keeper", "maker")


def source_of(text: str, tokens: tuple[Token, ...], begin: int, end: int) -> Source | None:
    """The source that a noun phrase names: its proper name unless that only belongs to the role ("a spokesman for X")."""
    while begin < end and not tokens[begin].is_word:
        begin += 1
    while end > begin and not tokens[end - 1].is_word and tokens[end - 1].text not in ")":
        if tokens[end - 1].stretch is not None and end - 1 > begin and tokens[end - 2].is_word:
            break  # the acting “minister”
        end -= 1
    if begin >= end:
        return None
    span = (tokens[begin].start, tokens[end - 1].end)
    first = tokens[begin].lower
    if end - begin == 1 and first in PRONOUNS:
        gender, plural = PRONOUNS[first]
        return Source(*span, pronoun=first, gender=gender, plural=plural)
    if first in NOBODY:
        return None
    name = _name(tokens, begin, end)
    role = _role(text, tokens, begin, end, name)
    if name is None and role is None:
        return None
    plural = name is None and role is not None and _is_plural(text[slice(*role)])
    return Source(*span, name=name, role=role, plural=plural)


def _is_plural(role: str) -> bool:
    words = [word.lower() for word in role.split()]
    head = words[next((n for n, word in enumerate(words) if word in OF and n), len(words)) - 1]
    return head in PLURALS or (head.endswith("s") and not head.endswith("ss"))


def name_runs(tokens: tuple[Token, ...], begin: int, end: int) -> list[Span]:
    """Token ranges of proper names without titles: runs of capitalised words, particles inside them allowed."""
    runs: list[Span] = []
    at = begin
    while at < end:
        if not _is_proper(tokens, at):
            at += 1
            continue
        stop = at + 1
        while stop < end and not tokens[stop - 1].lower.endswith("'s") and _goes_on(tokens, at, stop, end):
            stop += 1
        runs.append(_untitled(tokens, at, stop))
        at = stop
    return runs


def _goes_on(tokens: tuple[Token, ...], first: int, at: int, end: int) -> bool:
    """Whether a name goes on with this token: Ursula von der Leyen, Ministry of Defence."""
    if _is_proper(tokens, at):
        return True
    if at + 1 >= end or not _is_proper(tokens, at + 1):
        return False
    organisation = any(token.lower in listed("en", "organisations") for token in tokens[first:at])
    return tokens[at].lower in NAME_PARTICLES or (organisation and tokens[at].lower in ("of", "for", "and"))


def _is_proper(tokens: tuple[Token, ...], at: int) -> bool:
    token = tokens[at]
    if (
        not token.is_capital
        or token.lower in DETERMINERS
        or token.lower in PRONOUNS
        or token.lower in listed("en", "calendar")
    ):
        return False
    if at == 0 or tokens[at - 1].stretch is not None or tokens[at - 1].text in ".:":
        lower = token.lower
        return (
            lower not in OF
            and lower not in CONJUNCTIONS
            and lower not in RELATIVE
            and lower not in openers()
            and not ends_like_adverb(lower)
        )
    return True


def _untitled(tokens: tuple[Token, ...], first: int, stop: int) -> Span:
    last = first
    for at in range(first, stop):
        if tokens[at].lower in titles() or (at == first == 0 and stop > 2 and _says_what(tokens[at].lower)):
            last = at + 1
    return (last, stop) if last < stop else (first, stop)


def _says_what(word: str) -> bool:
    """Whether a word that begins a sentence and has a name after it is a trade: Glaciologist Nino Kipiani."""
    given = word in listed("en", "given_names_men") or word in listed("en", "given_names_women")
    return not given and (word in listed("en", "person_nouns") or word.endswith(TRADE_ENDINGS))


def proper_name(tokens: tuple[Token, ...], begin: int, end: int) -> Span | None:
    """The name that a noun phrase is about: not a genitive, not a modifier, not what the role belongs to."""
    for first, stop in name_runs(tokens, begin, end):
        between = tokens[begin:first]
        comma = max((n for n, token in enumerate(between) if token.text in ",—–"), default=-1)
        dependent = any(token.lower in OF for token in between[comma + 1 :])
        last = tokens[stop - 1]
        possessive = last.lower.endswith(("'s", "s'")) or (stop < end and tokens[stop].text in "'’")
        modifies = (
            stop < end
            and tokens[stop].is_word
            and not tokens[stop].is_capital
            and tokens[stop].lower not in OF | RELATIVE | CONJUNCTIONS
        )
        titled = all(tokens[at].lower in titles() for at in range(first, stop))
        if not (possessive or dependent or modifies or titled):
            return first, stop
    return None


def _name(tokens: tuple[Token, ...], begin: int, end: int) -> Span | None:
    span = proper_name(tokens, begin, end)
    return (tokens[span[0]].start, tokens[span[1] - 1].end) if span else None


def is_headline(tokens: tuple[Token, ...]) -> bool:
    """Whether Nearly Every Word Has a Capital: names cannot be told from other words there."""
    words = [token for token in tokens if token.is_word and len(token.text) > 3]
    return (
        len(words) >= 4
        and sum(word.is_capital for word in words) > 0.85 * len(words)
        and not any(word.text in SAID for word in words)
    )


def _role(text: str, tokens: tuple[Token, ...], begin: int, end: int, name: Span | None) -> Span | None:
    """The words of the role without article: before the name, or the phrase itself."""
    first = begin
    while first < end and tokens[first].lower in (
        "the",
        "a",
        "an",
        "his",
        "her",
        "their",
        "its",
        "one",
        "another",
        "this",
        "that",
    ):
        first += 1
    stop = end
    if name:
        stop = next(at for at in range(begin, end) if tokens[at].start == name[0])
        if stop <= first:
            return None
    at = first
    while at < stop and tokens[at].text not in ",—–;:()" and tokens[at].lower not in RELATIVE:
        at += 1
    if at <= first:
        return None
    role = (tokens[first].start, tokens[at - 1].end)
    return role if re.search(r"[^\W\d_]", text[slice(*role)]) else None
