"""The index equals plain numpy, value by value."""

import numpy as np
import pytest

from pipeline.engines.faiss import FaissIndex
from pipeline.ports import Vectors


def rows(count: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("k", [1, 5, 200])
def test_the_same_neighbours_and_cosines_as_numpy(k: int) -> None:
    vectors, queries = rows(100, 1), rows(7, 2)
    similarity, position = FaissIndex(vectors).search(queries, k)
    exact = queries @ vectors.T
    order = np.argsort(-exact, axis=1, kind="stable")[:, :k]
    assert np.array_equal(position, order)
    np.testing.assert_allclose(similarity, np.take_along_axis(exact, order, 1), atol=1e-6)
    assert similarity.max() <= 1 + 1e-6


def test_ties_go_to_the_lower_position() -> None:
    vectors = np.repeat(rows(1, 3), 4, axis=0)
    _, position = FaissIndex(vectors).search(vectors[:1], 4)
    assert position.tolist() == [[0, 1, 2, 3]]


def test_empty_index_and_no_queries() -> None:
    assert [a.shape for a in FaissIndex(rows(0, 1)).search(rows(2, 1), 3)] == [(2, 0), (2, 0)]
    assert [a.shape for a in FaissIndex(rows(3, 1)).search(rows(0, 1), 3)] == [(0, 3), (0, 3)]
