"""Who is near whom: for each text the nearest points of other texts, in each language.

A text asks with its whole; what answers are wholes, sentences and clauses, so that a fragment finds the long quotation it
stands in, and is found by it. The lists are kept in the collection. A new text changes only the lists that it enters, and
as long as the search is exact, lists that were extended equal lists that were made at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline import parallel
from pipeline.points import UNIT_BITS, UNITS, Numbers, Points, cosines, languages_of
from pipeline.ports import Index, Vectors
from pipeline.records import LANGUAGES, Language

KEPT = 24
"""Nearest points of each language that are kept of a text."""

OWNERS = 12
"""Nearest texts among them that are looked at as possible counterparts."""

OWN = 16  # points of the text itself that a search is prepared to meet
NOBODY = -1
FAR = -2.0  # below every cosine
BLOCK = 1024  # texts that are looked at together
LEAST = 0.05
"""Smallest mean of neighbours that a cosine is divided by: centred cosines may be zero."""
SLACK = 1e-4  # two ways to compute a cosine differ by less


Indexes = Mapping[Language, Index]


@dataclass(frozen=True)
class Neighbours:
    """Lists of texts, by ascending number: `ids` and `cosines` of shape (texts, languages, KEPT), nearest first.

    Where there are fewer, the id is `NOBODY` and the cosine `FAR`.
    """

    numbers: Numbers
    ids: Numbers
    cosines: Vectors

    @classmethod
    def none(cls, numbers: Numbers) -> Self:
        """Empty lists."""
        shape = (len(numbers), len(LANGUAGES), KEPT)
        return cls(numbers, np.full(shape, NOBODY, np.int64), np.full(shape, FAR, np.float32))

    @classmethod
    def joined(cls, some: Sequence[Self]) -> Self:
        """The lists of several, which have no text in common."""
        whole = [cls.none(np.zeros(0, np.int64)), *some]
        numbers = np.concatenate([each.numbers for each in whole])
        order = np.argsort(numbers)
        ids, close = (np.concatenate([getattr(each, name) for each in whole]) for name in ("ids", "cosines"))
        return cls(numbers[order], ids[order], close[order])

    def chosen(self, which: NDArray[Any]) -> Self:
        """Some of the lists, by position or by mask."""
        return type(self)(self.numbers[which], self.ids[which], self.cosines[which])

    def copied(self) -> Self:
        """The lists as they are now."""
        return type(self)(self.numbers, self.ids.copy(), self.cosines.copy())

    def __len__(self) -> int:
        return len(self.numbers)

    def near(self, lonely: float, crowded: float, few: int) -> Vectors:
        """(texts, languages): mean cosine with the `few` nearest whole texts; none counts as `lonely`, more as `crowded`."""
        wholes = np.where((self.ids != NOBODY) & (self.ids & (UNITS - 1) == 0), self.cosines, FAR)
        best = -np.sort(-wholes, axis=2)[:, :, :few]
        return np.asarray(np.minimum(np.where(best > FAR, best, lonely), crowded).mean(axis=2), np.float32)

    def owners(self) -> tuple[Numbers, Vectors]:
        """Numbers and cosines (texts, languages * OWNERS) of the nearest texts in each language, by their nearest point."""
        numbers = self.ids >> UNIT_BITS  # NOBODY stays itself
        first = np.ones(numbers.shape, bool)
        for n in range(1, KEPT):
            first[:, :, n] = (numbers[:, :, :n] != numbers[:, :, n : n + 1]).all(axis=2)
        first &= numbers != NOBODY
        chosen = first & (np.cumsum(first, axis=2) <= OWNERS)
        order = np.argsort(~chosen, axis=2, kind="stable")[:, :, :OWNERS]
        found = np.take_along_axis(np.where(chosen, numbers, NOBODY), order, 2)
        close = np.take_along_axis(np.where(chosen, self.cosines, FAR), order, 2).astype(np.float32)
        shape = (len(self), len(LANGUAGES) * OWNERS)
        return found.reshape(shape), close.reshape(shape)


def search(points: Points, positions: Numbers, indexes: Indexes, everything: Points | None) -> Neighbours:
    """The lists of the texts at `positions`. `everything` holds all points of exact indexes; None when they are not exact."""
    made = Neighbours.none(points.numbers[positions])
    sizes = np.diff(points.starts)[positions]

    def look(column: int, few: bool, some: Numbers) -> None:
        queries = points.wholes(positions[some])
        similarity, ids = indexes[LANGUAGES[column]].search(queries, KEPT + (OWN if few else UNITS))
        if everything is not None:
            similarity = cosines(queries[:, None, :], everything.points(ids))
        own = (ids >> UNIT_BITS) == made.numbers[some, None]
        similarity = np.where(own | (ids == NOBODY), FAR, similarity)
        _fill(made, some, column, similarity, ids)

    blocks = [
        (column, few, chosen[start : start + BLOCK])
        for few in (True, False)
        for chosen in [np.flatnonzero((sizes <= OWN) == few)]
        for start in range(0, len(chosen), BLOCK)
        for column, language in enumerate(LANGUAGES)
        if language in indexes
    ]
    parallel.in_threads(look, blocks)
    return made


def _fill(made: Neighbours, at: Numbers, column: int, similarity: Vectors, ids: Numbers) -> None:
    """Keep the nearest of what was found; equally near ones by id."""
    order = np.lexsort((ids, -similarity))[:, :KEPT]
    kept = np.take_along_axis(similarity, order, 1)
    width = kept.shape[1]
    made.cosines[at, column, :width] = kept
    made.ids[at, column, :width] = np.where(kept > FAR, np.take_along_axis(ids, order, 1), NOBODY)


def merged(some: Sequence[Neighbours]) -> Neighbours:
    """One list of each text out of several of the same texts, as a search of everything that they were found in gives it."""
    made = Neighbours.none(some[0].numbers)
    ids, close = (np.concatenate([getattr(each, name) for each in some], axis=2) for name in ("ids", "cosines"))
    for column in range(len(LANGUAGES)):
        _fill(made, np.arange(len(made)), column, close[:, column], ids[:, column])
    return made


def extend(lists: Neighbours, points: Points, fresh: Points) -> NDArray[np.bool_]:
    """Bring the points of `fresh` texts into the lists of other texts, whose points `points` holds; which lists changed."""
    changed = np.zeros(len(lists), bool)
    ids, languages = fresh.ids, languages_of(fresh.numbers)[fresh.owners]
    for column in range(len(LANGUAGES)):
        chosen = languages == column
        if not chosen.any():
            continue
        rows, names = fresh.rows[chosen].astype(np.float32), ids[chosen]
        for start in range(0, len(lists), BLOCK):
            some = np.arange(start, min(start + BLOCK, len(lists)))
            queries = points.wholes(points.positions(lists.numbers[some]))
            last = lists.cosines[some, column, -1]
            reached, row = np.nonzero(queries @ rows.T >= last[:, None] - SLACK)
            for at in np.unique(reached):
                new = row[reached == at]
                changed[some[at]] |= _enter(lists, int(some[at]), column, cosines(queries[at], rows[new]), names[new])
    return changed


def _enter(lists: Neighbours, at: int, column: int, similarity: Vectors, ids: Numbers) -> bool:
    """Put points into one list; whether it is another one then."""
    before = lists.ids[at, column].copy()
    both = np.concatenate([lists.cosines[at, column], similarity]), np.concatenate([before, ids])
    _fill(lists, np.array([at]), column, both[0][None], both[1][None])
    return not np.array_equal(before, lists.ids[at, column])


def holding(ids: Numbers, numbers: Numbers) -> NDArray[np.bool_]:
    """(n, languages): which lists of `ids` (n, languages, KEPT) hold a point of one of the texts with these numbers."""
    wanted = np.sort(numbers)
    if not len(wanted):
        return np.zeros(ids.shape[:2], bool)
    owners = ids >> UNIT_BITS
    table = np.zeros(1 << 16, bool)  # a quick look first: most are not
    table[wanted & 0xFFFF] = True
    perhaps = table[owners & 0xFFFF] & (ids != NOBODY)
    places = np.minimum(np.searchsorted(wanted, owners[perhaps]), len(wanted) - 1)
    found = np.zeros(ids.shape, bool)
    found[perhaps] = wanted[places] == owners[perhaps]
    return np.asarray(found.any(axis=2))


def pairs(
    blocks: Iterable[Neighbours], numbers: Numbers, near: Vectors, floor: float, ratio: float
) -> tuple[Numbers, Vectors]:
    """Texts of which one is among the nearest of the other and near enough, (n, 2) and smaller first; and how near.

    Texts count by their place in `numbers`, of which `blocks` has all lists, and `near` (texts, languages) what they reach
    with their nearest. Near enough: the cosine is at least `floor`, and `ratio` times what the two reach on average. How
    near is that ratio.
    """
    codes, ratios = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    columns = languages_of(numbers)
    for lists in blocks:
        found, close = lists.owners()
        place = np.searchsorted(numbers, found).clip(max=len(numbers) - 1)
        row, column = np.nonzero((numbers[place] == found) & (close >= floor))
        one, other = np.searchsorted(numbers, lists.numbers)[row], place[row, column]
        reach = np.maximum((near[one, columns[other]] + near[other, columns[one]]) / 2, LEAST)
        similar = close[row, column] / reach
        enough = similar >= ratio
        codes.append((np.minimum(one, other) * len(numbers) + np.maximum(one, other))[enough])
        ratios.append(similar[enough])
    code, at = np.unique(np.concatenate(codes), return_inverse=True)
    best = np.zeros(len(code), np.float32)
    np.maximum.at(best, at, np.concatenate(ratios))
    return np.stack(np.divmod(code, max(len(numbers), 1)), axis=1), best
