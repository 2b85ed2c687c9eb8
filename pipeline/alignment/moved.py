"""Pairs what the path leaves over on both sides: paragraphs that stand elsewhere in the other edition.

A path keeps the order of the text, so that it leaves alone what was moved. Where a sentence and another are each other's
nearest of all that is left over, by a margin, the stretches they stand in are aligned with one another.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.alignment import corridor, path
from pipeline.alignment.path import LENGTH, Run, Step
from pipeline.alignment.sides import LONGEST, Side

NEAR = 0.35
"""Similarity from which two leftovers can be one sentence that was moved."""
MARGIN = 0.1
"""How much closer they must be than each is to any other leftover that does not stand beside the other."""
ALONE = 0.3
"""What a leftover gains by staying one: more than in the path, because order is no evidence here."""
CELLS = 4_000_000
"""Cosines that are worked out together; bounds memory."""
ROUNDS = 5
"""How often what is then still left over is looked through: paragraphs that were moved out of others that were moved."""


def found(steps: Iterable[Step], left: Side, right: Side) -> list[Step]:
    """Beads of sentences that are left over in `steps` and belong together, in the order of the left edition."""
    lefts = [first for (first, last), other in steps if first < last and other[0] == other[1]]
    rights = [first for other, (first, last) in steps if first < last and other[0] == other[1]]
    moved: list[Step] = []
    for _ in range(ROUNDS):
        beads = _round(lefts, rights, left, right) if lefts and rights else []
        if not beads:
            break
        moved += beads
        gone = {i for run, _ in beads for i in range(*run)}, {j for _, run in beads for j in range(*run)}
        lefts = [i for i in lefts if i not in gone[0]]
        rights = [j for j in rights if j not in gone[1]]
    return sorted(moved)


def _round(lefts: list[int], rights: list[int], left: Side, right: Side) -> list[Step]:
    """The beads of the stretches that most sentences speak for, each stretch in one pair."""
    ours, theirs = _stretches(lefts), _stretches(rights)
    seeds = Counter((ours[lefts[i]], theirs[rights[j]]) for i, j in _nearest(lefts, rights, left, right))
    beads: list[Step] = []
    taken: set[tuple[bool, Run]] = set()
    for (one, other), _ in sorted(seeds.items(), key=lambda item: (-item[1], item[0])):
        if (False, one) not in taken and (True, other) not in taken:
            beads += _between(one, other, left, right)
            taken |= {(False, one), (True, other)}
    return beads


def _between(one: Run, other: Run, left: Side, right: Side) -> Iterator[Step]:
    """The beads of two stretches."""
    part, counterpart = left.part(*one), right.part(*other)
    for (a, b), (c, d) in path.best(part, counterpart, corridor.windows(part, counterpart), ALONE):
        if a < b and c < d:
            yield (one[0] + a, one[0] + b), (other[0] + c, other[0] + d)


def _stretches(numbers: list[int]) -> dict[int, Run]:
    """For each of some rising numbers the stretch, without gaps, that it stands in."""
    stretches: dict[int, Run] = {}
    first = 0
    for at, number in enumerate(numbers):
        if at and number != numbers[at - 1] + 1:
            first = at
        if at + 1 == len(numbers) or numbers[at + 1] != number + 1:
            run = (numbers[first], number + 1)
            stretches.update(dict.fromkeys(range(*run), run))
    return stretches


def _nearest(lefts: list[int], rights: list[int], left: Side, right: Side) -> list[tuple[int, int]]:
    """Places, in the two lists, of mutual nearest neighbours."""
    there, back = _choices(lefts, rights, left, right), _choices(rights, lefts, right, left)
    return [(i, j) for i, j in enumerate(there.tolist()) if j >= 0 and back[j] == i]


def _choices(ours: list[int], theirs: list[int], one: Side, other: Side) -> NDArray[np.intp]:
    """For each of ours the place in `theirs` of the one that it is nearest to by a margin, or -1."""
    vectors, logs, numbers = other.vectors[theirs].T, other.logs[0, theirs], np.array(theirs)
    chosen = []
    rows = max(CELLS // len(theirs), 1)
    for start in range(0, len(ours), rows):
        some = ours[start : start + rows]
        likeness = one.vectors[some] @ vectors - LENGTH * np.abs(one.logs[0, some, None] - logs)
        best = likeness.argmax(axis=1)
        closest = likeness.max(axis=1)
        beside = np.abs(numbers[best][:, None] - numbers) < LONGEST
        second = np.where(beside, -1, likeness).max(axis=1)
        chosen.append(np.where((closest >= NEAR) & (closest - second >= MARGIN), best, -1))
    return np.concatenate(chosen)
