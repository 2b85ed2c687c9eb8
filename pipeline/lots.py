"""Utterances in lots that have nothing to do with one another, so that each can be grouped on its own.

A lot holds whole components: utterances that hang together by pairs of texts that are near enough, or by what people have
decided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline import names, neighbours, verdicts
from pipeline.collection import Collection
from pipeline.grouping import Pair, components
from pipeline.likeness import FLOOR, NEIGHBOURS, RATIO, Matcher
from pipeline.neighbours import Neighbours
from pipeline.points import Numbers, Points
from pipeline.ports import Vectors
from pipeline.records import Quote, Source
from pipeline.utterances import Utterance, Utterances
from pipeline.verdicts import Verdict

CROWD = 24
"""Most utterances of one text, or of two, of which every pair is compared; of more, those with speakers that sound alike."""

SIZE = 256  # utterances of a lot, unless one component has more


@dataclass(frozen=True)
class Lot:
    """Utterances, by id, with all that is needed to group them.

    `points` and `near` (texts, languages) go by text; `pairs` are those that may be one statement, `together` and `apart`
    what people have decided, all by place in `utterances`.
    """

    utterances: Sequence[Utterance]
    quotes: Mapping[str, Quote]
    sources: Mapping[str, Source]
    points: Points
    near: Vectors
    pairs: Sequence[Pair]
    together: Sequence[Pair]
    apart: Sequence[Pair]


def near_enough(lists: Neighbours, matcher: Matcher) -> tuple[Numbers, Vectors]:
    """Pairs (n, 2) of texts that may be one statement, by position in the lists; what each reaches in each language."""
    near = lists.near(matcher.lonely, matcher.crowded, NEIGHBOURS)
    return neighbours.pairs(lists, near, FLOOR, RATIO), near


def made(
    collection: Collection, some: Sequence[Utterance], decided: Sequence[Verdict], matcher: Matcher
) -> Iterator[Lot]:
    """The lots of some utterances, which are sorted by id and hold all that hangs together with any of them."""
    store = Utterances(collection)
    lists = store.nearest(sorted({one.text for one in some}))
    texts, near = near_enough(lists, matcher)
    pairs = _pairs(texts, np.searchsorted(lists.numbers, [one.text for one in some]), some, collection)
    together, apart = _decided(some, decided)
    beside: dict[int, list[Pair]] = {}
    for n, m in pairs.tolist():
        beside.setdefault(n, []).append((n, m))
    for members in _packed(components(len(some), [*map(tuple, pairs.tolist()), *together])):
        place = {n: at for at, n in enumerate(members)}
        chosen = [some[n] for n in members]
        numbers = sorted({one.text for one in chosen})
        yield Lot(
            utterances=chosen,
            quotes=collection.some_quotes([id_ for one in chosen for id_ in one.quotes]),
            sources=collection.sources(sorted({one.article_id for one in chosen})),
            points=store.points(numbers),
            near=near[np.searchsorted(lists.numbers, numbers)],
            pairs=[(place[n], place[m]) for first in members for n, m in beside.get(first, ())],
            together=[(place[n], place[m]) for n, m in together if n in place],
            apart=[(place[n], place[m]) for n, m in apart if n in place and m in place],
        )


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


def _decided(some: Sequence[Utterance], decided: Sequence[Verdict]) -> tuple[list[Pair], list[Pair]]:
    """What people have decided: pairs that belong together, pairs that do not."""
    where = {id_: n for n, one in enumerate(some) for id_ in one.quotes} if decided else {}
    found: tuple[list[Pair], list[Pair]] = ([], [])
    direct = [(*verdict.quotes, verdict.together) for verdict in decided]
    for one, other, so in [*direct, *((*pair, True) for pair in verdicts.bridged(decided, where))]:
        n, m = where.get(one), where.get(other)
        if n is not None and m is not None and n != m:
            found[0 if so else 1].append((min(n, m), max(n, m)))
    return found


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
    articles = np.unique([each.article_id for each in some], return_inverse=True)[1]
    apart = articles[pairs[:, 0]] != articles[pairs[:, 1]]
    return np.unique(pairs[apart], axis=0)


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
