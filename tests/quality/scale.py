"""Measures how matching grows with the collection: seconds, memory, recall of the neighbours, and what it is right about.

The collections are made by `multiplied`; nothing is embedded but the originals and the questions to `find`.
"""

import itertools
import resource
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import multiplied
import numpy as np
from multiplied import Original

from corpora.newsroom import reader
from pipeline import matching, neighbours
from pipeline.collection import FILE, Collection
from pipeline.engines import Engines
from pipeline.likeness import FLOOR, NEIGHBOURS, RATIO, Matcher
from pipeline.neighbours import FAR, KEPT, NOBODY, Neighbours
from pipeline.points import UNIT_BITS, Numbers, languages_of
from pipeline.ports import Translator, Vectors
from pipeline.progress import Advance
from pipeline.records import LANGUAGES, Language
from pipeline.search import Filters, Finder
from pipeline.utterances import Utterances

Line = dict[str, object]

STATE = "multiplied"
SAMPLE = 500  # texts whose neighbours are compared with exact ones
QUESTIONS = 100
HITS = 10
MORE = 1_000  # quotations that are added to a collection that is done
BLOCK = 1 << 15  # texts whose points are read at once
MB = 1 << 20
EVERY = 0.25  # seconds between two looks at the memory


class Silenced:
    """An embedder that nobody asks: all points are there."""

    def __init__(self, matcher: Matcher) -> None:
        self.signature = matcher.embedder
        self.dimension = len(next(iter(matcher.centres.values())))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Nothing that is measured here needs vectors: a programmer's mistake."""
        raise ValueError(f"asked for the vectors of {len(texts)} texts")


class Stopwatch:
    """Keeps the seconds of every stage; see `Progress`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        """A stage."""
        began = time.perf_counter()
        yield lambda _: None
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def lines(folder: Path, quotes: int, engines: Engines) -> Iterator[Line]:
    """A collection of a tenth of `quotes`, and one of `quotes`, both made in `folder`; the second is asked, and grows."""
    events = [event for path in reader.development_files() for event in reader.read(path)]
    some = multiplied.originals(events, engines.embedder, engines.matcher)
    costs = list[float]()
    for size in (quotes // 10, quotes):
        with Collection.open(folder / str(size), create=True) as collection:
            began = time.perf_counter()
            _begin(collection, engines.matcher)
            copies = multiplied.fill(collection, some, size)
            made = collection.count("quotes")
            megabytes = (collection.folder / FILE).stat().st_size // MB
            yield {"made": made, "seconds": round(time.perf_counter() - began, 1), "file_mb": megabytes}
            with Memory() as memory:
                matched = _matched(collection, engines.matcher)
            seconds = sum(matched.values())
            costs.append(1e6 * seconds / made)
            yield {"quotes": made, **matched, "seconds": round(seconds, 1), **memory.figures()}
            yield {"quotes": made, **_sizes(collection, engines.matcher), **agreement(collection, some)}
            yield {"quotes": made, **_nearness(collection, some)}
            if size == quotes:
                yield {
                    "quotes": made,
                    "microseconds_a_quote": round(costs[1]),
                    "baseline_microseconds_of_a_tenth": round(costs[0]),
                    "ratio": round(costs[1] / costs[0], 2),
                }
                yield _asked(collection, some, engines)
                yield _grown(collection, some, engines.matcher, copies, seconds)
        shutil.rmtree(folder / str(size))


def _begin(collection: Collection, matcher: Matcher) -> None:
    """Say of an empty collection what the points that it is to get were made with."""
    engines = _engines(matcher)
    with collection.transaction():
        collection.remember("matched with", matching.signature(engines))
        collection.remember("dimension", str(engines.embedder.dimension))


def _engines(matcher: Matcher) -> Engines:
    def translator(source: Language, target: Language) -> Translator:
        raise ValueError(f"nothing is translated here, not even {source} into {target}")

    return Engines(embedder=Silenced(matcher), translator=translator, matcher=matcher)


def _matched(collection: Collection, matcher: Matcher) -> dict[str, float]:
    """Seconds of each stage."""
    watch, began = Stopwatch(), time.perf_counter()
    matching.prepare(collection, _engines(matcher), watch, STATE)
    prepared = time.perf_counter()
    matching.regroup(collection, matcher, watch)
    done = time.perf_counter()
    looking = watch.seconds.get("Looking for neighbours", 0.0)
    return {
        "utterances_seconds": round(prepared - began - looking, 2),
        "neighbours_seconds": round(looking, 2),
        "statements_seconds": round(done - prepared, 2),
    }


class Memory:
    """Watches how much memory this process and its children have together, while a `with` block lasts (Linux).

    `getrusage` would not do for children: a process begins with the peak of the one that started it.
    """

    def __init__(self) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def figures(self) -> Line:
        """Peaks in MB: of this process, by the system's own count since it began; of all together, as seen."""
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {"peak_mb": round(own), "together_mb": round(max(own, self.peak / MB))}

    def _look(self) -> None:
        while True:
            children = [pid for path in Path("/proc/self/task").glob("*/children") for pid in _read(path).split()]
            resident = [_read(Path("/proc") / pid / "statm").split() for pid in ("self", *children)]
            self.peak = max(self.peak, sum(int(one[1]) for one in resident if one) * resource.getpagesize())
            if self._over.wait(EVERY):
                return


