"""What a Russian or Ukrainian word form can be: part of speech, case, gender. Dictionaries: pymorphy3."""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from pipeline.lang import entries, listed
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
    pronominal: bool  # такой, сам
    known: bool  # in the dictionary, and not guessed by the ending


LONGEST = 64  # letters; of a longer "word" the end is read: prefixes are taken off one inside the other


@cache
def _analyzer(language: Language) -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang=language)


@lru_cache(maxsize=200_000)
def _parses(word: str, language: Language) -> tuple[Any, ...]:
    # pymorphy3 asks for the name of every character, and some (Tangut) have none
    known = "".join(char if unicodedata.name(char, "") else "x" for char in word[-LONGEST:])
    return tuple(_analyzer(language).parse(known))


@lru_cache(maxsize=200_000)
def forms(word: str, language: Language) -> tuple[Form, ...]:
    """The readings of a word, likeliest first; lower and upper case are alike."""
    lower = word.lower().replace("’", "'")
    readings = tuple(_form(parse) for parse in _parses(lower, language))
    likely = _likely(language).get(lower)
    return tuple(sorted(readings, key=lambda form: (form.lemma, form.part) != likely)) if likely else readings


@cache
def _likely(language: Language) -> dict[str, tuple[str, str]]:
    """Word → lemma and part of speech of the reading that comes first, whatever the order of the dictionary."""
    rows = (line.split() for line in entries(language, "likely_readings"))
    return {word: (lemma, part) for word, lemma, part in rows}


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
        pronominal=bool({"Apro", "Anum"} & grammemes),
        known=_is_known(parse),
    )


def _is_known(parse: Any) -> bool:
    """Whether the dictionary has the word itself; a guess is made by other analyzers, or by several in turn."""
    from pymorphy3.units.by_lookup import DictionaryAnalyzer

    stack = parse.methods_stack
    return len(stack) == 1 and isinstance(stack[0][0], DictionaryAnalyzer)


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
        if base:  # the Ukrainian dictionary leaves out the case of some nominatives, and gives the plural instead
            return _like(word, parse.normal_form if "plur" in base.tag.grammemes else base.word)
    return word


@lru_cache(maxsize=50_000)
def genitive(word: str, gender: str | None, language: Language) -> str:
    """The genitive of one word of a name that stands in the nominative."""
    for parse in _parses(word.lower().replace("’", "'"), language):
        form = _form(parse)
        if form.case != "nomn" or form.plural or (gender and form.gender and form.gender != gender) or not form.animate:
            continue
        declined = parse.inflect({"gent"})
        if declined:
            return _like(word, declined.word)
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
    return listed(language, "speech_verbs") | listed(language, "manner_verbs")


@cache
def _saying(language: Language) -> tuple[frozenset[str], frozenset[str]]:
    """(all verbs of saying, how their forms can begin: a quick test that spares most words the dictionary).

    Two letters of the infinitive stay in every form, only «іти», «йти» change the second (ідеться, ішлося).
    """
    verbs = speech_verbs(language) | listed(language, "document_verbs")
    return verbs, frozenset(verb[:1] if verb[0] in "ій" else verb[:2] for verb in verbs)


@lru_cache(maxsize=200_000)
def saying(word: str, language: Language) -> Form | None:
    """The reading of a word as a finite verb or gerund of saying, or as a word that is listed as it stands; else None."""
    verbs, heads = _saying(language)
    lower = word.lower()
    if lower[:2] not in heads and lower[:1] not in heads:
        return None
    listed = lower in verbs
    for form in forms(word, language):
        if form.part != "INFN" and (listed or (form.lemma in verbs and (form.finite or form.part == "GRND"))):
            return form
    return None


@lru_cache(maxsize=200_000)
def saying_infinitive(word: str, language: Language) -> Form | None:
    """The reading of a word as the infinitive of a verb of saying; else None."""
    verbs = speech_verbs(language)
    if word.lower() not in verbs:
        return None
    return next((form for form in forms(word, language) if form.part == "INFN" and form.lemma in verbs), None)


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


def is_listed(word: str, name: str, language: Language) -> bool:
    """Whether ``<language>/<name>.txt`` holds the word: in English its form, in the other languages its lemma."""
    known = listed(language, name)
    if language == "en":
        return word.lower() in known
    return any(form.lemma in known for form in forms(word, language))
