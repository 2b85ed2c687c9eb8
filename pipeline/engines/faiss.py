"""Exact nearest neighbours by FAISS."""

import numpy as np
from numpy.typing import NDArray

from pipeline.ports import Vectors


class FaissIndex:
    """The `Index` port over a flat inner-product index: exact, for collections that fit into memory."""

    def __init__(self, vectors: Vectors) -> None:
        import faiss

        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors))

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, NDArray[np.int64]]:
        """(similarity, position), biggest first; see the port."""
        k = min(k, self._index.ntotal)
        if k == 0 or len(queries) == 0:
            return np.zeros((len(queries), k), np.float32), np.zeros((len(queries), k), np.int64)
        similarity, position = self._index.search(np.ascontiguousarray(queries), k)
        order = np.lexsort((position, -similarity))
        return np.take_along_axis(similarity, order, 1), np.take_along_axis(position, order, 1)
