"""Russian and Ukrainian names in the base form: Фоменко for Фоменка, Марина Голуб for Марини Голуб."""

from functools import lru_cache

from pipeline.lang import listed
from pipeline.records import Language
from pipeline.speech.morphology import forms, genitive, nominative

CASES_OF_NAMES = ("nomn", "gent", "accs", "datv", "ablt", "loct")
Words = tuple[str, ...]


@lru_cache(maxsize=10_000)
def base_form(words: Words, language: Language, gender: str | None, oblique: bool) -> Words:
    """A name in the nominative; `oblique` when the text has it in another case. What the dictionary cannot decline stays."""
    case, gender = common_case(words, language, gender, oblique=oblique)
    return tuple(nominative(word, case, gender, language) for word in words)


def common_case(words: Words, language: Language, gender: str | None, *, oblique: bool) -> tuple[str, str | None]:
    """The case and gender that most words of a name share; no gender when some word fits neither.

    A man's name in the genitive often looks like a woman's in the nominative (Петра Заварзина); it is taken for the
    woman's only when the given name is one that women bear (Валентина), and nothing tells that the name is declined.
    """
    woman = words[0].lower() in listed(language, "given_names_women")
    best: tuple[str, str | None] = ("nomn", gender)
    most = 0.0
    for case in CASES_OF_NAMES:
        for candidate in (gender,) if gender else ("masc", "femn"):
            fits = sum(_fits(word, case, candidate, language) for word in words)
            if case == "nomn" and (
                oblique or (candidate == "femn" and not woman and gender is None and declined(words[0], language))
            ):
                fits -= 0.5
            if fits > most + 0.01:
                best, most = (case, candidate), fits
    return best if most > 0.9 * len(words) - 0.5 else (best[0], gender)


def declined(given: str, language: Language) -> bool:
    """Whether a given name is rather a man's in the genitive; the Russian dictionary knows which is likelier."""
    readings = [form for form in forms(given, language) if form.name == "Name"]
    likely = readings[:1] if language == "ru" else readings
    return any(form.gender == "masc" and form.case in ("gent", "accs") for form in likely)


@lru_cache(maxsize=100_000)
def _fits(word: str, case: str, gender: str | None, language: Language) -> float:
    readings = [form for form in forms(word, language) if form.case == case and not form.plural]
    named = any(form.name and form.gender in (gender, None) for form in readings)
    return 1.0 if named else 0.6 if any(form.gender in (gender, None) for form in readings) else 0.0


def genitive_name(name: str, gender: str | None, language: Language) -> str:
    """A person's name in the genitive; words that are not declined, or unknown, stay as they are."""
    return " ".join(genitive(word, gender, language) for word in name.split())
