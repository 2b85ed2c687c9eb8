"""Every text is embedded once."""

from pathlib import Path

import numpy as np
import pytest
from conftest import FakeEmbedder

from pipeline import vectors
from pipeline.collection import Collection


def test_texts_are_embedded_once_and_come_back_in_order(tmp_path: Path, embedder: FakeEmbedder) -> None:
    texts = ["two birds", "one", "two birds", ""]
    with Collection.open(tmp_path, create=True) as cache:
        found = vectors.embed(texts, embedder, cache)
        assert np.array_equal(found, FakeEmbedder().encode(texts))
        assert sorted(embedder.asked) == ["", "one", "two birds"]
        embedder.asked.clear()
        assert np.array_equal(vectors.embed(texts[::-1], embedder, cache), found[::-1])
        assert embedder.asked == []


def test_no_texts_give_no_rows(tmp_path: Path, embedder: FakeEmbedder) -> None:
    with Collection.open(tmp_path, create=True) as cache:
        assert vectors.embed([], embedder, cache).shape == (0, embedder.dimension)


def test_what_was_embedded_before_an_interruption_stays(
    tmp_path: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "BATCH", 2)
    texts = ["a", "b", "c", "d"]

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with Collection.open(tmp_path, create=True) as cache:
        with pytest.raises(KeyboardInterrupt):
            vectors.remember(texts, embedder, cache, stop)
        assert vectors.missing(texts, cache, embedder.signature) == ["c", "d"]
