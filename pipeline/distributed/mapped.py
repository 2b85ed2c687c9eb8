"""An inverted file that stays on the disk: the system brings what a query touches into memory, and takes it out again.

The lists are found once, from a sample of all points. Workers then put the points of their blocks into lists of their own,
and one of them writes these behind one another (Jégou, Douze and Schmid 2011 for the inverted file; vectors are kept in
half precision).
"""

from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.points import Numbers
from pipeline.ports import Vectors

RECALL = 0.95
"""Share of the exact neighbours within a block, which are farther away than those in all blocks, that the lists that are
looked at must hold; each of them is read from the disk."""

LISTS = 4.0  # of an inverted file, times the square root of its size: fine ones, of which a smaller part is read
SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""Shares of the lists that are tried for it."""

TRAINED_BY = 40  # points a list by which the lists are found
ROUNDS = 8  # of k-means
NEIGHBOURS = 10  # of each query by which the recall is measured


class MappedIndex:
    """The `Index` port over an inverted file on the disk; `probes` lists are looked at."""

    def __init__(self, index: Any, probes: int) -> None:
        self._index = index
        self.probes = probes

    @classmethod
    def open(cls, path: Path, probes: int) -> "MappedIndex":
        """The file at `path`, of which next to nothing is read: its lists are mapped."""
        import faiss

        # the lists are named without their folder; FAISS itself would look for them beside the file, and print that
        with chdir(path.parent):
            return cls(faiss.read_index(path.name, faiss.IO_FLAG_READ_ONLY), probes)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Vectors, k: int, among: Numbers | None = None) -> tuple[Vectors, Numbers]:
        """(similarity, id), biggest first; see the port."""
        import faiss

        k = min(k, len(self))
        if not k or not len(queries):
            return np.zeros((len(queries), k), np.float32), np.zeros((len(queries), k), np.int64)
        chosen = None if among is None else faiss.IDSelectorBatch(np.ascontiguousarray(among))
        typed: Any = faiss  # its own types know nothing of named parameters
        parameters = typed.SearchParametersIVF(sel=chosen, nprobe=self.probes)
        close, ids = self._index.search(np.ascontiguousarray(queries, np.float32), k, params=parameters)
        order = np.lexsort((ids, -close))
        return np.take_along_axis(close, order, 1), np.take_along_axis(ids, order, 1)


def lists_for(points: int) -> int:
    """How many lists so many points are kept in."""
    power = max(0, round(float(np.log2(max(1.0, LISTS * np.sqrt(points))))))
    return int(2**power)


def train(path: Path, sample: NDArray[np.float16], lists: int) -> None:
    """Find the lists, and write the file without any points."""
    import faiss

    index: Any = faiss.index_factory(sample.shape[1], f"IVF{lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
    clustering = faiss.extract_index_ivf(index).cp
    clustering.niter, clustering.seed, clustering.min_points_per_centroid = ROUNDS, 1, 1
    index.train(sample.astype(np.float32))
    faiss.write_index(index, str(path))


def fill(trained: Path, path: Path, rows: NDArray[np.float16], ids: Numbers) -> None:
    """Write the file with the points of a block."""
    import faiss

    index: Any = faiss.read_index(str(trained))
    if len(rows):
        index.add_with_ids(rows.astype(np.float32), ids)
    faiss.write_index(index, str(path))


def join(trained: Path, blocks: Sequence[Path], path: Path) -> None:
    """Write what is in the files of all blocks behind one another, without reading it into memory."""
    import faiss
    from faiss.contrib.ondisk import merge_ondisk

    index: Any = faiss.read_index(str(trained))
    with chdir(path.parent):
        merge_ondisk(index, [str(block) for block in blocks], f"{path.name}.lists")
        faiss.write_index(index, path.name)


def probes(trained: Path, rows: NDArray[np.float16], queries: Vectors) -> int:
    """How many lists must be looked at for `RECALL`, measured by the neighbours of `queries` among these points.

    The queries are to be of all languages, as those that people ask are: what is said in another language is farther away,
    and in other lists.
    """
    import faiss

    index: Any = faiss.read_index(str(trained))
    lists = index.nlist
    if not len(rows):
        return 1
    every, k = rows.astype(np.float32), min(NEIGHBOURS, len(rows))
    flat: Any = faiss.IndexFlatIP(rows.shape[1])
    flat.add(every)
    wanted = flat.search(queries, k)[1]
    index.add_with_ids(every, np.arange(len(rows)))
    for share in SHARES:
        some = MappedIndex(index, max(1, int(share * lists)))
        found = some.search(queries, k)[1]
        if np.mean([np.isin(one, other).mean() for one, other in zip(wanted, found, strict=True)]) >= RECALL:
            break
    return some.probes
