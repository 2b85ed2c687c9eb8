"""How likely two quotations are the same statement, in whatever languages they stand.

Vectors are centred on the mean of their language, which takes away most of what makes all cosines of a small model alike.
A logistic regression over few named features decides; its weights come from `scripts/train_matcher` and are kept, with
the centres, in `matcher.json`. The margin is the ratio of Artetxe and Schwenk (2019): a cosine over the mean of what both
sides reach with their nearest neighbours, so that a text that is close to everything is close to nothing.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline import names, sentences
from pipeline.engines.faiss import FaissIndex
from pipeline.ports import Vectors
from pipeline.records import ELLIPSIS, LANGUAGES, Language

NEIGHBOURS = 4
"""Nearest neighbours whose mean cosine a margin compares with."""

CANDIDATES = 24
"""Neighbours in each language that are looked at as possible counterparts."""

MIN_PART = 3
"""Words of a part that can stand for a whole statement elsewhere."""

TELLING = 5
"""Words from which the same wording is no longer chance."""

FEATURES = ("cosine", "margin", "excess", "part", "same_speaker", "other_speaker", "wording", "length", "translated")

EPSILON = 0.05
"""Smallest mean of neighbours that a cosine is divided by: centred cosines may be zero."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is compared of a quotation."""

    text: str
    language: Language
    speaker: str | None
    article_id: str

    def parts(self) -> list[str]:
        """Its sentences, where it has several: what another outlet may quote alone."""
        found = [
            sentence.text for piece in self.text.split(ELLIPSIS) for sentence in sentences.split(piece, self.language)
        ]
        return [part for part in found if len(part.split()) >= MIN_PART] if len(found) > 1 else []

    def texts(self) -> list[str]:
        """Everything that must be embedded: the whole first, then the parts."""
        return [whole(self.text), *self.parts()]


def whole(text: str) -> str:
    """The text of a quotation as one run of words."""
    return " ".join(text.replace(ELLIPSIS, " ").split())


@dataclass(frozen=True, slots=True)
class Matcher:
    """Weights of the regression, and the mean vector of each language for one embedder."""

    embedder: str
    centres: Mapping[Language, NDArray[np.float32]]
    weights: Mapping[str, float]
    bias: float
    lonely: float  # cosine of a usual neighbour that says something else: stands in where there are too few
    crowded: float  # beyond this, neighbours are themselves counterparts, as when ten outlets carry one wire

    def near(self, cosines: Sequence[float]) -> float:
        """What a text reaches with its nearest neighbours, from their cosines, biggest first."""
        some = [*cosines[:NEIGHBOURS], *[self.lonely] * NEIGHBOURS][:NEIGHBOURS]
        return float(np.mean([min(cosine, self.crowded) for cosine in some]))

    @property
    def signature(self) -> str:
        """Changes whenever the same two quotations would get another probability."""
        weights = json.dumps([self.embedder, sorted(self.weights.items()), self.bias, self.lonely, self.crowded])
        return f"matcher:{hashlib.sha256(weights.encode()).hexdigest()[:8]}"

    def centred(self, vectors: Vectors, language: Language) -> Vectors:
        """Rows of length 1 without what all texts of the language share."""
        moved = vectors - self.centres[language]
        return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), np.float32)

    def probability(self, features: Mapping[str, float]) -> float:
        """That the two say the same, in [0, 1]."""
        return 1 / (1 + math.exp(-self.bias - sum(self.weights[name] * features[name] for name in FEATURES)))


@cache
def matcher() -> Matcher:
    """The trained matcher that belongs to the bundled embedder."""
    kept = json.loads(files("pipeline").joinpath("matcher.json").read_text("utf-8"))
    centres = {language: np.array(kept["centres"][language], np.float32) for language in LANGUAGES}
    return Matcher(**kept | {"centres": centres})


