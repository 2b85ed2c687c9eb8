"""Attributions in Russian and Ukrainian sentences: verbs of saying with subjects that agree, and phrases («по словам»)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from pipeline.lang import entries, listed
from pipeline.records import Language, Span
from pipeline.speech.morphology import Form, forms, saying, saying_infinitive
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.slavic_clauses import around, segments
from pipeline.speech.slavic_names import is_name_in, source_of
from pipeline.speech.slavic_phrases import owned_phrase, with_apposition
from pipeline.speech.slavic_subjects import Clauses
from pipeline.speech.slavic_words import BOTH, FUNCTION, PAIRING, PERSONAL, parts_of
from pipeline.speech.sources import Attribution, Source, words_from

PLACING = dict.fromkeys(["в", "во", "на", "у"], "loct")
CHAINED = 3  # words from a verb to the word that makes it a verb of saying
LONGEST_PLACE = 7  # words of an institution


@cache
def phrases(language: Language) -> dict[str, list[tuple[str, ...]]]:
    """First word → word sequences that a source follows, longest first; `*` is a possessive pronoun, the source itself."""
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted(
        (tuple(line.split()) for line in entries(language, "attribution_phrases")), key=len, reverse=True
    ):
        table.setdefault(phrase[0], []).append(phrase)
    return table


def find(text: str, sentence: Narrated, language: Language) -> list[Attribution]:
    """The attributions of a sentence, in order."""
    tokens = sentence.tokens
    found = []

    @cache
    def clauses() -> Clauses:
        return Clauses(tokens, segments(tokens, language), language)

    for at, token in enumerate(tokens):
        if token.is_word:
            attribution = _phrase(tokens, at, language) or _verb(tokens, at, clauses, language)
            if attribution:
                found.append(attribution)
    return found


def _phrase(tokens: tuple[Token, ...], at: int, language: Language) -> Attribution | None:
    for phrase in phrases(language).get(tokens[at].lower, ()):
        if "*" in phrase:
            hole = phrase.index("*")
            pronoun = tokens[at + hole] if at + hole < len(tokens) else None
            if pronoun is None or pronoun.lower not in PERSONAL:
                continue
            filled = (*phrase[:hole], pronoun.lower, *phrase[hole + 1 :])
            if not words_from(tokens, at, filled):
                continue
            gender, plural = PERSONAL[pronoun.lower]
            source: Source | None = Source(
                pronoun.start, pronoun.end, pronoun=pronoun.lower, gender=gender, plural=plural
            )
            end = at + len(phrase)
        elif words_from(tokens, at, phrase):
            span = owned_phrase(tokens, at + len(phrase), language)
            if span is None:
                continue
            source, end = source_of(tokens, *span, language, nominative=False), span[1]
            filled = phrase
        else:
            continue
        stop = at + len(filled)
        cue = (tokens[at].start, tokens[stop - 1].end)
        return Attribution(cue, " ".join(filled), "phrase", at, max(end, stop) - 1, at, stop - 1, source)
    return None


def _verb(tokens: tuple[Token, ...], at: int, clauses: Callable[[], Clauses], language: Language) -> Attribution | None:
    form = _of_saying(tokens, at, language) or _after_modal(tokens, at, clauses, language)
    end = at
    if form is None:
        form, end = _chain(tokens, at, language)
    if form is None:
        return None
    word = tokens[at]
    if {form.lemma, word.lower} & listed(language, "document_verbs"):
        return _document(tokens, at, form, clauses(), language)
    span, named = _speaking(tokens, at, form, clauses(), language)
    source = _source(tokens, span, form, named, language) if span else None
    if source and not source.plural and form.part != "GRND" and named:
        gender = clauses().gender(at, form) or (
            source.gender if source.name or source.pronoun or source.gender != "masc" else None
        )
        source = replace(source, gender=gender)  # «врач сказала»: the verb knows better than the noun
    source = source or _implied(word, form)
    if source is None and clauses().segments[around(clauses().segments, at)].kind == "subordinate":
        return None  # «отец Бенедикт, которого спросили о рыбаках»
    first, last = (min(at, span[0]), max(end, span[1] - 1)) if span and clauses().together(at, span) else (at, end)
    reports = end > at or bool({form.lemma, word.lower} & listed(language, "speech_verbs"))
    cue = (word.start, tokens[end].end)
    resumes = clauses().resumption(at)
    return Attribution(cue, form.lemma, "verb", first, last, at, end, source, reports, resumes)


def _source(tokens: tuple[Token, ...], span: Span, form: Form, named: bool, language: Language) -> Source | None:
    """Whom a noun phrase names; two that a conjunction joins are one source of several."""
    if named and form.plural and any(token.lower in PAIRING for token in tokens[slice(*span)]):
        both = (tokens[span[0]].start, tokens[span[1] - 1].end)
        return Source(*both, role=both, plural=True)
    source = source_of(tokens, *span, language, nominative=named, gender=form.gender)
    return replace(source, plural=True) if source and tokens[span[0]].lower in BOTH else source


def _speaking(
    tokens: tuple[Token, ...], at: int, form: Form, clauses: Clauses, language: Language
) -> tuple[Span | None, bool]:
    """(the subject of a verb of saying, or the institution that it speaks for; whether it is the subject)."""
    depends = form.part in ("GRND", "INFN")
    span = clauses.of_gerund(at) if depends else clauses.subject(at, form)
    verb = clauses.main_verb(at) if depends else at
    place: Span | None = None
    if verb is not None and (form.plural or depends):
        follows = span is not None and verb < span[0] and _may_be_object(tokens[span[0]], language)
        if span is None or follows:
            place = _institution(tokens, clauses, verb, language)
        if follows and place and place[0] < verb:
            span = None
    return (with_apposition(tokens, span, language), True) if span else (place, False)


def _may_be_object(token: Token, language: Language) -> bool:
    """«В министерстве опровергли сообщения»: whether a noun is a thing that looks the same in the accusative."""
    nouns = [form for form in forms(token.text, language) if form.part == "NOUN"]
    return any(form.case == "accs" for form in nouns) and not any(form.animate for form in nouns)


def _chain(tokens: tuple[Token, ...], at: int, language: Language) -> tuple[Form | None, int]:
    """(the finite verb, the token of the word that completes it) of «дать понять», «дать слово»: words that say together."""
    seconds = _chains(language)
    if tokens[at].lower[:2] not in _chain_heads(language):
        return None, at
    form = next((f for f in forms(tokens[at].text, language) if f.finite and f.lemma in seconds), None)
    if form is None:
        return None, at
    for n in range(at + 1, min(at + 1 + CHAINED, len(tokens))):
        if tokens[n].lower in seconds[form.lemma]:
            return form, n
        if not tokens[n].is_word:
            break
    return None, at


@cache
def _chains(language: Language) -> dict[str, frozenset[str]]:
    """Verb → the words that make it a verb of saying."""
    pairs = [line.split() for line in entries(language, "verb_chains")]
    return {verb: frozenset(word for first, word in pairs if first == verb) for verb, _ in pairs}


@cache
def _chain_heads(language: Language) -> frozenset[str]:
    return frozenset(verb[:2] for verb in _chains(language))


def _of_saying(tokens: tuple[Token, ...], at: int, language: Language) -> Form | None:
    """The reading of a word as a finite verb or gerund of saying; None for other words."""
    form = saying(tokens[at].text, language)
    if form is None or (tokens[at].is_capital and at > 0 and form.part not in ("VERB", "GRND")):
        return None
    return form


def _after_modal(tokens: tuple[Token, ...], at: int, clauses: Callable[[], Clauses], language: Language) -> Form | None:
    """The infinitive of a verb of saying that a verb such as «мочь» governs: «мог сообщить, что», «не стала скрывать»."""
    form = saying_infinitive(tokens[at].text, language)
    if form is None:
        return None
    segment = clauses().segments[around(clauses().segments, at)]
    modals = listed(language, "modal_verbs")
    governs = any(f.lemma in modals for verb in segment.verbs for f in forms(tokens[verb].text, language))
    return form if governs else None


def _document(
    tokens: tuple[Token, ...], at: int, form: Form, clauses: Clauses, language: Language
) -> Attribution | None:
    """«говорится в заявлении Голуб»: the source is who the document is of, else the document."""
    segment = clauses.segments[around(clauses.segments, at)]
    place = next(_places(tokens, clauses, at, segment.end, language), None)
    if place is None:
        return None
    begin, end = place
    named = next((n for n in range(begin + 1, end) if is_name_in(tokens[n], "gent", language)), None)
    stop = next((n for n in range(named, end) if not tokens[n].is_capital), end) if named else end
    source = source_of(tokens, named or begin, stop, language, nominative=False)
    word = tokens[at]
    first, last = (min(at, begin), max(at, end - 1)) if clauses.together(at, (begin, end)) else (at, at)
    return Attribution((word.start, word.end), form.lemma, "verb", first, last, at, at, source)


def _institution(tokens: tuple[Token, ...], clauses: Clauses, at: int, language: Language) -> Span | None:
    """«В полиции заявили»: a verb in the plural without subject speaks for the place."""
    segment = clauses.segments[around(clauses.segments, at)]
    places = _places(tokens, clauses, at, min(at + 3, segment.end), language)
    return next((place for place in places if place[0] > at or _opens(tokens, place[0] - 1, clauses, language)), None)


def _opens(tokens: tuple[Token, ...], at: int, clauses: Clauses, language: Language) -> bool:
    """Whether nothing but conjunctions and adverbs stands before a preposition in its segment."""
    begin = clauses.segments[around(clauses.segments, at)].begin
    return all(parts_of(token, language) & FUNCTION or not token.is_word for token in tokens[begin:at])


def _places(tokens: tuple[Token, ...], clauses: Clauses, at: int, end: int, language: Language) -> Iterator[Span]:
    """The noun phrases of place in the clause of the verb `at`: before it in its segment, behind it up to `end`, earlier."""
    number = around(clauses.segments, at)
    segment = clauses.segments[number]
    ranges = [(segment.begin, at, at), (at + 1, end, segment.end)]
    while number and not segment.hard:
        number -= 1
        segment = clauses.segments[number]
        if segment.kind == "main":
            break
        if segment.kind == "verbless":
            ranges.append((segment.begin, segment.end, segment.end))
    for first, stop, limit in ranges:
        for i in range(first, stop - 1):
            case = PLACING.get(tokens[i].lower)
            if case and (place := _place(tokens, i + 1, limit, case, language)):
                yield place


def _place(tokens: tuple[Token, ...], begin: int, end: int, case: str, language: Language) -> Span | None:
    """The noun phrase in that case behind a preposition."""
    stop = begin
    while stop < min(end, begin + LONGEST_PLACE) and _goes_on(tokens, stop, begin, case, language):
        stop += 1
    while stop > begin and not tokens[stop - 1].is_word and tokens[stop - 1].stretch is None:
        stop -= 1
    times = listed(language, "calendar")
    timed = any(
        form.lemma in times for token in tokens[begin:stop] if token.is_word for form in forms(token.text, language)[:1]
    )
    return (begin, stop) if stop > begin and not timed else None


def _goes_on(tokens: tuple[Token, ...], at: int, begin: int, case: str, language: Language) -> bool:
    """Whether a token belongs to a noun phrase of place: the case first, then genitives and names."""
    token = tokens[at]
    if not token.is_word:
        return token.stretch is not None or token.text[0].isdigit() or token.text in "-№"
    readings = forms(token.text, language)
    if token.is_capital and (at > begin or not any(form.case for form in readings)):
        return True
    cases = (case,) if at == begin else (case, "gent")
    return any((form.part in ("NOUN", "ADJF", "PRTF") or form.pronominal) and form.case in cases for form in readings)


def _implied(word: Token, form: Form) -> Source | None:
    """«Сказал, что …» with no subject in the sentence: the verb's gender is all that is known of the speaker."""
    if form.part != "VERB" or form.plural or form.gender == "neut":
        return None
    return Source(word.start, word.end, pronoun=word.lower, gender=form.gender, plural=form.plural)


def subject_of(tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> Source | None:
    """Whom a sentence part is about: the subject of its main verb, or who is meant by a plural without one; else the
    likeliest noun phrase in the nominative.
    """
    clauses = Clauses(tokens[:end], segments(tokens[:end], language), language)
    verbs = [v for s in clauses.segments if s.kind == "main" for v in s.verbs if v >= begin]
    span: Span | None = None
    if verbs:
        form = next(form for form in forms(tokens[verbs[-1]].text, language) if form.finite)
        span = clauses.subject(verbs[-1], form)
        if span is None and form.plural and (place := _institution(tokens[:end], clauses, verbs[-1], language)):
            return source_of(tokens, *place, language, nominative=False)
    span = span or clauses.first(begin, end)
    return source_of(tokens, *with_apposition(tokens, span, language), language, nominative=True) if span else None
