"""Editions as outlets make them: sentences left out, merged, added and moved; with the alignment that is still right.

Faithful translations cannot tell aligners apart: by length alone they align to 97 percent.
"""

import random
from dataclasses import dataclass

from scoring import Ladder


@dataclass(frozen=True, slots=True)
class Editing:
    """How often a sentence is left out, merged with the next one, or followed by one of another article; whether a
    paragraph of two or three sentences moves in the second edition.
    """

    dropped: float = 0.0
    merged: float = 0.0
    added: float = 0.0
    moved: bool = False


EDITINGS = {
    "faithful": Editing(),
    "edited": Editing(dropped=0.10, merged=0.12, added=0.05),
    "shortened": Editing(dropped=0.33, merged=0.03, added=0.05),
    "moved": Editing(dropped=0.10, merged=0.12, added=0.05, moved=True),
}

Line = tuple[str, frozenset[int]]
"""A sentence of an edition and the numbers of the original sentences in it; none in an added one."""


def edit(sentences: list[str], foreign: list[str], editing: Editing, chance: random.Random) -> list[Line]:
    """An edition made from the sentences of an article; what is added comes from `foreign`."""
    lines: list[Line] = []
    for number, sentence in enumerate(sentences):
        if chance.random() < editing.dropped:
            continue
        before, numbers = lines[-1] if lines else ("", frozenset[int]())
        if number - 1 in numbers and chance.random() < editing.merged:
            lines[-1] = (f"{before} {sentence}", numbers | {number})
        else:
            lines.append((sentence, frozenset({number})))
        if chance.random() < editing.added:
            lines.append((chance.choice(foreign), frozenset()))
    if editing.moved:
        size = chance.randint(2, 3)
        start = chance.randrange(len(lines) - size)
        block = lines[start : start + size]
        del lines[start : start + size]
        target = chance.choice([at for at in range(len(lines) + 1) if abs(at - start) > 1])
        lines[target:target] = block
    return lines


def alignment(left: list[Line], right: list[Line]) -> Ladder:
    """The beads of two editions: lines that share original sentences, however many hang together."""
    beads: list[tuple[set[int], set[int]]] = []
    for i, (_, numbers) in enumerate(left):
        lefts, rights = {i}, {j for j, (_, others) in enumerate(right) if numbers & others}
        for bead in [bead for bead in beads if bead[1] & rights]:
            beads.remove(bead)
            lefts, rights = lefts | bead[0], rights | bead[1]
        beads.append((lefts, rights))
    return [(tuple(sorted(lefts)), tuple(sorted(rights))) for lefts, rights in beads if rights]
