"""How likely two quotations are the same statement, in whatever languages they stand.

Vectors are centred on the mean of their language, which takes away most of what makes all cosines of a small model alike.
A logistic regression over named features decides: how close the two are, by the whole and by their parts, beside what
each reaches with its neighbours; what they state differently; who speaks. Its weights come from `scripts/train_matcher`
and are kept, with the centres, in `matcher.json`. The margin is the ratio of Artetxe and Schwenk (2019): a cosine over
the mean of what both sides reach with their nearest, so that a text that is close to everything is close to nothing.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline import names
from pipeline.points import Numbers, Points, cosines, languages_of
from pipeline.ports import Vectors
from pipeline.records import LANGUAGES, Language, whole
from pipeline.relations import features as facts
from pipeline.relations.wording import read

NEIGHBOURS = 4
"""Nearest neighbours whose mean cosine a margin compares with."""

FLOOR, RATIO = 0.3, 1.1
"""Cosine, and cosine over the mean of the neighbours, from which two texts are compared at all. Of the pairs of one
statement among the nearest, 96 % are above on the newsroom's development files, and a quarter of the others."""

TELLING = 5
"""Words from which the same wording is no longer chance."""

EPSILON = 0.05
"""Smallest mean of neighbours that a cosine is divided by: centred cosines may be zero."""

FACTS = (
    "numbers changed",
    "any number changed",
    "numbers left out",
    "numbers in common",
    "names changed",
    "names perhaps changed",
    "least name",
    "names in common",
    "denial on one side",
    "negative on one side",
    "negative clauses differ",
    "opposites",
    "same stance",
    "negated differently",
)
"""What is taken from `pipeline.relations.features`."""

OF_TEXTS = ("cosine", "margin", "excess", "part", "part margin", "wording", "words", "length", "translated", *FACTS)
CHANGES = tuple(FACTS.index(name) for name in ("any number changed", "names changed", "denial on one side"))

OF_SPEAKERS = ("same speaker", "other speaker", "other full name", "changed by the same", "reported")
FEATURES = (*OF_TEXTS, *OF_SPEAKERS)


Text = tuple[str, Language]


@dataclass(frozen=True, slots=True)
class Said:
    """What is compared of a quotation; `reported`: it stands in no quotation marks."""

    text: str
    language: Language
    speaker: str | None
    article_id: str
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Matcher:
    """Weights of the regression, and the mean vector of each language for one embedder."""

    embedder: str
    centres: Mapping[Language, NDArray[np.float32]]
    weights: Mapping[str, float]
    bias: float
    lonely: float  # cosine of a usual neighbour that says something else: stands in where there are too few
    crowded: float  # beyond this, neighbours are themselves counterparts, as when ten outlets carry one wire

    @property
    def signature(self) -> str:
        """Changes whenever the same two quotations would get another probability."""
        weights = json.dumps([self.embedder, sorted(self.weights.items()), self.bias, self.lonely, self.crowded])
        return f"matcher:{hashlib.sha256(weights.encode()).hexdigest()[:8]}"

    def centred(self, vectors: Vectors, language: Language) -> Vectors:
        """Rows of length 1 without what all texts of the language share."""
        moved = vectors - self.centres[language]
        return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), np.float32)

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """That the two of each row of `FEATURES` say the same, in [0, 1]."""
        weights = np.array([self.weights[name] for name in FEATURES])
        logits = self.bias + (features * weights).sum(axis=1)  # to the same bits whatever the companions
        return np.asarray(1 / (1 + np.exp(-logits)), np.float64)


@cache
def matcher() -> Matcher:
    """The trained matcher that belongs to the bundled embedder."""
    kept = json.loads(files("pipeline").joinpath("matcher.json").read_text("utf-8"))
    centres = {language: np.array(kept["centres"][language], np.float32) for language in LANGUAGES}
    return Matcher(**kept | {"centres": centres})


