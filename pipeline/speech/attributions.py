"""Who is said to say something, sentence by sentence: the words that attribute, without what they attribute."""

from pipeline.records import Language
from pipeline.speech import english, english_names, english_subjects, slavic, slavic_names
from pipeline.speech.narration import Narrated, Token
from pipeline.speech.sources import Attribution, Source

DASHES = frozenset("—–-―")
POSSESSORS: dict[str, tuple[str | None, bool]] = {
    "his": ("masc", False), "her": ("femn", False), "their": (None, True), "его": ("masc", False), "её": ("femn", False),
    "ее": ("femn", False), "их": (None, True), "його": ("masc", False), "її": ("femn", False), "їхній": (None, True),
}  # fmt: skip


def find(text: str, sentence: Narrated, language: Language) -> list[Attribution]:
    """The attributions of a sentence, in order."""
    return english.find(text, sentence) if language == "en" else slavic.find(text, sentence, language)


def bare(text: str, sentence: Narrated, at: int, language: Language) -> Attribution | None:
    """The name beside a stretch without any verb: "…" — Name, an office; Name: "…"; His answer: "…"."""
    tokens = sentence.tokens
    begin, end = _beside(text, tokens, at, language)
    if begin >= end:
        return None
    source = _possessor(tokens[begin]) or _subject(text, tokens, begin, end, language)
    if source is None and language != "en" and tokens[begin].is_capital:
        stop = next((n for n in range(begin, end) if not tokens[n].is_capital), end)
        name = (tokens[begin].start, tokens[stop - 1].end)
        source = Source(*name, name=name)
    if source is None:
        return None
    return Attribution((source.start, source.end), "", "bare", begin, end - 1, begin, end - 1, source, reports=False)


def _beside(text: str, tokens: tuple[Token, ...], at: int, language: Language) -> tuple[int, int]:
    """The tokens that may name the speaker without a verb: after a dash, before a colon, after "…," in English."""
    dash = at + 2 if at + 1 < len(tokens) and tokens[at + 1].text == "," else at + 1
    if dash + 1 < len(tokens) and tokens[dash].text in DASHES and tokens[dash + 1].is_word:
        after = range(dash + 1, len(tokens))
        end = next((n for n in after if tokens[n].stretch is not None or tokens[n].text in ",.;:()"), len(tokens))
        return dash + 1, end
    if at > 1 and tokens[at - 1].text == ":":
        cuts = (n + 1 for n in range(at - 1) if tokens[n].text == ";" or tokens[n].stretch is not None)
        return max(cuts, default=0), at - 1
    set_off = language == "en" and at + 1 < len(tokens) and text[tokens[at].end - 2] in ",?!"
    if set_off and (at == 0 or not tokens[at - 1].is_word) and any(t.is_capital for t in tokens[at + 1 : at + 6]):
        return at + 1, len(tokens)
    return 0, 0


def _possessor(token: Token) -> Source | None:
    known = POSSESSORS.get(token.lower)
    return Source(token.start, token.end, pronoun=token.lower, gender=known[0], plural=known[1]) if known else None


def _subject(text: str, tokens: tuple[Token, ...], begin: int, end: int, language: Language) -> Source | None:
    if language == "en":
        span = english_subjects.subject_of(tokens, begin, end)
        return english_names.source_of(text, tokens, *span) if span else None
    span = slavic.subject_of(tokens, begin, end, language)
    return slavic_names.source_of(tokens, *span, language, nominative=True) if span else None


def subject(text: str, sentence: Narrated, at: int, language: Language) -> Source | None:
    """Who a sentence that quotes some words without a verb of saying is about: its subject before token `at`."""
    return _subject(text, sentence.tokens, 0, at, language)
