"""Measures what a run on Ray costs, stage by stage, as collections grow; and calculates from that what a big one would need.

Two things are measured. Stages that look at an article by itself (reading, quotations, alignment, embedding) are measured
on real articles, those of the newsroom; their cost grows with the number of articles and nothing else. Stages that look at
everything are measured on collections of any size that `multiplied` makes: the newsroom's quotations in other words, with
points that are those of the real ones, turned.
"""

import json
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import multiplied
import numpy as np
from multiplied import Original
from scipy.optimize import nnls

from corpora.newsroom import reader
from pipeline import articles, engines, utterances
from pipeline.collection import SHARDS, Collection
from pipeline.distributed import batches, reading, shards
from pipeline.distributed.crews import Desk, RayCrew, Sizes
from pipeline.distributed.finding import ShardFinder
from pipeline.distributed.reading import Batch
from pipeline.distributed.run import Run
from pipeline.distributed.shards import Making
from pipeline.engines import Engines
from pipeline.progress import Silent
from pipeline.records import Language
from pipeline.search import Filters
from pipeline.utterances import Utterances

Line = dict[str, object]

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
BATCH = 5_000  # quotations
QUESTIONS = 20
BY_ARTICLE = ("read", "quotes", "align", "embed")
BY_WORD = ("read", "quotes", "align")
EXACTLY = "look-up, exact"
"""What looking up is called here while every point is looked at: it grows in another way than with inverted files."""

ARTICLES = 100_000_000  # that the calculation is for
DAYS = 30
REALISTIC = 600  # words of an article; the newsroom's are shorter, but quote as much as long ones do
CORES = 32  # of a machine


class Synthetic(Run):
    """A run whose articles, quotations and points are there already."""

    def multiply(self, some: Sequence[Original], quotes: int) -> "Synthetic":
        """Set how many quotations there are to be, of which originals."""
        self._originals, self._quotes = some, quotes
        return self

    def _batches(self, names: Sequence[str], targets: Sequence[Language]) -> list[Batch]:
        parts, found, copy, made = list[shards.Made](), list[tuple[shards.Made, shards.Made]](), 0, 0
        while made < self._quotes:
            with Collection.in_memory() as collection:
                copy = multiplied.fill(collection, self._originals, min(BATCH, self._quotes - made), first=copy)
                made += collection.count("quotes")
                collection.database.execute("UPDATE articles SET translation_of = NULL")
                found.append(self._found(collection, copy))
                for table in ("quotes", "utterances", "done"):
                    collection.database.execute(f"DELETE FROM {table}")
                parts.append(self._shard("read", copy, partial(reading.keep, collection)))
        plan = reading.settle(self._desk, [part.path for part in parts])
        some = [
            batch.after(quotes).after(points)
            for batch, (quotes, points) in zip(reading.batches(plan), found, strict=True)
        ]
        self.ledger.needed += [plan.path, *(part.path for part in parts), *(path for one in some for path in one.made)]
        return some

    def _found(self, collection: Collection, number: int) -> tuple[shards.Made, shards.Made]:
        """The shards that stages would have made of a collection: its quotations, and their points."""
        ids = [article.id for article in collection.outlines()]
        Utterances(collection).add(utterances.of_quotes(list(collection.quotes_of(ids))))

        def found(making: Making) -> None:
            for name, table in [
                *batches.tables_of(collection, "quotes", "utterances"),
                ("said", batches.said(collection)),
                *batches.shingles(collection),
            ]:
                making.put(name, table)

        def embedded(making: Making) -> None:
            making.put("points", shards.table_of(collection, "points", "ORDER BY text"))

        return self._shard("quotes", number, found), self._shard("embed", number, embedded)

    def _shard(self, stage: str, number: int, make: Callable[[Making], None]) -> shards.Made:
        return shards.made(self._desk.shards, stage, ["multiplied", number], make)


def lines(folder: Path, sizes: Sequence[int]) -> Iterator[Line]:
    """What is measured, then how it grows, then what a hundred million articles would need."""
    made_with = engines.default()
    real = _of_articles(folder / "real", made_with)
    yield real
    events = [event for path in reader.development_files() for event in reader.read(path)]
    some = multiplied.originals(events, made_with.embedder, made_with.matcher)
    measured = list[Line]()
    for size in sizes:
        measured.append(_of_size(folder / str(size), some, size))
        yield measured[-1]
        yield _asked(folder / str(size), some, made_with)
    fits = {stage: _fit(measured, stage) for stage in _stages(measured)}
    yield {"growth": {stage: fit.told() for stage, fit in fits.items()}}
    yield needed(real, fits)


def _of_articles(folder: Path, made_with: Engines) -> Line:
    """Processor seconds of an article, by stage, in two workers; words of an article; quotations of one."""
    folder.mkdir(parents=True)
    reports = [r for path in reader.development_files() for event in reader.read(path) for r in event.reports]
    found = [report.article for report in reports]
    with (folder / "articles.jsonl").open("w", encoding="utf-8") as file:
        for article in found:
            fields = {
                name: getattr(article, name)
                for name in ("id", "language", "outlet", "text", "translation_of", "published")
            }
            file.write(json.dumps(fields, ensure_ascii=False) + "\n")
    desk = Desk(folder / "into" / SHARDS, engines.default, Sizes(articles=128))
    with RayCrew("local", desk, num_cpus=2) as crew:
        run = Run(crew, desk, folder / "into", Silent())
        run._batches(articles.inputs([str(folder / "articles.jsonl")]).files, ())
    words = sum(len(article.text.split()) for article in found) / len(found)
    stages = {name: line for name, line in run.ledger.stages.items() if name in BY_ARTICLE}
    quotes = sum(shards.read(path).counts["quotes"] for path in (desk.shards / "quotes").iterdir())
    return {
        "articles": len(found),
        "words": round(words),
        "quotes_an_article": round(quotes / len(found), 2),
        "cpu_milliseconds_an_article": {
            n: round(1000 * line["cpu_seconds"] / len(found), 2) for n, line in stages.items()
        },
        "peak_mb": {name: line["peak_mb"] for name, line in stages.items()},
    }


