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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline import names
from pipeline.points import Numbers, Points, cosines, languages_of, units
from pipeline.ports import Vectors
from pipeline.records import LANGUAGES, Language, whole
from pipeline.relations import features as facts
from pipeline.relations.wording import read

NEIGHBOURS = 4
"""Nearest neighbours whose mean cosine a margin compares with."""

FLOOR, RATIO = 0.3, 1.1
"""Cosine, and cosine over the mean of the neighbours, from which two texts are compared at all. Of the pairs of one
statement among the nearest, 96 % are above on the newsroom's development files, and a quarter of the others."""

BESIDES = 0.1
"""How much closer a part must come than the whole for the rest to be something besides."""

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

OF_TEXTS = ("cosine", "margin", "excess", "part", "part margin", "wording", "length", "translated")
OF_SPEAKERS = ("same speaker", "other speaker", "other full name", "reported")
FEATURES = (*OF_TEXTS, *OF_SPEAKERS, *FACTS)

TOGETHER = 0.275
"""Mean probability from which two groups are one statement; from newsroom development files (docs/quality.md)."""


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
    ranking: Mapping[str, float] | None = (
        None  # weights for search, where what looks alike may come second; else `weights`
    )
    ceiling: float = 0.0  # how much of the logit the facts can add: of a pair that lacks more, they are not looked at

    @property
    def signature(self) -> str:
        """Changes whenever the same two quotations would get another probability."""
        weights = json.dumps(
            [self.embedder, sorted(self.weights.items()), self.bias, self.lonely, self.crowded, self.ceiling]
        )
        return f"matcher:{hashlib.sha256(weights.encode()).hexdigest()[:8]}"

    def centred(self, vectors: Vectors, language: Language) -> Vectors:
        """Rows of length 1 without what all texts of the language share."""
        moved = vectors - self.centres[language]
        return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), np.float32)

    def logits(self, features: NDArray[np.float64], first: int = 0) -> NDArray[np.float64]:
        """What columns of `FEATURES` from `first` on add to the logit, to the same bits whatever the companions."""
        weights = np.array([self.weights[name] for name in FEATURES])[first : first + features.shape[1]]
        return np.asarray((features * weights).sum(axis=1), np.float64)

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """That the two of each row of `FEATURES` say the same, in [0, 1]."""
        cheap = len(FEATURES) - len(FACTS)
        logits = self.bias + self.logits(features[:, :cheap]) + self.logits(features[:, cheap:], cheap)
        return np.asarray(1 / (1 + np.exp(-logits)), np.float64)

    def ranks(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """How good each row is as an answer to a question: bigger is better."""
        weights = self.ranking or self.weights
        return np.asarray((features * [weights[name] for name in FEATURES]).sum(axis=1), np.float64)

    def hopeless(self, features: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which rows cannot reach `TOGETHER` whatever the facts are, from the features before those."""
        return self.bias + self.logits(features) + self.ceiling < math.log(TOGETHER / (1 - TOGETHER))


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

    def probabilities(self, pairs: Numbers) -> NDArray[np.float64]:
        """That the two quotations of each row (n, 2) are one statement; 0 for two of one article."""
        found = self._matcher.probabilities(self.features(pairs))
        apart = [self.said[n].article_id != self.said[m].article_id for n, m in pairs.tolist()]
        return np.where(apart, found, 0.0)

    def promising(self, pairs: Numbers) -> NDArray[np.float64]:
        """As `probabilities`, but not a number for pairs that cannot be one statement whatever they state."""
        found = np.full(len(pairs), np.nan)
        looked = ~self._matcher.hopeless(self._closeness(pairs))
        found[looked] = self.probabilities(pairs[looked])
        return found

    def features(self, pairs: Numbers) -> NDArray[np.float64]:
        """(n, FEATURES) of the pairs (n, 2) of quotations."""
        if not len(pairs):
            return np.zeros((0, len(FEATURES)))
        stated = [_facts(*sorted(texts)) for texts in self._corresponding(pairs)]
        return np.concatenate([self._closeness(pairs), np.array(stated)], axis=1)

    def _corresponding(self, pairs: Numbers) -> Iterator[tuple[Text, Text]]:
        """The texts of each pair; of one that holds the other besides more, the sentence or clause that comes closest.

        What the rest states is no difference from a quotation that leaves it out.
        """
        cosine = cosines(*(self._points.wholes(self._texts[side]) for side in pairs.T))
        left, right = (self._closest(self._texts[one], self._texts[other]) for one, other in (pairs.T, pairs.T[::-1]))
        for (n, m), whole_cosine, (of_n, n_unit), (of_m, m_unit) in zip(
            pairs.tolist(), cosine.tolist(), zip(*right, strict=True), zip(*left, strict=True), strict=True
        ):
            if max(of_n, of_m) < whole_cosine + BESIDES:
                yield self.text(n), self.text(m)
            elif of_n > of_m:
                yield self._unit(n, n_unit), self.text(m)
            else:
                yield self.text(n), self._unit(m, m_unit)

    def _unit(self, n: int, unit: int) -> Text:
        said = self.said[n]
        return units(said.text, said.language)[unit], said.language

    def text(self, n: int) -> Text:
        """What a quotation says, and in which language."""
        return whole(self.said[n].text), self.said[n].language

    def _ordered(self, pairs: Numbers) -> list[tuple[int, int]]:
        """The pairs, each in the order of the numbers of their texts: which comes first must not matter."""
        swapped = self._texts[pairs[:, 0]] > self._texts[pairs[:, 1]]
        ordered = np.where(swapped[:, None], pairs[:, ::-1], pairs)
        return [(n, m) for n, m in ordered.tolist()]

    def _closeness(self, pairs: Numbers) -> NDArray[np.float64]:
        """(n, features before FACTS)."""
        if not len(pairs):
            return np.zeros((0, len(OF_TEXTS) + len(OF_SPEAKERS)))
        one, other = np.sort(self._texts[pairs], axis=1).T
        cosine = cosines(self._points.wholes(one), self._points.wholes(other))
        part = np.maximum(cosine, np.maximum(self._closest(one, other)[0], self._closest(other, one)[0]))
        languages = languages_of(self._points.numbers)
        near = (self._near[one, languages[other]] + self._near[other, languages[one]]) / 2
        reach = np.maximum(near, EPSILON)
        close = np.stack([cosine, cosine / reach, cosine - near, part, part / reach], axis=1)
        rest = [
            _of_words(self.text(n), self.text(m)) + _of_speakers(self.said[n], self.said[m])
            for n, m in self._ordered(pairs)
        ]
        return np.concatenate([close, np.array(rest)], axis=1)

    def _closest(self, wholes: Numbers, others: Numbers) -> tuple[list[float], list[int]]:
        """The greatest cosine of each whole text with a point of the other text, and which point that is."""
        starts, sizes = self._points.starts[others], np.diff(self._points.starts)[others]
        ends = np.cumsum(sizes)
        places = np.repeat(starts - (ends - sizes), sizes) + np.arange(ends[-1])
        found = cosines(
            np.repeat(self._points.wholes(wholes), sizes, axis=0), self._points.rows[places].astype(np.float32)
        )
        parts = np.split(found, ends[:-1])
        return [float(part.max()) for part in parts], [int(part.argmax()) for part in parts]


def _of_words(left: Text, right: Text) -> list[float]:
    return [
        _shared_wording(left, right),
        abs(math.log((len(left[0]) + 10) / (len(right[0]) + 10))),
        float(left[1] != right[1]),
    ]


@lru_cache(maxsize=100_000)
def _facts(left: Text, right: Text) -> list[float]:
    stated = facts.of_facts(read(*left), read(*right))
    return [stated[name] for name in FACTS]


def _of_speakers(left: Said, right: Said) -> list[float]:
    same = names.same_person(left.speaker, right.speaker)
    full = same is False and names.is_full(left.speaker) and names.is_full(right.speaker)
    return [float(same is True), float(same is False), float(full), float(left.reported or right.reported)]


def _shared_wording(left: Text, right: Text) -> float:
    """How much of the shorter text stands in the longer, letter by letter; 0 across languages, little for a word or two."""
    from rapidfuzz import fuzz

    if left[1] != right[1]:
        return 0.0
    words = min(len(left[0].split()), len(right[0].split()))
    return fuzz.partial_ratio(left[0], right[0]) / 100 * min(1.0, words / TELLING)