class Likeness:
    """Compares quotations with one another: `said[n]` says the text at `texts[n]` of `points`; `near` goes by text."""

    def __init__(self, said: Sequence[Said], texts: Numbers, points: Points, near: Vectors, matcher: Matcher) -> None:
        self.said = said
        self._texts = texts
        self._points = points
        self._near = near
        self._matcher = matcher
        self._known: dict[tuple[int, int], list[float]] = {}

    def probabilities(self, pairs: Numbers) -> NDArray[np.float64]:
        """That the two quotations of each row (n, 2) are one statement; 0 for two of one article."""
        found = self._matcher.probabilities(self.features(pairs))
        apart = [self.said[n].article_id != self.said[m].article_id for n, m in pairs.tolist()]
        return np.where(apart, found, 0.0)

    def features(self, pairs: Numbers) -> NDArray[np.float64]:
        """(n, FEATURES) of the pairs (n, 2) of quotations."""
        if not len(pairs):
            return np.zeros((0, len(FEATURES)))
        texts = np.sort(self._texts[pairs], axis=1)
        new = np.array([pair for pair in sorted(set(map(tuple, texts.tolist()))) if pair not in self._known], np.int64)
        if len(new):
            self._look(new, dict(zip(self._texts[pairs].ravel().tolist(), pairs.ravel().tolist(), strict=True)))
        rows = [
            self._known[one, other] + _of_speakers(self.said[n], self.said[m], self._known[one, other])
            for (one, other), (n, m) in zip(texts.tolist(), pairs.tolist(), strict=True)
        ]
        return np.array(rows)

    def named(self, n: int, m: int) -> dict[str, float]:
        """The features of two quotations by name."""
        return dict(zip(FEATURES, self.features(np.array([[n, m]]))[0].tolist(), strict=True))

    def _look(self, texts: Numbers, speaking: Mapping[int, int]) -> None:
        """Find the features of pairs of texts; `speaking` names a quotation that says each."""
        one, other = texts[:, 0], texts[:, 1]
        cosine = cosines(self._points.wholes(one), self._points.wholes(other))
        part = np.maximum(cosine, np.maximum(self._parts(one, other), self._parts(other, one)))
        languages = languages_of(self._points.numbers)
        near = (self._near[one, languages[other]] + self._near[other, languages[one]]) / 2
        for n, (a, b) in enumerate(texts.tolist()):
            words = [(whole(said.text), said.language) for said in (self.said[speaking[a]], self.said[speaking[b]])]
            self._known[a, b] = _of_closeness(float(cosine[n]), float(part[n]), float(near[n])) + _of_words(*words)

    def _parts(self, wholes: Numbers, others: Numbers) -> Vectors:
        """The greatest cosine of each whole text with a point of the other text."""
        starts, sizes = self._points.starts[others], np.diff(self._points.starts)[others]
        ends = np.cumsum(sizes)
        places = np.repeat(starts - (ends - sizes), sizes) + np.arange(ends[-1])
        found = cosines(
            np.repeat(self._points.wholes(wholes), sizes, axis=0), self._points.rows[places].astype(np.float32)
        )
        return np.asarray(np.maximum.reduceat(found, ends - sizes), np.float32)


def _of_closeness(cosine: float, part: float, near: float) -> list[float]:
    reach = max(near, EPSILON)
    return [cosine, cosine / reach, cosine - near, part, part / reach]


def _of_words(left: Text, right: Text) -> list[float]:
    ours, theirs = read(*left), read(*right)
    stated = facts.of_facts(ours, theirs)
    return [
        _shared_wording(left, right),
        math.log(1 + min(len(ours.words), len(theirs.words))),
        abs(math.log((len(left[0]) + 10) / (len(right[0]) + 10))),
        float(left[1] != right[1]),
        *(stated[name] for name in FACTS),
    ]


def _of_speakers(left: Said, right: Said, of_texts: Sequence[float]) -> list[float]:
    same = names.same_person(left.speaker, right.speaker)
    full = same is False and names.is_full(left.speaker) and names.is_full(right.speaker)
    changed = same is True and any(of_texts[n - len(FACTS)] for n in CHANGES)  # an outlet changed what somebody said
    return [
        float(same is True),
        float(same is False),
        float(full),
        float(changed),
        float(left.reported or right.reported),
    ]


def _shared_wording(left: Text, right: Text) -> float:
    """How much of the shorter text stands in the longer, letter by letter; 0 across languages, little for a word or two."""
    from rapidfuzz import fuzz

    if left[1] != right[1]:
        return 0.0
    words = min(len(left[0].split()), len(right[0].split()))
    return fuzz.partial_ratio(left[0], right[0]) / 100 * min(1.0, words / TELLING)
