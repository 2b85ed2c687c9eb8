"""Proper names and roles in Russian and Ukrainian noun phrases."""

from pipeline.records import Language, Span
from pipeline.speech.morphology import Form, forms, is_listed
from pipeline.speech.narration import Token
from pipeline.speech.slavic_words import PERSONAL, parts_of
from pipeline.speech.sources import Source


def opens_only(tokens: tuple[Token, ...], at: int, language: Language) -> bool:
    """Whether a word is capitalised only because it begins a sentence."""
    token = tokens[at]
    if not token.is_capital:
        return True
    if at and tokens[at - 1].stretch is None and tokens[at - 1].text not in ".—–:":
        return False
    readings = forms(token.text, language)
    if any(form.name == "Name" for form in readings) and at + 1 < len(tokens) and tokens[at + 1].is_capital:
        return False
    if not readings[0].known and readings[0].part == "NOUN" and not any(form.case == "nomn" for form in readings):
        return False  # a name that the dictionary takes for the genitive of another word
    common = any(form.part == "NOUN" and not form.name and form.case == "nomn" for form in readings)
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if common and following and (following.is_capital or parts_of(following, language) & {"NOUN", "ADJF"}):
        return not following.is_capital or not readings[0].name  # «Капітан порту …», «Медик Роман …»
    if following and not following.is_capital and _modifies(readings, following, language):
        return True  # «Берегова охорона»
    if any(form.name for form in readings[:3]) or (len(token.text) <= 2 and token.text.endswith(".")):
        return False
    acronym = len(token.text) > 1 and token.text.isupper()
    return not acronym and readings[0].part not in ("LATN", "UNKN")


def _modifies(readings: tuple[Form, ...], noun: Token, language: Language) -> bool:
    """Whether a word may be an adjective in the nominative that agrees with the noun behind it."""
    if not noun.is_word:
        return False
    nouns = [form for form in forms(noun.text, language) if form.part == "NOUN" and form.case == "nomn"]
    adjectives = [form for form in readings if form.part in ("ADJF", "PRTF") and form.case == "nomn"]
    return any(a.plural == n.plural and (a.plural or a.gender == n.gender) for a in adjectives for n in nouns)


def may_name(token: Token, language: Language) -> bool:
    """Whether a capitalised word may be the name that a noun phrase ends in, and no genitive («Украины», РФ)."""
    readings = forms(token.text, language)
    acronym = len(token.text) > 1 and token.text.isupper()
    return not acronym and (readings[0].case in ("nomn", None) or any(f.name and f.case == "nomn" for f in readings))


def says_what(token: Token, language: Language) -> bool:
    """«речник міноборони генерал-майор …»: another nominative that says what somebody is."""
    return any(form.part == "NOUN" and form.animate and form.case == "nomn" for form in forms(token.text, language)[:2])


def is_nominative_name(token: Token, language: Language) -> bool:
    """Whether a word is a given name, patronymic or surname in the nominative; «Кормщиков» is read as many «кормщики»."""
    if not token.is_capital:
        return False
    readings = forms(token.text, language)
    if any(form.name and form.case == "nomn" for form in readings):
        return True
    return all(
        form.part == "NOUN" and form.animate and form.plural and form.case in ("gent", "accs") for form in readings
    )


def is_name_in(token: Token, case: str, language: Language) -> bool:
    """Whether a word is, or may be, a person's name in that case."""
    if not token.is_capital or token.text.isupper():
        return False
    readings = forms(token.text, language)
    return any(form.name and form.case == case for form in readings) or not readings[0].known


def source_of(
    tokens: tuple[Token, ...], begin: int, end: int, language: Language, *, nominative: bool, gender: str | None = None
) -> Source | None:
    """The source that a noun phrase names; `gender` is what its verb shows."""
    if begin >= end:
        return None
    if tokens[end - 1].lower in PERSONAL:
        begin = end - 1  # «Винною вона» is no name
    span = (tokens[begin].start, tokens[end - 1].end)
    first = tokens[begin]
    if end - begin == 1 and first.lower in PERSONAL:
        gender, plural = PERSONAL[first.lower]
        return Source(*span, pronoun=first.lower, gender=gender, plural=plural)
    name = _name(tokens, begin, end, language, nominative=nominative, man=gender == "masc")
    stop = end if name is None else name[0]
    while stop > begin and not tokens[stop - 1].is_word and tokens[stop - 1].stretch is None:
        stop -= 1
    role = (first.start, tokens[stop - 1].end) if stop > begin else None
    gender, plural = _gender(tokens, begin, end, name, language, nominative=nominative)
    named = (tokens[name[0]].start, tokens[name[1] - 1].end) if name else None
    return Source(*span, name=named, role=role, gender=gender, plural=plural, nominative=nominative)


