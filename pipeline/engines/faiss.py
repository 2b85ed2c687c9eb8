"""Nearest neighbours by FAISS: exactly in a small collection, by an inverted file in a big one.

An inverted file looks into the lists that lie nearest to a query. What is there is kept twice: as codes of half a byte for
four dimensions, which are compared sixteen at a time (product quantisation, André, Kermarrec and Le Scouarnec 2015), and in
half precision, for the best of them to be compared again.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import files
from pipeline.ports import Vectors

Ids = NDArray[np.int64]

RECALL = 0.982
"""Share of the exact neighbours that an inverted file must find; as many lists are looked at as that takes."""

SHARES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5)
"""Shares of the lists that are tried for it."""

CODED = 4  # dimensions that one code stands for
CODES = 16  # that there are for them
AGAIN = 16  # times as many as are asked for, those whose codes come nearest, are compared again
NEIGHBOURS = 40  # of a query: by them the recall is measured
LISTS = 1.0  # lists of an inverted file, times the square root of its size
TRAINED_BY = 40  # vectors a list by which the lists are found
ROUNDS = 8  # of k-means
GROWN = 2.0
"""Growth after which the lists no longer fit and the file is made anew."""

GONE = -1  # the id of a vector that was taken out
BLOCK = 1 << 16  # vectors that are added at once


class FaissIndex:
    """The `Index` port over FAISS. `exact`: it looks at every vector; `recall`: the measured share, 1.0 when exact.

    FAISS counts the vectors; `ids` gives the id of each.
    """

    def __init__(self, index: Any, ids: Ids, *, exact: bool, recall: float = 1.0, trained_on: int = 0) -> None:
        self._index = index
        self._ids = ids
        self.exact = exact
        self.recall = recall
        self.trained_on = trained_on

    @classmethod
    def flat(cls, rows: Vectors | NDArray[np.float16], ids: Ids) -> "FaissIndex":
        """An exact index of `rows` (n, dim)."""
        import faiss

        index = faiss.IndexFlatIP(rows.shape[1])
        index.add(np.ascontiguousarray(rows, np.float32))
        return cls(index, ids, exact=True)

    @classmethod
    def inverted(cls, rows: NDArray[np.float16], ids: Ids, queries: Vectors) -> "FaissIndex":
        """An inverted file of `rows` (n, dim) that finds `RECALL` of the exact neighbours of `queries` (m, dim).

        The queries are like those that will be asked: what is said in another language lies beside the lists, not in them,
        and takes more of them.
        """
        import faiss

        dimension = rows.shape[1]
        lists = 1 << round(np.log2(LISTS * np.sqrt(len(rows))))
        kind = f"IVF{lists},PQ{dimension // CODED}x4fs,Refine(SQfp16)"
        index: Any = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
        clustering = faiss.extract_index_ivf(index).cp
        clustering.niter, clustering.seed = ROUNDS, 1
        chance = np.random.default_rng(1)
        some = _some(rows, lists * TRAINED_BY, chance)
        lacking = chance.standard_normal((max(CODES - len(some), 0), dimension)) / np.sqrt(dimension)
        index.train(np.concatenate([some, lacking]).astype(np.float32))
        made = cls(index, ids[:0], exact=False, trained_on=len(rows))
        made._add(rows, ids)
        made.recall = made._measured(rows, ids, queries)
        return made

    def _measured(self, rows: NDArray[np.float16], ids: Ids, queries: Vectors) -> float:
        """Look at as few lists as `RECALL` takes; the recall that was measured."""
        import faiss

        inverted: Any = faiss.extract_index_ivf(self._index)
        best: list[tuple[Vectors, Ids]] = []
        for start in range(0, len(rows), BLOCK):
            block = FaissIndex.flat(rows[start : start + BLOCK], ids[start : start + BLOCK])
            best = [_merged([*best, block.search(queries, NEIGHBOURS)])]
        wanted = best[0][1]
        recall = 0.0
        for share in SHARES:
            inverted.nprobe = max(1, int(share * inverted.nlist))
            found = self.search(queries, NEIGHBOURS)[1]
            recall = float(
                np.mean([len(set(a) & set(b)) / len(a) for a, b in zip(wanted.tolist(), found.tolist(), strict=True)])
            )
            if recall >= RECALL:
                break
        return recall

    @property
    def ids(self) -> Ids:
        """The ids of the vectors that are there."""
        return np.asarray(self._ids[self._ids != GONE], np.int64)

    def __len__(self) -> int:
        return int((self._ids != GONE).sum())

    def search(self, queries: Vectors, k: int, among: Ids | None = None) -> tuple[Vectors, Ids]:
        """(similarity, id), biggest first; see the port."""
        here = self._ids != GONE
        k = min(k, int(here.sum()))
        if among is not None:
            here &= np.isin(self._ids, among)
        if k == 0 or len(queries) == 0:
            return np.zeros((len(queries), k), np.float32), np.zeros((len(queries), k), np.int64)
        similarity, found = self._index.search(np.ascontiguousarray(queries), k, params=self._parameters(k, here))
        found = np.where(found >= 0, self._ids[found], GONE)
        order = np.lexsort((found, -similarity))
        return np.take_along_axis(similarity, order, 1), np.take_along_axis(found, order, 1)

    def _parameters(self, k: int, here: NDArray[np.bool_]) -> Any:
        """How FAISS is to search, and among which vectors."""
        import faiss

        typed: Any = faiss  # its own types know nothing of named parameters
        chosen = None if here.all() else faiss.IDSelectorBatch(np.flatnonzero(here))
        if self.exact:
            return typed.SearchParameters(sel=chosen)
        inverted = typed.SearchParametersIVF(sel=chosen, nprobe=faiss.extract_index_ivf(self._index).nprobe)
        return typed.IndexRefineSearchParameters(k_factor=AGAIN, base_index_params=inverted)

    def update(self, rows: NDArray[np.float16], ids: Ids, gone: Ids) -> None:
        """Take points out of an inverted file and put others in."""
        self._ids = np.where(np.isin(self._ids, gone), GONE, self._ids)
        self._add(rows, ids)

    def _add(self, rows: NDArray[np.float16], ids: Ids) -> None:
        for start in range(0, len(rows), BLOCK):
            self._index.add(rows[start : start + BLOCK].astype(np.float32))
        self._ids = np.concatenate([self._ids, ids])

    @property
    def outgrown(self) -> bool:
        """Whether so much has been added that the lists should be made anew."""
        return len(self._ids) > GROWN * self.trained_on

    def write(self, path: Path) -> None:
        """Keep an inverted file; it is replaced whole."""
        import faiss

        writer: Any = faiss
        with files.atomic_bytes(path) as file:
            np.save(file, self._ids)
            faiss.write_index(self._index, writer.PyCallbackIOWriter(file.write))

    @classmethod
    def read(cls, path: Path, *, recall: float, trained_on: int) -> "FaissIndex":
        """An inverted file that was kept."""
        import faiss

        reader: Any = faiss
        with path.open("rb") as file:
            ids = np.load(file)
            index = faiss.read_index(reader.PyCallbackIOReader(file.read))
        return cls(index, ids, exact=False, recall=recall, trained_on=trained_on)


def _some(rows: NDArray[np.float16], count: int, chance: np.random.Generator) -> Vectors:
    chosen = chance.choice(len(rows), min(count, len(rows)), replace=False)
    return rows[np.sort(chosen)].astype(np.float32)


def _merged(found: list[tuple[Vectors, Ids]]) -> tuple[Vectors, Ids]:
    """The nearest of several answers to the same queries."""
    similarity, ids = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
    order = np.lexsort((ids, -similarity))[:, :NEIGHBOURS]
    return np.take_along_axis(similarity, order, 1), np.take_along_axis(ids, order, 1)
