"""Long editions without words: vectors and lengths of sentences as translated books have them, with what belongs together.

A sentence is a direction of its own and a part that its chapter shares; a translation of it has noise. Sentences are left
out, merged with the next one, and whole chapters are missing or stand elsewhere.
"""

from dataclasses import dataclass

import edited
import numpy as np
from numpy.typing import NDArray
from scoring import Ladder

DIMENSION = 384
CHAPTER = 40
"""Sentences that share a subject."""
SHARED, NOISE = 0.6, 0.9
"""Of the subject and of the translation, where the sentence's own part is 1: matching cosines of some 0.6."""
DROPPED, MERGED, MISSING = 0.08, 0.12, 0.02
"""Sentences left out and merged; part of the book that each of three missing stretches has."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Sentences, their vectors, and the numbers of the original ones in each."""

    sentences: list[str]
    vectors: NDArray[np.float32]
    numbers: list[list[int]]


def editions(size: int, *, seed: int = 1) -> tuple[Edition, Edition]:
    """Two editions of a book of about so many sentences."""
    chance = np.random.default_rng(seed)
    size = round(size / (1 - DROPPED - 3 * MISSING) / (1 - MERGED))
    own = chance.normal(size=(size, DIMENSION)).astype(np.float32)
    own += SHARED * np.repeat(chance.normal(size=(size // CHAPTER + 1, DIMENSION)), CHAPTER, axis=0)[:size]
    lengths = chance.integers(20, 200, size)
    return _edition(own, lengths, chance), _edition(own, lengths, chance)


def _edition(own: NDArray[np.float32], lengths: NDArray[np.int64], chance: np.random.Generator) -> Edition:
    size = len(own)
    kept = chance.random(size) >= DROPPED
    for start in chance.integers(0, size, 3):
        kept[start : start + int(size * MISSING)] = False
    numbers: list[list[int]] = []
    for number in np.flatnonzero(kept).tolist():
        if numbers and numbers[-1][-1] == number - 1 and len(numbers[-1]) < 3 and chance.random() < MERGED:
            numbers[-1].append(number)
        else:
            numbers.append([number])
    said = own + NOISE * chance.normal(size=own.shape).astype(np.float32)
    vectors = np.stack([said[some].sum(axis=0) for some in numbers])
    sentences = ["x" * int(lengths[some].sum() * chance.uniform(0.85, 1.2)) for some in numbers]
    unit: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Edition(sentences, unit, numbers)


def alignment(left: Edition, right: Edition) -> Ladder:
    """The beads of two editions: what hangs together by common original sentences."""
    lines = (zip(some.sentences, map(frozenset, some.numbers), strict=True) for some in (left, right))
    return edited.alignment(*lines)
