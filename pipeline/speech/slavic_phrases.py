"""Noun phrases of Russian and Ukrainian that can be the subject of a verb of saying."""

from pipeline.records import Language, Span
from pipeline.speech.morphology import Form, forms
from pipeline.speech.narration import Token
from pipeline.speech.slavic_names import is_nominative_name, may_name, opens_only, says_what
from pipeline.speech.slavic_words import (
    BOTH,
    FUNCTION,
    LONGEST_PHRASE,
    NOMINATIVE_PRONOUNS,
    PERSONAL,
    POINTING,
    POSSESSIVE,
    SOMEBODY,
    SUBORDINATING,
    agrees,
    is_relative,
    parts_of,
)


def with_apposition(tokens: tuple[Token, ...], span: Span, language: Language) -> Span:
    """The span with the name that follows its role after a comma: «член жюри, польский оператор Яцек Дуда»."""
    begin, end = span
    if end < len(tokens) and parts_of(tokens[end], language) == {"PREP"}:  # «одна из них, Мирдза»
        end = next((i for i in range(end, min(end + 6, len(tokens))) if tokens[i].text == ","), end)
    if end >= len(tokens) or tokens[end].text != "," or has_nominative_name(tokens, span, language):
        return span
    at = end + 1
    relative = at + 1 if at < len(tokens) and parts_of(tokens[at], language) == {"PREP"} else at
    if relative < len(tokens) and is_relative(tokens[relative], language):
        at = next_comma(tokens, at) + 1
    if at >= len(tokens) or tokens[at].lower in PERSONAL:
        return span
    head = at
    while head < len(tokens) and (
        tokens[head].text[0].isdigit()
        or tokens[head].text == "-"
        or (parts_of(tokens[head], language) & {"ADJF"} and not tokens[head].is_capital)
    ):
        head += 1
    inner = noun_phrase(tokens, head, language)
    if inner and has_nominative_name(tokens, inner, language):
        closed = inner[1] >= len(tokens) or not tokens[inner[1]].is_word
        return (begin, inner[1]) if closed else span
    return span


def next_comma(tokens: tuple[Token, ...], at: int) -> int:
    """The next comma or marked stretch."""
    return next(
        (i for i in range(at, len(tokens)) if tokens[i].text == "," or tokens[i].stretch is not None), len(tokens)
    )


def has_nominative_name(tokens: tuple[Token, ...], span: Span, language: Language) -> bool:
    """Whether a noun phrase holds a name in the nominative."""
    return any(is_nominative_name(token, language) for token in tokens[span[0] : span[1]])


def skip_prepositional(tokens: tuple[Token, ...], at: int, language: Language) -> int:
    """The token after a preposition's noun and the genitives that hang on it."""
    i = at + 1
    while (
        i < len(tokens) and i < at + 6 and (tokens[i].is_word or tokens[i].text == "-" or tokens[i].text[0].isdigit())
    ):
        parts = parts_of(tokens[i], language)
        if i > at + 1 and says_what(tokens[i], language):
            return i  # «сообщил в диспетчерскую капитан»
        if parts & {"NOUN", "NPRO"} and not parts & {"ADJF", "PRTF"}:
            return i + 1 if tokens[i].is_capital else _skip_genitives(tokens, i + 1, language)
        i += 1
    return max(i, at + 1)


def _skip_genitives(tokens: tuple[Token, ...], at: int, language: Language) -> int:
    """The token after small words that can only go on a noun phrase in another case: «в три часа ночи»."""
    while at < len(tokens) and not tokens[at].is_capital and (tokens[at].is_word or tokens[at].text[0].isdigit()):
        if tokens[at].text[0].isdigit():
            at += 1
            continue
        if tokens[at].lower in PERSONAL or parts_of(tokens[at], language) & {"VERB", "INFN", *FUNCTION}:
            break
        if says_what(tokens[at], language) or not any(form.case == "gent" for form in forms(tokens[at].text, language)):
            break
        at += 1
    return at


def is_governed(tokens: tuple[Token, ...], begin: int, at: int, language: Language) -> bool:
    """Whether a preposition before it, with nothing but its modifiers between, governs the token."""
    i = at - 1
    while i >= begin and tokens[i].is_word:
        parts = parts_of(tokens[i], language)
        if "PREP" in parts and len(tokens[i].text) < 8:
            return True
        if not parts & {"ADJF", "PRTF", "NUMR"}:
            return False
        i -= 1
    return False


def with_modifiers(tokens: tuple[Token, ...], begin: int, span: Span, language: Language) -> Span:
    """The noun phrase with the adjectives before it: «19-летний рядовой»."""
    first = span[0]
    while first > begin and (
        parts_of(tokens[first - 1], language) & {"ADJF", "PRTF"}
        or tokens[first - 1].lower in POSSESSIVE
        or tokens[first - 1].text[0].isdigit()
        or (tokens[first - 1].text == "-" and first - 1 > begin and tokens[first - 2].text[0].isdigit())
    ):
        first -= 1
    return first, span[1]


