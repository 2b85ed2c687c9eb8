"""The small words of English that attributions are read by, and its verbs of saying with their forms."""

from functools import cache

from pipeline.lang import entries
from pipeline.speech.narration import Token

PRONOUNS = {
    "he": ("masc", False), "she": ("femn", False), "they": (None, True), "it": ("neut", False), "we": (None, True),
    "i": (None, False), "him": ("masc", False), "her": ("femn", False), "them": (None, True), "one": (None, False),
    "both": (None, True), "another": (None, False), "others": (None, True), "who": (None, False),
}  # fmt: skip
DETERMINERS = frozenset(entries("en", "determiners"))
RELATIVE = frozenset(entries("en", "relatives"))
CONJUNCTIONS = frozenset(entries("en", "clause_conjunctions"))
AUXILIARIES = frozenset(entries("en", "auxiliaries"))
OF = frozenset(entries("en", "prepositions"))
CLOSERS = frozenset(",—–-")
NOT_ADVERBS = frozenset(entries("en", "not_adverbs"))
NAME_PARTICLES = frozenset(entries("en", "name_particles"))
SUBJECT_PRONOUNS = frozenset(["he", "she", "they", "it", "we", "i"])
BE = frozenset(["is", "was", "are", "were", "be", "been", "being", "'s", "'re"])
TAKES_BASE = frozenset(entries("en", "base_form_signs"))
NOUN_FOLLOWS = frozenset(entries("en", "noun_signs"))
ENDS_SUBJECT = frozenset(entries("en", "subject_ends"))
QUOTE_ENDS = frozenset(",—–-")
PARTICLES = {
    "go": ("on",),
    "point": ("out", "to"),
    "sum": ("up",),
    "chime": ("in",),
    "put": ("it",),
}  # verbs of saying only with these
INVERTED = frozenset(entries("en", "inverting_verbs"))
MODALS = frozenset(["may", "might", "could", "should", "must", "can"])  # "people may think": nobody says it
NO_PARTICIPLE = frozenset(["of", "without", "for", "from", "about", "than", "worth"])
FOLLOWS_NOUN = frozenset(["of", "is", "was", "are", "were", "has", "had", "from", "between", "against"])
NOBODY = frozenset(["there", "what", "nothing", "everything", "nobody", "none", "neither", "no"])
SAID = frozenset(["said", "says", "told", "added", "that"])
LONGEST_SUBJECT = 30  # tokens


@cache
def verbs() -> dict[str, tuple[str, str, bool]]:
    """Form → (base, tense, whether it takes a reported clause); tense is base, third, past or ing."""
    table: dict[str, tuple[str, str, bool]] = {}
    for name, reports in (("manner_verbs", False), ("speech_verbs", True)):
        for line in entries("en", name):
            base, third, past, ing = line.split()
            for form, tense in ((base, "base"), (ing, "ing"), (third, "third"), (past, "past")):
                table[form] = (base, tense, reports)
    return table


def is_adverb(token: Token) -> bool:
    """Whether a word without capital ends as adverbs do."""
    return token.lower.endswith("ly") and not token.is_capital and token.lower not in NOT_ADVERBS


def ends_like_adverb(lower: str) -> bool:
    """The same for the capitalised first word of a sentence."""
    return lower.endswith("ly") and lower not in NOT_ADVERBS and len(lower) > 5


@cache
def openers() -> frozenset[str]:
    """Words that often begin a sentence and are no names."""
    return frozenset(entries("en", "sentence_openers"))


@cache
def titles() -> frozenset[str]:
    """Words before a name that are no part of it: ranks, offices, forms of address."""
    return frozenset(line.lower() for line in entries("en", "titles"))
