"""Editions as outlets make them: sentences left out, merged, added and moved; with the alignment that is still right.

Faithful translations cannot tell aligners apart: by length alone they align to 97 percent.
"""

import random
from collections.abc import Iterable
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


def alignment(left: Iterable[Line], right: Iterable[Line]) -> Ladder:
    """The beads of two editions: lines that share original sentences, however many hang together."""
    where = {number: j for j, (_, numbers) in enumerate(right) for number in numbers}
    beads: dict[int, tuple[frozenset[int], frozenset[int]]] = {}  # by the right lines in them
    for i, (_, numbers) in enumerate(left):
        shared = {where[number] for number in numbers if number in where}
        touched = {beads[j] for j in shared if j in beads}
        lefts = frozenset({i}).union(*(some for some, _ in touched))
        rights = frozenset(shared).union(*(some for _, some in touched))
        beads.update(dict.fromkeys(rights, (lefts, rights)))
    return [(tuple(sorted(lefts)), tuple(sorted(rights))) for lefts, rights in dict.fromkeys(beads.values())]
