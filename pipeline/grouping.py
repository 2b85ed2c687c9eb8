"""Groups things of which pairs are more or less likely the same: average linkage, with what people have decided.

Pairs come together in the order of their probability. Two groups become one only if their members are the same *on
average over all pairs between them*, so that one wrong pair cannot chain two statements together. What somebody said
belongs together begins as one group, and no group ever holds two that somebody said do not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]
"""(smaller, bigger) number."""


def groups(
    size: int,
    known: Mapping[Pair, float],
    probabilities: Callable[[Sequence[Pair]], Sequence[float]],
    threshold: float,
    *,
    together: Iterable[Pair] = (),
    apart: Iterable[Pair] = (),
) -> list[list[int]]:
    """The groups of ``range(size)``, each in ascending order, by their smallest member.

    `known` are the probabilities of the pairs that may begin a group; `probabilities` gives those of any pairs. Equally
    likely pairs go by number; those that are `together` from the start are joined in their order.
    """
    made = {n: [n] for n in range(size)}
    where = list(range(size))
    foes: dict[int, set[int]] = {}
    for n, m in apart:
        foes.setdefault(n, set()).add(m)
        foes.setdefault(m, set()).add(n)

    def may_join(one: list[int], other: list[int]) -> bool:
        return not foes or not any(foes[n] & set(other) for n in one if n in foes)

    def join(n: int, m: int) -> None:
        one, other = sorted((where[n], where[m]))
        for member in made[other]:
            where[member] = one
        made[one] += made.pop(other)

    def likely(one: list[int], other: list[int]) -> bool:
        return fmean(probabilities([(min(n, m), max(n, m)) for n in one for m in other])) >= threshold

    for n, m in together:
        if where[n] != where[m] and may_join(made[where[n]], made[where[m]]):
            join(n, m)
    for n, m in sorted((pair for pair, p in known.items() if p >= threshold), key=lambda pair: (-known[pair], pair)):
        one, other = made[where[n]], made[where[m]]
        if one is not other and may_join(one, other) and likely(one, other):
            join(n, m)
    return [sorted(group) for group in made.values()]


def components(size: int, pairs: Sequence[Pair] | NDArray[np.int64]) -> list[list[int]]:
    """What hangs together by `pairs`: each in ascending order, by their smallest member."""
    label = labels(size, pairs)
    order = np.argsort(label, kind="stable")
    found = np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if size else []
    return sorted((part.tolist() for part in found), key=lambda part: part[0])


def labels(size: int, pairs: Sequence[Pair] | NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of ``range(size)`` the number of what it hangs together with by `pairs`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    chosen = np.asarray(pairs, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(chosen), np.int8), (chosen[:, 0], chosen[:, 1])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)
