"""The small words of Russian and Ukrainian that attributions are read by, and agreement."""

from functools import lru_cache

from pipeline.lang import entries
from pipeline.records import Language
from pipeline.speech.morphology import Form, forms
from pipeline.speech.narration import Token

PERSONAL = {
    "он": ("masc", False), "она": ("femn", False), "они": (None, True), "тот": ("masc", False), "та": ("femn", False),
    "те": (None, True), "его": ("masc", False), "её": ("femn", False), "ее": ("femn", False), "их": (None, True),
    "него": ("masc", False), "неё": ("femn", False), "нее": ("femn", False), "них": (None, True), "оба": (None, True),
    "він": ("masc", False), "вона": ("femn", False), "вони": (None, True), "той": ("masc", False), "ті": (None, True),
    "його": ("masc", False), "її": ("femn", False), "їх": (None, True), "їхніми": (None, True), "нього": ("masc", False),
    "неї": ("femn", False), "обидва": (None, True), "ним": ("masc", False), "ней": ("femn", False), "нею": ("femn", False),
}  # fmt: skip
NOMINATIVE_PRONOUNS = frozenset(
    ["он", "она", "они", "тот", "та", "те", "оба", "він", "вона", "вони", "той", "ті", "обидва", "обидві"]
)
SUBORDINATING = frozenset(entries("ru", "subordinators") + entries("uk", "subordinators"))
RELATIVE = frozenset({"который", "какой", "чей", "котрий", "який", "чий"})
POINTING = frozenset({"тот", "этот", "весь", "наш", "той", "цей", "увесь"})
PAIRING = frozenset({"и", "і", "й", "та"})  # joins two that speak
BOTH = frozenset({"оба", "обидва", "обидві"})
POSSESSIVE = frozenset({"его", "её", "ее", "их", "його", "її", "їх"})
FUNCTION = frozenset({"PREP", "CONJ", "PRCL", "ADVB", "INTJ"})
CLOSED = frozenset({"PREP", "CONJ", "PRCL"})
SOMEBODY = frozenset(
    ["один", "одна", "другой", "другая", "некто", "кто-то", "інший", "інша", "другий", "друга", "хтось", "дехто"]
)
LONGEST_PHRASE = 14  # tokens of one source


def is_relative(token: Token, language: Language) -> bool:
    """Whether a word begins a relative clause."""
    return token.lower in ("що", "хто", "кто") or any(form.lemma in RELATIVE for form in forms(token.text, language))


def parts_of(token: Token, language: Language) -> frozenset[str]:
    """Parts of speech a word may be; a function word («по», «про») is nothing else."""
    return _parts(token.text, language) if token.stretch is None else frozenset()


@lru_cache(maxsize=200_000)
def _parts(word: str, language: Language) -> frozenset[str]:
    if not word[0].isalpha():
        return frozenset()
    readings = forms(word, language)
    if readings[0].part in FUNCTION and (not word[0].isupper() or readings[0].part == "PREP"):
        return frozenset({readings[0].part})
    parts = frozenset(form.part for form in readings)
    short = language == "uk" and len(word) <= 4  # its dictionary does not tell which reading is likely
    return parts & CLOSED if short and parts & CLOSED else parts


def agrees(gender: str | None, plural: bool, verb: Form | None) -> bool:
    """Whether a subject of this gender and number may belong to the verb."""
    if verb is None:
        return True
    if verb.plural != plural and not (verb.plural and plural):
        return verb.part != "VERB"
    if verb.plural:
        return True
    # «врач сказала»: a masculine profession may be a woman's
    return not verb.gender or not gender or gender == verb.gender or (gender == "masc" and verb.gender == "femn")
