"""Who is said to say something, sentence by sentence: the words that attribute, without what they attribute."""

import re

from pipeline.lang import listed
from pipeline.records import Language
from pipeline.speech import english, english_names, english_nouns, english_subjects, english_words, slavic, slavic_names
from pipeline.speech.morphology import is_listed, is_preposition
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.sources import Attribution, Source

DASHES = frozenset("—–-―")
LABEL = re.compile(r"[^\w\s]([^\W\d_a-zа-яёіїєґ][^\W\d_a-zа-яёіїєґ’'. -]+[^\W\d_a-zа-яёіїєґ]):\s")
SHORT = 4  # words of a marked stretch that may be part of a noun phrase
ENDS = frozenset(",.?!…")
POSSESSORS: dict[str, tuple[str | None, bool]] = english_words.POSSESSIVES | {
    "его": ("masc", False), "её": ("femn", False),
    "ее": ("femn", False), "их": (None, True), "його": ("masc", False), "її": ("femn", False), "їхній": (None, True),
}  # fmt: skip


def find(text: str, sentence: Narrated, language: Language) -> list[Attribution]:
    """The attributions of a sentence, in order."""
    return english.find(text, sentence) if language == "en" else slavic.find(text, sentence, language)


def bare(text: str, sentence: Narrated, at: int, language: Language) -> Attribution | None:
    """The name beside a stretch without any verb: "…" — Name, an office; Name: "…"; His answer: "…"."""
    tokens = sentence.tokens
    labelled = _label(text, tokens[at])
    if labelled is not None:
        return Attribution((labelled.start, labelled.end), "", "bare", at, at, at, at, labelled, reports=False)
    begin, end = _beside(text, tokens, at, language)
    if begin >= end:
        return None
    source = None if language == "en" else _possessor(tokens[begin]) or whose_words(tokens, begin, end, language)
    source = source or _subject(text, tokens, begin, end, language)
    preposed = language != "en" and is_preposition(tokens[begin].text, language)
    if source is None and language != "en" and tokens[begin].is_capital and not preposed:
        stop = next((n for n in range(begin, end) if not tokens[n].is_capital), end)
        name = (tokens[begin].start, tokens[stop - 1].end)
        source = Source(*name, name=name)
    if source is None:
        return None
    return Attribution((source.start, source.end), "", "bare", begin, end - 1, begin, end - 1, source, reports=False)


def _label(text: str, stretch: Token) -> Source | None:
    """The name in capitals with which a turn of a transcript begins: "LEE: I never saw it." """
    match = LABEL.match(text, stretch.start, stretch.end)
    return Source(*match.span(1), name=match.span(1)) if match else None


def _beside(text: str, tokens: tuple[Token, ...], at: int, language: Language) -> tuple[int, int]:
    """The tokens that may name the speaker without a verb: after a dash, before a colon, after "…," in English."""
    dash = at + 2 if at + 1 < len(tokens) and tokens[at + 1].text == "," else at + 1
    inside = language == "en" and at > 0 and tokens[at - 1].is_word  # likened it to "war" — a charge that …
    if dash + 1 < len(tokens) and tokens[dash].text in DASHES and tokens[dash + 1].is_word and not inside:
        after = range(dash + 1, len(tokens))
        end = next((n for n in after if tokens[n].stretch is not None or tokens[n].text in ",.;:()"), len(tokens))
        if not _opens_turn(tokens, end):
            return dash + 1, end
    if at > 1 and tokens[at - 1].text == ":":
        cuts = (n + 1 for n in range(at - 1) if tokens[n].text == ";" or _is_speech(tokens, n, language))
        begin = max(cuts, default=0)
        return begin + (tokens[begin].text in DASHES), at - 1
    set_off = language == "en" and at + 1 < len(tokens) and text[tokens[at].end - 2] in ",?!"
    if set_off and (at == 0 or not tokens[at - 1].is_word) and any(t.is_capital for t in tokens[at + 1 : at + 6]):
        return at + 1, len(tokens)
    return 0, 0


def _opens_turn(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a colon and a quotation follow: "…" — Tower: "…" names who says the second one."""
    return at + 1 < len(tokens) and tokens[at].text == ":" and tokens[at + 1].stretch is not None


def _is_speech(tokens: tuple[Token, ...], at: int, language: Language) -> bool:
    """Whether a stretch is a quotation of its own, and not a name within a noun phrase: the acting “minister” was briefer."""
    token = tokens[at]
    if token.stretch is None:
        return False
    if language != "en":
        return at == 0 or not tokens[at - 1].is_word  # у «Фейсбуці»
    return len(token.text) < 2 or token.text[-2] in ENDS or len(token.text.split()) > SHORT


def _possessor(token: Token) -> Source | None:
    known = POSSESSORS.get(token.lower)
    return Source(token.start, token.end, pronoun=token.lower, gender=known[0], plural=known[1]) if known else None


def whose_words(tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> Source | None:
    """«агентство приводит слова Петра Заварзина», «его слова»: whom a noun for what is said belongs to."""
    at = next((n for n in range(begin, end) if is_listed(tokens[n].text, "reply_nouns", language)), None)
    if at is None:
        return None
    if at + 1 == end:
        return _possessor(tokens[at - 1]) if at > begin else None
    named = all(token.is_word for token in tokens[at + 1 : end]) and tokens[end - 1].is_capital
    return slavic_names.source_of(tokens, at + 1, end, language, nominative=False) if named else None


def _subject(text: str, tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> Source | None:
    if language == "en":
        return _english_subject(text, tokens, begin, end)
    return slavic.subject_of(tokens, begin, end, language)


def _english_subject(text: str, tokens: tuple[Token, ...], begin: int, end: int) -> Source | None:
    """The subject of a clause; whose it is, when it is a word for words: Lee's answer was short."""
    span = english_subjects.subject_of(tokens, begin, end)
    if span is None:
        return None
    head = tokens[span[1] - 1].lower
    thing = tokens[span[0]].lower in english_words.POSSESSIVES and not _tells_of_person(tokens, *span)
    possessor = (
        english_nouns.possessor_of(text, tokens, *span) if thing or head in listed("en", "reply_nouns") else None
    )
    return possessor or english_names.source_of(text, tokens, *span)


def _tells_of_person(tokens: tuple[Token, ...], begin: int, end: int) -> bool:
    """Whether "her …" is somebody else: her deputy, Ann Lee; and not her answer, her eyes."""
    head = next((n for n in range(begin + 1, end) if tokens[n].lower in english_words.OF), end) - 1
    roles = ("person_nouns", "roles_men", "roles_women")
    return (
        any(tokens[head].lower in listed("en", name) for name in roles)
        or english_names.proper_name(tokens, begin, end) is not None
    )


def subject(text: str, sentence: Narrated, at: int, language: Language) -> Source | None:
    """Who a sentence that quotes some words without a verb of saying is about: its subject before token `at`."""
    return _subject(text, sentence.tokens, 0, at, language)
