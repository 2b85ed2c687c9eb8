"""What a Russian or Ukrainian word form can be: part of speech, case, gender. Dictionaries: pymorphy3."""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from pipeline.lang import entries
from pipeline.records import Language

GENDERS = ("masc", "femn", "neut")
CASES = {"gen2": "gent", "acc2": "accs", "loc2": "loct", "loc1": "loct", "gen1": "gent", "voct": "voct"}
NAMES = ("Name", "Surn", "Patr")
FINITE = frozenset({"past", "3per"})


@dataclass(frozen=True, slots=True)
class Form:
    """One reading of a word form; `gender` is None where the form has none, or both (`ms-f`)."""

    part: str  # NOUN, ADJF, VERB, GRND …, as OpenCorpora names them
    lemma: str
    case: str | None
    gender: str | None
    plural: bool
    animate: bool
    name: str | None  # Name, Surn, Patr
    finite: bool  # a verb in the past or the third person
    place: bool  # a place or an organisation


@cache
def _analyzer(language: Language) -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang=language)


@lru_cache(maxsize=200_000)
def _parses(word: str, language: Language) -> tuple[Any, ...]:
    # pymorphy3 asks for the name of every character, and some (Tangut) have none
    known = "".join(char if unicodedata.name(char, "") else "x" for char in word)
    return tuple(_analyzer(language).parse(known))


@lru_cache(maxsize=200_000)
def forms(word: str, language: Language) -> tuple[Form, ...]:
    """The readings of a word, likeliest first; lower and upper case are alike."""
    return tuple(_form(parse) for parse in _parses(word.lower().replace("’", "'"), language))


def _form(parse: Any) -> Form:
    tag = parse.tag
    grammemes = tag.grammemes
    name = next((kind for kind in NAMES if kind in grammemes), None)
    both = "ms-f" in grammemes or "GNdr" in grammemes
    return Form(
        part="INFN" if "infn" in grammemes else str(tag.POS or ""),
        lemma=parse.normal_form,
        case=CASES.get(tag.case, tag.case),
        gender=None if both else tag.gender,
        plural="plur" in grammemes,
        animate="anim" in grammemes or name is not None,
        name=name,
        place=bool({"Geox", "Orgn"} & grammemes),
        finite=tag.POS == "VERB" and bool(FINITE & grammemes),
    )


@lru_cache(maxsize=50_000)
def nominative(word: str, case: str, gender: str | None, language: Language) -> str:
    """The base form of one word of a name that stands in `case`, in its own spelling of capitals.

    A woman's surname that ends in a consonant, and a name that is not declined, come back unchanged.
    """
    if case == "nomn":
        return word
    for parse in _parses(word.lower().replace("’", "'"), language):
        form = _form(parse)
        if form.case != case or form.plural or (gender and form.gender and form.gender != gender):
            continue
        wanted = {"nomn"} | ({gender} if gender and form.part == "ADJF" else set())
        base = parse.inflect(wanted)
        if base:
            return _like(word, base.word)
    return word


def _like(word: str, base: str) -> str:
    """`base` with the capitals and the apostrophe of `word`."""
    if "’" in word:
        base = base.replace("'", "’")
    parts = zip(word.split("-"), base.split("-"), strict=False)
    shaped = [new[:1].upper() + new[1:] if old[:1].isupper() else new for old, new in parts]
    return "-".join(shaped)


@cache
def speech_verbs(language: Language) -> frozenset[str]:
    """Lemmas (and, where the dictionary has none, forms) of verbs that introduce what somebody says."""
    return frozenset(entries(language, "speech_verbs")) | frozenset(entries(language, "manner_verbs"))


@lru_cache(maxsize=100_000)
def is_speech(word: str, language: Language) -> bool:
    """Whether a word is a verb of saying in the past or the third person."""
    verbs = speech_verbs(language)
    return any(form.finite and form.lemma in verbs for form in forms(word, language)) or word.lower() in verbs


@lru_cache(maxsize=100_000)
def is_finite(word: str, language: Language) -> bool:
    """Whether a word is most likely a verb in the past or the third person."""
    return forms(word, language)[0].finite


@lru_cache(maxsize=10_000)
def is_preposition(word: str, language: Language) -> bool:
    """Whether a word is most likely a preposition."""
    return forms(word, language)[0].part == "PREP"
