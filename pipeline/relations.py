"""How one wording of a statement relates to another: the same, reworded, translated, a part of it, altered."""

import re
from functools import cache

from pipeline import numbers
from pipeline.lang import entries
from pipeline.likeness import whole
from pipeline.records import Change, Language, Quote, Relation

SAME = 0.95
"""Share of letters that two wordings have in common when they differ by typography or one small edit."""

CONTAINED = 0.85
"""Share of the shorter wording's words, in order, that the longer one has too."""

SHORTER = {True: 0.8, False: 0.6}
"""How long a part is at most, as a share of the whole: in one language, and across languages, where length says less."""

AUXILIARIES = frozenset({"do", "does", "did", "don't", "doesn't", "didn't"})
"""They come and go with "not" in English."""

DENSITY: dict[Language, float] = {"en": 1.12, "ru": 1.0, "uk": 0.98}
"""Characters that one and the same text takes, relative to Russian (from the newsroom corpus)."""

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
TYPOGRAPHY = str.maketrans(
    {"ё": "е", "’": "'", "ʼ": "'", "—": "-", "–": "-", "…": ".", "\u00a0": " "} | dict.fromkeys('«»“”„"', "")
)


def of_member(quote: Quote, fullest: Quote) -> tuple[Relation, tuple[Change, ...]]:
    """The relation of a statement's member to its fullest one, and what the member has altered."""
    if quote.kind == "indirect":
        return "indirect", ()
    return between(fullest.text, fullest.language, quote.text, quote.language)


def between(
    left: str, left_language: Language, right: str, right_language: Language
) -> tuple[Relation, tuple[Change, ...]]:
    """The relation of two wordings that are known to be of one statement, and what differs in the facts."""
    if left_language == right_language:
        ours, theirs = (_affirmed(_plain(text), left_language) for text in (left, right))
        relation = _in_one_language(ours, theirs)
    else:
        part = _length_ratio(left, left_language, right, right_language) < SHORTER[False]
        relation = "contained" if part else "translation"
    altered: list[Change] = []
    if numbers_differ(left, left_language, right, right_language):
        altered.append("number")
    # Free rewordings and translations say without "not" what others say with it; the same words do not.
    if relation == "same" and denies(left, left_language) != denies(right, right_language):
        altered.append("negation")
    return ("altered", tuple(altered)) if altered else (relation, ())


def numbers_differ(left: str, left_language: Language, right: str, right_language: Language) -> bool:
    """Whether some numbers of one wording stand as others in the other; numbers that are only left out do not count."""
    ours, theirs = numbers.values(left, left_language), numbers.values(right, right_language)
    lost, new = ours - theirs, theirs - ours
    return bool(lost) and lost.total() == new.total()


def denies(text: str, language: Language) -> bool:
    """Whether a text has a word that denies."""
    words = WORD.findall(text.lower().replace("’", "'"))
    return any(word in _negations(language) or (language == "en" and word.endswith("n't")) for word in words)


def _affirmed(plain: str, language: Language) -> str:
    """The words without those that deny, so that a dropped "not" does not make another wording of it."""
    return " ".join(word for word in plain.split() if word not in _negations(language) | AUXILIARIES)


@cache
def _negations(language: Language) -> frozenset[str]:
    return frozenset(entries(language, "negations"))


def extent(quote: Quote) -> float:
    """Length of a quotation in characters, as if it were Russian."""
    return len(whole(quote.text)) / DENSITY[quote.language]


def _length_ratio(left: str, left_language: Language, right: str, right_language: Language) -> float:
    lengths = [len(whole(left)) / DENSITY[left_language], len(whole(right)) / DENSITY[right_language]]
    return min(lengths) / max(lengths)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[.,;:!?()-]", " ", whole(text).translate(TYPOGRAPHY)).lower().split())


def _in_one_language(left: str, right: str) -> Relation:
    from rapidfuzz.distance import Indel, LCSseq

    if Indel.normalized_similarity(left, right) >= SAME:
        return "same"
    short, long = sorted((left.split(), right.split()), key=len)
    shared = LCSseq.similarity(short, long) / max(1, len(short))
    if shared >= CONTAINED and len(short) <= SHORTER[True] * len(long):
        return "contained"
    return "reworded"
