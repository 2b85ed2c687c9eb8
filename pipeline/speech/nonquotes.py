"""Tells quotations from other marked words: names of papers, ships and operations, nicknames, irony, terms."""

from dataclasses import dataclass
from functools import cache

from pipeline.lang import entries
from pipeline.records import Language, QuoteKind
from pipeline.speech.marks import Marked
from pipeline.speech.morphology import forms
from pipeline.speech.narration import Narrated, Token

FULL = 4  # words of a stretch that stands alone as a sentence
UNATTRIBUTED = {"en": 2, "ru": 5, "uk": 5}  # words from which on a stretch inside a sentence is taken for a quotation
TERMINAL = frozenset(".!?…")


@cache
def named_things(language: Language) -> frozenset[str]:
    """Lemmas of nouns after which marks enclose a name: newspaper, ship, operation, call sign."""
    return frozenset(entries(language, "named_things"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a marked stretch: its token, whether words attribute it, and whether they stand beside it."""

    sentence: Narrated
    at: int
    stretch: Marked
    attributed: bool
    beside: bool
    in_clause: bool


def kind(text: str, marked: Surroundings, language: Language) -> QuoteKind | None:
    """What a marked stretch is; None when it is not a quotation."""
    inner = text[marked.stretch.start : marked.stretch.end]
    words = [word for word in inner.split() if any(map(str.isalnum, word))]
    before = marked.sentence.tokens[marked.at - 1] if marked.at else None
    if before is not None and before.text == ":" and (len(words) > 1 or marked.attributed):
        return "direct"
    ends = inner[-1] in TERMINAL or inner[-1] == ","
    if before is not None and before.is_word and _is_name(words, before, ends, language):
        return None
    if _stands_alone(marked, words, ends):
        return "direct"
    if marked.beside and (ends or (before is not None and before.text == ",")) and not inner[0].islower():
        return "direct"
    return _fragment(marked, words, language)


def _is_name(words: list[str], before: Token, ends: bool, language: Language) -> bool:
    """The newspaper “Evening Post”: a name after a noun."""
    if _names(before.text, language) and not ends:
        return True
    if language == "en":
        return _title(words, language)
    return not ends and not words[0][0].islower() and len(words) <= FULL


def _stands_alone(marked: Surroundings, words: list[str], ends: bool) -> bool:
    """Whether the stretch begins its sentence and is all of it, but for the words that attribute it."""
    if marked.at:
        return False
    tokens = marked.sentence.tokens
    after = tokens[1] if len(tokens) > 1 else None
    if marked.attributed and marked.beside and (ends or (after is not None and after.text in ",—–")):
        return True
    stops = after is None or (after.stretch is None and after.text in ".!?…" and (len(tokens) == 2 or ends))
    return stops and len(words) >= 2


def _fragment(marked: Surroundings, words: list[str], language: Language) -> QuoteKind | None:
    """A stretch inside a sentence: quoted words in reported speech, or nothing."""
    small = words[0][0].islower()
    title = _title(words, language)
    if marked.in_clause and (len(words) > 1 or small) and not title:
        return "mixed"
    if marked.attributed and marked.beside:
        return "mixed" if len(words) > 1 or small else None
    if len(words) >= UNATTRIBUTED[language] and not title:
        return "mixed" if small else "direct"
    return None


def _names(word: str, language: Language) -> bool:
    things = named_things(language)
    if language == "en":
        return word.lower() in things
    return any(form.lemma in things for form in forms(word, language))


def _title(words: list[str], language: Language) -> bool:
    """English titles have capitals throughout; in the other languages a name is short and starts with one."""
    if language == "en":
        long = [word for word in words if len(word) > 3]
        return len(words) > 1 and bool(long) and all(word.lstrip("‘’'“([")[:1].isupper() for word in long)
    return len(words) <= 3 and words[0][0].isupper()
