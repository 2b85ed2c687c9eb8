"""Nearest neighbours by FAISS: exactly in a small collection, by an inverted file in a big one."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import files
from pipeline.ports import Vectors

Ids = NDArray[np.int64]

RECALL = 0.99
"""Share of the exact neighbours that an inverted file must find; as many lists are looked at as that takes."""

PROBES = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
SAMPLE = 400  # vectors by which the recall is measured
NEIGHBOURS = 24  # of each of them
LISTS = 2.0  # lists of an inverted file, times the square root of its size
TRAINED_BY = 64  # vectors a list by which the lists are found
ROUNDS = 8  # of k-means
GROWN = 2.0
"""Growth after which the lists no longer fit and the file is made anew."""


class FaissIndex:
    """The `Index` port over FAISS. `exact`: it looks at every vector; `recall`: the measured share, 1.0 when exact."""

    def __init__(self, index: Any, *, exact: bool, recall: float = 1.0, trained_on: int = 0) -> None:
        self._index = index
        self.exact = exact
        self.recall = recall
        self.trained_on = trained_on

    @classmethod
    def flat(cls, rows: Vectors | NDArray[np.float16], ids: Ids) -> "FaissIndex":
        """An exact index of `rows` (n, dim)."""
        import faiss

        index = faiss.IndexIDMap(faiss.IndexFlatIP(rows.shape[1]))
        index.add_with_ids(np.ascontiguousarray(rows, np.float32), ids)
        return cls(index, exact=True)

    @classmethod
    def inverted(cls, rows: NDArray[np.float16], ids: Ids) -> "FaissIndex":
        """An inverted file of `rows` (n, dim), kept in half precision, that finds `RECALL` of the exact neighbours."""
        import faiss

        lists = 1 << round(np.log2(LISTS * np.sqrt(len(rows))))
        index: Any = faiss.index_factory(rows.shape[1], f"IVF{lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
        index.cp.niter, index.cp.seed = ROUNDS, 1
        chance = np.random.default_rng(1)
        index.train(_some(rows, lists * TRAINED_BY, chance))
        for start in range(0, len(rows), 1 << 16):
            some = slice(start, start + (1 << 16))
            index.add_with_ids(rows[some].astype(np.float32), ids[some])
        made = cls(index, exact=False, trained_on=len(rows))
        made.recall = made._measured(rows, ids, chance)
        return made

    def _measured(self, rows: NDArray[np.float16], ids: Ids, chance: np.random.Generator) -> float:
        """Look at as few lists as `RECALL` takes; the recall that was measured."""
        queries = _some(rows, SAMPLE, chance)
        best: list[tuple[Vectors, Ids]] = []
        for start in range(0, len(rows), 1 << 16):
            block = FaissIndex.flat(rows[start : start + (1 << 16)], ids[start : start + (1 << 16)])
            best = [_merged([*best, block.search(queries, NEIGHBOURS)])]
        wanted = best[0][1]
        recall = 0.0
        for self._index.nprobe in PROBES:
            found = self.search(queries, NEIGHBOURS)[1]
            recall = float(
                np.mean([len(set(a) & set(b)) / len(a) for a, b in zip(wanted.tolist(), found.tolist(), strict=True)])
            )
            if recall >= RECALL:
                break
        return recall

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Vectors, k: int, among: Ids | None = None) -> tuple[Vectors, Ids]:
        """(similarity, id), biggest first; see the port."""
        import faiss

        k = min(k, len(self))
        if k == 0 or len(queries) == 0:
            return np.zeros((len(queries), k), np.float32), np.zeros((len(queries), k), np.int64)
        parameters = None
        if among is not None:
            chosen = faiss.IDSelectorBatch(among)
            kind: Any = faiss.SearchParameters if self.exact else faiss.SearchParametersIVF
            options = {} if self.exact else {"nprobe": self._index.nprobe}
            parameters = kind(sel=chosen, **options)
        similarity, found = self._index.search(np.ascontiguousarray(queries), k, params=parameters)
        order = np.lexsort((found, -similarity))
        return np.take_along_axis(similarity, order, 1), np.take_along_axis(found, order, 1)

    def update(self, rows: NDArray[np.float16], ids: Ids, gone: Ids) -> None:
        """Take points out of an inverted file and put others in."""
        import faiss

        if len(gone):
            self._index.remove_ids(faiss.IDSelectorBatch(gone))
        self._index.add_with_ids(rows.astype(np.float32), ids)

    @property
    def outgrown(self) -> bool:
        """Whether so much has been added that the lists should be made anew."""
        return len(self) > GROWN * self.trained_on

    def write(self, path: Path) -> None:
        """Keep an inverted file; it is replaced whole."""
        import faiss

        writer: Any = faiss
        with files.atomic_bytes(path) as file:
            faiss.write_index(self._index, writer.PyCallbackIOWriter(file.write))

    @classmethod
    def read(cls, path: Path, *, recall: float, trained_on: int) -> "FaissIndex":
        """An inverted file that was kept."""
        import faiss

        return cls(faiss.read_index(str(path)), exact=False, recall=recall, trained_on=trained_on)


def _some(rows: NDArray[np.float16], count: int, chance: np.random.Generator) -> Vectors:
    chosen = chance.choice(len(rows), min(count, len(rows)), replace=False)
    return rows[np.sort(chosen)].astype(np.float32)


def _merged(found: list[tuple[Vectors, Ids]]) -> tuple[Vectors, Ids]:
    """The nearest of several answers to the same queries."""
    similarity, ids = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
    order = np.lexsort((ids, -similarity))[:, :NEIGHBOURS]
    return np.take_along_axis(similarity, order, 1), np.take_along_axis(ids, order, 1)
