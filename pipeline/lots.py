"""What is compared of the utterances of a collection, and the lots in which they are grouped.

Pairs of texts that are near enough are compared first, many at a time; utterances that hang together by likely pairs, or
by what people have decided, then form components, which have nothing to do with one another.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline import names, neighbours, verdicts
from pipeline.collection import Collection
from pipeline.grouping import Pair, components, labels
from pipeline.likeness import FLOOR, NEIGHBOURS, RATIO, TOGETHER, Matcher
from pipeline.neighbours import Neighbours
from pipeline.points import Numbers, languages_of
from pipeline.ports import Vectors
from pipeline.records import LANGUAGES
from pipeline.utterances import Utterance, Utterances
from pipeline.verdicts import Verdict

CROWD = 24
"""Most utterances of one text, or of two, of which every pair is compared; of more, those with speakers that sound alike."""

CLOSE = 1.6
"""Ratio of a cosine to what is usual from which two texts are likely enough to be read one after the other."""

SIZE = 256  # utterances of a lot, unless one component has more
PAIRS = 4096  # that are compared at once


@dataclass(frozen=True)
class Comparison:
    """Pairs (n, 2) of utterances, by place in `utterances`; `near` (texts, languages) goes by number of the text."""

    utterances: Sequence[Utterance]
    near: Vectors
    pairs: Numbers


@dataclass(frozen=True)
class Lot:
    """Utterances, by id, that are grouped; `near` (texts, languages) goes by number of the text.

    `known` are the probabilities of pairs that may be one statement, `together` and `apart` what people have decided,
    `facing` what corresponds in two editions of an article, all by place in `utterances`.
    """

    utterances: Sequence[Utterance]
    near: Vectors
    known: Mapping[Pair, float]
    together: Sequence[Pair]
    apart: Sequence[Pair]
    facing: Sequence[Pair]


class Candidates:
    """Some utterances, by id, and the pairs of them, (n, 2) and smaller first, that may be one statement.

    `numbers` are the texts that they say, ascending, and `near` (texts, languages) what each reaches with its nearest.
    """

    def __init__(self, some: Sequence[Utterance], numbers: Numbers, near: Vectors, pairs: Numbers) -> None:
        self.some = some
        self._numbers = numbers
        self._near = near
        self.pairs = pairs

    @classmethod
    def found(cls, collection: Collection, some: Sequence[Utterance], matcher: Matcher) -> Self:
        """What is near enough among the neighbours that a collection keeps; what hangs together comes one after the other."""
        numbers, store = np.unique(np.array([one.text for one in some], np.int64)), Utterances(collection)
        blocks = store.blocks_of_nearest(numbers.tolist())
        lists = [each.near(matcher.lonely, matcher.crowded, NEIGHBOURS) for each in blocks]
        near = np.concatenate([np.zeros((0, len(LANGUAGES)), np.float32), *lists])
        blocks = store.blocks_of_nearest(numbers.tolist())
        texts, ratios = neighbours.pairs(blocks, numbers, near, FLOOR, RATIO)
        text_of = np.searchsorted(numbers, [one.text for one in some])
        part_of = labels(len(numbers), texts[ratios >= CLOSE])[text_of]
        pairs = _pairs(texts, text_of, some, collection)
        return cls(some, numbers, near, pairs[np.lexsort((pairs[:, 1], pairs[:, 0], part_of[pairs[:, 0]]))])

    def comparisons(self) -> Iterator[Comparison]:
        """All pairs, in their order; what is likely to be one statement comes one after the other."""
        for start in range(0, len(self.pairs), PAIRS):
            members, places = np.unique(self.pairs[start : start + PAIRS], return_inverse=True)
            chosen = [self.some[n] for n in members.tolist()]
            yield Comparison(chosen, self._reached(chosen), places.reshape(-1, 2))

    def lots(
        self, probabilities: NDArray[np.float64], decided: Sequence[Verdict], linked: Iterable[tuple[str, str]]
    ) -> Iterator[Lot]:
        """The utterances in lots of whole components, with the probabilities of all pairs.

        `linked` are quotations that correspond in two editions of an article.
        """
        where = {id_: n for n, one in enumerate(self.some) for id_ in one.quotes}
        together, apart = _decided(where, decided)
        facing = list(_placed(where, linked))
        likely = self.pairs[probabilities >= TOGETHER]
        parts = components(len(self.some), [*likely.tolist(), *together, *facing])
        packed = [np.array(members, np.int64) for members in _packed(parts)]
        known = self._by_lot(packed, probabilities)
        for members, (pairs, p) in zip(packed, known, strict=True):
            place = {n: at for at, n in enumerate(members.tolist())}
            chosen = [self.some[n] for n in place]
            yield Lot(
                utterances=chosen,
                near=self._reached(chosen),
                known={(place[n], place[m]): each for (n, m), each in zip(pairs.tolist(), p.tolist(), strict=True)},
                together=[(place[n], place[m]) for n, m in together if n in place],
                apart=[(place[n], place[m]) for n, m in apart if n in place and m in place],
                facing=[(place[n], place[m]) for n, m in facing if n in place],
            )

    def _by_lot(
        self, packed: Sequence[Numbers], probabilities: NDArray[np.float64]
    ) -> Iterator[tuple[Numbers, NDArray[np.float64]]]:
        """The pairs within each lot whose probability is known, and that."""
        lot_of = np.zeros(len(self.some), np.int64)
        for number, members in enumerate(packed):
            lot_of[members] = number
        first, second = lot_of[self.pairs].T
        inside = np.flatnonzero((first == second) & ~np.isnan(probabilities))
        inside = inside[np.argsort(first[inside], kind="stable")]
        ends = np.searchsorted(first[inside], np.arange(len(packed) + 1))
        for start, end in itertools.pairwise(ends.tolist()):
            yield self.pairs[inside[start:end]], probabilities[inside[start:end]]

    def _reached(self, chosen: Sequence[Utterance]) -> Vectors:
        """What the texts of some utterances reach with their nearest, by number."""
        return self._near[np.searchsorted(self._numbers, sorted({one.text for one in chosen}))]


def touched(before: Neighbours, after: Neighbours, matcher: Matcher, store: Utterances) -> set[int]:
    """Numbers of the texts whose pairs may be others than before new points came into their lists.

    The pairs with the new texts are theirs to find. Of the others a text loses what has been pushed out of its list, if it
    was near enough; and all change when it reaches further with its nearest. `store` has the lists as they are after.
    """
    near, now = (lists.near(matcher.lonely, matcher.crowded, NEIGHBOURS) for lists in (before, after))
    owners, close = before.owners()
    pushed_out = (owners[:, :, None] != after.owners()[0][:, None, :]).all(axis=2) & (close >= FLOOR)
    text, place = np.nonzero(pushed_out)
    lists = store.nearest(np.unique(owners[text, place]).tolist())
    other = np.searchsorted(lists.numbers, owners[text, place])
    theirs = lists.near(matcher.lonely, matcher.crowded, NEIGHBOURS)[other, languages_of(before.numbers[text])]
    ours = near[text, languages_of(owners[text, place])]
    lost = text[close[text, place] >= RATIO * (ours + theirs) / 2]
    return {*before.numbers[(near != now).any(axis=1)].tolist(), *before.numbers[lost].tolist()}


def _packed(parts: Iterable[Sequence[int]]) -> Iterator[list[int]]:
    """Components put together until a lot is full; each lot in ascending order."""
    lot: list[int] = []
    for part in parts:
        lot += part
        if len(lot) >= SIZE:
            yield sorted(lot)
            lot = []
    if lot:
        yield sorted(lot)


def _decided(where: Mapping[str, int], decided: Sequence[Verdict]) -> tuple[list[Pair], list[Pair]]:
    """What people have decided: pairs that belong together, pairs that do not. `where` gives the place of a quotation."""
    together = [verdict.quotes for verdict in decided if verdict.together]
    apart = [verdict.quotes for verdict in decided if not verdict.together]
    return list(_placed(where, [*together, *verdicts.bridged(decided, where)])), list(_placed(where, apart))


def _placed(where: Mapping[str, int], pairs: Iterable[tuple[str, str]]) -> Iterator[Pair]:
    """The places of pairs of quotations, where both are here and in two utterances."""
    for one, other in pairs:
        n, m = where.get(one), where.get(other)
        if n is not None and m is not None and n != m:
            yield min(n, m), max(n, m)


# Pairs of utterances


def _pairs(texts: Numbers, text_of: NDArray[np.int64], some: Sequence[Utterance], collection: Collection) -> Numbers:
    """(n, 2): pairs of utterances, smaller first, whose texts are a pair of `texts`, or one text."""
    order = np.argsort(text_of, kind="stable")
    count = int(text_of.max()) + 1 if len(text_of) else 0
    starts = np.searchsorted(text_of[order], np.arange(count + 1))
    single = np.diff(starts) == 1
    plain = single[texts].all(axis=1)
    found = [order[starts[texts[plain]]]]
    repeated = np.flatnonzero(~single).tolist()
    for one, other in [*texts[~plain].tolist(), *((text, text) for text in repeated)]:
        ours, theirs = (order[starts[text] : starts[text + 1]].tolist() for text in (one, other))
        found.append(_crossed(ours, theirs, some, collection))
    pairs = np.sort(np.concatenate(found), axis=1)
    numbered: dict[str, int] = {}
    articles = np.array([numbered.setdefault(each.article_id, len(numbered)) for each in some], np.int64)
    apart = articles[pairs[:, 0]] != articles[pairs[:, 1]]
    codes = np.unique(pairs[apart, 0] * len(some) + pairs[apart, 1])
    return np.stack(np.divmod(codes, max(len(some), 1)), axis=1)


def _crossed(ours: list[int], theirs: list[int], some: Sequence[Utterance], collection: Collection) -> Numbers:
    """Pairs of what says one text with what says the other; of a crowd only neighbours in the order of their speakers.

    The latter is the sorted-neighbourhood method of Hernández and Stolfo (1995).
    """
    if len(ours) + len(theirs) <= CROWD:
        crossed = [(n, m) for n in ours for m in theirs if n != m]
        return np.array(crossed, np.int64).reshape(-1, 2)
    crowd = sorted({*ours, *theirs})
    quotes = collection.some_quotes([some[n].id for n in crowd])
    crowd.sort(key=lambda n: (names.sound(quotes[some[n].id].speaker), n))
    return np.array([(n, m) for at, n in enumerate(crowd) for m in crowd[at + 1 : at + CROWD]], np.int64)
