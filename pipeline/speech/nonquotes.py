"""Tells quotations from other marked words: names of papers, ships and operations, nicknames, irony, terms."""

from dataclasses import dataclass
from functools import cache

from pipeline.lang import entries
from pipeline.records import Language, QuoteKind
from pipeline.speech.marks import Marked
from pipeline.speech.morphology import forms
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.sources import Source

FULL = 4  # words of a stretch that stands alone as a sentence
UNATTRIBUTED = {
    "en": (2, 2),
    "ru": (3, 4),
    "uk": (3, 4),
}  # words, with a small or a capital letter, of a quotation inside
TERMINAL = frozenset(".!?…")
NAMED = frozenset(["it", "him", "her", "them", "его", "её", "ее", "их", "його", "її", "їх"])
INSCRIBED_WITHIN = 7  # words between what bears an inscription and the inscription


@cache
def _list(language: Language, name: str) -> frozenset[str]:
    return frozenset(entries(language, name))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a marked stretch: its token, whether words attribute it and whether they stand beside it.

    `source` is whom they name; `in_clause` is true inside what a verb of saying reports.
    """

    sentence: Narrated
    at: int
    stretch: Marked
    attributed: bool
    beside: bool
    source: Source | None
    in_clause: bool

    @property
    def in_source(self) -> bool:
        """Whether the stretch is among the words that name the source: the "Clean Sheet" bloc said."""
        return self.source is not None and self.source.start <= self.stretch.outer[0] < self.source.end

    @property
    def said_by_one(self) -> bool:
        """Whether the source has a name or is a pronoun."""
        return self.source is not None and (self.source.name is not None or self.source.pronoun is not None)


def kind(text: str, marked: Surroundings, language: Language) -> QuoteKind | None:
    """What a marked stretch is; None when it is not a quotation."""
    if marked.stretch.turn:
        return "direct"
    inner = text[marked.stretch.start : marked.stretch.end]
    words = [word for word in inner.split() if any(map(str.isalnum, word))]
    before = marked.sentence.tokens[marked.at - 1] if marked.at else None
    if marked.in_source and len(words) <= FULL:
        return None
    if _inscribed(marked, language) or _gives_name(marked, language):
        return None
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
    if _is_one_of(before.text, "named_things", language) and not ends:
        return True
    if language == "en":
        return _title(words, language)
    return not ends and not words[0][0].islower() and len(words) <= FULL


def _inscribed(marked: Surroundings, language: Language) -> bool:
    """Whether what bears an inscription stands before the stretch in its clause; a colon may stand between."""
    if marked.said_by_one:
        return False
    for token in reversed(marked.sentence.tokens[max(0, marked.at - 1 - INSCRIBED_WITHIN) : marked.at]):
        if token.is_word and _is_one_of(token.text, "inscriptions", language):
            return True
        if token.is_capital or (not token.is_word and token.text != ":"):
            return False  # «слова диспетчера Голуб: „…“» are somebody's
    return False


def _gives_name(marked: Surroundings, language: Language) -> bool:
    """Whether a verb of naming stands before the stretch, at most a pronoun between: people call it “the sea”."""
    if marked.said_by_one or (marked.source is not None and not marked.source.plural):
        return False
    tokens = marked.sentence.tokens
    at = marked.at - 1
    if at > 0 and tokens[at].lower in NAMED:
        at -= 1
    return at >= 0 and tokens[at].is_word and _is_one_of(tokens[at].text, "calling_verbs", language)


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
    if len(words) >= UNATTRIBUTED[language][not small] and not title:
        return "mixed" if small else "direct"
    return None


def _is_one_of(word: str, name: str, language: Language) -> bool:
    """Whether a list holds the word: in English its form, in the other languages its lemma."""
    listed = _list(language, name)
    if language == "en":
        return word.lower() in listed
    return any(form.lemma in listed for form in forms(word, language))


def _title(words: list[str], language: Language) -> bool:
    """English titles have capitals throughout; in the other languages a name is short and starts with one."""
    if language == "en":
        long = [word for word in words if len(word) > 3]
        return len(words) > 1 and bool(long) and all(word.lstrip("‘’'“([")[:1].isupper() for word in long)
    return len(words) <= 3 and words[0][0].isupper()
