"""Judges the relation of two wordings from named features: multinomial logistic regressions over few hundred pairs.

There is one for pairs of one language and one for two languages, and each of these for the evidence that is at hand:
the words alone, of quotations that are known to be of one statement; with vectors; and with a translator's expectation
besides. `scripts/train_relations` makes the weights, from the files of `corpora/quotepairs` that are not held out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Change, Relation
from pipeline.relations.features import Features

Evidence = Literal["words", "vectors", "expectation"]
"""What a judgement rests on; each adds to the one before. "words" presupposes that both say the same."""

ALTERED = "altered-"
EVEN = 0.5
"""Probability from which a part counts as one although its numbers differ, which makes it altered."""

ALSO = 0.25
"""Probability from which a second or third kind of change is named beside the likeliest."""

FROM: Mapping[Evidence, float] = {"words": 0.55, "vectors": 0.45, "expectation": 0.35}
"""Probability from which a wording counts as altered, by cross-validation; of members of a statement most are not."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A relation, what was altered (the likeliest first), and the probability of that relation."""

    relation: Relation
    altered: tuple[Change, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Judge:
    """A regression: `weights` (labels, features) on standardised features."""

    labels: tuple[str, ...]
    features: tuple[str, ...]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    altered_from: float

    def probabilities(self, features: Features) -> dict[str, float]:
        """Of each label; they sum to 1."""
        row = (np.array([features[name] for name in self.features]) - self.mean) / self.spread
        logits = self.weights @ row + self.bias
        exponents = np.exp(logits - logits.max())
        return dict(zip(self.labels, (exponents / exponents.sum()).tolist(), strict=True))

    def verdict(self, features: Features) -> Verdict:
        """The likeliest relation; altered when all kinds of change together are likely enough."""
        found = self.probabilities(features)
        changes = {label.removeprefix(ALTERED): p for label, p in found.items() if label.startswith(ALTERED)}
        altered = sum(changes.values())
        if altered >= self.altered_from:
            ranked = sorted(changes, key=lambda change: (-changes[change], change))
            kinds = [change for n, change in enumerate(ranked) if n == 0 or changes[change] >= ALSO]
            return Verdict("altered", tuple(cast(Change, change) for change in kinds), altered)
        if found["contained"] >= EVEN and features["any number changed"]:
            return Verdict("altered", ("number",), found["contained"])  # the corpus has no such parts to learn from
        relation = max((label for label in found if not label.startswith(ALTERED)), key=lambda label: found[label])
        return Verdict(cast(Relation, relation), (), found[relation])


def name(evidence: Evidence, one_language: bool) -> str:
    """Under what a judge is kept."""
    return f"{evidence}, {'one language' if one_language else 'two languages'}"


@cache
def judge(evidence: Evidence, one_language: bool) -> Judge:
    """The trained judge."""
    kept = json.loads(files("pipeline").joinpath("relations.json").read_text("utf-8"))["judges"][
        name(evidence, one_language)
    ]
    numbers = {part: np.array(kept[part], np.float64) for part in ("mean", "spread", "weights", "bias")}
    return Judge(labels=tuple(kept["labels"]), features=tuple(kept["features"]), altered_from=FROM[evidence], **numbers)


def evidences() -> tuple[Evidence, ...]:
    """All kinds of evidence, the poorest first."""
    return get_args(Evidence)
