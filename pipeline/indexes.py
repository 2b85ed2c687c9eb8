"""The indexes of a collection's points, one for each language: exact ones in memory, inverted files beside a big collection.

An inverted file carries the revision of the points that it holds in its name. It takes its place before the collection
says so; a run that is killed in between leaves one that nobody reads, and the next run makes it again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.collection import Collection
from pipeline.engines.faiss import FaissIndex
from pipeline.points import UNIT_BITS, UNITS, Numbers, Points, languages_of
from pipeline.ports import Vectors
from pipeline.records import LANGUAGES, Language
from pipeline.utterances import Utterances

EXACT = 200_000
"""Texts up to which every point is looked at."""

SAMPLE = 400  # texts by which the recall of an inverted file is measured

KEY = "indexes"  # under which the collection remembers its inverted files
FILES = "points.*.faiss"


@dataclass(frozen=True)
class Indexes:
    """The indexes by language. `points`: all points of the collection, where the indexes are exact; None otherwise."""

    by_language: Mapping[Language, FaissIndex]
    points: Points | None


def of_points(points: Points) -> Indexes:
    """Exact indexes."""
    return Indexes(_by_language(points, FaissIndex.flat), points)


def current(collection: Collection) -> Indexes:
    """The indexes of a collection that is up to date."""
    kept = _kept(collection)
    if not kept:
        return of_points(Utterances(collection).points())
    return Indexes({language: _read(collection.folder, entry) for language, entry in kept.items()}, None)


def updated(collection: Collection, fresh: Sequence[int], gone: Sequence[int]) -> Indexes:
    """The indexes, with the points of `fresh` texts, which the collection has, and without those that are `gone` from it.

    Inverted files are made or replaced, and the collection remembers which: call it inside a transaction.
    """
    store = Utterances(collection)
    if store.count_of_points() <= EXACT:
        collection.remember(KEY, "{}")
        return of_points(store.points())
    kept = _kept(collection)
    made = _extended(collection, kept, store.points(fresh), gone) if kept else {}
    if not made or any(index.outgrown for index in made.values()):
        points = store.points()
        made = _by_language(points, partial(FaissIndex.inverted, queries=some_wholes(points)))
    collection.remember(KEY, json.dumps({language: _write(collection, language, made[language]) for language in made}))
    return Indexes(made, None)


def some_wholes(points: Points) -> Vectors:
    """What stands for the texts, of all languages, whose neighbours will be looked for."""
    chosen = np.random.default_rng(1).choice(len(points.numbers), min(SAMPLE, len(points.numbers)), replace=False)
    return points.wholes(np.sort(chosen))


def sweep(collection: Collection) -> None:
    """Remove inverted files that the collection no longer needs."""
    needed = {entry["file"] for entry in _kept(collection).values()}
    for path in collection.folder.glob(FILES):
        if path.name not in needed:
            path.unlink(missing_ok=True)


def wrong(collection: Collection) -> list[str]:
    """Names of the inverted files that the collection remembers, and that are missing or do not hold its points."""
    kept: dict[Language, dict[str, Any]] = json.loads(collection.meta(KEY) or "{}")
    if not kept:
        return []
    numbers = Utterances(collection).all_ids()
    ours = languages_of(numbers >> UNIT_BITS)
    return [
        entry["file"]
        for language, entry in kept.items()
        if not _holds(collection.folder / entry["file"], numbers[ours == LANGUAGES.index(language)])
    ]


def _holds(path: Path, ids: Numbers) -> bool:
    """Whether an inverted file can be read and holds these points, and no others."""
    try:
        held = FaissIndex.read(path, recall=0, trained_on=0).ids
    except (OSError, EOFError, ValueError, RuntimeError):
        return False
    return np.array_equal(np.sort(held), np.sort(ids))


def remake(collection: Collection) -> None:
    """Make all inverted files anew, inside a transaction."""
    collection.remember(KEY, "{}")
    updated(collection, (), ())


def _kept(collection: Collection) -> dict[Language, dict[str, Any]]:
    """What the collection remembers of its inverted files; nothing when one of them is missing."""
    kept: dict[Language, dict[str, Any]] = json.loads(collection.meta(KEY) or "{}")
    return kept if all((collection.folder / entry["file"]).is_file() for entry in kept.values()) else {}


def _by_language(
    points: Points, made: Callable[[NDArray[np.float16], Numbers], FaissIndex]
) -> dict[Language, FaissIndex]:
    """An index of the points of each language that has any."""
    chosen = {language: points.of_language(language) for language in LANGUAGES}
    return {language: made(rows, ids) for language, (rows, ids) in chosen.items() if len(rows)}


def _extended(
    collection: Collection, kept: Mapping[Language, dict[str, Any]], fresh: Points, gone: Sequence[int]
) -> dict[Language, FaissIndex]:
    """The inverted files that are kept, brought up to date; none when a language is new."""
    left = np.array(gone, np.int64)
    units = ((left[:, None] << UNIT_BITS) | np.arange(UNITS)).ravel()
    made = {}
    for language in LANGUAGES:
        rows, ids = fresh.of_language(language)
        if language in kept:
            made[language] = _read(collection.folder, kept[language])
            made[language].update(rows, ids, units)
        elif len(rows):
            return {}
    return made


def _write(collection: Collection, language: Language, index: FaissIndex) -> dict[str, Any]:
    name = FILES.replace("*", f"{collection.revision + 1}.{language}")
    index.write(collection.folder / name)
    return {"file": name, "recall": round(index.recall, 4), "trained_on": index.trained_on}


def _read(folder: Path, entry: Mapping[str, Any]) -> FaissIndex:
    return FaissIndex.read(folder / entry["file"], recall=entry["recall"], trained_on=entry["trained_on"])
