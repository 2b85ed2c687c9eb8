"""An edition as aligning sees it: what each sentence means, how long it is, and how much it counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.ports import Vectors

LONGEST = 4
"""Most sentences in a run."""
WEIGHT = 0.4
"""Power of a sentence's length, relative to the mean, by which it counts: long ones have vectors to be trusted more."""
AROUND = 12
"""Sentences on either side whose mean is what a sentence's surroundings have in common: those of a short article are all
of it."""
BLOCK = 4_096
"""Sentences that are centred together; bounds memory."""
SLACK = 40
"""Characters added to lengths before they are compared, because short sentences vary more."""


@dataclass(frozen=True, slots=True)
class Side:
    """An edition of n sentences.

    `given` (n, dim) are the vectors of the sentences, `columns` what else is known of each. `vectors` are both together,
    centred, with rows of length 1, and `masses` (n,) are what a sentence adds to the vector of a run: a run has
    the weighted mean of its sentences' vectors, so that nothing is embedded twice. `weights` (n,) are how much a sentence
    counts. Of runs, row k - 1 speaks of the k sentences that end at a sentence: `norms` (LONGEST, n) are the lengths of
    their summed vectors, `logs` (LONGEST, n) the logarithms of their lengths in characters.
    """

    given: Vectors
    columns: Vectors | None
    vectors: Vectors
    masses: Vectors
    weights: Vectors
    norms: Vectors
    logs: Vectors

    def __len__(self) -> int:
        return len(self.vectors)

    def run(self, first: int, last: int) -> Vectors:
        """The vector, of length 1, of the sentences from `first` to before `last`."""
        summed = self.masses[first:last] @ self.vectors[first:last]
        return np.asarray(summed / max(float(np.linalg.norm(summed)), 1e-6), np.float32)

    def part(self, first: int, last: int) -> "Side":
        """The sentences from `first` to before `last`, counted anew; all that is known of them stays."""
        some = slice(first, last)
        return Side(
            self.given[some],
            None if self.columns is None else self.columns[some],
            self.vectors[some],
            self.masses[some],
            self.weights[some],
            self.norms[:, some],
            self.logs[:, some],
        )

    def halved(self) -> "Side":
        """The edition in runs of two, for a coarser look, each centred among its neighbours."""
        masses = np.add.reduceat(self.masses, np.arange(0, len(self), 2))
        columns = None if self.columns is None else self._summed(self.columns)
        return _side(_unit(self._summed(self.given)), masses, columns)

    def _summed(self, rows: Vectors) -> Vectors:
        """For runs of two the mean of their rows."""
        starts = np.arange(0, len(self), 2)
        summed = np.add.reduceat(rows * self.masses[:, None], starts, axis=0)
        return np.asarray(summed / np.add.reduceat(self.masses, starts)[:, None], np.float32)


def side(sentences: Sequence[str], vectors: Vectors, columns: Vectors | None = None) -> Side:
    """The edition whose sentences have these `vectors`, centred where they stand, and more `columns` beside them."""
    masses = np.array([len(sentence) + 1 for sentence in sentences], np.float32)
    return _side(vectors, masses, columns)


def _side(vectors: Vectors, masses: Vectors, columns: Vectors | None) -> Side:
    centred = _centred(vectors)
    if columns is not None:
        centred = _unit(np.hstack([centred, columns]))
    weights = ((masses / masses.mean()) ** WEIGHT).astype(np.float32)
    return Side(vectors, columns, centred, masses, weights, _norms(centred, masses), _logs(masses))


def _centred(vectors: Vectors) -> Vectors:
    """The vectors without the mean of their surroundings, with length 1.

    That takes away what the language and the subject of a passage have in common, and leaves what tells its sentences
    apart. At the ends the surroundings are as wide as elsewhere.
    """
    n = len(vectors)
    width = min(2 * AROUND + 1, n)
    first = np.clip(np.arange(n) - AROUND, 0, n - width)
    centred = np.empty_like(vectors)
    for start in range(0, n, BLOCK):
        begin, end = int(first[start]), int(first[min(start + BLOCK, n) - 1]) + width
        sums = np.zeros((end - begin + 1, vectors.shape[1]))
        np.cumsum(vectors[begin:end], axis=0, out=sums[1:])
        at = first[start : start + BLOCK] - begin
        # A hundredth of a sentence more, without a direction: one sentence alone is not centred away.
        centred[start : start + BLOCK] = vectors[start : start + BLOCK] - (sums[at + width] - sums[at]) / (width + 0.01)
    return _unit(centred)


def _norms(vectors: Vectors, masses: Vectors) -> Vectors:
    """Lengths of the summed vectors of runs, from the cosines of neighbours: no sum is made."""
    n = len(vectors)
    squares = np.zeros((LONGEST, n))
    near = np.zeros((LONGEST, n))  # row k: with the sentence k before it
    for k in range(LONGEST):
        near[k, k:] = (
            np.einsum("ij,ij->i", vectors[k:], vectors[: max(n - k, 0)]) * masses[k:] * masses[: max(n - k, 0)]
        )
    squares[0] = near[0]
    for k in range(1, LONGEST):
        squares[k, 1:] = squares[k - 1, :-1]
        squares[k] += near[0] + 2 * near[1 : k + 1].sum(axis=0)
    return np.sqrt(np.maximum(squares, 1e-6)).astype(np.float32)


def _logs(masses: Vectors) -> Vectors:
    counted = np.concatenate([[0.0], np.cumsum(masses, dtype=np.float64)])
    first = np.maximum(np.arange(len(masses)) - np.arange(LONGEST)[:, None], 0)
    logs: Vectors = np.log(counted[1:] - counted[first] + SLACK).astype(np.float32)
    return logs


def _unit(vectors: Vectors | NDArray[np.float64]) -> Vectors:
    """Rows of length 1; a row of nothing but zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 1e-6, lengths, 1), np.float32)
