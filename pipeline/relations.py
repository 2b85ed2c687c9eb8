"""How one wording of a statement relates to another: the same, reworded, translated, a part of it, altered."""

import re
from collections import Counter

from pipeline.likeness import whole
from pipeline.records import Change, Language, Quote, Relation

SAME = 0.95
"""Share of letters that two wordings have in common when they differ by typography or one small edit."""

CONTAINED = 0.85
"""Share of the shorter wording's words, in order, that the longer one has too."""

SHORTER = {True: 0.8, False: 0.6}
"""How long a part is at most, as a share of the whole: in one language, and across languages, where length says less."""

DENSITY: dict[Language, float] = {"en": 1.12, "ru": 1.0, "uk": 0.98}
"""Characters that one and the same text takes, relative to Russian (from the newsroom corpus)."""

NUMBER = re.compile(r"\d+(?:[ \u00a0\u202f,.]\d{3})*(?:[.,]\d+)?")
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
    altered = alterations(left, right)
    if altered:
        return "altered", altered
    if left_language != right_language:
        return (
            "contained" if _length_ratio(left, left_language, right, right_language) < SHORTER[False] else "translation"
        ), ()
    return _in_one_language(_plain(left), _plain(right)), ()


def alterations(left: str, right: str) -> tuple[Change, ...]:
    """What the two wordings state differently. So far: numbers in digits, where both give equally many."""
    ours, theirs = (Counter(map(_value, NUMBER.findall(text))) for text in (left, right))
    return ("number",) if ours != theirs and ours.total() == theirs.total() else ()


def _value(number: str) -> str:
    """A number without the separators of thousands and with a decimal point: 1,450 = 1 450 = 1450; 9,8 = 9.8."""
    return re.sub(r"[ \u00a0\u202f,.](?=\d{3}\b)", "", number).replace(",", ".")


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
