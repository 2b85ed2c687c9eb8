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
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from pipeline import names
from pipeline.neighbours import LEAST
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
CLOSENESS = (*OF_TEXTS, *OF_SPEAKERS)
FEATURES = (*CLOSENESS, *FACTS)

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
    """Weights of the regression, and the mean vector of each language for one embedder.

    `ranking` are the weights for search, where what only looks alike may come second; without them `weights` rank.
    """

    embedder: str
    centres: Mapping[Language, NDArray[np.float32]]
    weights: Mapping[str, float]
    bias: float
    lonely: float  # cosine of a usual neighbour that says something else: stands in where there are too few
    crowded: float  # beyond this, neighbours are themselves counterparts, as when ten outlets carry one wire
    ranking: Mapping[str, float] | None = None
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

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """That the two of each row of `FEATURES` say the same, in [0, 1]."""
        closeness, facts = np.split(features, [len(CLOSENESS)], axis=1)
        logits = self.bias + _weighed(closeness, self.weights, CLOSENESS) + _weighed(facts, self.weights, FACTS)
        return np.asarray(1 / (1 + np.exp(-logits)), np.float64)

    def hopeless(self, closeness: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which rows of `CLOSENESS` cannot reach `TOGETHER` whatever the facts are."""
        highest = self.bias + _weighed(closeness, self.weights, CLOSENESS) + self.ceiling
        return highest < math.log(TOGETHER / (1 - TOGETHER))

    def ranks(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """How good each row of `FEATURES`, or of `CLOSENESS` alone, is as an answer to a question: bigger is better."""
        return _weighed(features, self.ranking or self.weights, FEATURES[: features.shape[1]])


def _weighed(
    features: NDArray[np.float64], weights: Mapping[str, float], columns: Sequence[str]
) -> NDArray[np.float64]:
    """The weighed sum of each row, to the same bits whatever the companions: a matrix product is not."""
    return np.asarray((features * [weights[name] for name in columns]).sum(axis=1), np.float64)


@cache
def matcher() -> Matcher:
    """The trained matcher that belongs to the bundled embedder."""
    kept = json.loads(files("pipeline").joinpath("matcher.json").read_text("utf-8"))
    centres = {language: np.array(kept["centres"][language], np.float32) for language in LANGUAGES}
    return Matcher(**kept | {"centres": centres})


Closest = tuple[Vectors, Numbers]
"""For each pair the greatest cosine of one whole text with a point of the other, and the place of that point."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Pairs (n, 2), each in the order of the numbers of their texts (which comes first must not matter), and their cosines.

    `of_first` are the points of the first text that come closest to the whole second one, `of_second` the reverse.
    """

    pairs: Numbers
    cosine: Vectors
    of_first: Closest
    of_second: Closest


class Likeness:
    """Compares quotations with one another: `said[n]` says the text at `texts[n]` of `points`; `near` goes by text."""

    def __init__(self, said: Sequence[Said], texts: Numbers, points: Points, near: Vectors, matcher: Matcher) -> None:
        self.said = said
        self._words: list[Text] = [(whole(one.text), one.language) for one in said]
        self._texts = texts
        self._points = points
        self._near = near
        self._matcher = matcher

    def probabilities(self, pairs: Numbers) -> NDArray[np.float64]:
        """That the two quotations of each row (n, 2) are one statement; 0 for two of one article."""
        return self._judged(pairs, self.features(pairs))

    def _judged(self, pairs: Numbers, features: NDArray[np.float64]) -> NDArray[np.float64]:
        apart = [self.said[n].article_id != self.said[m].article_id for n, m in pairs.tolist()]
        return np.where(apart, self._matcher.probabilities(features), 0.0)

    def promising(self, pairs: Numbers) -> NDArray[np.float64]:
        """As `probabilities`, but not a number for pairs that cannot be one statement whatever they state."""
        seen = self._see(pairs)
        closeness = self._closeness(seen)
        looked = np.flatnonzero(~self._matcher.hopeless(closeness))
        found = np.full(len(pairs), np.nan)
        found[looked] = self._judged(pairs[looked], self._with_facts(seen, closeness, looked))
        return found

    def closeness(self, pairs: Numbers) -> NDArray[np.float64]:
        """(n, CLOSENESS) of the pairs (n, 2) of quotations: what is quick to see."""
        return self._closeness(self._see(pairs))

    def features(self, pairs: Numbers) -> NDArray[np.float64]:
        """(n, FEATURES) of the pairs (n, 2) of quotations."""
        seen = self._see(pairs)
        return self._with_facts(seen, self._closeness(seen), np.arange(len(pairs)))

    def text(self, n: int) -> Text:
        """What a quotation says, and in which language."""
        return self._words[n]

    def _see(self, pairs: Numbers) -> "_Seen":
        swapped = self._texts[pairs[:, 0]] > self._texts[pairs[:, 1]]
        ordered = np.where(swapped[:, None], pairs[:, ::-1], pairs)
        one, other = self._texts[ordered].T
        cosine = cosines(self._points.wholes(one), self._points.wholes(other))
        return _Seen(ordered, cosine, self._closest(other, one), self._closest(one, other))

    def _with_facts(self, seen: "_Seen", closeness: NDArray[np.float64], which: Numbers) -> NDArray[np.float64]:
        """(len(which), FEATURES) of some of the pairs that were seen."""
        stated = [_facts(*sorted(self._corresponding(seen, n))) for n in which.tolist()]
        return np.concatenate([closeness[which], np.array(stated).reshape(-1, len(FACTS))], axis=1)

    def _corresponding(self, seen: "_Seen", at: int) -> tuple[Text, Text]:
        """The texts of a pair; of one that holds the other besides more, the sentence or clause that comes closest.

        What the rest states is no difference from a quotation that leaves it out.
        """
        (n, m), (of_n, n_unit), (of_m, m_unit) = (
            seen.pairs[at].tolist(),
            *((cosine[at], unit[at]) for cosine, unit in (seen.of_first, seen.of_second)),
        )
        if max(of_n, of_m) < float(seen.cosine[at]) + BESIDES:
            return self.text(n), self.text(m)
        return (self._unit(n, n_unit), self.text(m)) if of_n > of_m else (self.text(n), self._unit(m, m_unit))

    def _unit(self, n: int, unit: int) -> Text:
        said = self.said[n]
        return units(said.text, said.language)[unit], said.language

    def _closeness(self, seen: "_Seen") -> NDArray[np.float64]:
        """(n, CLOSENESS)."""
        one, other = self._texts[seen.pairs].T
        part = np.maximum(seen.cosine, np.maximum(seen.of_second[0], seen.of_first[0]))
        languages = languages_of(self._points.numbers)
        near = (self._near[one, languages[other]] + self._near[other, languages[one]]) / 2
        reach = np.maximum(near, LEAST)
        close = np.stack([seen.cosine, seen.cosine / reach, seen.cosine - near, part, part / reach], axis=1)
        return np.concatenate([close, self._of_words(seen.pairs), self._of_speakers(seen.pairs)], axis=1)

    def _of_words(self, pairs: Numbers) -> NDArray[np.float64]:
        """Shared wording, ratio of the lengths, whether there are two languages."""
        rows = []
        for n, m in pairs.tolist():
            (left, language), (right, other) = self._words[n], self._words[m]
            ratio = abs(math.log((len(left) + 10) / (len(right) + 10)))
            rows.append((_shared_wording(left, right) if language == other else 0.0, ratio, language != other))
        return np.array(rows, np.float64).reshape(-1, 3)

    def _of_speakers(self, pairs: Numbers) -> NDArray[np.float64]:
        """Whether the speakers may be one, cannot be, or cannot be and are known by full names; whether one is reported."""
        said = [(self.said[n], self.said[m]) for n, m in pairs.tolist()]
        rows = [(*_same_speaker(a.speaker, b.speaker), a.reported or b.reported) for a, b in said]
        return np.array(rows, np.float64).reshape(-1, len(OF_SPEAKERS))

    def _closest(self, wholes: Numbers, others: Numbers) -> Closest:
        """The greatest cosine of each whole text with a point of the other text, and which point that is."""
        if not len(others):
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        first, sizes = self._points.starts[others], np.diff(self._points.starts)[others]
        starts = np.cumsum(sizes) - sizes
        places = np.arange(sizes.sum()) + np.repeat(first - starts, sizes)
        rows = self._points.rows[places].astype(np.float32)
        found = cosines(np.repeat(self._points.wholes(wholes), sizes, axis=0), rows)
        best = np.maximum.reduceat(found, starts)
        reached = np.flatnonzero(found == np.repeat(best, sizes))
        return best, reached[np.searchsorted(reached, starts)] - starts


@lru_cache(maxsize=100_000)
def _facts(left: Text, right: Text) -> list[float]:
    stated = facts.of_facts(read(*left), read(*right))
    return [stated[name] for name in FACTS]


@lru_cache(maxsize=200_000)
def _same_speaker(left: str | None, right: str | None) -> tuple[bool, bool, bool]:
    same = names.same_person(left, right)
    return same is True, same is False, same is False and names.is_full(left) and names.is_full(right)


def _shared_wording(left: str, right: str) -> float:
    """How much of the shorter text stands in the longer, letter by letter; little for a word or two."""
    from rapidfuzz import fuzz

    words = min(len(left.split()), len(right.split()))
    return fuzz.partial_ratio(left, right) / 100 * min(1.0, words / TELLING)
