"""Where the alignment of long editions is looked for: a corridor along that of the same editions in runs of two.

Those are aligned along that of runs of four, and so on (coarse to fine, as in Vecalign), so that time and space grow
with the length of the editions and not with its square.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment import cost, path
from pipeline.alignment.anchors import Anchor
from pipeline.alignment.path import Step, Window
from pipeline.alignment.sides import Side

EXACT = 2_000_000
"""Cells up to which nothing is left out: editions of 1,400 sentences."""
RADIUS = 48
"""Sentences that the corridor is wide on either side of the coarse path."""
ROWS = 64
"""Left sentences that are worked out together."""


def best(left: Side, right: Side, anchors: Sequence[Anchor] = ()) -> list[Step]:
    """The steps from the first to the last sentence that gain most, once what an omission costs is estimated.

    `anchors` rise on both sides; the corridor of long editions leads past them, whatever the vectors say.
    """
    corridor = windows(left, right, anchors)
    first = path.best(left, right, corridor, cost.SKIP)
    return path.best(left, right, corridor, cost.skip(first, left, right))


def is_needed(left: int, right: int) -> bool:
    """Whether editions of so many sentences are too long to compare each sentence with each."""
    return left * right > EXACT and min(left, right) > RADIUS


def windows(left: Side, right: Side, anchors: Sequence[Anchor] = ()) -> list[Window]:
    """Where to look: everywhere, or along the path of the same editions in runs of two and along the anchors."""
    starts = range(0, len(left), ROWS)
    if not is_needed(len(left), len(right)):
        return [Window((start, min(start + ROWS, len(left))), (0, len(right))) for start in starts]
    coarse = best(left.halved(), right.halved(), [(i // 2, j // 2) for i, j in anchors])
    ends = [(0, 0), *((2 * i, 2 * j) for (_, i), (_, j) in coarse)]
    lines = [np.array(ends), np.array([(0, 0), *anchors, ends[-1]])] if anchors else [np.array(ends)]
    return [_window(lines, start, min(start + ROWS, len(left)), len(left), len(right)) for start in starts]


def _window(lines: Sequence[NDArray[np.int64]], start: int, stop: int, rows: int, columns: int) -> Window:
    """The window of some left sentences: as far as the lines, rising points (left, right), come near them."""
    begin, end = columns, 0
    for points in lines:
        before = int(np.searchsorted(points[:, 0], start - RADIUS)) - 1
        after = int(np.searchsorted(points[:, 0], stop + RADIUS, side="right"))
        begin = min(begin, int(points[max(before, 0), 1]))
        end = max(end, int(points[min(after, len(points) - 1), 1]))
    return Window((start, stop), (max(begin - RADIUS, 0), columns if stop == rows else min(end + RADIUS, columns)))
