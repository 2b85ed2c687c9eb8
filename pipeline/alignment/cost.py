"""What a sentence gains by standing alone, estimated from the two editions."""

from collections.abc import Sequence

import numpy as np

from pipeline.alignment.path import Step
from pipeline.alignment.sides import Side

SKIP = 0.24
"""What it gains in editions of which nothing is known yet; chosen on noisy and shortened editions of news."""
LOW = 0.2
"""The share of the pairs that are less similar than the one that counts."""
HALF = 0.5
"""How much less similar than that a sentence and its counterpart may be."""
PRIOR = 20
"""Pairs that `SKIP` weighs as much as: a short article says little about itself."""


def skip(steps: Sequence[Step], left: Side, right: Side) -> float:
    """What a sentence gains by standing alone, from a first alignment with `SKIP`.

    A part of what one of the less similar pairs of single sentences gains: where translations are close, little that
    comes from elsewhere is taken for one, and where they are free, less is left out.
    """
    pairs = [(i, j) for (i, k), (j, m) in steps if k - i == m - j == 1]
    if not pairs:
        return SKIP
    lefts, rights = np.array(pairs).T
    cosines = np.einsum("ij,ij->i", left.vectors[lefts], right.vectors[rights])
    estimate = HALF * float(np.quantile(cosines, LOW))
    return (len(pairs) * estimate + PRIOR * SKIP) / (len(pairs) + PRIOR)
