"""What somebody is, where the article gives no name: "the second expert", «таксист из Сум», the nouns for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.lang import entries
from pipeline.records import Language, Span
from pipeline.speech import english_words, morphology
from pipeline.speech.mentions import Mention, may_be_person, person_noun, role_key
from pipeline.speech.morphology import Form, forms, is_finite, is_listed, nominative
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.slavic_words import PERSONAL

POSSESSIVE = frozenset(["his", "her", "their", "его", "её", "ее", "їх", "його", "її"])
ENDS_MODIFIERS = (
    english_words.DETERMINERS
    | english_words.OF
    | english_words.CONJUNCTIONS
    | english_words.AUXILIARIES
    | english_words.RELATIVE
)
ORIGIN = frozenset(["из", "із", "зі", "з"])
COMPOUNDED = 5  # letters of a word that another may be compounded with
NEAR = 7  # words that tell where the bearer of a role comes from
MODIFIERS = 4  # words before a noun that belong to it
TAIL = 6  # words of "mayor of …"


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun for people that stands beside no name, with its modifiers and genitives; `at` is its first token."""

    sentence: int
    at: int
    start: int
    end: int
    head: str
    gender: str | None
    plural: bool


def unnamed(
    sentences: Sequence[Narrated], leading: Sequence[Sequence[tuple[Mention, object]]], language: Language
) -> list[Noun]:
    """The nouns for people that stand beside none of the names of their sentence, in order."""
    found = []
    for number, sentence in enumerate(sentences):
        names = [(mention.start, mention.end) for mention, _ in leading[number]]
        for at, token in enumerate(sentence.tokens):
            noun = person_noun(token.text, language) if token.is_word else None
            if noun is None or any(first <= token.start < last for first, last in names):
                continue
            begin, stop = _phrase(sentence.tokens, at, language)
            if not _names(sentence.tokens, begin, stop, names):
                found.append(Noun(number, begin, sentence.tokens[begin].start, sentence.tokens[stop - 1].end, *noun))
    return found


def _phrase(tokens: tuple[Token, ...], at: int, language: Language) -> Span:
    """The noun with the modifiers before it and what it is "of"."""
    begin, stop = at, at + 1
    if language == "en":
        while begin > 0 and at - begin < MODIFIERS and tokens[begin - 1].is_word:
            if tokens[begin - 1].lower in ENDS_MODIFIERS:
                break
            begin -= 1
        if stop + 1 < len(tokens) and tokens[stop].lower == "of":
            stop += 2
            while stop < len(tokens) and stop - at < TAIL and tokens[stop].is_capital:
                stop += 1
        return begin, stop
    while begin > 0 and tokens[begin - 1].is_word:
        if forms(tokens[begin - 1].text, language)[0].part not in ("ADJF", "PRTF"):
            break
        begin -= 1
    while stop < len(tokens) and tokens[stop].is_word and _is_genitive(tokens[stop].text, language):
        stop += 1
    return begin, stop


def _is_genitive(word: str, language: Language) -> bool:
    first = forms(word, language)[0]
    return first.case == "gent" and first.part in ("NOUN", "ADJF")


def _names(tokens: tuple[Token, ...], begin: int, stop: int, names: list[Span]) -> bool:
    """Whether a name stands in the phrase or right beside it, a comma or dash allowed between."""
    last = len(tokens) - 1
    after = tokens[min(stop + (tokens[min(stop, last)].text in ",—–"), last)]
    before = tokens[max(begin - 1 - (begin > 1 and tokens[begin - 1].text in ",—–("), 0)]
    inside = (tokens[begin].start, tokens[stop - 1].end)
    return any(a == after.start or b == before.end or inside[0] < a < inside[1] for a, b in names)


def is_person(word: str, language: Language) -> bool:
    """Whether a word can say what a person is."""
    if language == "en":
        return may_be_person(word)
    return any(form.animate and form.part == "NOUN" for form in forms(word, language))


def is_role(words: Sequence[str], language: Language) -> bool:
    """Whether words, small ones all, are a noun for one person with its modifiers: "a retired surveyor"."""
    if any(word[0].isupper() for word in words) or any(is_verb(word, language) for word in words):
        return False
    if language == "en":
        return words[0] in ("a", "an", "the") and is_person(_head_of(list(words)), "en")
    at = next((n for n, word in enumerate(words) if forms(word, language)[0].part == "NOUN"), len(words))
    noun = person_noun(words[at], language) if at < len(words) else None
    described = all(forms(word, language)[0].part == "ADJF" for word in words[:at])
    participle = at < len(words) and any(form.part in ("ADJF", "PRTF") for form in forms(words[at], language))
    nominal = described and not participle and forms(words[0], language)[0].case == "nomn"
    return noun is not None and not noun[2] and nominal


def is_somebody(role: str, language: Language) -> bool:
    """Whether a role or name may be one person's: "the driver", and not "the page"."""
    if role[:1].isupper():
        return True
    words = role.lower().split()
    if language != "en":
        return any(is_person(word, language) for word in words)
    return is_person(_head_of(words), "en")


def _head_of(words: list[str]) -> str:
    stop = next((n for n, word in enumerate(words) if word in english_words.OF and n), len(words))
    return words[stop - 1]


def head(role: str, language: Language) -> str | None:
    """The key of the noun that a role is about: governor of "deputy governor of the region"."""
    words = role.split()
    if language == "en":
        return role_key(_head_of([word.lower() for word in words]), "en") if words else None
    return next(iter(heads(role, language)), None)


