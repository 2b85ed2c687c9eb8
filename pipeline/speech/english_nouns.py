"""English attributions whose cue is a noun: "was Lee's reply", "came a shout from the stands", "Lee's claim that …"."""

from itertools import pairwise

from pipeline.lang import listed
from pipeline.records import Span
from pipeline.speech.english_names import name_runs, source_of
from pipeline.speech.english_subjects import phrase_end
from pipeline.speech.english_words import ARRIVES, BE, DETERMINERS, LONGEST_SUBJECT, OF, POSSESSIVES
from pipeline.speech.narration import Token
from pipeline.speech.sources import Attribution, Source

ACCOUNT_OPENERS = frozenset(["in", "by", "on"])  # in her view, by his account
MODIFIERS = 3  # words between a possessor and its noun: his much repeated claim


def nominal(text: str, tokens: tuple[Token, ...], at: int, follows_speech: bool) -> Attribution | None:
    """The attribution that a noun makes with the token `at`; `follows_speech` tells whether a quotation ends before it."""
    lower = tokens[at].lower
    if follows_speech and lower in BE:
        return _reply(text, tokens, at)
    if follows_speech and lower in ARRIVES:
        return _arrival(text, tokens, at)
    if lower in ACCOUNT_OPENERS:
        return _account(text, tokens, at)
    if lower in listed("en", "speech_nouns") and _reports(tokens, at):
        return _claim(text, tokens, at)
    return None


def _reports(tokens: tuple[Token, ...], noun: int) -> bool:
    """Whether a clause tells what the noun says: the claim that …, the guess is that …, the question whether …"""
    after = noun + 1 + (noun + 1 < len(tokens) and tokens[noun + 1].lower in BE)
    return after < len(tokens) and tokens[after].lower in ("that", "whether")


def possessor_of(text: str, tokens: tuple[Token, ...], begin: int, end: int) -> Source | None:
    """Whose something is: the genitive that stands in a noun phrase, a pronoun or a noun with 's."""
    stop = next((n for n in range(begin, end) if _is_genitive(tokens, n)), None)
    if stop is None:
        return None
    known = POSSESSIVES.get(tokens[stop].lower)
    if known is not None:
        token = tokens[stop]
        return Source(token.start, token.end, pronoun=token.lower, gender=known[0], plural=known[1])
    last = tokens[stop].end - (2 if tokens[stop].text[-1] in "sS" else 1)
    runs = [run for run in name_runs(tokens, begin, stop + 1) if run[1] == stop + 1]
    if runs:
        name = (tokens[runs[0][0]].start, last)
        return Source(tokens[begin].start, last, name=name)
    first = begin + (tokens[begin].lower in DETERMINERS and begin < stop)
    return Source(tokens[begin].start, last, role=(tokens[first].start, last))


def _is_genitive(tokens: tuple[Token, ...], at: int) -> bool:
    lower = tokens[at].lower
    return lower in POSSESSIVES or (tokens[at].is_word and len(lower) > 2 and lower.endswith(("'s", "s'")))


def _reply(text: str, tokens: tuple[Token, ...], at: int) -> Attribution | None:
    """ "…," was Lee's reply."""
    for noun in range(at + 2, min(at + LONGEST_SUBJECT, len(tokens))):
        if not tokens[noun].is_word:
            return None
        if tokens[noun].lower in listed("en", "reply_nouns"):
            source = possessor_of(text, tokens, at + 1, noun)
            return _attribution(tokens, (noun, noun), at, noun, source) if source else None
    return None


def _arrival(text: str, tokens: tuple[Token, ...], at: int) -> Attribution | None:
    """ "…," came a shout from the stands. "The reply" alone does not say whose it is."""
    end = phrase_end(tokens, at + 1)
    noun = next((n for n in range(at + 1, end) if tokens[n].lower in listed("en", "reply_nouns")), None)
    if noun is None:
        return None
    giver = noun + 2 if noun + 2 < end and tokens[noun + 1].lower in ("from", "by") else None
    named = giver is not None and any(token.is_capital for token in tokens[giver:end])
    source = source_of(text, tokens, giver if giver is not None and named else at + 1, end)
    if source is not None and source.name is None and (tokens[at + 1].lower == "the" and noun + 1 >= end):
        source = None
    return _attribution(tokens, (at, at), at, end - 1, source)


def _account(text: str, tokens: tuple[Token, ...], at: int) -> Attribution | None:
    """By her calculation, in the museum's view."""
    limit = min(at + LONGEST_SUBJECT, len(tokens))
    genitive = next((n for n in range(at + 1, limit) if not tokens[n].is_word or _is_genitive(tokens, n)), limit)
    if genitive >= limit or not tokens[genitive].is_word or any(t.lower in OF for t in tokens[at + 1 : genitive]):
        return None
    noun = genitive + 1
    while noun < limit and noun - genitive < MODIFIERS and tokens[noun].lower in listed("en", "account_modifiers"):
        noun += 1
    if noun >= limit or tokens[noun].lower not in listed("en", "account_nouns"):
        return None
    if any(t.text == ":" and u.stretch is not None for t, u in pairwise(tokens[noun + 1 :])):
        return None  # the guard, by her account, had a joke: “…”
    source = possessor_of(text, tokens, at + 1, noun)
    cue = (tokens[at].start, tokens[noun].end)
    return Attribution(cue, tokens[noun].lower, "phrase", at, noun, at, noun, source) if source else None


def _claim(text: str, tokens: tuple[Token, ...], noun: int) -> Attribution | None:
    """The mayor's much repeated claim that …"""
    begin = noun
    while begin > 0 and noun - begin <= MODIFIERS and tokens[begin - 1].is_word and not _is_genitive(tokens, begin):
        begin -= 1
    if begin == noun or not _is_genitive(tokens, begin):
        return None
    begin = _phrase_start(tokens, begin)
    source = possessor_of(text, tokens, begin, noun)
    last = noun + (tokens[noun + 1].lower in BE)
    return _attribution(tokens, (noun, last), begin, last, source, reports=True) if source else None


def _phrase_start(tokens: tuple[Token, ...], genitive: int) -> int:
    """Where the noun phrase of a genitive begins: its determiner, or the first of its capitals."""
    if tokens[genitive].lower in POSSESSIVES:
        return genitive
    begin = genitive
    while begin > 0 and tokens[begin - 1].is_capital:
        begin -= 1
    if tokens[begin].is_capital:
        return begin
    for back in range(genitive - 1, max(-1, genitive - 1 - MODIFIERS), -1):
        if tokens[back].lower in DETERMINERS:
            return back
    return genitive


def _attribution(
    tokens: tuple[Token, ...], cue: Span, first: int, last: int, source: Source | None, *, reports: bool = False
) -> Attribution:
    span = (tokens[cue[0]].start, tokens[cue[1]].end)
    return Attribution(span, tokens[cue[0]].lower, "verb", first, last, cue[0], cue[1], source, reports)
