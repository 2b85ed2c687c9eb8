"""Attributions in Russian and Ukrainian sentences: verbs of saying with subjects that agree, and phrases («по словам»)."""

from dataclasses import replace
from functools import cache

from pipeline.lang import entries
from pipeline.records import Language, Span
from pipeline.speech.morphology import Form, forms, speech_verbs
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.slavic_names import source_of
from pipeline.speech.slavic_phrases import (
    can_head,
    has_nominative_name,
    is_governed,
    is_personal,
    next_comma,
    noun_phrase,
    skip_prepositional,
    with_apposition,
    with_modifiers,
)
from pipeline.speech.slavic_words import (
    BOUNDARY,
    CLOSERS,
    LONGEST_PHRASE,
    NEAR,
    NOMINATIVE_PRONOUNS,
    PERSONAL,
    SUBORDINATING,
    parts_of,
)
from pipeline.speech.sources import Attribution, Source, words_from


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
    for at, token in enumerate(tokens):
        if token.is_word:
            attribution = _phrase(tokens, at, language) or _verb(tokens, at, language)
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
            begin = at + len(phrase)
            span = noun_phrase(tokens, begin, language)
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


def _verb(tokens: tuple[Token, ...], at: int, language: Language) -> Attribution | None:
    word = tokens[at]
    known = speech_verbs(language)
    form = next((f for f in forms(word.text, language) if f.lemma in known or word.lower in known), None)
    if form is None or (word.is_capital and at > 0 and form.part not in ("VERB", "GRND")):
        return None
    gerund = form.part == "GRND"
    if not (form.finite or gerund or word.lower in known) or form.part == "INFN":
        return None
    span = None
    if not gerund:
        span = _subject(tokens, at, form, language)
    else:
        span = _first_subject(tokens, 0, len(tokens), None, language)
    span = with_apposition(tokens, span, language) if span else None
    institution = _institution(tokens, at, language) if span is None and form.plural and not gerund else None
    span = span or institution
    source = source_of(tokens, *span, language, nominative=institution is None) if span else None
    if source and not source.plural and not gerund and institution is None:
        gender = form.gender or (source.gender if source.name or source.pronoun or source.gender != "masc" else None)
        source = replace(source, gender=gender)  # «врач сказала»: the verb knows better than the noun
    first, last = (min(at, span[0]), max(at, span[1] - 1)) if span and not gerund else (at, at)
    if source is None:
        source = _implied(word, form)
    reports = form.lemma in entries(language, "speech_verbs") or word.lower in entries(language, "speech_verbs")
    return Attribution((word.start, word.end), form.lemma, "verb", first, last, at, at, source, reports)


def _institution(tokens: tuple[Token, ...], at: int, language: Language) -> Span | None:
    """«В полиции заявили»: a verb in the plural without subject speaks for the place."""
    begin = at
    while begin > 0 and tokens[begin - 1].text not in ",;:—–" and tokens[begin - 1].stretch is None:
        begin -= 1
    for i in (*range(begin, at), *range(at + 1, min(at + 3, len(tokens)))):
        if tokens[i].lower in ("в", "во", "на", "у", "в", "при") and i + 1 < len(tokens):
            stop = i + 1
            while (
                stop < len(tokens)
                and stop < i + 7
                and stop != at
                and (tokens[stop].stretch is not None or tokens[stop].is_capital or _oblique(tokens[stop], language))
            ):
                stop += 1
            return (i + 1, stop) if stop > i + 1 else None
    return None


def _oblique(token: Token, language: Language) -> bool:
    return (
        any(form.part in ("NOUN", "ADJF") and form.case in ("loct", "gent") for form in forms(token.text, language))
        if token.is_word
        else False
    )


def _implied(word: Token, form: Form) -> Source | None:
    """«Сказал, что …» with no subject in the sentence: the verb's gender is all that is known of the speaker."""
    if form.part != "VERB" or form.plural or form.gender not in ("masc", "femn"):
        return None
    return Source(word.start, word.end, pronoun=word.lower, gender=form.gender, plural=form.plural)


def _subject(tokens: tuple[Token, ...], at: int, verb: Form, language: Language) -> Span | None:
    before = tokens[at - 1] if at else None
    inverted = before is None or before.stretch is not None or before.text in CLOSERS or before.text in '»”"“'
    after = _after(tokens, at, verb, language)
    if inverted and after:
        return after
    adjacent = _adjacent_before(tokens, at, verb, language)
    if adjacent:
        return adjacent
    if after:
        return after
    begin = at
    while begin > 0 and tokens[begin - 1].stretch is None and tokens[begin - 1].text not in ";:":
        begin -= 1
    if tokens[at - 1].text == ",":
        inserted = _before_insertion(tokens, begin, at, verb, language)
        if inserted:
            return inserted
    return _first_subject(tokens, begin, at, verb, language)


