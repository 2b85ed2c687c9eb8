"""Sentence numbers only, ``0,1:0``: counted from 0, left and right, an empty side for an omission (hunalign, Vecalign)."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from pipeline.exports.about import About
from pipeline.records import AlignedPair


def lines(pairs: Iterable[AlignedPair], _: About) -> Iterator[str]:
    """One line a pair; numbers begin anew with every pair of articles.

    The pairs of two articles stand together and are complete: every sentence in one pair, omissions as pairs of their
    own. That is how the numbers come out of `AlignedPair.kind` and the offsets.
    """
    for _ids, together in groupby(pairs, key=lambda pair: (pair.left.article_id, pair.right.article_id)):
        document = list(together)
        kinds = [[int(count) for count in pair.kind.split("-")] for pair in document]
        left = _numbers([(pair.left.start, left) for pair, (left, _) in zip(document, kinds, strict=True)])
        right = _numbers([(pair.right.start, right) for pair, (_, right) in zip(document, kinds, strict=True)])
        yield from (f"{a}:{b}\n" for a, b in zip(left, right, strict=True))


def _numbers(runs: list[tuple[int, int]]) -> list[str]:
    """For each (start, number of sentences) the numbers of its sentences, in the order of the text."""
    numbers = [""] * len(runs)
    at = 0
    for position in sorted((p for p, (_, count) in enumerate(runs) if count), key=lambda p: runs[p][0]):
        count = runs[position][1]
        numbers[position] = ",".join(map(str, range(at, at + count)))
        at += count
    return numbers
