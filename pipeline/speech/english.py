"""Attributions in English sentences: verbs of saying with their subjects, and phrases such as "according to"."""

from functools import cache
from itertools import pairwise

from pipeline.lang import entries, listed
from pipeline.records import Span
from pipeline.speech.english_names import is_headline, source_of
from pipeline.speech.english_nouns import nominal
from pipeline.speech.english_subjects import chain_start, phrase_end, subject_before, with_apposition
from pipeline.speech.english_words import (
    AUXILIARIES,
    BE,
    CLOSERS,
    CONJUNCTIONS,
    COORDINATORS,
    DETERMINERS,
    ENDS_SUBJECT,
    FOLLOWS_NOUN,
    HAVE,
    INVERTED,
    LONGEST_INSERTION,
    MODALS,
    NO_PARTICIPLE,
    NO_SUBJECT,
    NOUN_FOLLOWS,
    OF,
    PARTICLES,
    PASSIVE_WITHIN,
    PLURAL_DETERMINERS,
    PLURALS,
    PRONOUNS,
    QUOTE_ENDS,
    RELATIVE,
    SUBJECT_PRONOUNS,
    SUBJECT_WITHIN,
    TAKES_BASE,
    is_adverb,
    opens_adverbial,
    plural_numbers,
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
        attribution = (
            _phrase(text, tokens, at)
            or nominal(text, tokens, at, _follows_speech(tokens, at))
            or _verb(text, tokens, at)
        )
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
    inverted = None if tense == "ing" else _inverted(tokens, at, base)
    span = inverted or subject_before(tokens, chain_start(tokens, at), tense)
    if span is None or opens_adverbial(tokens, *span):
        return None
    span = with_apposition(tokens, span)
    source = source_of(text, tokens, *span)
    if source is None or (
        source.name is None and _opens_with_verb(tokens, *span) and tokens[span[0]].lower not in PRONOUNS
    ):
        return None
    cue = (tokens[at].start, tokens[at].end)
    across = any(token.stretch is not None for token in tokens[span[1] : at])
    first, last = at if across else min(at, span[0]), max(at, span[1] - 1)
    return Attribution(cue, base, "verb", first, last, at, at, source, reports)


def _opens_with_verb(tokens: tuple[Token, ...], begin: int, end: int) -> bool:
    """Whether a subject begins with a verb of saying; in "state officials" it is a noun."""
    known = verbs().get(tokens[begin].lower)
    return known is not None and (known[1] in ("past", "ing") or end - begin == 1)


def _is_verb(tokens: tuple[Token, ...], at: int, base: str, tense: str) -> bool:
    """Rules out infinitives, passives and nouns: "to say", "was told", "the report", "closing remarks were"."""
    before = tokens[at - 1].lower if at else ""
    after = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    within_name = tokens[at].is_capital and at > 0 and tokens[at - 1].is_word
    modal = at > 0 and _is_modal(tokens[at - 1])
    if within_name or modal or before in NOUN_FOLLOWS or (base == "say" and after == "to"):
        return False
    if chain_start(tokens, at) < at:
        return True
    if tense == "participle" and not _perfect(tokens, at):
        return False
    if tense in ("past", "participle"):
        back = at - 1
        while back >= 0 and tokens[back].lower in AUXILIARIES - BE:
            back -= 1
        if _joined_to_passive(tokens, at):
            return False
        if any(_is_modal(token) for token in tokens[max(back, 0) : at]):
            return False  # few "could have said" it
        return back < 0 or (tokens[back].lower not in BE and tokens[back].lower not in OF - {"who"})
    if before.endswith(("'s", "s'")):
        return False
    if tense == "ing":
        return before not in NO_PARTICIPLE
    return not _is_noun(tokens, at, base, tense, before, after)


def _has_plural_subject(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a plural stands before a verb in its clause: those close to her, advisers to Lee, Lee and Brandt."""
    begin = at
    while begin > 0 and tokens[begin - 1].is_word and at - begin < SUBJECT_WITHIN:
        begin -= 1
    before = tokens[begin:at]
    joined = any(one.lower == "and" and two.is_capital for one, two in pairwise(before))
    verbal = any(token.lower in AUXILIARIES | BE | MODALS for token in before)
    return not verbal and (joined or any(_is_plural_word(token) for token in before))


def _is_plural_word(token: Token) -> bool:
    lower = token.lower
    if lower in PLURALS or lower in ("those", "these"):
        return True
    return not token.is_capital and lower.endswith("s") and not lower.endswith(("ss", "'s", "us", "is"))


def _perfect(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a form of "have" stands before a participle, adverbs between."""
    while at > 0 and (is_adverb(tokens[at - 1]) or tokens[at - 1].lower in AUXILIARIES - HAVE):
        at -= 1
    return at > 0 and tokens[at - 1].lower in HAVE


def _joined_to_passive(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether "and told to" goes on with a passive: they had been promised bread and told to wait."""
    if at < 2 or tokens[at - 1].lower not in ("and", "or") or at + 1 >= len(tokens) or tokens[at + 1].lower != "to":
        return False
    for back in range(at - 2, max(-1, at - 2 - PASSIVE_WITHIN), -1):
        if not tokens[back].is_word:
            return False
        if tokens[back].lower in BE:
            return tokens[back + 1].lower.endswith(("ed", "en")) or tokens[back + 1].lower in verbs()
    return False


def _is_modal(token: Token) -> bool:
    """Whether a word makes what follows a mere possibility; May is a month."""
    return token.lower in MODALS and not token.is_capital


def _is_plural_noun(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether "claims" is a plural noun: after a number or a determiner, or after words that cannot be a subject alone.

    A verb in the third person has a singular subject, which in English is a name, a pronoun or has a determiner.
    """
    if at > 0 and tokens[at - 1].lower in SUBJECT_PRONOUNS:
        return False
    begin = at
    while begin > 0 and _within_subject(tokens[begin - 1]):
        begin -= 1
        if tokens[begin].lower in DETERMINERS or tokens[begin].is_capital:
            break
    if begin > 0 and begin < at and tokens[begin - 1].stretch is None and tokens[begin - 1].text[0].isdigit():
        return True
    before = tokens[at - 1] if at else None
    if begin == at and before is not None:
        counted = before.stretch is None and before.text[0].isdigit()
        return counted or before.lower in OF - {"who"} or before.lower in CONJUNCTIONS - COORDINATORS
    if begin == at:
        return False
    first = tokens[begin]
    if any(token.lower in plural_numbers() for token in tokens[begin:at]):
        return True
    if first.lower in PLURAL_DETERMINERS or (begin == at - 1 and first.lower in DETERMINERS):
        return True
    return not (first.is_capital or first.lower in DETERMINERS or first.lower in PRONOUNS)


def _within_subject(token: Token) -> bool:
    if not token.is_word:
        return token.stretch is None and token.text in "'’"
    lower = token.lower
    return not (lower in OF or lower in CONJUNCTIONS or lower in RELATIVE or lower in verbs())


def _is_noun(tokens: tuple[Token, ...], at: int, base: str, tense: str, before: str, after: str) -> bool:
    """Whether "reports" or "claim" is rather the noun."""
    if before in OF - {"who"} | {"without"}:
        return True
    if base not in ("say", "tell") and after in FOLLOWS_NOUN:
        return True
    nounlike = base in listed("en", "nounlike_verbs")
    if tense == "third":
        return nounlike and _is_plural_noun(tokens, at)
    nounlike = nounlike and after != "that"
    joined = at > 1 and tokens[at - 1].is_capital and tokens[at - 2].lower == "and"
    if before in TAKES_BASE or joined:
        return False
    if before == "," and not nounlike:
        return False
    plural_before = at > 0 and tokens[at - 1].is_word and (before.endswith("s") or before in PLURALS)
    plural_before = plural_before or (not nounlike and _has_plural_subject(tokens, at))
    return nounlike or not plural_before or before in AUXILIARIES or before in verbs()


def _inverted(tokens: tuple[Token, ...], at: int, base: str) -> Span | None:
    """The subject after the verb: "…", said the mayor; the road is closed, says Ann Lee; Said Ann Lee: "…"."""
    if at + 1 >= len(tokens):
        return None
    quoted = _follows_speech(tokens, at)
    opens = at == 0 and tokens[0].is_capital
    if not (quoted or opens or _is_afterthought(tokens, at, base)):
        return None
    begin = _past_insertion(tokens, at + 1) if quoted else at + 1
    if not _begins_subject(tokens, begin, quoted):
        return None
    end = phrase_end(tokens, begin)
    stop = _before_verb(tokens, begin, end)
    if opens:
        return (begin, stop) if _opens_speech(tokens, stop) else None
    if end < len(tokens) and tokens[end].text == ":":
        return None
    marked = end < len(tokens) and tokens[end].stretch is not None
    if not quoted and (stop < end or marked or _has_verb(tokens, begin, end)):
        return None
    return begin, stop


def _follows_speech(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a quotation ends right before the token, but for a comma and a dash."""
    before = at - 1
    while before >= 0 and at - before <= 2 and tokens[before].text in QUOTE_ENDS:
        before -= 1
    return before >= 0 and tokens[before].stretch is not None


def _is_afterthought(tokens: tuple[Token, ...], at: int, base: str) -> bool:
    """Whether a verb may stand before its subject though no quotation precedes: ", says Ann Lee", "as reported by X"."""
    if at == 0:
        return False
    before = tokens[at - 1]
    return (before.text in CLOSERS and base in INVERTED) or before.lower == "as"


def _past_insertion(tokens: tuple[Token, ...], at: int) -> int:
    """Where the subject begins after an insertion between commas: "…", commented, beneath a photograph, Ann Lee."""
    if tokens[at].text != ",":
        return at
    close = next((n for n in range(at + 1, min(at + LONGEST_INSERTION, len(tokens))) if tokens[n].text == ","), None)
    follows = close + 1 if close is not None else len(tokens)
    return follows if follows < len(tokens) and tokens[follows].is_capital else at


def _begins_subject(tokens: tuple[Token, ...], at: int, quoted: bool) -> bool:
    """Whether a noun phrase that may be a subject begins with the token."""
    after = tokens[at]
    if after.lower in listed("en", "calendar") or after.lower in NO_SUBJECT:
        return False
    if not after.is_word:
        return quoted and after.text[0].isdigit()
    if after.is_capital or after.lower in DETERMINERS or after.lower in ("he", "she", "they"):
        return True
    adverbial = is_adverb(after) or after.lower in OF or after.lower in CONJUNCTIONS or after.lower in ENDS_SUBJECT
    return quoted and not adverbial and after.lower not in RELATIVE and after.lower not in PRONOUNS


def _opens_speech(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a colon or comma and a quotation follow: Said Ann Lee: "…"."""
    return at + 1 < len(tokens) and tokens[at].text in ":," and tokens[at + 1].stretch is not None


def _has_verb(tokens: tuple[Token, ...], begin: int, end: int) -> bool:
    return any(
        token.lower in BE
        or token.lower in ("has", "had", "have", "would", "will", "could")
        or token.lower in verbs()
        or (token.lower in listed("en", "finite_forms") and not token.is_capital)
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