def _of_size(folder: Path, some: Sequence[Original], size: int) -> Line:
    """Seconds of each stage of a collection of that many quotations, in two workers."""
    desk = Desk(folder / SHARDS, engines.default, Sizes(in_one_file=0))
    with RayCrew("local", desk, num_cpus=2) as crew:
        run = Synthetic(crew, desk, folder, Silent()).multiply(some, size)
        began = time.perf_counter()
        outcome = run.make(articles.Inputs((), 0, (), ()))
    stages = {_named(name, run.ledger.stages): line for name, line in run.ledger.stages.items()}
    return {
        "quotes": outcome.counts["quotes"],
        "wall_seconds": round(sum(line["wall_seconds"] for line in stages.values()), 1),
        "made_and_wall_seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": {name: line["cpu_seconds"] for name, line in stages.items()},
        "cpu_seconds_a_million": {
            name: round(1e6 * line["cpu_seconds"] / outcome.counts["quotes"], 1) for name, line in stages.items()
        },
        "peak_mb": {name: line["peak_mb"] for name, line in stages.items()},
        "shards_mb": round(sum(file.stat().st_size for file in desk.shards.rglob("*") if file.is_file()) / 2**20),
    }


def _named(stage: str, stages: Container[str]) -> str:
    return EXACTLY if stage == "look-up" and "invert" not in stages else stage


def _asked(folder: Path, some: Sequence[Original], made_with: Engines) -> Line:
    """Questions to a collection that stays in shards."""
    texts = multiplied.texts(some)
    chosen = np.random.default_rng(2).choice(len(texts), QUESTIONS, replace=False)
    began, taken = time.perf_counter(), list[float]()
    finder = ShardFinder(folder, made_with, Filters())
    finder.find("We begin.", 1)
    opened = time.perf_counter() - began
    for at in chosen.tolist():
        began = time.perf_counter()
        finder.find(texts[at], 10)
        taken.append(1000 * (time.perf_counter() - began))
    return {
        "find_in": folder.name,
        "first_answer_seconds": round(opened, 2),
        "median_ms": round(float(np.median(taken)), 1),
    }


# What follows from it


@dataclass(frozen=True, slots=True)
class Fit:
    """What a stage costs: seconds a quotation, and seconds for each pair of a quotation with another; neither is below 0.

    `residuals` are what was measured at each size beyond that, as shares.
    """

    each: float
    pair: float
    residuals: tuple[float, ...]

    @classmethod
    def of(cls, sizes: Sequence[int], seconds: Sequence[float]) -> Self:
        """By least squares of the residuals (Lawson and Hanson 1974); of one size alone, what a quotation costs there."""
        x, y = np.array(sizes, float), np.maximum(np.array(seconds, float), 1e-3)
        columns = np.stack([x, x * x / x.max()], axis=1) if len(sizes) > 1 else np.stack([x, 0 * x], axis=1)
        (each, pair), _ = nnls(columns / y[:, None], np.ones(len(x)))
        fitted = columns @ [each, pair]
        return cls(float(each), float(pair / x.max()), tuple(float(share) for share in y / fitted - 1))

    def seconds(self, quotes: int) -> float:
        """What so many quotations cost."""
        return self.each * quotes + self.pair * quotes**2

    def told(self) -> Line:
        """As it is printed."""
        return {
            "milliseconds_a_quotation": float(f"{1e3 * self.each:.3g}"),
            "nanoseconds_a_pair": float(f"{1e9 * self.pair:.3g}"),
            "residuals": [round(each, 2) for each in self.residuals],
        }


def _stages(measured: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(stage for line in measured for stage in _cpu(line)))


def _cpu(line: Line) -> dict[str, float]:
    found = line["cpu_seconds"]
    assert isinstance(found, dict)
    return found


def _fit(measured: Sequence[Line], stage: str) -> Fit:
    there = [line for line in measured if stage in _cpu(line)]
    return Fit.of([int(str(line["quotes"])) for line in there], [_cpu(line)[stage] for line in there])


def needed(real: Line, fits: Mapping[str, Fit]) -> Line:
    """Core hours of each stage for `ARTICLES`, out of what an article and a quotation cost; machines for `DAYS` days.

    What is made of the words of an article costs as much more as there are more of them.
    """
    words, an_article = float(str(real["words"])), float(str(real["quotes_an_article"]))
    longer, total = REALISTIC / words, round(ARTICLES * an_article)
    by_article = real["cpu_milliseconds_an_article"]
    assert isinstance(by_article, dict)
    hours = {n: ARTICLES * each * (longer if n in BY_WORD else 1) / 3.6e6 for n, each in by_article.items()}
    hours |= {n: fit.seconds(total) / 3600 for n, fit in fits.items() if n not in (*by_article, EXACTLY)}
    first = max(hours, key=lambda stage: hours[stage])
    others = sum(hours.values()) - hours[first]
    return {
        "articles": ARTICLES,
        "quotes": total,
        "core_hours": {name: round(each) for name, each in hours.items()},
        "first_bottleneck": first,
        "machines_but_for_it": round(others / (24 * DAYS * CORES), 1),
        "machines": round(sum(hours.values()) / (24 * DAYS * CORES), 1),
        "days": DAYS,
        "cores_of_a_machine": CORES,
    }