def _read(path: Path) -> str:
    """What the system says there; nothing of a process that has ended."""
    try:
        return path.read_text("ascii")
    except OSError:
        return ""


def _sizes(collection: Collection, matcher: Matcher) -> Line:
    store = Utterances(collection)
    lists = Neighbours.joined(list(store.all_nearest()))
    counted = sum(len(kept) for (kept,) in collection.database.execute("SELECT rows FROM points"))
    return {
        "texts": len(lists),
        "points": counted // (2 * store.dimension),
        "pairs": len(neighbours.pairs(lists, lists.near(matcher.lonely, matcher.crowded, NEIGHBOURS), FLOOR, RATIO)),
        "statements": collection.count("statements"),
    }


# What came of it ----------------------------------------------------------------------------------------------------


def agreement(collection: Collection, some: Sequence[Original]) -> Line:
    """B-cubed precision, recall and f1 of the statements (Bagga & Baldwin 1998), in percent.

    The truth is the marked statement of the same copy. Only whole copies of events are in the collection.
    """
    truth = multiplied.Truth(some)
    rows = collection.database.execute(
        "SELECT statement_id, article_id, quotes.number FROM members JOIN quotes ON quotes.id = quote_id"
        " ORDER BY statement_id"
    )
    total, precision, recall = 0, 0.0, 0.0
    for _, members in itertools.groupby(rows, key=lambda row: row[0]):
        cells = Counter(truth.statement(article_id, number) for _, article_id, number in members)
        total += cells.total()
        precision += sum(n * n for n in cells.values()) / cells.total()
        recall += sum(n * n / truth.size(statement) for statement, n in cells.items())
    figures = precision / total, recall / total, 2 * precision * recall / (precision + recall) / total
    names = ("b_cubed_precision", "b_cubed_recall", "b_cubed_f1")
    return {name: round(100 * figure, 1) for name, figure in zip(names, figures, strict=True)}


def _nearness(collection: Collection, some: Sequence[Original]) -> Line:
    """Recall of the neighbours; how near texts are to one another, here and in the originals; what exact search costs."""
    store = Utterances(collection)
    numbers = np.array([row[0] for row in collection.database.execute("SELECT text FROM points ORDER BY text")])
    chosen = np.sort(np.random.default_rng(1).choice(numbers, min(SAMPLE, len(numbers)), replace=False))
    began = time.perf_counter()
    exact = exactly(collection, chosen)
    seconds = time.perf_counter() - began
    members, other = _cosines(collection, exact, multiplied.Truth(some))
    real_members, real_other = multiplied.nearness(some, SAMPLE)
    return {
        "sampled": len(chosen),
        "neighbours_recall": round(recall(store.nearest(chosen.tolist()), exact), 4),
        "baseline_exact_seconds": round(seconds * len(numbers) / len(chosen)),
        "cosine_of_members": round(members, 3),
        "cosine_of_members_in_originals": round(real_members, 3),
        "cosine_of_nearest_other": round(other, 3),
        "cosine_of_nearest_other_in_originals": round(real_other, 3),
    }


def exactly(collection: Collection, numbers: Numbers) -> Neighbours:
    """The lists of some texts, ascending, from a look at every point."""
    store = Utterances(collection)
    found = Neighbours.none(numbers)
    queries = store.points(numbers.tolist()).wholes(np.arange(len(numbers)))
    every = [row[0] for row in collection.database.execute("SELECT text FROM points ORDER BY text")]
    for start in range(0, len(every), BLOCK):
        some = store.points(every[start : start + BLOCK])
        ids, spoken = some.ids, languages_of(some.numbers)[some.owners]
        for column in range(len(LANGUAGES)):
            which = np.flatnonzero(spoken == column)
            similarity = queries @ some.rows[which].astype(np.float32).T
            own = (ids[which] >> UNIT_BITS)[None] == numbers[:, None]
            _keep(found, column, np.where(own, FAR, similarity), np.broadcast_to(ids[which], similarity.shape))
    return found


