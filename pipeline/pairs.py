"""Aligns two editions of an article sentence by sentence, whatever was merged, left out, added or moved.

The vectors of each edition are centred on its own mean, which takes away what its language and topic have in common and
leaves what tells its sentences apart. A run of sentences has the mean of their vectors, weighted by length (Liu & Zhu
2022, Bertalign, embed every run anew, for little more). Dynamic programming finds the best sequence of beads, as in
Vecalign (Thompson & Koehn 2019); but a bead gains by each of its sentences, how close it comes to the whole of the other
side, so that a sentence that adds nothing to a run is worth more left alone. What is left over on both sides is then
paired by mutual nearest neighbours: paragraphs that stand elsewhere in the other edition.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.ports import Vectors
from pipeline.records import AlignedPair, Article, Origin, Passage, Sentence

SIGNATURE = "pairs:1"
"""Changes whenever the same editions would be aligned differently."""

BEADS = ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (1, 4), (4, 1))
LONGEST = max(max(bead) for bead in BEADS)
# Chosen on noisy and shortened editions of news: a fifth more or less of SKIP or LENGTH costs less than a point on average.
SKIP = 0.24
"""What a sentence gains by standing alone: it is aligned if it comes closer than this to its counterpart."""
WEIGHT = 0.5
"""Power of a sentence's length, relative to the mean, by which it counts: long ones have vectors to be trusted more."""
LENGTH = 0.2
"""What a sentence loses when its bead is e times as long on one side as on the other."""
SLACK = 20
"""Characters added to lengths before they are compared, because short sentences vary more."""
MOVED = 0.35
"""Similarity from which two leftovers are taken for one sentence that was moved."""
MARGIN = 0.1
"""How much closer they must be than each is to any other leftover."""
BLOCK = 512
"""Rows of the search that are worked out together; bounds memory."""

_ALONE_LEFT, _ALONE_RIGHT = -1, -2


class Bead(NamedTuple):
    """Sentence numbers that belong together. One side is empty for an omission, and `similarity` (centred cosine) None."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    similarity: float | None
    moved: bool


@dataclass(frozen=True, slots=True)
class _Side:
    """An edition: for each run length k the vectors, log lengths and weights of the k sentences that end at a sentence."""

    vectors: dict[int, Vectors]
    lengths: dict[int, Vectors]
    weights: dict[int, Vectors]

    def __len__(self) -> int:
        return len(self.vectors[1])


def between(
    left: Article,
    right: Article,
    left_sentences: Sequence[Sentence],
    right_sentences: Sequence[Sentence],
    left_vectors: Vectors,
    right_vectors: Vectors,
) -> list[AlignedPair]:
    """The aligned pairs of two editions in the order of the text, every sentence in one, omissions too.

    An omission's empty side stands where the missing sentences would.
    """
    beads = align(
        [sentence.text for sentence in left_sentences],
        [sentence.text for sentence in right_sentences],
        left_vectors,
        right_vectors,
    )
    origin: Origin = "machine" if left.translator or right.translator else "human"
    found: list[AlignedPair] = []
    at_left = at_right = 0
    for bead in beads:
        left_passage = _passage(left, left_sentences, bead.left, at_left)
        right_passage = _passage(right, right_sentences, bead.right, at_right)
        if not bead.moved:
            at_left, at_right = left_passage.end, right_passage.end
        found.append(
            AlignedPair(
                left=left_passage,
                right=right_passage,
                left_language=left.language,
                right_language=right.language,
                kind=f"{len(bead.left)}-{len(bead.right)}",
                moved=bead.moved,
                similarity=bead.similarity,
                origin=origin,
            )
        )
    return found


def _passage(article: Article, sentences: Sequence[Sentence], run: tuple[int, ...], at: int) -> Passage:
    """The text of a run of sentences; nothing, at `at`, for an empty one."""
    start, end = (sentences[run[0]].start, sentences[run[-1]].end) if run else (at, at)
    return Passage(article_id=article.id, start=start, end=end, text=article.text[start:end])


def align(left: Sequence[str], right: Sequence[str], left_vectors: Vectors, right_vectors: Vectors) -> list[Bead]:
    """Every sentence of two editions in one bead, in the order of the text; moved beads stand where their left side does.

    `left_vectors` and `right_vectors` have a row of length 1 per sentence. Time and space grow with the product of the
    two numbers of sentences (space by one byte).
    """
    if len(left) != len(left_vectors) or len(right) != len(right_vectors):
        raise ValueError("a vector per sentence is needed")
    if not left or not right:
        return [
            *(Bead((i,), (), None, False) for i in range(len(left))),
            *(Bead((), (j,), None, False) for j in range(len(right))),
        ]
    sides = _side(left, left_vectors), _side(right, right_vectors)
    path = _best_path(*sides)
    moved = dict(_moved(path, *sides))
    return list(_beads(path, moved, *sides))


def _side(sentences: Sequence[str], vectors: Vectors) -> _Side:
    lengths = np.array([len(sentence) for sentence in sentences], np.float32)
    # A hundredth of a sentence more, without a direction: one sentence alone is not centred away.
    centred = _unit(vectors - vectors.sum(axis=0) / (len(vectors) + 0.01))
    weights = (np.maximum(lengths, 1) / max(lengths.mean(), 1)) ** WEIGHT
    summed = _running(centred * (lengths[:, None] + 1))
    counted, weighed = _running(lengths), _running(weights)
    runs: dict[int, Vectors] = {}
    logs: dict[int, Vectors] = {}
    sums: dict[int, Vectors] = {}
    for k in range(1, LONGEST + 1):
        first = np.maximum(np.arange(len(vectors)) - k + 1, 0)
        runs[k] = _unit(summed[1:] - summed[first])
        logs[k] = np.log(counted[1:] - counted[first] + SLACK).astype(np.float32)
        sums[k] = (weighed[1:] - weighed[first]).astype(np.float32)
    return _Side(runs, logs, sums)


def _running(rows: Vectors) -> NDArray[np.float64]:
    """Sums of the first 0, 1, 2 … rows."""
    return np.cumsum(np.concatenate([np.zeros_like(rows[:1]), rows]), axis=0, dtype=np.float64)


def _unit(vectors: Vectors | NDArray[np.float64]) -> Vectors:
    """Rows of length 1; a row of nothing but zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 1e-6, lengths, 1), np.float32)