def can_head(token: Token, verb: Form | None, language: Language) -> bool:
    """Whether a word can be the subject of the verb: a nominative that agrees with it."""
    if not token.is_word or len(token.text) == 1:
        return False
    if token.lower in PERSONAL:
        gender, plural = PERSONAL[token.lower]
        return token.lower in NOMINATIVE_PRONOUNS and agrees(gender, plural, verb)
    if parts_of(token, language) <= FUNCTION:
        return False
    readings = forms(token.text, language)
    if token.lower in SOMEBODY:
        return agrees(readings[0].gender, False, verb)
    if not token.is_capital:
        readings = tuple(form for form in readings if not form.name)
    parts = ("NOUN", "LATN", "ADJF") if token.is_capital else ("NOUN", "LATN")
    if any(
        form.part in parts and form.case in ("nomn", None) and agrees(form.gender, form.plural, verb)
        for form in readings
    ):
        return True
    return token.is_capital and _may_be_foreign(readings)


def _may_be_foreign(readings: tuple[Form, ...]) -> bool:
    """Whether a word with a capital may be a name that the dictionary does not have, whatever it guesses («Шкурпела»)."""
    if not readings[0].known and readings[0].part in ("VERB", "GRND", "ADVB"):
        return True
    closed = ("PREP", "CONJ", "PRCL", "ADVB", "VERB", "GRND", "NPRO", "ADJF", "PRTF")
    return readings[0].part not in closed and not any(form.case for form in readings)


def noun_phrase(tokens: tuple[Token, ...], at: int, language: Language) -> Span | None:
    """The words of a source from `at` on: modifiers, head, genitives, a name; after a name only names follow."""
    if at >= len(tokens):
        return None
    if tokens[at].lower in PERSONAL and not (tokens[at].lower in BOTH and _noun_follows(tokens, at, language)):
        return at, at + 1
    stop, cut = _phrase_end(tokens, at, language)
    if cut is not None and not any(is_nominative_name(token, language) for token in tokens[cut:stop]):
        stop = cut
    while stop > at and not tokens[stop - 1].is_word and tokens[stop - 1].stretch is None:
        stop -= 1
    return (at, stop) if stop > at else None


def owned_phrase(tokens: tuple[Token, ...], at: int, language: Language) -> Span | None:
    """The same behind a word that governs another case, where «его адвоката» is one source, «его» alone another."""
    if at < len(tokens) and tokens[at].lower in POSSESSIVE and _noun_follows(tokens, at, language):
        owned = noun_phrase(tokens, at + 1, language)
        return (at, owned[1]) if owned else None
    return noun_phrase(tokens, at, language)


def _noun_follows(tokens: tuple[Token, ...], at: int, language: Language) -> bool:
    """Whether the next word may be a noun or an adjective: «оба танкиста», «его адвоката»."""
    return at + 1 < len(tokens) and bool(parts_of(tokens[at + 1], language) & {"NOUN", "ADJF"})


def _phrase_end(tokens: tuple[Token, ...], at: int, language: Language) -> tuple[int, int | None]:
    """(where the phrase ends, its first preposition): «начальник штаба в Измаиле Иван Рудь», «Иван Рудь в Измаиле»."""
    named = False
    cut: int | None = None
    for i in range(at, min(at + LONGEST_PHRASE, len(tokens))):
        token = tokens[i]
        if token.stretch is not None:
            goes_on = i > at and not named
        elif not token.is_word:
            goes_on = token.text in "-.№" or token.text[0].isdigit()
        elif token.is_capital and not opens_only(tokens, i, language):
            goes_on, named = True, named or may_name(token, language)
        elif named and not says_what(token, language):
            goes_on = False
        else:
            named = False
            preposition = parts_of(token, language) == {"PREP"}
            cut = i if preposition and cut is None else cut
            goes_on = preposition or _continues(token, i == at, language)
        if not goes_on:
            return i, cut
    return min(at + LONGEST_PHRASE, len(tokens)), cut


def _continues(token: Token, head: bool, language: Language) -> bool:
    """Whether a word without capital belongs to the noun phrase: an adjective, a nominative or a genitive."""
    if token.lower in ("и", "і", "й") or token.lower in SUBORDINATING:
        return False
    if token.lower in ("же", "ж"):
        return True
    readings = forms(token.text, language)
    if any(form.lemma in POINTING and form.case == "gent" for form in readings):
        return True  # «представник тієї ж комісії»
    if readings[0].part in ("CONJ", "PRCL", "ADVB", "VERB", "GRND", "INFN", "NPRO") and not head:
        return False
    return (
        any(form.part in ("NOUN", "ADJF", "PRTF", "NUMR") and form.case in ("nomn", "gent") for form in readings)
        or head
    )
