"""Tells quotations from other marked words: names of papers, ships and operations, nicknames, irony, terms."""

from dataclasses import dataclass

from pipeline.lang import listed
from pipeline.records import Language, QuoteKind
from pipeline.speech.marks import Marked
from pipeline.speech.morphology import is_listed
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.slavic_words import POSSESSIVE
from pipeline.speech.sources import Source

FULL = 4  # words of a stretch that stands alone as a sentence
UNATTRIBUTED = {
    "en": (2, 2),
    "ru": (3, 4),
    "uk": (3, 4),
}  # words, with a small or a capital letter, of a quotation inside
TERMINAL = frozenset(".!?…")
NAMED = frozenset(["it", "him", "her", "them", "его", "её", "ее", "их", "його", "її", "їх"])
SINGLE = frozenset("‘'‚‛")
DOUBLE = '“"„«'
HEADLINE = 160  # characters of a first line that may be a title
TERM_OPENERS = frozenset(["a", "an", "the", "its", "their", "his", "her", "so-called"])
NAMED_WITHIN = 4  # tokens from a verb of naming to the name: named the event
CALLED_WITHIN = 9  # tokens from a verb of calling to what somebody is called
LISTED_WITHIN = 6  # tokens from a verb of listing or likening to its "as" or "to"
LIKENING = frozenset(["liken", "likens", "likened", "likening", "compare", "compares", "compared", "comparing"])
INSCRIBED_WITHIN = 7  # words between what bears an inscription and the inscription


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
    if not words:
        return None
    if marked.in_source and len(words) <= FULL:
        return None
    ends = inner[-1] in TERMINAL or inner[-1] == ","
    if _inscribed(marked, language) or _gives_name(marked, language):
        return None
    if language == "en" and (_in_headline(text, marked) or _is_called(marked, words, ends)):
        return None
    if before is not None and before.text == ":" and (len(words) > 1 or marked.attributed):
        return "direct"
    called = language == "en" and _called_by_one(marked)
    if before is not None and before.is_word and not called and _is_name(words, before, ends, language):
        return None
    if _stands_alone(marked, words, ends):
        return "direct"
    if marked.beside and (ends or (before is not None and before.text == ",")) and not inner[0].islower():
        return "direct"
    return _fragment(marked, words, language)


def _is_name(words: list[str], before: Token, ends: bool, language: Language) -> bool:
    """The newspaper “Evening Post”: a name after a noun."""
    if is_listed(before.text, "named_things", language) and not ends:
        return True
    if language == "en":
        return _title(words, language)
    return not ends and not words[0][0].islower() and len(words) <= FULL


def _in_headline(text: str, marked: Surroundings) -> bool:
    """Whether single marks stand in the first line of an article whose quotations have double ones: titles are set so."""
    line = text[: marked.sentence.end + HEADLINE].partition("\n")[0]
    return (
        marked.sentence.paragraph == 0
        and text[marked.stretch.outer[0]] in SINGLE
        and len(line) < HEADLINE
        and not any(mark in line for mark in DOUBLE)
        and any(mark in text for mark in DOUBLE)
    )


def _is_called(marked: Surroundings, words: list[str], ends: bool) -> bool:
    """Whether English words around a stretch show that it is a name or a term: "listed as", ", “Moo”, a channel"."""
    tokens = marked.sentence.tokens
    before = tokens[marked.at - 1] if marked.at else None
    if before is None:
        return False
    opener = marked.at - 1 - (before.lower in ("a", "an", "the"))
    if opener > 0 and tokens[opener].lower == "as" and _listed_as(tokens, opener):
        return True
    if not marked.attributed and _is_term(tokens, marked.at, words):
        return True
    if ends or len(words) > FULL:
        return False
    if before.text == "," and (_title(words, "en") or (len(words) == 1 and words[0][0].isupper())):
        return True  # the coalition, “For Order”, promised
    return before.text == ":" and _title(words, "en") and not marked.beside


