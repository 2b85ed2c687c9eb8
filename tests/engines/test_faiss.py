"""The exact index equals plain numpy, value by value; the inverted file finds what it says it finds."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.faiss import RECALL, FaissIndex
from pipeline.points import pack
from pipeline.ports import Vectors

IDS = 7 + 3 * np.arange(10_000)


def rows(count: int, seed: int) -> Vectors:
    """Random directions in groups, some directions more than others, as quotations have them."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(0).standard_normal((50, 64))
    vectors = centres[chance.integers(0, 50, count)] + chance.standard_normal((count, 64)) / np.sqrt(np.arange(1, 65))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("k", [1, 5, 200])
def test_the_same_neighbours_and_cosines_as_numpy(k: int) -> None:
    vectors, queries = rows(100, 1), rows(7, 2)
    similarity, found = FaissIndex.flat(vectors, IDS[:100]).search(queries, k)
    exact = queries @ vectors.T
    order = np.argsort(-exact, axis=1, kind="stable")[:, :k]
    assert np.array_equal(found, IDS[order])
    np.testing.assert_allclose(similarity, np.take_along_axis(exact, order, 1), atol=1e-6)


def test_equally_near_ones_go_by_id() -> None:
    vectors = np.repeat(rows(1, 3), 4, axis=0)
    _, found = FaissIndex.flat(vectors, np.array([9, 3, 7, 1])).search(vectors[:1], 4)
    assert found.tolist() == [[1, 3, 7, 9]]


def test_a_search_among_some_finds_only_those() -> None:
    vectors = rows(300, 1)
    among = IDS[:300][::7]
    for index in (FaissIndex.flat(vectors, IDS[:300]), FaissIndex.inverted(pack(vectors), IDS[:300], vectors)):
        _, found = index.search(vectors[:5], 10, among)
        assert set(found.ravel().tolist()) - {-1} <= set(among.tolist())


def test_empty_index_and_no_queries() -> None:
    assert [a.shape for a in FaissIndex.flat(rows(0, 1), IDS[:0]).search(rows(2, 1), 3)] == [(2, 0), (2, 0)]
    assert [a.shape for a in FaissIndex.flat(rows(3, 1), IDS[:3]).search(rows(0, 1), 3)] == [(0, 3), (0, 3)]


def test_an_inverted_file_measures_its_recall() -> None:
    vectors = rows(5000, 1)
    index = FaissIndex.inverted(pack(vectors), IDS[:5000], rows(300, 2))
    queries = rows(200, 3)
    _, exact = FaissIndex.flat(vectors, IDS[:5000]).search(queries, 10)
    _, found = index.search(queries, 10)
    really = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(exact.tolist(), found.tolist(), strict=True)])
    assert not index.exact
    assert index.recall >= RECALL
    assert really >= RECALL - 0.02


@pytest.mark.parametrize("count", [1, 2, 12, 100])
def test_an_inverted_file_of_few(count: int) -> None:
    """A language that hardly occurs in a big collection."""
    vectors = rows(count, 1)
    index = FaissIndex.inverted(pack(vectors), IDS[:count], vectors)
    similarity, found = index.search(vectors, 1)
    assert np.array_equal(found[:, 0], IDS[:count])
    np.testing.assert_allclose(similarity[:, 0], 1, atol=0.01)


def test_an_inverted_file_comes_back_and_is_brought_up_to_date(tmp_path: Path) -> None:
    vectors = rows(2000, 1)
    made = FaissIndex.inverted(pack(vectors[:1000]), IDS[:1000], vectors[:100])
    made.write(tmp_path / "index")
    again = FaissIndex.read(tmp_path / "index", recall=made.recall, trained_on=made.trained_on)
    assert np.array_equal(again.search(vectors[:50], 5)[1], made.search(vectors[:50], 5)[1])
    again.update(pack(vectors[1000:1500]), IDS[1000:1500], gone=IDS[:500])
    assert len(again) == 1000
    assert not again.outgrown
    assert again.search(vectors[1200:1201], 1)[1].item() == IDS[1200]
    assert again.search(vectors[10:11], 1)[1].item() != IDS[10]
    again.update(pack(vectors[1500:]), IDS[1500:2000], gone=IDS[:0])
    again.update(pack(vectors), IDS[2000:4000], gone=IDS[:0])
    assert again.outgrown
