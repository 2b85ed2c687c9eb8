"""The small words of English that attributions are read by, and its verbs of saying with their forms."""

from functools import cache

from pipeline.lang import entries, listed
from pipeline.speech.narration import Token

PRONOUNS = {
    "he": ("masc", False), "she": ("femn", False), "they": (None, True), "it": ("neut", False), "we": (None, True),
    "i": (None, False), "him": ("masc", False), "her": ("femn", False), "them": (None, True), "one": (None, False),
    "both": (None, True), "another": (None, False), "others": (None, True), "who": (None, False),
}  # fmt: skip
POSSESSIVES: dict[str, tuple[str | None, bool]] = {
    "his": ("masc", False), "her": ("femn", False), "their": (None, True), "its": ("neut", False),
}  # fmt: skip
DETERMINERS = listed("en", "determiners")
RELATIVE = listed("en", "relatives")
CONJUNCTIONS = listed("en", "clause_conjunctions")
COORDINATORS = listed("en", "coordinators")
AUXILIARIES = listed("en", "auxiliaries")
OF = listed("en", "prepositions")
PREPOSITIONS = (OF - {"who"}) | listed("en", "adverbial_prepositions")
CLOSERS = frozenset(",—–-")
NOT_ADVERBS = listed("en", "not_adverbs")
NAME_PARTICLES = listed("en", "name_particles")
SUBJECT_PRONOUNS = frozenset(["he", "she", "they", "it", "we", "i"])
BE = frozenset(["is", "was", "are", "were", "be", "been", "being", "'s", "'re"])
ARRIVES = frozenset(["came", "comes", "went", "goes", "follows", "followed"])  # came the reply
HAVE = frozenset(["have", "has", "had", "having", "'ve", "'d"])
TAKES_BASE = listed("en", "base_form_signs")
NOUN_FOLLOWS = listed("en", "noun_signs")
ENDS_SUBJECT = listed("en", "subject_ends")
QUOTE_ENDS = frozenset(",—–-")
PARTICLES = {
    "go": ("on",),
    "point": ("out", "to"),
    "sum": ("up",),
    "chime": ("in",),
    "put": ("it",),
    "take": ("offence", "offense", "exception", "issue"),
}  # verbs of saying only with these
INVERTED = listed("en", "inverting_verbs")
MODALS = frozenset(["may", "might", "could", "should", "must", "can"])  # "people may think": nobody says it
NO_PARTICIPLE = frozenset(["of", "without", "for", "from", "about", "than", "worth"])
FOLLOWS_NOUN = frozenset(["of", "about", "is", "was", "are", "were", "has", "had", "from", "between", "against"])
NOBODY = frozenset(["there", "what", "nothing", "everything", "nobody", "none", "neither", "no"])
SAID = frozenset(["said", "says", "told", "added", "that"])
NO_SUBJECT = frozenset(["that", "his", "her", "their", "its", "him", "them", "to", "in", "on", "out", "up", "as", "by"])
PLURALS = frozenset(["people", "police", "men", "women", "children", "media", "others", "many", "some", "few"])
PLURAL_DETERMINERS = frozenset(["these", "those", "several", "many", "most", "some", "other", "both", "all"])
LONGEST_SUBJECT = 30  # tokens
LONGEST_NAME = 6  # tokens
SUBJECT_WITHIN = 10  # words before a verb among which its subject tells whether it is plural
PASSIVE_WITHIN = 12  # tokens between the verbs of "had been promised … and told"
LONGEST_INSERTION = 9  # tokens between the commas of "…", commented, beneath a photograph, Ann Lee


@cache
def verb_chains() -> dict[str, list[tuple[str, ...]]]:
    """Last word → the words between a subject and its verb of saying that end with it, longest first."""
    table: dict[str, list[tuple[str, ...]]] = {}
    for chain in sorted((tuple(line.split()) for line in entries("en", "verb_chains")), key=len, reverse=True):
        table.setdefault(chain[-1], []).append(chain)
    return table


@cache
def verbs() -> dict[str, tuple[str, str, bool]]:
    """Form → (base, tense, whether it takes a reported clause); tense is base, third, past, ing or participle."""
    table: dict[str, tuple[str, str, bool]] = {}
    for name, reports in (("manner_verbs", False), ("speech_verbs", True)):
        for line in entries("en", name):
            base, third, past, ing, *participle = line.split()
            for form, tense in ((base, "base"), (ing, "ing"), (third, "third"), (past, "past")):
                table[form] = (base, tense, reports)
            for form in participle:
                table.setdefault(form, (base, "participle", reports))
    return table


def is_adverb(token: Token) -> bool:
    """Whether a word without capital ends as adverbs do."""
    return token.lower.endswith("ly") and not token.is_capital and token.lower not in NOT_ADVERBS


def ends_like_adverb(lower: str) -> bool:
    """The same for the capitalised first word of a sentence."""
    return lower.endswith("ly") and lower not in NOT_ADVERBS and len(lower) > 5


def opens_adverbial(tokens: tuple[Token, ...], begin: int, end: int) -> bool:
    """Whether what looks like a subject is an adverbial: "despite", "along a corridor", "with nobody listening"."""
    return begin < end and tokens[begin].lower in PREPOSITIONS


@cache
def plural_numbers() -> frozenset[str]:
    """Words for numbers of more than one: two, forty, hundreds."""
    return frozenset(line.split()[0] for line in entries("en", "numbers")) - {"one", "first", "half"}


@cache
def openers() -> frozenset[str]:
    """Words that often begin a sentence and are no names."""
    return listed("en", "sentence_openers")


@cache
def titles() -> frozenset[str]:
    """Words before a name that are no part of it: ranks, offices, forms of address."""
    return frozenset(line.lower() for line in entries("en", "titles"))
