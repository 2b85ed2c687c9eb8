"""A name beside the words that attribute a quotation: "her deputy, Ann Lee", "a woman who gave her name as Ann"."""

from collections.abc import Sequence

from pipeline.lang import entries, listed
from pipeline.records import Language
from pipeline.speech.mentions import Mention, Person, person_noun
from pipeline.speech.morphology import forms
from pipeline.speech.roles import POSSESSIVE, is_verb
from pipeline.speech.slavic_words import PERSONAL
from pipeline.speech.sources import Source

APPOSING = frozenset(["the", "a", "an", "his", "her", "their"])
CLOSES_WITHIN = 60  # characters from a role to the comma that closes an apposition
NEAR = 7  # words of an apposition


def person_beside(
    text: str, source: Source, leading: Sequence[tuple[Mention, Person]], language: Language
) -> Person | None:
    """Whom the words beside a source name, of the people in its sentence: «сказал Халупа», "her deputy, Ann Lee"."""
    for mention, person in leading:
        if mention.start < source.start:
            between = text[mention.end : source.start]
            if between == ", " and may_be_subject(mention, language) and _apposed(text, source, language):
                return person
            continue
        between = text[source.end : mention.start] if mention.start >= source.end else ""
        if _gives_name(between, language):
            person.oblique = language != "en" and mention is person.fullest()
            return person
        if may_be_subject(mention, language) and _set_off(source, between, mention, language):
            return person
    return None


def may_be_subject(mention: Mention, language: Language) -> bool:
    """Whether a mention may be a person who is the subject."""
    if language == "en":
        return mention.human
    return all(
        any(form.case in ("nomn", None) or form.part in ("LATN", "UNKN") for form in forms(word, language))
        for word in mention.words
    )


def _apposed(text: str, source: Source, language: Language) -> bool:
    """Whether a role stands between commas: "Ann Lee, a spokeswoman for the port, said", and not "…, her deputy said"."""
    after, comma, _ = text[source.end : source.end + CLOSES_WITHIN].partition(",")
    first = text[source.start : source.end].split()[0].lower()
    closed = bool(comma) and not any(is_verb(word, language) for word in after.split())
    bare = language == "en" and first not in APPOSING  # no article: "Ann Lee, adviser to the minister"
    return source.role is not None and (closed or bare) and first not in POSSESSIVE


def _set_off(source: Source, between: str, mention: Mention, language: Language) -> bool:
    """Whether a name that stands after a source says who it is: "her deputy, Ann Lee", «отозвался Халупа»."""
    words = between.replace(",", " ").split()
    verb = any(is_verb(word, language) for word in words)
    if source.pronoun:
        if source.pronoun in POSSESSIVE:
            return bool(words) and not verb and len(words) <= NEAR
        implied = source.pronoun not in PERSONAL  # the verb itself stands for a subject that was not seen
        return language != "en" and implied and not between.strip()
    if verb or len(words) > NEAR or between.count(",") > 1 or any(c in between for c in ";:()—–«“\n"):
        return False
    if "," in between:
        return between.startswith(",") and (
            language != "en"
            or not words
            or words[0].lower() in APPOSING
            or words[0][0].isupper()
            or person_noun(words[0], "en") is not None  # the skipper, uncle Bert
        )
    return language != "en" and len(mention.words) > 1


def _gives_name(between: str, language: Language) -> bool:
    """ "… who introduced himself as", «назвавшаяся», «в лице майора»: words after which stands who it was."""
    words = between.replace(",", " ").lower().split()
    if not words or len(words) > 2 * NEAR:
        return False
    said = f" {' '.join(words)} "
    if any(f" {phrase} " in said for phrase in entries(language, "naming_phrases")):
        return True
    if language == "en":
        return False
    return any(form.lemma in listed(language, "selfnaming_verbs") for form in forms(words[-1], language))
