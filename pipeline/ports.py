"""What the pipeline asks of the engines behind it. The docstrings are the contract; `pipeline.engines` fulfils it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Language
from pipeline.tagging import Passage, Tag

Vectors = NDArray[np.float32]
"""Shape (n, dim); rows of length 1, so that a dot product is the cosine similarity."""


class Translator(Protocol):
    """Translates single sentences out of one language into another."""

    @property
    def signature(self) -> str:
        """Model, version and every setting that changes the output, e.g. ``starter-1/beam2``; the key of cached results."""

    def supports(self, source: Language, target: Language) -> bool:
        """Whether `translate` takes this pair."""

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        """One translation per sentence, in the same order; no sentences give an empty list.

        The result for a sentence does not depend on its companions in the batch. A pair that is not supported is a
        `ValueError`.
        """

    def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
        """Other translations of sentences whose first one has a fault: for each its candidates, the likelier first.

        They are decoded with other settings (several hypotheses, penalties for repetition), never by chance: the same
        sentence has the same candidates, whatever its companions. All differ; there may be none, and faults may stay.
        """


class Embedder(Protocol):
    """Maps texts of any of the three languages to vectors, close together when the texts mean the same."""

    @property
    def signature(self) -> str:
        """Model and version, e.g. ``e5-small-q4-1``; the key of cached vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of length 1, in the order of `texts`; no texts give (0, dimension).

        The vector of a text does not depend on its companions. Texts longer than the model reads are cut.
        """


class Tagger(Protocol):
    """Finds the words of an article that report what somebody said, and the words that say who."""

    @property
    def signature(self) -> str:
        """Model and version, e.g. ``tagger-1``; what was found with another one is found anew."""

    def tag(self, passages: Sequence[Passage]) -> list[list[Tag]]:
        """The tags of each passage, in the order of `passages` and of their sentences; no passages give an empty list.

        A tag lies within its sentence, tags of one kind do not overlap, and those of a speaker or a cue lie within one
        of an attribution. The tags of a passage do not depend on its companions.
        """


@dataclass(frozen=True, slots=True)
class Expected:
    """A word of a text, its natural logarithm of probability given the other text, and without it."""

    start: int
    end: int
    given: float
    alone: float


class Expectation(Protocol):
    """How much the words of one text are what a translation of another one would say: a translator as a judge."""

    @property
    def targets(self) -> tuple[Language, ...]:
        """The languages whose words it can judge."""

    def words(self, source: str, target: str, language: Language) -> tuple[list[Expected], float]:
        """The words of `target`, in `language`, expected of a translation of `source`; and how expected its end is.

        A language that is not among `targets` is a `ValueError`. A judgement does not depend on companions.
        """


class Index(Protocol):
    """Finds the vectors that lie closest to a query."""

    def search(
        self, queries: Vectors, k: int, among: NDArray[np.int64] | None = None
    ) -> tuple[Vectors, NDArray[np.int64]]:
        """(similarity, id), each of shape (len(queries), min(k, size)); with `among`, only of vectors with these ids.

        Similarity is the cosine, biggest first; equally near ones go by id, which is the one that a vector was given.
        Where fewer are found, the id is -1. An empty index gives two arrays of shape (len(queries), 0).
        """
