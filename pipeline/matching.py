"""Finds what is said in several places: from the quotations of a collection to its statements.

    utterances -> points -> neighbours -> pairs -> components -> groups -> statements

Each step does what the one before has left undone, and what it writes says what is left: new utterances have no points,
new texts no neighbours, utterances that may group otherwise no component. An added article costs its own texts, the lists
of neighbours that these enter, and the components that they touch.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline import (
    counterparts,
    indexes,
    lots,
    neighbours,
    parallel,
    points,
    settings,
    statements,
    utterances,
    verdicts,
)
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.indexes import Indexes
from pipeline.likeness import TOGETHER, Matcher
from pipeline.lots import Candidates
from pipeline.neighbours import Neighbours
from pipeline.points import Numbers
from pipeline.ports import Embedder
from pipeline.progress import Progress
from pipeline.records import Language
from pipeline.utterances import Utterances
from pipeline.verdicts import Verdict

Item = TypeVar("Item")
Result = TypeVar("Result")
Items = TypeVar("Items", list[str], list[tuple[int, str, Language]], Numbers)

SIGNATURE = "statements:4"
"""Changes whenever the same quotations would be grouped differently."""

READ = 2000  # articles whose quotations are read at once
ASKED = 20_000  # texts whose lists are made at once
EMBEDDED = 512  # texts between two writes: what a killed run can lose
MANY = 5000  # utterances from which it pays to start processes for their grouping


def signature(engines: Engines) -> str:
    """Everything that statements depend on beside the quotations."""
    return f"{SIGNATURE}|{engines.matcher.signature}|emb:{engines.embedder.signature}"


def match(collection: Collection, engines: Engines, progress: Progress, state: str) -> None:
    """Bring the statements up to date with the quotations, which were found in `state`."""
    prepare(collection, engines, progress, state)
    regroup(collection, engines.matcher, progress)


def prepare(collection: Collection, engines: Engines, progress: Progress, state: str) -> None:
    """Everything up to the neighbours: what is left to do is to group."""
    store = Utterances(collection)
    made_with = signature(engines)
    with collection.transaction():
        if collection.meta("matched with") != made_with:
            store.clear()
            collection.remember("matched with", made_with)
            collection.remember("dimension", str(engines.embedder.dimension))
        note_utterances(collection, store, f"{state}|{made_with}")
    embed(collection, store, engines.embedder, engines.matcher, progress)
    _look_around(collection, store, engines.matcher, progress)


def note_utterances(collection: Collection, store: Utterances, state: str) -> None:
    """Add the utterances of the articles whose quotations are new."""
    for todo in _batches(collection.undone("match", state), READ):
        store.add(utterances.of_quotes(list(collection.quotes_of(todo))))
        for article_id in todo:
            collection.mark_done(article_id, "match", state)


def embed(collection: Collection, store: Utterances, embedder: Embedder, matcher: Matcher, progress: Progress) -> None:
    """Make the points of new texts."""
    todo = store.without_points()
    if not todo:
        return
    with progress.stage("Embedding", len(todo)) as advance:
        for some in _batches(todo, EMBEDDED):
            units = [points.units(text, language) for _, text, language in some]
            rows = embedder.encode([unit for each in units for unit in each])
            ends = np.cumsum([len(each) for each in units])
            with collection.transaction():
                store.put_points(
                    {
                        number: points.pack(matcher.centred(rows[end - len(each) : end], language))
                        for (number, _, language), each, end in zip(some, units, ends, strict=True)
                    }
                )
            advance(len(some))


def _look_around(collection: Collection, store: Utterances, matcher: Matcher, progress: Progress) -> None:
    """Bring the lists of neighbours up to date; what they change is to be grouped anew."""
    fresh, gone = store.fresh(), store.unsaid()
    if not fresh and not gone:
        return
    stale = _holding(store, gone)
    asked = np.array(sorted({*fresh, *stale}), np.int64)
    with progress.stage("Looking for neighbours", len(asked)) as advance, collection.transaction():
        store.forget(gone)
        found = indexes.updated(collection, fresh, gone)
        reached = np.zeros(0, np.int64)
        for some in _batches(asked, ASKED):
            texts = found.points or store.points(some.tolist())
            lists = neighbours.search(texts, texts.positions(some), found.by_language, found.points)
            store.put_nearest(lists)
            reached = np.union1d(reached, lists.owners()[0])
            advance(len(some))
        touched = _enter(
            store, found, fresh, _reached(store, asked, reached, everybody=found.points is not None), matcher
        )
        collection.loosen(store.components_of_texts([*asked.tolist(), *touched]))
    indexes.sweep(collection)


def _enter(store: Utterances, found: Indexes, fresh: Sequence[int], others: Neighbours, matcher: Matcher) -> set[int]:
    """Bring new texts into the lists of others; numbers of those whose pairs may be others than before."""
    if not len(others):
        return set()
    texts = found.points or store.points(others.numbers.tolist())
    before = others.copied()
    changed = neighbours.extend(others, texts, store.points(fresh))
    store.put_nearest(others.chosen(changed))
    return lots.touched(before.chosen(changed), others.chosen(changed), matcher, store)


def _holding(store: Utterances, numbers: Sequence[int]) -> list[int]:
    """Texts that have one of these among their neighbours, and are not of them."""
    if not numbers:
        return []
    wanted = np.array(numbers, np.int64)
    found = [lists.numbers[neighbours.holding(lists.ids, wanted).any(axis=1)] for lists in store.all_nearest()]
    return sorted(set(np.concatenate(found).tolist() if found else []) - set(numbers))


def _reached(store: Utterances, asked: Numbers, reached: Numbers, *, everybody: bool) -> Neighbours:
    """The lists into which new texts may come: all others, or in a big collection those of texts that were found."""
    if everybody:
        lists = Neighbours.joined(list(store.all_nearest()))
        return lists.chosen(~np.isin(lists.numbers, asked))
    return store.nearest(np.setdiff1d(reached, [*asked.tolist(), neighbours.NOBODY]).tolist())


def regroup(collection: Collection, matcher: Matcher, progress: Progress) -> None:
    """Group the utterances that have no component, and what hangs together with them, into statements."""
    store = Utterances(collection)
    if not store.ungrouped():
        return
    decided = verdicts.all_of(collection)
    with collection.transaction():
        _loosen_partners(collection, decided, matcher, progress)
        candidates = Candidates.found(collection, store.to_group(), matcher)
        known = _compared(candidates, collection, matcher, progress)
        with progress.stage("Matching statements", len(candidates.some)) as advance:
            todo = candidates.lots(known, decided, _facing(collection))
            work = partial(statements.grouped, matcher=matcher)
            for grouped in _shared(work, todo, len(candidates.some), collection):
                for one in grouped:
                    store.put_component(one.utterances, one.statements, one.joins)
                    advance(len(one.utterances))
        collection.touch()


def _facing(collection: Collection) -> list[tuple[str, str]]:
    """Quotations that correspond in two editions of an article, where one of them is to be grouped."""
    articles = {one.article_id for one in Utterances(collection).to_group()}
    return [(one, other) for one, other, _ in counterparts.correspondences(collection, articles)]


def _compared(
    candidates: Candidates, collection: Collection, matcher: Matcher, progress: Progress
) -> NDArray[np.float64]:
    """The probability of each pair of the candidates; not a number where they cannot be one statement."""
    found = [np.zeros(0)]
    with progress.stage("Comparing", len(candidates.pairs)) as advance:
        work = partial(statements.compared, matcher=matcher)
        for some in _shared(work, candidates.comparisons(), len(candidates.pairs), collection):
            found.append(some)
            advance(len(some))
    return np.concatenate(found)


def _shared(
    work: Callable[[Collection, Item], Result], items: Iterable[Item], size: int, collection: Collection
) -> Iterator[Result]:
    """The work of all items, by all cores when there is much; the others read the collection as it was committed."""
    there = partial(Collection.open, collection.folder, read_only=True)
    processes = settings.threads() if size >= MANY else 1
    return parallel.in_order(work, items, processes, here=collection, there=there)


def _loosen_partners(collection: Collection, decided: Sequence[Verdict], matcher: Matcher, progress: Progress) -> None:
    """Take apart, too, what now hangs together with a loose utterance."""
    store = Utterances(collection)
    if store.nothing_grouped():
        return
    bound = [*(verdict.quotes for verdict in decided), *_facing(collection)]
    collection.loosen(store.components_of_quotes([id_ for pair in bound for id_ in pair]))
    loose = np.array(sorted(store.ungrouped()), np.int64)
    beside = [
        lists.chosen(np.isin(lists.numbers, loose) | neighbours.holding(lists.ids, loose).any(axis=1))
        for lists in store.all_nearest()
    ]
    lists = Neighbours.joined(beside)
    theirs = lists.chosen(np.isin(lists.numbers, loose)).owners()[0]
    numbers = np.unique(np.concatenate([lists.numbers, theirs.ravel()]))
    around = sorted(store.saying(numbers[numbers != neighbours.NOBODY].tolist()), key=lambda one: one.id)
    candidates = Candidates.found(collection, around, matcher)
    ours = np.isin([one.text for one in around], loose)
    candidates.pairs = candidates.pairs[ours[candidates.pairs].any(axis=1)]
    likely = candidates.pairs[_compared(candidates, collection, matcher, progress) >= TOGETHER]
    touched = {around[n].text for n in np.unique(likely).tolist()}
    collection.loosen(store.components_of_texts(sorted(touched | set(loose.tolist()))))


def _batches(items: Items, size: int) -> Iterator[Items]:
    return (items[start : start + size] for start in range(0, len(items), size))
