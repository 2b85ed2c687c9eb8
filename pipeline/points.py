"""The points that stand for quoted texts among the vectors: one for the whole, one for each sentence and clause of it.

A text is what quotations say, ellipses included, once however many say it. Its number is a hash of its words, and its
language in the last bits; the id of a point is that number with the place of the unit in the text. So the same text has
the same ids in every collection, and equally near points are put in one order.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline import sentences
from pipeline.ports import Vectors
from pipeline.records import ELLIPSIS, LANGUAGES, Language, whole
from pipeline.relations import wording

UNIT_BITS = 6
UNITS = 1 << UNIT_BITS
"""Most points of one text: what follows is left out."""

LANGUAGE_BITS = 2
HASH_BITS = 63 - UNIT_BITS - LANGUAGE_BITS  # all together a positive 64-bit integer
MIN_PART = 3
"""Words of a part that can stand for a whole statement elsewhere."""

Numbers = NDArray[np.int64]


def number(text: str, language: Language) -> int:
    """The number of a text."""
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - HASH_BITS) << LANGUAGE_BITS | LANGUAGES.index(language)


def languages_of(numbers: Numbers) -> Numbers:
    """The languages of texts, counted in `LANGUAGES`."""
    return numbers & ((1 << LANGUAGE_BITS) - 1)


@lru_cache(maxsize=20_000)
def units(text: str, language: Language) -> list[str]:
    """Everything of a quotation's text that gets a point: the whole first, then pieces, sentences and clauses."""
    pieces = text.split(ELLIPSIS)
    found = pieces if len(pieces) > 1 else []
    for piece in pieces:
        inside = [sentence.text for sentence in sentences.split(piece, language)]
        found = found + (inside if len(inside) > 1 else [])
        for sentence in inside:
            clauses = wording.clauses(sentence)
            found = found + (clauses if len(clauses) > 1 else [])
    all_of_it = whole(text)
    parts = dict.fromkeys(part for part in found if len(part.split()) >= MIN_PART)
    return [all_of_it, *(part for part in parts if part != all_of_it)][:UNITS]


@dataclass(frozen=True)
class Points:
    """Points of texts, by ascending number: those of text n are `rows[starts[n]:starts[n + 1]]`, the whole first.

    `rows` are centred vectors of length 1 in half precision, shape (points, dim).
    """

    numbers: Numbers
    starts: Numbers
    rows: NDArray[np.float16]

    @classmethod
    def of(cls, texts: Mapping[int, NDArray[np.float16]], dimension: int) -> Self:
        """From the rows of each text, by number."""
        ordered = sorted(texts)
        rows = [texts[each] for each in ordered]
        return cls(
            numbers=np.array(ordered, np.int64),
            starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
            rows=np.concatenate(rows) if rows else np.zeros((0, dimension), np.float16),
        )

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def owners(self) -> Numbers:
        """The position of the text of each point."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @property
    def ids(self) -> Numbers:
        """The id of each point."""
        owners = self.owners
        return (self.numbers[owners] << UNIT_BITS) | (np.arange(len(owners)) - self.starts[owners])

    def of_language(self, language: Language) -> tuple[NDArray[np.float16], Numbers]:
        """The points of one language, and their ids."""
        which = np.flatnonzero(languages_of(self.numbers)[self.owners] == LANGUAGES.index(language))
        return self.rows[which], self.ids[which]

    def positions(self, numbers: Numbers) -> Numbers:
        """Where texts of these numbers are; they must be here."""
        return np.searchsorted(self.numbers, numbers)

    def wholes(self, positions: Numbers) -> Vectors:
        """(len(positions), dim): the points of whole texts."""
        return self.rows[self.starts[positions]].astype(np.float32)

    def points(self, ids: Numbers) -> Vectors:
        """(*ids.shape, dim): the points of these ids, which must be here."""
        places = self.starts[self.positions(ids >> UNIT_BITS)] + (ids & (UNITS - 1))
        return self.rows[places].astype(np.float32)

    def text(self, position: int) -> Vectors:
        """(units, dim): all points of one text."""
        return self.rows[self.starts[position] : self.starts[position + 1]].astype(np.float32)


def cosines(left: Vectors, right: Vectors) -> Vectors:
    """Cosine of each row of the last axis with the other side's, to the same bits whatever the companions.

    A matrix product is not: its kernels add in an order that depends on the shapes.
    """
    return np.asarray((left * right).sum(axis=-1), np.float32)


def pack(rows: Vectors) -> NDArray[np.float16]:
    """Centred vectors as they are kept."""
    return rows.astype(np.float16)