def _keep(found: Neighbours, column: int, similarity: Vectors, ids: Numbers) -> None:
    """Put what is nearest among these and what was found before into the lists of a language."""
    similarity = np.concatenate([found.cosines[:, column], similarity], axis=1)
    ids = np.concatenate([found.ids[:, column], ids], axis=1)
    best = np.argpartition(-similarity, KEPT - 1, axis=1)[:, :KEPT]
    order = np.argsort(-np.take_along_axis(similarity, best, 1), axis=1, kind="stable")
    best = np.take_along_axis(best, order, 1)
    found.cosines[:, column] = np.take_along_axis(similarity, best, 1)
    found.ids[:, column] = np.where(found.cosines[:, column] > FAR, np.take_along_axis(ids, best, 1), NOBODY)


def recall(found: Neighbours, exact: Neighbours) -> float:
    """The share of the exact neighbours that are in the lists."""
    wanted = exact.ids != NOBODY
    there = (exact.ids[..., None] == found.ids[..., None, :]).any(axis=-1)
    return float(there[wanted].mean())


def _cosines(collection: Collection, exact: Neighbours, truth: multiplied.Truth) -> tuple[float, float]:
    """Mean cosine of two texts of one statement; of a text with the nearest of another event."""
    members, nearest = list[float](), list[float]()
    for at, text in enumerate(exact.numbers.tolist()):
        same, event = _beside(collection, text, truth)
        points = Utterances(collection).points([text, *same])
        wholes = points.wholes(np.arange(len(points)))
        others = points.numbers != text
        members += (wholes[others] @ wholes[~others][0]).tolist()
        apart = ~np.isin(exact.ids[at] >> UNIT_BITS, event) & (exact.ids[at] != NOBODY)
        nearest.append(float(exact.cosines[at][apart].max(initial=FAR)))
    return float(np.mean(members)), float(np.mean(nearest))


def _beside(collection: Collection, text: int, truth: multiplied.Truth) -> tuple[list[int], list[int]]:
    """The other texts of the statement that a text belongs to; all texts of its event."""
    query = "SELECT quotes.article_id, number, utterances.text FROM utterances JOIN quotes ON quotes.id = quote_id"
    article_id, number, _ = collection.database.execute(f"{query} WHERE utterances.text = ?", (text,)).fetchone()
    rows = list(collection.rows(f"{query} WHERE quotes.article_id IN ({{}})", truth.event(article_id)))
    wanted = truth.statement(article_id, number)
    same = {said for article, n, said in rows if truth.statement(article, n) == wanted}
    return sorted(same - {text}), [said for *_, said in rows]


# A collection in use ------------------------------------------------------------------------------------------------


def _asked(collection: Collection, some: Sequence[Original], engines: Engines) -> Line:
    """Questions to `find`, one after another in this process; the baseline is a process for each."""
    began = time.perf_counter()
    finder = Finder(collection, engines, Filters())
    finder.find("We begin.", HITS)
    loaded = time.perf_counter() - began
    texts = multiplied.texts(some)
    chosen = np.random.default_rng(2).choice(len(texts), QUESTIONS, replace=False)
    taken = list[float]()
    for at in chosen.tolist():
        began = time.perf_counter()
        finder.find(texts[at], HITS)
        taken.append(1000 * (time.perf_counter() - began))
    median, slow = (round(float(np.percentile(taken, share)), 1) for share in (50, 95))
    return {
        "find_in": collection.count("quotes"),
        "load_seconds": round(loaded, 2),
        "median_ms": median,
        "95th_percentile_ms": slow,
        "baseline_ms": round(1000 * loaded + median),
    }


def _grown(collection: Collection, some: Sequence[Original], matcher: Matcher, copies: int, rebuilt: float) -> Line:
    """A few more quotations in a collection that is done; the baseline is what all of it took at once."""
    before = collection.count("quotes")
    multiplied.fill(collection, some, MORE, first=copies)
    return {
        "more": collection.count("quotes") - before,
        "into": before,
        **_matched(collection, matcher),
        "baseline_seconds": round(rebuilt, 1),
    }
