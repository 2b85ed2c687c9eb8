"""Numbers, names and addresses that stand once in each of two long editions: where their alignment must come past."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.transliteration import readings, skeleton

Anchor = tuple[int, int]
"""A left and a right sentence."""

TOKEN = re.compile(r"https?://\S+|\d[\d.,:]*\d|[^\W\d_]+")
SHORTEST = 4
"""Letters of a name, consonants of its sound: shorter ones meet by chance."""


def shared(left: Sequence[str], right: Sequence[str]) -> list[Anchor]:
    """Sentences with a token that occurs in no other one on its side; most of them that rise on both sides.

    Names are compared by their consonants, whatever alphabet they are spelt in.
    """
    ours, theirs = _single(left), _single(right)
    return _rising(sorted({(at, theirs[token]) for token, at in ours.items() if token in theirs}))


def _single(sentences: Sequence[str]) -> dict[str, int]:
    """Tokens that stand in one sentence only, and in which."""
    where: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for number, sentence in enumerate(sentences):
        tokens = set(_tokens(sentence))
        seen.update(tokens)
        where.update(dict.fromkeys(tokens, number))
    return {token: number for token, number in where.items() if seen[token] == 1}


def _tokens(sentence: str) -> Iterator[str]:
    for match in TOKEN.finditer(sentence):
        token = match[0]
        if not token[0].isalpha() or "/" in token:
            yield token
        elif token[0].isupper() and len(token) >= SHORTEST:
            bones = skeleton(readings(token)[0])
            if len(bones) >= SHORTEST:
                yield bones


def _rising(anchors: Sequence[Anchor]) -> list[Anchor]:
    """The longest part of some anchors, sorted, in which both numbers rise (patience sorting)."""
    ends: list[int] = []  # the smallest right number that ends a chain of each length
    last: list[int] = []  # the anchor it belongs to
    before: list[int] = []
    for number, (_, right) in enumerate(anchors):
        at = bisect_left(ends, right)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1] = [right]
        last[at : at + 1] = [number]
    chain, number = [], last[-1] if last else -1
    while number >= 0:
        chain.append(anchors[number])
        number = before[number]
    return chain[::-1]
