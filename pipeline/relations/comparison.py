"""Compares any two texts: their relation, how sure it is, and from what it was judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.likeness import Matcher
from pipeline.ports import Embedder, Expectation, Vectors
from pipeline.records import Change, Language, Relation, whole
from pipeline.relations import facts, features
from pipeline.relations.features import Features
from pipeline.relations.judge import Evidence, judge
from pipeline.relations.wording import clauses, read

Text = tuple[str, Language]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two texts relate.

    `similarity` is the cosine of their centred vectors; `confidence` the probability of the relation, in [0, 1]; `why`
    gives the features by name, and which numbers and names stand in one text alone.
    """

    relation: Relation
    altered: tuple[Change, ...]
    similarity: float
    confidence: float
    why: Mapping[str, Any]


class Comparer:
    """Compares texts with the help of an embedder and, across languages, of a translator that says what it expects."""

    def __init__(self, embedder: Embedder, matcher: Matcher, expectation: Expectation | None) -> None:
        self._embedder = embedder
        self._matcher = matcher
        self._expectation = expectation

    def compare(self, left: Text, right: Text) -> Comparison:
        """How two texts relate; which of them comes first makes no difference to the relation."""
        found, evidence = self.features(left, right)
        verdict = judge(evidence, left[1] == right[1]).verdict(found)
        return Comparison(
            relation=verdict.relation,
            altered=verdict.altered,
            similarity=round(found["cosine"], 4),
            confidence=round(verdict.confidence, 3),
            why={name: round(value, 3) for name, value in found.items()} | _apart(left, right),
        )

    def features(self, left: Text, right: Text) -> tuple[Features, Evidence]:
        """What is known of a pair, and on what it rests."""
        found = features.of_text(read(*left), read(*right)) | self.of_vectors(left, right)
        if self._expectation is None or left[1] == right[1]:
            return found, "vectors"
        return found | self.of_expectation(left, right), "expectation"

    def of_vectors(self, left: Text, right: Text) -> Features:
        """What the embedder sees in the texts and their clauses."""
        parts = [clauses(text) for text, _ in (left, right)]
        rows = self._embedder.encode([whole(left[0]), whole(right[0]), *parts[0], *parts[1]])
        ours, theirs = self._centred(rows[:1], left), self._centred(rows[1:2], right)
        cut = 2 + len(parts[0])
        return features.of_vectors((ours, theirs), (self._centred(rows[2:cut], left), self._centred(rows[cut:], right)))

    def of_expectation(self, left: Text, right: Text) -> Features:
        """What a translator expects, of all directions that it knows: the mean and the least of each feature.

        ValueError without a translator.
        """
        if self._expectation is None:
            raise ValueError("there is no translator to ask")
        rows = []
        for source, target in ((left, right), (right, left)):
            if target[1] in self._expectation.targets:
                words, end = self._expectation.words(source[0], *target)
                rows.append(features.of_expectation(read(*target), words, end))
        found: Features = {}
        for name in rows[0]:
            values = [row[name] for row in rows]
            found[name] = sum(values) / len(values)
            found[f"least: {name}"] = min(values)
        return found

    def _centred(self, rows: Vectors, text: Text) -> Vectors:
        return self._matcher.centred(rows, text[1])


def _apart(left: Text, right: Text) -> dict[str, list[list[str]]]:
    """The facts that stand in one text alone, where there are any: [those of the left, those of the right]."""
    found = facts.apart(read(*left), read(*right))
    return {f"{kind} apart": [list(one.left), list(one.right)] for kind, one in found.items() if one.left or one.right}
