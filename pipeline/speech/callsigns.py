"""People who go by a marked name: a dentist with the call sign “Molar”, «командир „Нотариус“», known as “the Commodore”."""

from pipeline.lang import entries
from pipeline.records import Language
from pipeline.speech import english_words
from pipeline.speech.mentions import Mention, Person, key, person_noun
from pipeline.speech.morphology import forms
from pipeline.speech.narration import Narrated, Token

LONGEST = 2  # words of a call sign
INTRODUCED_WITHIN = 4  # tokens between "known as" and the call sign
BEARER_WITHIN = 10  # tokens between whoever bears a call sign and the call sign


def add(sentence: Narrated, found: list[Person], language: Language) -> None:
    """Adds to the people `found` those whom a sentence calls by a marked name; to a named one as one more mention."""
    for at, token in enumerate(sentence.tokens):
        if token.stretch is None or not _may_be_callsign(token.text[1:-1]):
            continue
        word = key(token.text[1:-1], language)
        introduced = _introduces(sentence.tokens, at, language)
        noun = _bearer_noun(sentence.tokens, at, language, directly=not introduced)
        bearer = next((p for p in found if word in p.keys and any(m.callsign for m in p.mentions)), None)
        if bearer is None and introduced:
            bearer = _named_before(sentence.tokens, at, found)
        if bearer is None and noun is None:
            continue
        role, gender = noun or ("", None)
        if bearer is None:
            bearer = Person(gender=gender)
            found.append(bearer)
        roles = frozenset([role] if role else [])
        name = f"{role} {token.text}".strip()
        bearer.mentions.append(
            Mention(token.start, token.end, (token.text,), (word,), roles, gender, human=True, callsign=name)
        )
        bearer.keys.add(word)
        bearer.roles |= roles


def _may_be_callsign(marked: str) -> bool:
    return marked[:1].isupper() and marked[-1:].isalnum() and len(marked.split()) <= LONGEST


def _introduces(tokens: tuple[Token, ...], at: int, language: Language) -> bool:
    """Whether the words before a marked one say that somebody is called so."""
    before = tokens[max(0, at - INTRODUCED_WITHIN) : at]
    said = " " + " ".join(token.lower for token in before) + " "
    return any(f" {phrase} " in said for phrase in entries(language, "callsign_phrases"))


def _bearer_noun(
    tokens: tuple[Token, ...], at: int, language: Language, *, directly: bool
) -> tuple[str, str | None] | None:
    """(the noun for a person who bears a call sign, its gender): right before the marks, or in the clause before the words that introduce it."""
    if directly:
        noun = person_noun(tokens[at - 1].text, language) if at and tokens[at - 1].is_word else None
        owned = noun is not None and _is_genitive(tokens[at].text[1:-1], tokens[at - 1].text, language)
        return noun[:2] if noun and not noun[2] and not owned else None
    for token in reversed(tokens[max(0, at - BEARER_WITHIN) : at]):
        if token.stretch is not None or token.text == "," or token.lower in english_words.RELATIVE:
            return None
        noun = person_noun(token.text, language) if token.is_word else None
        if noun is not None and not noun[2]:
            return noun[:2]
    return None


def _is_genitive(marked: str, noun: str, language: Language) -> bool:
    """«командир „Берега“»: the marked word is what the noun is "of" when it stands in the genitive and the noun does not."""
    if language == "en":
        return False
    cases = {form.case for form in forms(marked, language)}
    return "nomn" not in cases and "gent" in cases and forms(noun, language)[0].case == "nomn"


def _named_before(tokens: tuple[Token, ...], at: int, found: list[Person]) -> Person | None:
    """Whose name stands shortly before: Serhii Bondar, known along the river as “the Commodore”."""
    first = tokens[max(0, at - BEARER_WITHIN)].start
    near = [(m.start, p) for p in found for m in p.mentions if first <= m.start < tokens[at].start and m.human]
    return max(near, key=lambda pair: pair[0])[1] if near else None
