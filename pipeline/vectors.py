"""Embeds texts, each only once: vectors are remembered by model and text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from pipeline.ports import Embedder, Vectors
from pipeline.progress import Advance, ignore

BATCH = 256  # texts between two writes to the cache: what a killed run can lose


class VectorCache(Protocol):
    """Remembers vectors, each of shape (dim,), by model and text."""

    def known_vectors(self, texts: Sequence[str], model: str) -> dict[str, Vectors]:
        """Those that are known."""

    def keep_vectors(self, made: Mapping[str, Vectors], model: str) -> None:
        """Remember some more."""


def missing(texts: Iterable[str], cache: VectorCache, model: str) -> list[str]:
    """The distinct texts that `cache` has no vector for, shortest first so that a batch holds texts of like length."""
    wanted = list(dict.fromkeys(texts))
    known = cache.known_vectors(wanted, model)
    return sorted((text for text in wanted if text not in known), key=lambda text: (len(text), text))


def remember(texts: Sequence[str], embedder: Embedder, cache: VectorCache, advance: Advance = ignore) -> None:
    """Embed `texts` and keep their vectors."""
    for at in range(0, len(texts), BATCH):
        some = texts[at : at + BATCH]
        cache.keep_vectors(dict(zip(some, embedder.encode(some), strict=True)), embedder.signature)
        advance(len(some))


def recall(texts: Sequence[str], cache: VectorCache, embedder: Embedder) -> Vectors:
    """(len(texts), dim) float32 of vectors that are all in the cache; KeyError names a text that is not."""
    known = cache.known_vectors(list(dict.fromkeys(texts)), embedder.signature)
    return np.stack([known[text] for text in texts]) if texts else np.zeros((0, embedder.dimension), np.float32)


def embed(texts: Sequence[str], embedder: Embedder, cache: VectorCache) -> Vectors:
    """(len(texts), dim) float32; what the cache does not know is embedded and kept there."""
    remember(missing(texts, cache, embedder.signature), embedder, cache)
    return recall(texts, cache, embedder)