class Pool:
    """Quotations to be compared with one another or with a query: their centred vectors, and who is near whom."""

    def __init__(self, said: Sequence[Said], vectors: Callable[[Sequence[str]], Vectors], matcher: Matcher) -> None:
        self.said = said
        self.matcher = matcher
        self._whole = self._centred([[whole(one.text)] for one in said], vectors)
        self._parts = self._centred([one.parts() for one in said], vectors)
        self._members = {
            language: np.array([n for n, one in enumerate(said) if one.language == language], np.int64)
            for language in LANGUAGES
        }
        self._indexes = {
            language: FaissIndex(np.concatenate([self._whole[n] for n in members]))
            for language, members in self._members.items()
            if len(members)
        }
        self._near = np.full((len(said), len(LANGUAGES)), matcher.lonely, np.float32)
        self._close: list[set[int]] = [set() for _ in said]
        self._look_around()

    def _centred(self, texts: Sequence[Sequence[str]], vectors: Callable[[Sequence[str]], Vectors]) -> list[Vectors]:
        found = vectors([text for some in texts for text in some])
        ends = np.cumsum([len(some) for some in texts])
        return [
            self.matcher.centred(found[end - len(some) : end], one.language) if some else found[:0]
            for some, end, one in zip(texts, ends, self.said, strict=True)
        ]

    def _look_around(self) -> None:
        """Find each quotation's neighbours in each language, by the whole and by its parts."""
        for column, language in enumerate(LANGUAGES):
            if language not in self._indexes or not self.said:
                continue
            members = self._members[language]
            similar, position = self._indexes[language].search(np.concatenate(self._whole), CANDIDATES + 1)
            for n, (cosines, positions) in enumerate(zip(similar, position, strict=True)):
                others = [(c, int(m)) for c, m in zip(cosines, members[positions], strict=True) if m != n]
                self._near[n, column] = self.matcher.near([float(c) for c, _ in others])
                self._close[n].update(m for _, m in others[:CANDIDATES])
            owners = [n for n, parts in enumerate(self._parts) for _ in parts]
            if owners:
                _, position = self._indexes[language].search(np.concatenate(self._parts), NEIGHBOURS + 1)
                for n, positions in zip(owners, position, strict=True):
                    self._close[n].update(int(m) for m in members[positions] if m != n)

    def candidates(self) -> list[tuple[int, int]]:
        """Pairs (smaller, bigger number) of quotations of different articles that may be the same statement."""
        found = {(min(n, m), max(n, m)) for n, close in enumerate(self._close) for m in close}
        return sorted((n, m) for n, m in found if self.said[n].article_id != self.said[m].article_id)

    def features(self, n: int, m: int) -> dict[str, float]:
        """The named features of two quotations of the pool."""
        left, right = self.said[n], self.said[m]
        near = (self._near[n, LANGUAGES.index(right.language)] + self._near[m, LANGUAGES.index(left.language)]) / 2
        return _features(left, right, (self._whole[n], self._parts[n]), (self._whole[m], self._parts[m]), float(near))

    def probability(self, n: int, m: int) -> float:
        """That two quotations of the pool are the same statement."""
        return self.matcher.probability(self.features(n, m))

    def nearest(self, query: Said, vectors: Vectors, k: int) -> list[tuple[int, dict[str, float]]]:
        """The k quotations that most probably say the same as `query`, best first, with their features.

        `vectors` belong to `query.texts()`.
        """
        centred = self.matcher.centred(vectors, query.language)
        close: set[int] = set()
        near = dict.fromkeys(LANGUAGES, self.matcher.lonely)
        for language, index in self._indexes.items():
            similar, position = index.search(centred, max(k, CANDIDATES))
            near[language] = self.matcher.near(similar[0].tolist())
            close.update(int(m) for m in self._members[language][np.unique(position)])
        found = []
        for m in close:
            other = self.said[m]
            mean = (near[other.language] + float(self._near[m, LANGUAGES.index(query.language)])) / 2
            found.append(
                (m, _features(query, other, (centred[:1], centred[1:]), (self._whole[m], self._parts[m]), mean))
            )
        return sorted(found, key=lambda hit: (-self.matcher.probability(hit[1]), hit[0]))[:k]


def _features(
    left: Said, right: Said, ours: tuple[Vectors, Vectors], theirs: tuple[Vectors, Vectors], near: float
) -> dict[str, float]:
    cosine = float(ours[0][0] @ theirs[0][0])
    across = [np.max(a @ b.T) for a, b in ((ours[1], theirs[0]), (ours[0], theirs[1])) if len(a) and len(b)]
    same = names.same_person(left.speaker, right.speaker)
    return {
        "cosine": cosine,
        "margin": cosine / max(near, EPSILON),
        "excess": cosine - near,
        "part": float(max([cosine, *across])),
        "same_speaker": float(same is True),
        "other_speaker": float(same is False),
        "wording": _shared_wording(left, right),
        "length": abs(math.log((len(left.text) + 10) / (len(right.text) + 10))),
        "translated": float(left.language != right.language),
    }


def _shared_wording(left: Said, right: Said) -> float:
    """How much of the shorter text stands in the longer, letter by letter; 0 across languages, little for a word or two."""
    from rapidfuzz import fuzz

    if left.language != right.language:
        return 0.0
    words = min(len(left.text.split()), len(right.text.split()))
    return fuzz.partial_ratio(left.text, right.text) / 100 * min(1.0, words / TELLING)
