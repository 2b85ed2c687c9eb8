"""The collection that stays in shards, for more than one file of SQLite is good for.

`shards.json` in its folder says what it is, `views.sql` shows its tables to DuckDB, and points.LANGUAGE.index are inverted
files that stay on the disk. `find` answers from it (`finding`), `export` reads it through (`opened`), `report` and `serve` show parts of
it and `duplicates` lists it (`excerpts`); DuckDB reads all of it, and other commands do not open it yet.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import __version__, files, indexes, run
from pipeline.collection import FILE, MANIFEST, SHARDS, Collection
from pipeline.distributed import blocks, mapped, shards
from pipeline.distributed.blocks import Block, points_of, utterances_of
from pipeline.distributed.crews import Desk
from pipeline.distributed.lots import Decisions
from pipeline.distributed.reading import Batch, load
from pipeline.distributed.shards import Made, Making
from pipeline.points import Points
from pipeline.records import LANGUAGES
from pipeline.utterances import Utterances

VIEWS = "views.sql"
TABLES = {"articles": "publish", "quotes": "publish", "pairs": "publish", "provenance": "publish"} | {
    "statements": "group", "members": "group", "utterances": "group",
    "said": "gather", "points": "gather", "nearest": "nearest", "originals": "reprints",
}  # fmt: skip
"""The tables, and the stages in whose shards they are."""

TRAINED = 500_000  # points by which lists are found, and those of the last block that is read for it


def publish(desk: Desk, batch: Batch) -> Made:
    """The articles of a batch as they are in the end, with their quotations and pairs."""

    def make(making: Making) -> None:
        with Collection.in_memory() as collection:
            load(batch, ["articles", "provenance", "quotes", "pairs"], collection)
            for table in ("articles", "provenance", "quotes", "pairs"):
                making.put(table, shards.table_of(collection, table))

    return shards.made(desk.shards, "publish", [batch.key, Path(batch.plan).name, batch.number], make)


def train(desk: Desk, parts: tuple[Block, ...]) -> Made:
    """The lists of the inverted files, by a sample of all points; how many of them have to be looked at."""
    make = partial(_train, desk, parts)
    return shards.made(desk.shards, "train", [Path(part.said).name for part in parts], make)


def _train(desk: Desk, parts: Sequence[Block], making: Making) -> None:
    """Texts fall into blocks by hashes: the first blocks are a sample of all."""
    dimension, sampled = desk.engines.embedder.dimension, list[Points]()
    for part in parts:
        sampled.append(points_of(part.said, dimension))
        if sum(len(points.rows) for points in sampled) >= TRAINED:
            break
    queries = indexes.some_wholes(sampled[0])
    for language in LANGUAGES:
        if not any(blocks.texts_in(part.said, language) for part in parts):
            continue
        rows = [points.of_language(language)[0] for points in sampled]
        sample = np.concatenate(rows)
        if not len(sample):  # it is too rare for that: one list
            sample = np.zeros((1, dimension), np.float16)
        lists = min(mapped.lists_for(len(sample) * len(parts) // len(sampled)), len(sample))
        path = making.folder / f"{language}.index"
        mapped.train(path, sample[: lists * mapped.TRAINED_BY], lists)
        making.counts[f"probes {language}"] = mapped.probes(path, rows[0], queries)


def index(trained: str, desk: Desk, part: Block) -> Made:
    """The inverted files of a block."""

    def make(making: Making) -> None:
        points = points_of(part.said, desk.engines.embedder.dimension)
        for path in sorted(Path(trained).glob("*.index")):
            language = next(each for each in LANGUAGES if each == path.stem)
            mapped.fill(path, making.folder / path.name, *points.of_language(language))

    return shards.made(desk.shards, "index", [Path(trained).name, Path(part.said).name], make)


def join(trained: str, desk: Desk, paths: tuple[str, ...]) -> Made:
    """The inverted files of all blocks."""

    def make(making: Making) -> None:
        for path in sorted(Path(trained).glob("*.index")):
            mapped.join(path, [Path(block) / path.name for block in paths], making.folder / f"points.{path.name}")

    return shards.made(desk.shards, "join", [Path(path).name for path in paths], make)


def index_texts(desk: Desk, part: Block) -> Made:
    """What is said in a block, as a collection of its own: of a file of SQLite a look-up reads a few pages."""

    def make(making: Making) -> None:
        with closing(sqlite3.connect(making.folder / FILE, isolation_level=None)) as database:
            collection = Collection.within(database, making.folder)
            with collection.transaction():
                _put_texts(collection, part)

    return shards.made(desk.shards, "texts", [Path(part.said).name, Path(part.nearest).name], make)


def _put_texts(collection: Collection, part: Block) -> None:
    said = shards.rows_of([part.said], "said")
    if not len(said):
        return
    shards.insert(collection, "quotes", said)
    shards.insert(collection, "points", shards.rows_of([part.said], "points"))
    shards.insert(collection, "nearest", shards.rows_of([part.nearest], "nearest"))
    Utterances(collection).add(utterances_of(said))
    names = ("article_id", "language", "outlet", "published", "translation_of")
    collection.database.executemany(
        "INSERT OR IGNORE INTO articles (digest, text, id, language, outlet, published, translation_of)"
        " VALUES ('', '', ?, ?, ?, ?, ?)",
        zip(*(said[name].to_pylist() for name in names), strict=True),
    )


def view(table: str, files: str) -> str:
    """SQL of DuckDB that shows a table; `files` is SQL for where it is: a pattern, or a list."""
    return f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM read_parquet({files}, union_by_name = true);"


def texts(folder: Path) -> Collection:
    """What `index_texts` has made; nothing but the pages that are asked for is read. Use it in a `with` block."""
    return Collection.of_file(folder / FILE, folder)


def write(
    folder: Path,
    desk: Desk,
    trained: Made,
    joined: Made,
    texts: Sequence[Made],
    parts: Sequence[Block],
    decided: Decisions,
    account: dict[str, Any],
) -> None:
    """Say in the folder of a collection what its shards are."""
    here = Path(SHARDS)
    manifest = {
        "version": __version__,
        "signature": run.signature(desk.engines),
        "dimension": desk.engines.embedder.dimension,
        "counts": account["counts"],
        "indexes": {
            path.stem.removeprefix("points."): {
                "file": str(here / "join" / joined.key / path.name),
                "probes": trained.counts[f"probes {path.stem.removeprefix('points.')}"],
            }
            for path in sorted(Path(joined.path).glob("points.*.index"))
        },
        "blocks": [
            {"first": part.first, "end": part.end, "texts": str(here / "texts" / made.key)}
            for part, made in zip(parts, texts, strict=True)
        ],
        "decided": decided.as_json,
    }
    views = [
        view(table, f"'{here}/{stage}/*/{table}.parquet'")
        for table, stage in TABLES.items()
        if any((desk.shards / stage).glob(f"*/{table}.parquet"))
    ]
    for name, text in (
        (VIEWS, "-- In the folder of this file: duckdb -init views.sql\n" + "\n".join(views)),
        ("run.json", json.dumps(account, ensure_ascii=False, indent=2)),
        (MANIFEST, json.dumps(manifest, indent=2)),
    ):
        with files.atomic(folder / name) as file:
            file.write(f"{text}\n")