def _gains(left: _Side, right: _Side) -> Iterator[list[Vectors]]:
    """For each left sentence, what a bead of each of the `BEADS` gains that ends there: (number of right sentences,)."""
    for start in range(0, len(left), BLOCK):
        end = min(start + BLOCK, len(left))
        before = max(0, start - LONGEST + 1)
        singles = {
            k: left.weights[1][before:end, None] * (left.vectors[1][before:end] @ right.vectors[k].T)
            for k in right.vectors
        }
        runs = {k: right.weights[1] * (left.vectors[k][start:end] @ right.vectors[1].T) for k in left.vectors}
        block = []
        for a, b in BEADS:
            unlike = np.abs(left.lengths[a][start:end, None] - right.lengths[b])
            weight = left.weights[a][start:end, None] + right.weights[b]
            gains = runs[a] - LENGTH * weight * unlike
            for back in range(1, b):
                gains[:, back:] += runs[a][:, :-back]
            for back in range(a):
                above = singles[b][max(0, start - before - back) : end - before - back]
                gains[end - start - len(above) :] += above
            block.append(gains)
        yield from zip(*block, strict=True)


def _best_path(left: _Side, right: _Side) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The sequence of beads, omissions among them, that gains most."""
    width = len(right) + 1
    skipped = SKIP * _running(right.weights[1])
    choices = np.full((len(left) + 1, width), _ALONE_RIGHT, np.int8)
    rows = [skipped.copy()]  # the gains of the last LONGEST rows, newest last
    for i, gains in enumerate(_gains(left, right), 1):
        row = rows[-1] + SKIP * left.weights[1][i - 1]
        choice = np.full(width, _ALONE_LEFT, np.int8)
        for number, (a, b) in enumerate(BEADS):
            if i < a or width <= b:
                continue
            gained = rows[-a][:-b] + gains[number][b - 1 :]
            better = gained > row[b:]
            row[b:][better] = gained[better]
            choice[b:][better] = number
        best = (
            np.maximum.accumulate(row - skipped) + skipped
        )  # leaving right sentences alone from any earlier column on
        choice[best > row + 1e-9] = _ALONE_RIGHT
        choices[i] = choice
        rows = [*rows[-LONGEST + 1 :], best]
    return _walk_back(choices)


def _walk_back(choices: NDArray[np.int8]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The beads that `choices` lead to, from the last to the first and turned round."""
    path = []
    i, j = choices.shape[0] - 1, choices.shape[1] - 1
    while i or j:
        choice = choices[i, j]
        a, b = (1, 0) if choice == _ALONE_LEFT else (0, 1) if choice == _ALONE_RIGHT else BEADS[choice]
        path.append((tuple(range(i - a, i)), tuple(range(j - b, j))))
        i, j = i - a, j - b
    return path[::-1]


def _moved(path: list[tuple[tuple[int, ...], tuple[int, ...]]], left: _Side, right: _Side) -> Iterator[tuple[int, int]]:
    """Pairs of sentences that are left over on both sides and belong together."""
    lefts = [run[0] for run, other in path if not other]
    rights = [run[0] for other, run in path if not other]
    if not lefts or not rights:
        return
    unlike = np.abs(left.lengths[1][lefts, None] - right.lengths[1][rights])
    likeness = left.vectors[1][lefts] @ right.vectors[1][rights].T - LENGTH * unlike
    for row, column in enumerate(likeness.argmax(axis=1)):
        closest = likeness[row, column]
        others = np.concatenate([np.delete(likeness[row], column), np.delete(likeness[:, column], row)])
        if closest >= MOVED and closest - others.max(initial=-1) >= MARGIN:
            yield lefts[row], rights[int(column)]


def _beads(
    path: list[tuple[tuple[int, ...], tuple[int, ...]]], moved: dict[int, int], left: _Side, right: _Side
) -> Iterator[Bead]:
    """The path with the moved pairs in it, and how similar the two sides of each bead are."""
    taken = set(moved.values())
    for lefts, rights in path:
        if lefts and rights:
            yield Bead(lefts, rights, _similarity(left, right, lefts, rights), False)
        elif lefts and lefts[0] in moved:
            counterpart = (moved[lefts[0]],)
            yield Bead(lefts, counterpart, _similarity(left, right, lefts, counterpart), True)
        elif lefts or rights[0] not in taken:
            yield Bead(lefts, rights, None, False)


def _similarity(left: _Side, right: _Side, lefts: tuple[int, ...], rights: tuple[int, ...]) -> float:
    cosine = left.vectors[len(lefts)][lefts[-1]] @ right.vectors[len(rights)][rights[-1]]
    return round(float(np.clip(cosine, -1, 1)), 4)
