"""The named features of two wordings, from which their relation is judged."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

from pipeline.ports import Expected, Vectors
from pipeline.records import Language
from pipeline.relations import facts
from pipeline.relations.wording import LONG, Word, Wording

DENSITY: dict[Language, float] = {"en": 1.12, "ru": 1.0, "uk": 0.98}
"""Characters that one and the same text takes, relative to Russian (from the newsroom corpus)."""

UNEXPECTED, UNSUGGESTED = -6.0, 2.0
"""A word is unexpected below this logarithm of probability, when the source raises it by less than the second."""

ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*\w")
WORD = re.compile(r"\w")
SHORT_WORD = 3  # letters of words that mostly carry no content

Features = dict[str, float]


def of_text(left: Wording, right: Wording) -> Features:
    """What the words alone tell: facts that differ, and within one language the difference itself."""
    short, long = sorted((left, right), key=lambda wording: extent(wording.text, wording.language))
    found = of_facts(left, right) | {
        "length": math.log((extent(long.text, long.language) + 5) / (extent(short.text, short.language) + 5)),
        "words": math.log(1 + len(short.words)),
        "clauses": float(abs(_clauses(left) - _clauses(right))),
        "ellipsis": float(any(_is_elliptic(wording.text) for wording in (left, right))),
    }
    if left.language == right.language:
        return found | _difference(short, long)
    return found | {
        "cognates": facts.cognates(left, right),
        "without English": float("en" not in (left.language, right.language)),
    }


def _is_elliptic(text: str) -> bool:
    """Whether words are left out between words."""
    before = (text[: found.start()].rsplit(maxsplit=1)[-1:] for found in ELLIPSIS.finditer(text))
    return any(last and WORD.search(last[0]) for last in before)


def extent(text: str, language: Language) -> float:
    """Length of a text in characters, as if it were Russian."""
    return len(text) / DENSITY[language]


def _clauses(wording: Wording) -> int:
    return len({word.clause for word in wording.words})


def of_facts(left: Wording, right: Wording) -> Features:
    """What the two state differently, and what alike: numbers, names, denials."""
    numbers, units, measures = (of(left, right) for of in (facts.numbers, facts.units, facts.measures))
    names = facts.names_of(left, right)
    against, agreed = facts.opposites(left, right)
    negated = facts.negated(left, right)
    return {
        "numbers changed": min(numbers.changed, 2),
        "numbers left out": min(abs(len(numbers.left) - len(numbers.right)), 3),
        "units changed": min(units.changed, 1),
        "measures changed": min(measures.changed, 2),
        "any number changed": float(bool(numbers.changed or units.changed or measures.changed)),
        "numbers in common": _shared([facts.named_numbers(left), facts.named_numbers(right)], numbers),
        "names changed": min(names.sure.changed, 2),
        "names perhaps changed": min(names.perhaps.changed, 2),
        "names left out": min(abs(len(names.sure.left) - len(names.sure.right)), 3),
        "least name": min(names.least),
        "most of the least names": max(names.least),
        "names": min(names.matched, 4),
        "names in common": names.matched / max(1, names.matched + len(names.sure.left) + len(names.sure.right)),
        "denials differ": min(abs(left.denials - right.denials), 2),
        "denial on one side": float((left.denials == 0) != (right.denials == 0)),
        "denials": min(left.denials, right.denials, 2),
        "negative clauses differ": min(abs(_negative(left) - _negative(right)), 2),
        "negative on one side": float((_negative(left) == 0) != (_negative(right) == 0)),
        "opposites": min(len(against), 2),
        "same stance": min(len(agreed), 2),
        "negated differently": min(negated, 2),
    }


def _negative(wording: Wording) -> int:
    """In how many clauses something is denied, be it by a word that contains the denial: refuse, unknown, without."""
    return len({word.clause for word in wording.words if word.form.denial or word.form.negative})


def _shared(counts: Sequence[int], differing: facts.Differing) -> float:
    """The share of all numbers that have a counterpart; 0.5 when there are none."""
    unmatched = len(differing.left) + len(differing.right)
    return 1 - unmatched / sum(counts) if any(counts) else 0.5


def _difference(short: Wording, long: Wording) -> Features:
    """Within one language: how much of each is in the other, in order and in any order, and what was exchanged."""
    from rapidfuzz.distance import Indel, LCSseq

    ours, theirs = short.bases, long.bases
    common = LCSseq.similarity(ours, theirs)
    bags = Counter(ours), Counter(theirs)
    shared = (bags[0] & bags[1]).total()
    only = [_only(wording, other) for wording, other in ((short, bags[1]), (long, bags[0]))]
    blocks = [
        op for op in SequenceMatcher(None, ours, theirs, autojunk=len(theirs) > LONG).get_opcodes() if op[0] != "equal"
    ]
    swapped = [op for op in blocks if op[0] == "replace"]
    exchanged = [(short.words[a:b], long.words[c:d]) for _, a, b, c, d in swapped]
    return {
        "letters": Indel.normalized_similarity(" ".join(ours), " ".join(theirs)),
        "short in order": common / max(1, len(ours)),
        "long in order": common / max(1, len(theirs)),
        "short in any order": shared / max(1, len(ours)),
        "long in any order": shared / max(1, len(theirs)),
        "blocks": math.log(1 + len(blocks)),
        "swapped blocks": math.log(1 + len(swapped)),
        "content only in short": math.log(1 + sum(map(_content, only[0]))),
        "content only in long": math.log(1 + sum(map(_content, only[1]))),
        "content swapped": math.log(1 + min(sum(map(_content, some)) for some in only)),
        "swapped words alike": _likest(exchanged),
        "one word swapped": float(
            len(blocks) == len(swapped) == 1 and len(exchanged[0][0]) == len(exchanged[0][1]) == 1
        ),
        "swapped beside a number": float(
            any(_counted(short, a, b) and _counted(long, c, d) for _, a, b, c, d in swapped)
        ),
        "denial in the difference": float(_denials(only[0]) != _denials(only[1])),
        "opposite in the difference": float(_opposed(*only)),
        "stance in the difference": float(_agreed(*only)),
        "number in the difference": float(any(word.form.value is not None for some in only for word in some)),
        "name in the difference": float(all(any(word.form.name == 1 for word in some) for some in only)),
    }


def _likest(exchanged: Sequence[tuple[Sequence[Word], Sequence[Word]]]) -> float:
    """How alike, letter by letter, the two sides of the most unlike exchange are; 1 when nothing was exchanged."""
    from rapidfuzz.distance import Indel

    sides = ((" ".join(word.form.text.lower() for word in side) for side in pair) for pair in exchanged)
    return min((Indel.normalized_similarity(*pair) for pair in sides), default=1.0)


def _counted(wording: Wording, start: int, end: int) -> bool:
    """Whether words stand just behind a number, and hold what it counts."""
    before = wording.words[max(0, start - 2) : start]
    return any(word.form.value is not None for word in before) and any(map(_content, wording.words[start:end]))


def _only(wording: Wording, other: Counter[str]) -> list[Word]:
    """The words that the other does not have, or not so often."""
    left = other.copy()
    found = []
    for word in wording.words:
        if left[word.base] > 0:
            left[word.base] -= 1
        else:
            found.append(word)
    return found


def _content(word: Word) -> bool:
    form = word.form
    return len(form.text) > SHORT_WORD and not form.denial and form.value is None and not form.name


def _denials(words: Sequence[Word]) -> bool:
    return any(word.form.denial for word in words)


def _opposed(one: Sequence[Word], other: Sequence[Word]) -> bool:
    if any(facts.prefixed(a.form, b.form) or facts.prefixed(b.form, a.form) for a in one for b in other):
        return True
    stances = [{matter for word in words for matter in word.form.matters} for words in (one, other)]
    return any((matter, -sign) in stances[1] for matter, sign in stances[0])


def _agreed(one: Sequence[Word], other: Sequence[Word]) -> bool:
    stances = [{matter for word in words for matter in word.form.matters} for words in (one, other)]
    return bool(stances[0] & stances[1])


def of_vectors(whole: tuple[Vectors, Vectors], parts: tuple[Vectors, Vectors]) -> Features:
    """From centred vectors of the two texts and of their clauses, one row each: how much of each the other covers."""
    across = [_cover(parts[0], parts[1], whole[1]), _cover(parts[1], parts[0], whole[0])]
    least = [float(cover.min()) for cover in across]
    mean = [float(cover.mean()) for cover in across]
    cosine = float(whole[0][0] @ whole[1][0])
    part = float(max((parts[0] @ whole[1].T).max(), (parts[1] @ whole[0].T).max()))
    return {
        "cosine": cosine,
        "least covered": min(least),
        "best of the least covered": max(least),
        "mean covered": min(mean),
        "best mean covered": max(mean),
        "part": part,
        "part beyond the whole": part - cosine,
    }


def _cover(parts: Vectors, others: Vectors, whole: Vectors) -> Vectors:
    return np.asarray(np.concatenate([parts @ others.T, parts @ whole.T], axis=1).max(axis=1), np.float32)


def of_expectation(wording: Wording, words: Sequence[Expected], end: float) -> Features:
    """From what a translator expects of a wording as a translation of the other."""
    given = np.array([word.given for word in words])
    gain = np.array([word.given - word.alone for word in words])
    odd = (given < UNEXPECTED) & (gain < UNSUGGESTED)
    marked = _marked(wording, words)
    worst = {kind: float(min([gain[n] for n in at], default=0.0)) for kind, at in marked.items() if kind != "other"}
    after = [n + step for n in marked["denial"] for step in (0, 1) if n + step < len(words)]
    runs = _longest(odd)
    return {
        "expected": float(given.mean()),
        "gain": float(gain.mean()),
        "gain by length": float(gain.sum() / (1 + np.abs([word.alone for word in words]).sum())),
        "odd words": float(odd.mean()),
        "odd in a row": runs / len(words),
        "odd ones": math.log(1 + int(odd.sum())),
        "least gain": float(np.sort(gain)[:2].mean()),
        "second least gain": float(np.sort(gain)[min(2, len(gain) - 1)]),
        "last third gain": float(gain[-max(1, len(gain) // 3) :].mean()),
        "first third gain": float(gain[: max(1, len(gain) // 3)].mean()),
        "end": max(end, -15.0),
        **{f"worst {kind}": max(value, -15.0) for kind, value in worst.items()},
        "around denials": float(np.mean([gain[n] for n in after])) if after else 0.0,
        "single odd": float(odd.sum() in (1, 2)),
    }


def _marked(wording: Wording, words: Sequence[Expected]) -> dict[str, list[int]]:
    kinds: dict[str, list[int]] = {"denial": [], "name": [], "number": [], "other": []}
    for n, word in enumerate(words):
        inside = [one.form for one in wording.words if one.start < word.end and one.end > word.start]
        if any(form.denial for form in inside):
            kinds["denial"].append(n)
        elif any(form.value is not None or form.measures for form in inside):
            kinds["number"].append(n)
        elif any(form.name == 1 for form in inside):
            kinds["name"].append(n)
        else:
            kinds["other"].append(n)
    return kinds


def _longest(odd: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int:
    best = run = 0
    for one in odd:
        run = run + 1 if one else 0
        best = max(best, run)
    return best
