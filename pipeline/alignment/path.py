"""The best sequence of beads through a corridor, by dynamic programming.

As in Vecalign (Thompson & Koehn 2019) a bead is a run of sentences on each side; but it gains by each of its sentences,
how close that comes to the whole of the other side, so that a sentence that adds nothing to a run is worth more left
alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment.sides import LONGEST, Side

BEADS = ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (1, 3), (3, 1), (1, 4), (4, 1))
LENGTH = 0.18
"""What a sentence loses when its bead is e times as long on one side as on the other."""

Run = tuple[int, int]
"""Sentences from the first to before the second number."""

Step = tuple[Run, Run]
"""A bead, left and right; one of the runs is empty for an omission."""

Floats = NDArray[np.float64]

_ALONE_LEFT, _ALONE_RIGHT = -1, -2


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a corridor: the left sentences `rows` may end beads where `columns` right sentences are behind."""

    rows: Run
    columns: Run  # both numbers are allowed: 0 is before the first sentence


def best(left: Side, right: Side, corridor: Sequence[Window], skip: float) -> list[Step]:
    """The steps from the first to the last sentence that gain most; a sentence alone gains `skip` times its weight.

    The windows of `corridor` follow each other, row on row, each beginning no earlier than the one before and
    overlapping it; the first begins at column 0 and the last ends behind the last one. Time and space grow with their
    area; they hold a byte for each of its cells.
    """
    skipped = skip * np.concatenate([[0.0], np.cumsum(right.weights, dtype=np.float64)])
    first = corridor[0].columns
    rows = [(first[0], skipped[first[0] : first[1] + 1].copy())]  # (first column, gains) of the last LONGEST rows
    choices = []
    for window in corridor:
        begin, end = window.columns
        known = [_fitted(at, gains, begin, end) for at, gains in rows]
        base = skipped[begin : end + 1]
        choice = np.empty((window.rows[1] - window.rows[0], end - begin + 1), np.int8)
        for number, gained in enumerate(_gains(left, right, window)):
            alone = skip * float(left.weights[window.rows[0] + number])
            known.append(_row(known, gained, alone, base, choice[number]))
            del known[:-LONGEST]
        rows = [(begin, gains) for gains in known]
        choices.append(choice)
    return _walk_back(corridor, choices, len(right))


def _fitted(at: int, gains: Floats, begin: int, end: int) -> Floats:
    """The gains of columns `begin` to `end`, of a row that begins at column `at`; where it has none, minus infinity."""
    fitted = np.full(end - begin + 1, -np.inf)
    stop = min(end + 1, at + len(gains))
    fitted[max(at, begin) - begin : max(stop - begin, 0)] = gains[max(begin - at, 0) : max(stop - at, 0)]
    return fitted


def _row(known: list[Floats], gained: list[Floats], alone: float, skipped: Floats, choice: NDArray[np.int8]) -> Floats:
    """The gains of the next row; `choice` takes how they come about."""
    row = known[-1] + alone
    choice[:] = _ALONE_LEFT
    for number, (a, b) in enumerate(BEADS):
        if len(known) < a or len(row) <= b:
            continue
        candidate = known[-a][:-b] + gained[number]
        better = candidate > row[b:]
        np.copyto(row[b:], candidate, where=better)
        choice[b:][better] = number
    # Right sentences may be left alone from any earlier column on.
    best = np.maximum.accumulate(row - skipped) + skipped
    choice[best > row + 1e-9] = _ALONE_RIGHT
    return best


def _gains(left: Side, right: Side, window: Window) -> Iterator[list[Floats]]:
    """For each row of the window, what a bead of each of the `BEADS` gains that ends there, by column; (columns - b,)."""
    (top, bottom), (begin, end) = window.rows, window.columns
    height, width = bottom - top, end - begin
    above = min(top, LONGEST - 1)
    lefts = slice(top - above, bottom)
    cosines = left.vectors[lefts] @ right.vectors[begin:end].T
    from_left = cosines * left.weights[lefts, None] * right.masses[begin:end]
    from_right = cosines * left.masses[lefts, None] * right.weights[begin:end]
    weights = _sums(left.weights[lefts]), _sums(right.weights[begin:end])
    beads = []
    for a, b in BEADS:
        if width < b:
            beads.append(np.zeros((height, 0), np.float32))
            continue
        gains = _boxes(from_left, a, b, above) / right.norms[b - 1, begin + b - 1 : end]
        gains += _boxes(from_right, a, b, above) / left.norms[a - 1, top:bottom, None]
        unlike = np.abs(left.logs[a - 1, top:bottom, None] - right.logs[b - 1, begin + b - 1 : end])
        gains -= LENGTH * unlike * (weights[0][a - 1][above:, None] + weights[1][b - 1][b - 1 :])
        beads.append(gains)
    yield from (list(row) for row in zip(*beads, strict=True))


def _sums(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """For each k up to LONGEST the sums of the k values that end at each."""
    sums = [values]
    for k in range(1, LONGEST):
        longer = sums[-1].copy()
        longer[k:] += values[:-k]
        sums.append(longer)
    return sums


def _boxes(values: NDArray[np.float32], a: int, b: int, above: int) -> NDArray[np.float32]:
    """Sums of the boxes of a rows and b columns that end at each cell: from row `above` and column b - 1 on."""
    height, width = len(values) - above, values.shape[1] - b + 1
    wide = values[:, b - 1 :].copy()
    for back in range(1, b):
        wide += values[:, b - 1 - back : b - 1 - back + width]
    tall = wide[above:].copy()
    for back in range(1, a):
        rows = wide[max(above - back, 0) : above - back + height]
        tall[height - len(rows) :] += rows
    return tall


def _walk_back(corridor: Sequence[Window], choices: list[NDArray[np.int8]], columns: int) -> list[Step]:
    """The steps that `choices` lead to, from the last to the first and turned round."""
    path: list[Step] = []
    i, j, at = corridor[-1].rows[1], columns, len(corridor) - 1
    while i:
        while i <= corridor[at].rows[0]:
            at -= 1
        window = corridor[at]
        choice = choices[at][i - 1 - window.rows[0], j - window.columns[0]]
        a, b = (1, 0) if choice == _ALONE_LEFT else (0, 1) if choice == _ALONE_RIGHT else BEADS[choice]
        path.append(((i - a, i), (j - b, j)))
        i, j = i - a, j - b
    path.extend(((0, 0), (column - 1, column)) for column in range(j, 0, -1))
    return path[::-1]
