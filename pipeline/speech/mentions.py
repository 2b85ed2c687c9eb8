"""What is known of the people whom an article names: mentions, roles, nouns for people."""

from dataclasses import dataclass, field
from functools import cache

from pipeline.lang import entries, listed
from pipeline.records import Language
from pipeline.speech import english_words
from pipeline.speech.morphology import forms

SHORTEST_STEM = 3
PERSON_ENDINGS = ("er", "or", "ist", "ian", "man", "woman", "ant", "ent", "ee", "ess")  # baker; "captain" is in a list
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A proper name in the text, with the roles that stand beside it."""

    start: int
    end: int
    words: Words
    keys: Words
    roles: frozenset[str]
    gender: str | None
    human: bool  # its words or what stands beside it tell of a person
    callsign: str | None = None  # medic “Molar”: the name that a marked word gives, with the role before it


@dataclass(slots=True)
class Person:
    """Somebody (or something) the article names: all mentions, in order."""

    mentions: list[Mention] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    gender: str | None = None
    spoke: bool = False  # the article attributes words to it
    oblique: bool = False  # a source that stands in another case than the nominative
    subjects: dict[str, str] = field(default_factory=dict)  # key of a word → its form in the nominative
    _longest: tuple[int, Mention] | None = field(default=None, repr=False)  # of so many mentions

    def is_human(self, language: Language) -> bool:
        """Whether a pronoun of a person may stand for it: places and most organisations are told by their surroundings."""
        full = self.fullest()
        if self.is_organisation(language):
            return False
        return self.spoke or full.human or (language == "en" and any(mention.human for mention in self.mentions))

    def is_organisation(self, language: Language) -> bool:
        """Whether a word of the name says so; in a Cyrillic text, whether it is in Latin letters (Meridian Wire)."""
        full = self.fullest()
        if language != "en":
            return full.words[0].isascii()
        return any(word in listed("en", "organisations") for word in full.keys)

    def fullest(self) -> Mention:
        """The mention with most words; of several the first."""
        known, longest = self._longest or (0, self.mentions[0])
        for mention in self.mentions[known:]:
            if (len(mention.words), -mention.start) > (len(longest.words), -longest.start):
                longest = mention
        self._longest = len(self.mentions), longest
        return longest


def key(word: str, language: Language) -> str:
    """A word of a name without its case ending, so that declined forms agree."""
    lower = word.lower().replace("’", "'").replace("ё", "е").removesuffix("'s").rstrip("'.")
    if language == "en":
        return lower
    for ending in entries(language, "name_endings"):
        if lower.endswith(ending) and len(lower) - len(ending) >= SHORTEST_STEM:
            stem = lower[: -len(ending)]
            return stem[:-2] if stem.endswith(("ов", "ев")) and len(stem) - 2 >= SHORTEST_STEM else stem
    return lower


@cache
def _ranks() -> dict[str, str]:
    """Short title → role: sgt → sergeant."""
    pairs = (line.partition(" ") for line in entries("en", "rank_abbreviations"))
    return {short: role for short, _, role in pairs}


@cache
def role_key(word: str, language: Language) -> str | None:
    """The lemma of a word that can say what somebody is; None for other words."""
    lower = word.lower()
    if language == "en":
        title = lower.rstrip(".")
        return (
            _ranks().get(title, title)
            if lower
            not in english_words.DETERMINERS | english_words.OF | english_words.CONJUNCTIONS | english_words.AUXILIARIES
            else None
        )
    for form in forms(word, language):
        if form.part == "NOUN" and form.animate and not form.name:
            return form.lemma
    return None


def may_be_person(word: str) -> bool:
    """Whether an English word can say what a person is."""
    lower = word.lower()
    return lower in listed("en", "person_nouns") or lower.endswith(PERSON_ENDINGS) or lower.rstrip(".") in _ranks()


@cache
def person_noun(word: str, language: Language) -> tuple[str, str | None, bool] | None:
    """(key, gender, whether plural) of a noun for people; None for other words."""
    lower = word.lower()
    if language == "en":
        known = entries("en", "person_nouns")
        if lower in known:
            return lower, None, False
        return (lower[:-1], None, True) if lower.endswith("s") and lower[:-1] in known else None
    first = forms(word, language)[0]
    if first.part != "NOUN" or not first.animate or first.name:
        return None
    return first.lemma, None if first.plural else first.gender, first.plural