def _listed_as(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a verb of listing stands in the clause before "as": entered in the book as, introduced them as."""
    for token in reversed(tokens[max(0, at - LISTED_WITHIN) : at]):
        if not token.is_word:
            return False
        if is_listed(token.text, "listing_verbs", "en"):
            return True
    return False


def _is_term(tokens: tuple[Token, ...], at: int, words: list[str]) -> bool:
    """Whether a few small words follow an article, an adjective allowed between: a “liquidating trust”."""
    opener = next((n for n in range(at - 1, max(-1, at - 3), -1) if tokens[n].lower in TERM_OPENERS), None)
    if opener is None or not tokens[at - 1].is_word or len(words) > FULL or not words[0][0].islower():
        return False
    if opener == 0:
        return True
    joins = tokens[opener - 1].lower
    likened = joins == "to" and any(
        token.lower in LIKENING for token in tokens[max(0, opener - LISTED_WITHIN) : opener]
    )
    return joins != "as" and not likened  # dismissed him as a “con artist”


def _inscribed(marked: Surroundings, language: Language) -> bool:
    """Whether what bears an inscription stands before the stretch in its clause; a colon may stand between."""
    if marked.said_by_one:
        return False
    before = marked.sentence.tokens[max(0, marked.at - 1 - INSCRIBED_WITHIN) : marked.at]
    for at, token in reversed(list(enumerate(before))):
        if token.is_word and is_listed(token.text, "inscriptions", language):
            return not (at and before[at - 1].lower in POSSESSIVE)  # «его слова: „…“» are somebody's
        if token.is_capital or (not token.is_word and token.text != ":"):
            return False  # «слова диспетчера Голуб: „…“» are somebody's
    return False


def _gives_name(marked: Surroundings, language: Language) -> bool:
    """Whether a verb of naming stands before the stretch, at most a pronoun between: people call it “the sea”."""
    last = marked.sentence.tokens[marked.at - 1].lower if marked.at else ""
    if language == "en" and last in listed("en", "naming_verbs"):
        return True
    if marked.said_by_one or (marked.source is not None and not marked.source.plural):
        return False
    tokens = marked.sentence.tokens
    at = marked.at - 1
    if at > 0 and tokens[at].lower in NAMED:
        at -= 1
    if language == "en" and _names_object(tokens[max(0, at - NAMED_WITHIN) : at + 1]):
        return True
    return at >= 0 and tokens[at].is_word and is_listed(tokens[at].text, "calling_verbs", language)


def _names_object(before: tuple[Token, ...]) -> bool:
    """Whether the last words are a verb of naming and its object: had named the event; bears the title of."""
    if len(before) > 1 and before[-1].lower == "of" and is_listed(before[-2].text, "named_things", "en"):
        return True
    verb = next((n for n, token in enumerate(before) if token.lower in listed("en", "naming_verbs")), None)
    return (
        verb is not None
        and all(token.is_word for token in before[verb:])
        and before[verb + 1 :][:1] != ()
        and (before[verb + 1].lower in listed("en", "determiners"))
    )


def _called_by_one(marked: Surroundings) -> bool:
    """Whether somebody calls somebody else so: she called the winner “Miss Sourpuss”. These are words of hers."""
    tokens = marked.sentence.tokens[max(0, marked.at - CALLED_WITHIN) : marked.at]
    return marked.said_by_one and any(
        token.is_word and is_listed(token.text, "calling_verbs", "en") for token in tokens
    )


def _stands_alone(marked: Surroundings, words: list[str], ends: bool) -> bool:
    """Whether the stretch begins its sentence and is all of it, but for the words that attribute it."""
    if marked.at:
        return False
    tokens = marked.sentence.tokens
    after = tokens[1] if len(tokens) > 1 else None
    if marked.attributed and marked.beside and (ends or (after is not None and after.text in ",—–")):
        return True
    stops = after is None or (after.stretch is None and after.text in ".!?…" and (len(tokens) == 2 or ends))
    heading = not marked.attributed and _is_heading(words) and (not ends or len(words) > 2)  # ‘The Last Boat Home’.
    return stops and len(words) >= 2 and not heading


def _fragment(marked: Surroundings, words: list[str], language: Language) -> QuoteKind | None:
    """A stretch inside a sentence: quoted words in reported speech, or nothing."""
    small = words[0][0].islower()
    title = _title(words, language) and not (language == "en" and _called_by_one(marked))
    if marked.in_clause and (len(words) > 1 or small) and not title:
        return "mixed"
    if marked.attributed and marked.beside:
        return "mixed" if len(words) > 1 or small else None
    if len(words) >= UNATTRIBUTED[language][not small] and not title:
        return "mixed" if small else "direct"
    return None


def _is_heading(words: list[str]) -> bool:
    """Whether two words at least have capitals, and all but articles, prepositions and the shortest."""
    small = (*listed("en", "prepositions"), *listed("en", "determiners"), "and")
    long = [word for word in words if len(word) > 2 and word.lower() not in small]
    return len(long) > 1 and all(word[0].isupper() for word in long)


def _capitalised(words: list[str]) -> bool:
    """Whether all words but the small ones of English have a capital."""
    long = [word for word in words if word.lower() not in listed("en", "prepositions") and len(word) > 3]
    return len(words) > 1 and bool(long) and all(word[:1].isupper() for word in long)


def _title(words: list[str], language: Language) -> bool:
    """English titles have capitals throughout; in the other languages a name is short and starts with one."""
    if language == "en":
        return _capitalised([word.lstrip("‘’'“([") for word in words])
    return len(words) <= 3 and words[0][0].isupper()
