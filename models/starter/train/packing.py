"""Deals pairs of sentences into batches: rows of one length, each filled with whole pairs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

LEFT = 12  # pairs that fit nowhere, from which on a batch counts as full


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs as `rows.py` stores them, end to end: `<bos> source <2ru> target <eos>`.

    Pair `n` is `flat[offset[n] : offset[n + 1]]`; its last `target[n]` pieces are learned, `<eos>` included.
    """

    flat: NDArray[np.int32]
    offset: NDArray[np.int64]
    target: NDArray[np.int64]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Those of a `.npz` file."""
        with np.load(path) as stored:
            return cls(stored["flat"], stored["offset"], stored["target"])

    def write(self, path: Path) -> None:
        """Store them as a `.npz` file."""
        np.savez(path, flat=self.flat, offset=self.offset, target=self.target)

    def __len__(self) -> int:
        return len(self.target)

    def pieces(self, number: int) -> NDArray[np.int32]:
        """The pieces of a pair."""
        return self.flat[self.offset[number] : self.offset[number + 1]]


@dataclass(frozen=True, slots=True)
class Batch:
    """`ids`, `segment`, `position` (rows, length) as `decoder.Decoder` takes them, zero where nothing stands.

    `where` are the places, in the rows end to end, after which the pieces `right` should come.
    """

    ids: torch.Tensor
    segment: torch.Tensor
    position: torch.Tensor
    where: torch.Tensor
    right: torch.Tensor

    @property
    def pairs(self) -> int:
        """How many there are."""
        return int(((self.position == 0) & (self.segment > 0)).sum())

    def parts(self, rows: int) -> Iterator["Batch"]:
        """The batch in parts of at most so many rows."""
        for first in range(0, len(self.ids), rows):
            some = slice(first, first + rows)
            begin, end = (place * self.ids.shape[1] for place in (some.start, some.stop))
            own = (self.where >= begin) & (self.where < end)
            yield Batch(
                self.ids[some], self.segment[some], self.position[some], self.where[own] - begin, self.right[own]
            )


class Packer:
    """Takes the pairs in an order that the number of the epoch gives, each into the first row with room for it.

    `seen` and `kept`, the pairs taken so far and those of them that still wait for room, are its whole state: another packer
    that is made with them goes on with the same batches.
    """

    def __init__(
        self, pairs: Pairs, rows: int, length: int, *, seen: int = 0, kept: tuple[int, ...] | list[int] = ()
    ) -> None:
        longest = int(np.diff(pairs.offset).max(initial=0))
        if not 0 < longest <= length:
            raise ValueError(f"the longest pair has {longest} pieces, a row has room for {length}")
        self.pairs, self.rows, self.length = pairs, rows, length
        self.seen, self.kept = seen, list(kept)
        self._epoch, self._order = -1, np.zeros(0, np.int64)

    def batch(self) -> Batch:
        """The next one."""
        ids, segment, position = (np.zeros((self.rows, self.length), np.int64) for _ in range(3))
        filled, left = [0] * self.rows, list[int]()
        where, right = list[NDArray[np.int64]](), list[NDArray[np.int64]]()
        count = 0
        while len(left) < LEFT:
            number = self.kept.pop(0) if self.kept else self._next()
            pieces, learned = self.pairs.pieces(number), int(self.pairs.target[number])
            size = len(pieces)
            row = next((row for row, used in enumerate(filled) if used + size <= self.length), None)
            if row is None:
                left.append(number)
                continue
            count += 1
            here = slice(filled[row], filled[row] + size)
            ids[row, here], segment[row, here], position[row, here] = pieces, count, np.arange(size)
            where.append(row * self.length + here.stop - 1 - learned + np.arange(learned))
            right.append(pieces[size - learned :].astype(np.int64))
            filled[row] += size
        self.kept = left + self.kept
        return Batch(
            ids=torch.from_numpy(ids),
            segment=torch.from_numpy(segment),
            position=torch.from_numpy(position),
            where=torch.from_numpy(np.concatenate(where)),
            right=torch.from_numpy(np.concatenate(right)),
        )

    def _next(self) -> int:
        epoch, place = divmod(self.seen, len(self.pairs))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, np.random.default_rng(epoch).permutation(len(self.pairs))
        self.seen += 1
        return int(self._order[place])