def _before_insertion(tokens: tuple[Token, ...], begin: int, at: int, verb: Form, language: Language) -> Span | None:
    """«инженер Богдан Рудь, который вышел последним, сказал»: the last name before a comma."""
    for i in range(at - 2, begin - 1, -1):
        if tokens[i].is_capital and can_head(tokens[i], verb, language) and not is_governed(tokens, begin, i, language):
            span = noun_phrase(tokens, i, language)
            if span and span[1] < at - 1 and tokens[span[1]].text == ",":
                first = i
                while first > begin and tokens[first - 1].is_capital:
                    first -= 1
                return first, span[1]
    return None


def _after(tokens: tuple[Token, ...], at: int, verb: Form, language: Language) -> Span | None:
    """The subject after the verb; rather a person than a thing («вспоминает ночь почтальон») or a Latin name (an outlet)."""
    i = at + 1
    thing: Span | None = None
    while i < len(tokens) and i <= at + NEAR:
        token = tokens[i]
        if token.text == "," and i + 1 < len(tokens) and "GRND" in parts_of(tokens[i + 1], language):
            i = next_comma(tokens, i + 1) + 1
            continue
        if token.stretch is not None or not (token.is_word or token.text[0].isdigit() or token.text in "-%"):
            return thing
        if parts_of(token, language) == {"PREP"}:
            i = skip_prepositional(tokens, i, language)
            continue
        if token.lower in SUBORDINATING or token.lower in ("и", "і", "й", "а"):
            return thing
        if can_head(token, verb, language):
            span = noun_phrase(tokens, i, language)
            if span and is_personal(token, language) and not token.text.isascii():
                return span
            if span and (has_nominative_name(tokens, span, language) or not _accusative(token, language)):
                return span if not token.text.isascii() else thing or span
            thing = thing or span
        i += 1
    return thing


def _accusative(token: Token, language: Language) -> bool:
    return any(form.case == "accs" for form in forms(token.text, language))


def _adjacent_before(tokens: tuple[Token, ...], at: int, verb: Form, language: Language) -> Span | None:
    """The noun phrase that ends right before the verb; adverbs, particles and objects may stand between."""
    end = at
    while (
        end > 0
        and tokens[end - 1].is_word
        and not tokens[end - 1].is_capital
        and _slips_between(tokens[end - 1], language)
    ):
        end -= 1
    begin = end
    while begin > 0 and end - begin < LONGEST_PHRASE:
        token = tokens[begin - 1]
        if token.text in BOUNDARY or token.text in ",—–" or token.lower in SUBORDINATING:
            break
        if token.is_word and not token.is_capital and any(form.finite for form in forms(token.text, language)[:1]):
            break
        begin -= 1
    for i in range(begin, end):
        if can_head(tokens[i], verb, language) and not is_governed(tokens, begin, i, language):
            span = noun_phrase(tokens, i, language)
            if span and span[0] >= begin:
                return with_modifiers(tokens, begin, span, language)
    return None


def _slips_between(token: Token, language: Language) -> bool:
    parts = parts_of(token, language)
    return token.lower not in NOMINATIVE_PRONOUNS and bool(parts & {"ADVB", "PRCL"}) and not parts & {"NOUN"}


def _first_subject(
    tokens: tuple[Token, ...], begin: int, end: int, verb: Form | None, language: Language
) -> Span | None:
    """The first noun phrase of a stretch that can be the subject: a person if there is one."""
    fallback: Span | None = None
    i = begin
    while i < end:
        token = tokens[i]
        if parts_of(token, language) == {"PREP"}:
            i = skip_prepositional(tokens, i, language)
            continue
        if can_head(token, verb, language):
            span = noun_phrase(tokens, i, language)
            if span:
                if is_personal(token, language):
                    return with_modifiers(tokens, begin, span, language)
                fallback = fallback or with_modifiers(tokens, begin, span, language)
                i = span[1]
                continue
        i += 1
    return fallback


def subject_of(tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> Span | None:
    """The first noun phrase in the nominative, a person if there is one."""
    span = _first_subject(tokens, begin, end, None, language)
    return with_apposition(tokens, span, language) if span else None