def heads(role: str, language: Language) -> list[str]:
    """The keys of all nouns for people in a role."""
    return [k for word in role.split() if (k := role_key(word.strip(',.«»„“”"'), language))]


@cache
def is_kind(role: str, wider: str | None, language: Language) -> bool:
    """Whether a role is of the kind that a wider word names: a governor is an official, a glaciologist a scientist."""
    return any(
        role.endswith(narrower[1:]) if narrower.startswith("*") else role == narrower
        for narrower in _kinds(language).get(wider or "", ())
    )


@cache
def _kinds(language: Language) -> dict[str, list[str]]:
    """Wider word → narrower words; one with a star before it is an ending."""
    pairs = (line.partition(":") for line in entries(language, "role_kinds"))
    return {wider.strip(): narrower.split() for wider, _, narrower in pairs}


def is_same(role: str, head: str | None) -> bool:
    """Whether a role is the one of that head, or a compound of it: «контр-адмирал» is an «адмирал»."""
    return head is not None and (
        role == head or (len(head) >= COMPOUNDED and role.endswith(head)) or head in role.split("-")
    )


def origin(tokens: tuple[Token, ...], span: Span, language: Language) -> str:
    """« из Сум» after «таксист», « в водоканале» after «собеседник»: what tells one bearer of a role from another."""
    at = next((n for n, token in enumerate(tokens) if token.start >= span[1]), len(tokens))
    if language == "en" or at + 1 >= len(tokens) or not is_preposition(tokens[at].text, language):
        return ""
    if tokens[at].lower in ORIGIN and tokens[at + 1].lower in PERSONAL:
        return f" {tokens[at].text} {tokens[at + 1].text}"  # «один из них»
    stop = at + 1
    while stop < min(at + NEAR, len(tokens)) and tokens[stop].is_word and _is_oblique(tokens[stop].text, language):
        stop += 1
    if tokens[at].lower not in ORIGIN:
        first = next(n for n, token in enumerate(tokens) if token.end > span[0])
        inverted = first > 0 and tokens[first - 1].is_word and is_finite(tokens[first - 1].text, language)
        closed = stop < len(tokens) and (tokens[stop].text == "," or is_finite(tokens[stop].text, language))
        if inverted or not closed:
            return ""
    elif stop > at + 1 and not _is_genitive(tokens[at + 1].text, language):
        return ""  # «ЗМІ з посиланням на мера»
    words = [token.text for token in tokens[at:stop]]
    return " " + " ".join(words) if stop > at + 1 else ""


def is_verb(word: str, language: Language) -> bool:
    """Whether a word is a finite verb, in English a verb of saying, an auxiliary or what begins a clause."""
    if language != "en":
        return is_finite(word, language)
    lower = word.lower()
    small = english_words.AUXILIARIES | english_words.RELATIVE | english_words.CONJUNCTIONS
    return lower in english_words.verbs() or lower in small


def is_preposition(word: str, language: Language) -> bool:
    """Whether a word is most likely a preposition."""
    return word.lower() in english_words.OF if language == "en" else morphology.is_preposition(word, language)


def _is_oblique(word: str, language: Language) -> bool:
    if is_finite(word, language):
        return False
    return any(form.case != "nomn" and form.part in ("NOUN", "ADJF", "LATN") for form in forms(word, language))


def base_role(role: str, language: Language, *, nominative_already: bool) -> str:
    """A role in the base form: adjectives and noun in the nominative and agreeing, what follows the noun as it stands.

    A noun for a person that is capitalised because it begins a sentence becomes small; what hangs over is cut off.
    """
    words = _without_tail(role.split(), language)
    if language == "en" or not words:
        return " ".join(words)
    at = next((n for n, word in enumerate(words) if _is_noun(word, language, nominative_already)), None)
    if at is None:
        return " ".join(words)
    noun = _reading(words[at], "NOUN", None, language, nominative_already)
    assert noun
    if noun.animate and not noun.name and not words[0].isupper():
        words[0] = words[0][0].lower() + words[0][1:]
    if not nominative_already:
        words[at] = nominative(words[at], noun.case or "nomn", noun.gender, language)
        for n, word in enumerate(words[:at]):
            form = _reading(word, "ADJF", noun.gender, language, nominative_already)
            if form is not None:
                words[n] = nominative(word, form.case or "nomn", noun.gender, language)
    return " ".join(words)


def _is_noun(word: str, language: Language, in_nominative: bool) -> bool:
    return _reading(word, "NOUN", None, language, in_nominative) is not None


def _reading(word: str, part: str, gender: str | None, language: Language, in_nominative: bool) -> Form | None:
    """The likeliest reading as that part of speech; outside the nominative one in another case is preferred."""
    parts = (part, "PRTF") if part == "ADJF" else (part,)
    found = [f for f in forms(word, language) if f.part in parts and (not gender or f.gender in (gender, None))]
    if in_nominative:  # the Ukrainian dictionary leaves out the case of some nominatives («директор»)
        return next((form for form in found if form.case in ("nomn", None)), None)
    declined = [form for form in found if form.case]
    return next((form for form in declined if form.case != "nomn"), declined[0] if declined else None)


def _without_tail(words: list[str], language: Language) -> list[str]:
    """The words without a preposition that nothing follows, and without the day on which something was said."""
    small = ENDS_MODIFIERS if language == "en" else frozenset[str]()
    while len(words) > 1:
        last = words[-1].lower()
        dated = len(words) > 2 and is_listed(last, "calendar", language) and is_preposition(words[-2], language)
        if not (last in small or is_preposition(last, language) or dated):
            break
        words = words[: -2 if dated else -1]
    return words