def name_runs(tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> list[Span]:
    """Token ranges of capitalised words that stand together."""
    runs: list[Span] = []
    at = begin
    while at < end:
        if not tokens[at].is_capital or tokens[at].lower in PERSONAL or opens_only(tokens, at, language):
            at += 1
            continue
        stop = at + 1
        while stop < end and tokens[stop].is_capital:
            stop += 1
        runs.append((at, stop))
        at = stop
    return runs


def _name(
    tokens: tuple[Token, ...], begin: int, end: int, language: Language, *, nominative: bool, man: bool
) -> Span | None:
    for first, stop in reversed(name_runs(tokens, begin, end, language)):
        given = [
            i
            for i in range(first, stop)
            if any(form.name == "Name" and _case_fits(form, nominative) for form in forms(tokens[i].text, language))
        ]
        if given:
            return _surname_first(tokens, first, given[0], language), stop
        start = first
        if first > begin or len(tokens[first].text) < 2:
            while start < stop and _tells_whose(tokens[start], nominative, language):
                start += 1
        if nominative and first > begin and _is_possessor(tokens[first:stop], tokens[first - 1], man, language):
            continue
        if start < stop:
            return start, stop
    return None


def _tells_whose(token: Token, nominative: bool, language: Language) -> bool:
    """Whether a word behind a role belongs to the role: «глава МВД», «директор Энергоатома», «речник Укренерго»."""
    return not _stands_in_case(token, nominative, language) or is_institution(token, nominative, language)


def is_institution(token: Token, nominative: bool, language: Language) -> bool:
    """Whether a capitalised word is no person's name, but an acronym, a place or the name of a thing.

    Where a person would stand in the nominative, a thing that does not is no person either («Кремля»).
    """
    readings = [form for form in forms(token.text, language) if form.part in ("NOUN", "LATN", "UNKN", "ADJF")]
    if any(form.name and form.case == "nomn" for form in readings if form.known):
        return False
    if len(token.text) > 1 and token.text.isupper():
        return True
    if not readings or any(form.animate for form in readings if form.known):
        return False
    singular = {form.case for form in readings if not form.plural and not form.animate}
    fixed = readings[0].known and singular >= {"nomn", "gent"}
    things = all(form.part == "NOUN" and not form.animate for form in readings)
    return readings[0].place or (things and (fixed or (nominative and "nomn" not in singular)))


def _is_possessor(run: tuple[Token, ...], role: Token, man: bool, language: Language) -> bool:
    """Whether a name behind a role says whose: «адвокат Ивана Ковалёва», «адвокат Ковалёва заявил» (of a man), «мать Ковалёва»."""
    names = [[form for form in forms(token.text, language) if form.name and not form.plural] for token in run]
    if not all(any(form.case == "gent" for form in readings) for readings in names):
        return False
    given = [form for form in names[0] if form.name == "Name"]
    if given and not any(form.case == "nomn" for form in given):
        return True
    women = {form.gender for form in names[-1] if form.case == "nomn"} == {"femn"}
    mans = women and any(form.gender == "masc" and form.case == "gent" for form in names[-1])
    return mans and (man or is_listed(role.text, "kinship", language))


def _surname_first(tokens: tuple[Token, ...], first: int, given: int, language: Language) -> int:
    """«Дёмин Олег Петрович»: a surname may stand before the given name when a patronymic follows."""
    if (
        given > first
        and given + 1 < len(tokens)
        and any(form.name == "Patr" for form in forms(tokens[given + 1].text, language))
    ):
        return given - 1
    return given


def _case_fits(form: Form, nominative: bool) -> bool:
    return (form.case == "nomn") == nominative or form.case is None


def _stands_in_case(token: Token, nominative: bool, language: Language) -> bool:
    if len(token.text) <= 2 and token.text.endswith("."):
        return True
    # of a name that the dictionary does not have it can only guess the case
    return not nominative or any(f.case in ("nomn", None) or not f.known for f in forms(token.text, language))


def _gender(
    tokens: tuple[Token, ...], begin: int, end: int, name: Span | None, language: Language, *, nominative: bool
) -> tuple[str | None, bool]:
    if name:
        genders = name_genders([token.text for token in tokens[name[0] : name[1]]], language)
        return (genders[0] if len(genders) == 1 else None), False
    head = next(
        (form for form in forms(tokens[begin].text, language) if form.part == "NOUN" and _case_fits(form, nominative)),
        None,
    )
    for token in tokens[begin:end]:
        found = next(
            (form for form in forms(token.text, language) if form.part == "NOUN" and _case_fits(form, nominative)), None
        )
        if token.is_word and found:
            head = found
            break
    if head is None:
        return None, False
    return (head.gender if head.animate else "neut"), head.plural


def name_genders(words: list[str], language: Language) -> list[str]:
    """The genders that all words of a name allow; both when nothing tells."""
    allowed = ["masc", "femn"]
    for word in words:
        readings = [form for form in forms(word, language) if form.name]
        given = [form for form in readings if form.name in ("Name", "Patr")] or readings
        genders = {form.gender for form in given}
        if not given or None in genders:
            continue
        narrowed = [gender for gender in allowed if gender in genders]
        allowed = narrowed or allowed
    unknown = not any(form.name for form in forms(words[0], language))
    if len(allowed) > 1 and len(words) > 1 and unknown and words[0][-1:] in ("а", "я"):
        return ["femn"]  # given names that the dictionary does not have
    return allowed
