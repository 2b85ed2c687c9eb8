"""Attributions in English sentences: verbs of saying with their subjects, and phrases such as "according to"."""

from functools import cache

from pipeline.lang import entries
from pipeline.records import Span
from pipeline.speech.english_names import is_headline, source_of
from pipeline.speech.english_subjects import phrase_end, subject_before, with_apposition
from pipeline.speech.english_words import (
    AUXILIARIES,
    BE,
    CLOSERS,
    CONJUNCTIONS,
    DETERMINERS,
    ENDS_SUBJECT,
    FOLLOWS_NOUN,
    INVERTED,
    MODALS,
    NO_PARTICIPLE,
    NOUN_FOLLOWS,
    OF,
    PARTICLES,
    PRONOUNS,
    QUOTE_ENDS,
    TAKES_BASE,
    verbs,
)
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.sources import Attribution, words_from


@cache
def phrases() -> dict[str, list[tuple[str, ...]]]:
    """First word → word sequences that a source follows, longest first."""
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted((tuple(line.split()) for line in entries("en", "attribution_phrases")), key=len, reverse=True):
        table.setdefault(phrase[0], []).append(phrase)
    return table


def find(text: str, sentence: Narrated) -> list[Attribution]:
    """The attributions of a sentence, in order."""
    tokens = sentence.tokens
    found: list[Attribution] = []
    if is_headline(tokens):
        return found
    for at, token in enumerate(tokens):
        if not token.is_word:
            continue
        attribution = _phrase(text, tokens, at) or _verb(text, tokens, at)
        if attribution:
            found.append(attribution)
    return found


def _phrase(text: str, tokens: tuple[Token, ...], at: int) -> Attribution | None:
    for phrase in phrases().get(tokens[at].lower, ()):
        if words_from(tokens, at, phrase):
            begin = at + len(phrase)
            end = phrase_end(tokens, begin)
            source = source_of(text, tokens, begin, end)
            if source:
                cue = (tokens[at].start, tokens[begin - 1].end)
                return Attribution(cue, " ".join(phrase), "phrase", at, end - 1, at, begin - 1, source)
    return None


def _verb(text: str, tokens: tuple[Token, ...], at: int) -> Attribution | None:
    known = verbs().get(tokens[at].lower)
    if known is None or not _is_verb(tokens, at, known[0], known[1]):
        return None
    base, tense, reports = known
    if base in PARTICLES and (at + 1 >= len(tokens) or tokens[at + 1].lower not in PARTICLES[base]):
        return None
    span = _inverted(tokens, at, base) or subject_before(tokens, at, tense)
    if span is None:
        return None
    span = with_apposition(tokens, span)
    source = source_of(text, tokens, *span)
    if source is None or (
        source.name is None and tokens[span[0]].lower in verbs() and tokens[span[0]].lower not in PRONOUNS
    ):
        return None
    cue = (tokens[at].start, tokens[at].end)
    first, last = min(at, span[0]), max(at, span[1] - 1)
    return Attribution(cue, base, "verb", first, last, at, at, source, reports)


def _is_verb(tokens: tuple[Token, ...], at: int, base: str, tense: str) -> bool:
    """Rules out infinitives, passives and nouns: "to say", "was told", "the report", "closing remarks were"."""
    before = tokens[at - 1].lower if at else ""
    after = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    within_name = tokens[at].is_capital and at > 0 and tokens[at - 1].is_word
    if within_name or before in MODALS or before in NOUN_FOLLOWS or (base == "say" and after == "to"):
        return False
    if tense == "past":
        back = at - 1
        while back >= 0 and tokens[back].lower in AUXILIARIES - BE:
            back -= 1
        if any(token.lower in MODALS for token in tokens[max(back, 0) : at]):
            return False  # few "could have said" it
        return back < 0 or tokens[back].lower not in BE
    if before.endswith(("'s", "s'")):
        return False
    if tense == "ing":
        return before not in NO_PARTICIPLE
    return not _is_noun(tokens, at, base, tense, before, after)


def _is_noun(tokens: tuple[Token, ...], at: int, base: str, tense: str, before: str, after: str) -> bool:
    """Whether "reports" or "claim" is rather the noun."""
    if before in OF - {"who"} | {"without"}:
        return True
    if base not in ("say", "tell") and after in FOLLOWS_NOUN:
        return True
    if tense == "third" or before in TAKES_BASE:
        return False
    plural_before = at > 0 and tokens[at - 1].is_word and before.endswith("s")
    nounlike = base in entries("en", "nounlike_verbs") and after != "that"
    return nounlike or not plural_before or before in AUXILIARIES or before in verbs()


def _inverted(tokens: tuple[Token, ...], at: int, base: str) -> Span | None:
    """The subject after the verb: "…", said the mayor; the road is closed, says Ann Lee; as reported by X."""
    before = tokens[at - 1] if at else None
    if before is None or at + 1 >= len(tokens):
        return None
    quoted = before.stretch is not None or (before.text in QUOTE_ENDS and at > 1 and tokens[at - 2].stretch is not None)
    if not quoted and not (before.text in CLOSERS and base in INVERTED) and before.lower != "as":
        return None
    after = tokens[at + 1]
    if after.lower in entries("en", "calendar"):
        return None
    if after.lower in ("that", "his", "her", "their", "its", "him", "them", "to", "in", "on", "as", "by"):
        return None
    if not after.is_word and not (quoted and after.text[0].isdigit()):
        return None
    end = phrase_end(tokens, at + 1)
    stop = _before_verb(tokens, at + 1, end)
    begins = after.is_capital or after.lower in DETERMINERS or after.lower in ("he", "she", "they")
    if not begins and not (quoted and any(token.is_capital for token in tokens[at + 1 : stop])):
        return None
    if end < len(tokens) and tokens[end].text == ":":
        return None
    marked = end < len(tokens) and tokens[end].stretch is not None
    if not quoted and (stop < end or marked or _has_verb(tokens, at + 1, end)):
        return None
    return at + 1, stop


def _has_verb(tokens: tuple[Token, ...], begin: int, end: int) -> bool:
    return any(
        token.lower in BE or token.lower in ("has", "had", "have", "would", "will", "could") or token.lower in verbs()
        for token in tokens[begin + 1 : end]
    )


def _before_verb(tokens: tuple[Token, ...], begin: int, end: int) -> int:
    """Where the subject after a verb ends: at an adverbial or another verb."""
    for at in range(begin + 1, end):
        lower = tokens[at].lower
        if lower in CONJUNCTIONS - {"and", "or"} or lower in ENDS_SUBJECT or lower in BE:
            return at
        if lower in ("in", "at", "from", "to", "on") and tokens[at - 1].is_capital and at > begin + 1:
            return at
        if verbs().get(lower, ("", "", False))[1] in ("past", "ing"):
            return at
    return end
