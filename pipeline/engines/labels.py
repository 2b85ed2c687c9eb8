"""The labels that the tagger gives to words, and how the most likely row of them is read as spans."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Span
from pipeline.tagging import Tag, TagKind

Scores = NDArray[np.float32]

OUTSIDE, REPORTED_BEGINS, REPORTED, ATTRIBUTION_BEGINS, ATTRIBUTION, QUOTED = range(6)
LABELS = 6
SPEAKER, CUE = 6, 7
"""Columns after the labels: whether a word of an attribution names the speaker, or is of the words of saying."""
COLUMNS = 8

KINDS: dict[int, TagKind] = {REPORTED: "reported", ATTRIBUTION: "attribution"}
BEGINS = {REPORTED_BEGINS: REPORTED, ATTRIBUTION_BEGINS: ATTRIBUTION}
PARTS: dict[int, TagKind] = {SPEAKER: "speaker", CUE: "cue"}
LIKELY = 0.5  # from here on a word belongs to a part
RELUCTANCE, PERSISTENCE = 12.0, 0.5
"""Logits that the words of a reported clause have to make up for together, and what each of them is given.

Word by word the model says what is likely; this says that clauses are few and long. Chosen on files that the model was
not trained on (`models/tagger/README.md`).
"""


class Run(NamedTuple):
    """Words from `begin` to before `end` that have one label; of a span the label inside it."""

    label: int
    begin: int
    end: int


def _barred() -> Scores:
    """What it costs to go from a label to another, (before, after): a span goes on only where one is open."""
    table = np.zeros((LABELS, LABELS), dtype=np.float32)
    for begins, inside in BEGINS.items():
        table[:, inside] = -np.inf
        table[[begins, inside], inside] = 0
    return table


BARRED = _barred()
WEIGHTS = np.zeros(LABELS, dtype=np.float32)
WEIGHTS[[REPORTED_BEGINS, REPORTED]] = -RELUCTANCE, PERSISTENCE
FIRST_BARRED = np.where([label in KINDS for label in range(LABELS)], -np.inf, 0).astype(np.float32)


def tags(scores: Scores, words: list[Span], sentence: int, hinted: Iterable[Span] = ()) -> list[Tag]:
    """The spans of a sentence from the logits of its words, (words, COLUMNS), in order of their beginnings.

    After them come the clauses that the rules hinted at.
    """
    if not words:
        return []
    logs = scores[:, :LABELS] - np.logaddexp.reduce(scores[:, :LABELS], axis=1, keepdims=True)
    chances = np.exp(logs)
    found: list[Tag] = []
    for label, begin, end in runs(best(logs + WEIGHTS)):
        if label not in KINDS:
            continue
        columns = [label, *(begins for begins, inside in BEGINS.items() if inside == label)]
        sure = float(chances[begin:end, columns].sum(axis=1).mean())
        found.append(Tag(KINDS[label], sentence, words[begin][0], words[end - 1][1], sure))
        if label == ATTRIBUTION:
            found += _parts(scores[begin:end], words[begin:end], sentence)
    reported = chances[:, [REPORTED_BEGINS, REPORTED]].sum(axis=1)
    for start, end in hinted:
        inside = [n for n, word in enumerate(words) if start <= word[0] < end]
        found.append(Tag("hinted", sentence, start, end, float(reported[inside].mean()) if inside else 0.0))
    return found


def _parts(scores: Scores, words: list[Span], sentence: int) -> Iterator[Tag]:
    """The runs of words within an attribution that name the speaker, and those that are the words of saying."""
    for column, kind in PARTS.items():
        chances = 1 / (1 + np.exp(-scores[:, column]))
        for likely, run in groupby(range(len(words)), key=(chances >= LIKELY).__getitem__):
            places = list(run)
            if likely:
                yield Tag(kind, sentence, words[places[0]][0], words[places[-1]][1], float(chances[places].mean()))


def best(logs: Scores) -> list[int]:
    """The most likely row of labels in which no span goes on that has not begun (Viterbi); ties go to the lower label."""
    reached = logs[0] + FIRST_BARRED
    came = []
    for row in logs[1:]:
        paths = reached[:, None] + BARRED
        came.append(paths.argmax(axis=0))
        reached = paths.max(axis=0) + row
    path = [int(reached.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return path[::-1]


def runs(row: list[int]) -> list[Run]:
    """A row of labels as runs; a label that begins a span begins a run."""
    found: list[Run] = []
    for place, label in enumerate(row):
        inside = BEGINS.get(label, label)
        if found and label not in BEGINS and found[-1].label == inside:
            found[-1] = found[-1]._replace(end=place + 1)
        else:
            found.append(Run(inside, place, place + 1))
    return found
