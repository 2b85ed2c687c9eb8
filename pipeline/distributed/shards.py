"""The folder of shards: what each stage made of each piece of its work, as Parquet.

A shard is a folder `STAGE/KEY` that takes its place whole. The key is a hash of what the shard was made of and of what it
was made with. So a shard that is there is right, a run that is killed goes on with those that are lacking, and two
workers that make the same one do not harm each other.
"""

import hashlib
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Container
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline import __version__
from pipeline.collection import Collection
from pipeline.records import Refusal

ABOUT = "about.json"
FORMAT = 2
"""Changes whenever a stage makes other shards of the same parts."""

ROWS = 4096  # of a row group: what is read at once, and what can be passed over

BY_CONTENT = {"translations", "vectors"}
"""Tables of which two batches may have made the same row."""

_TYPES = {"INTEGER": pa.int64(), "TEXT": pa.string(), "REAL": pa.float64(), "BLOB": pa.binary()}


@dataclass(frozen=True, slots=True)
class Aside:
    """Something with which a stage failed: it was set aside, and the rest went on. `article_id`, where it is an article."""

    refusal: Refusal
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A shard that is there: where, what it cost, how much is in it, and what was set aside.

    `seconds` are those of the processor, `peak` is the greatest memory of the process meanwhile, in MB. `fresh`: made now.
    """

    path: str
    seconds: float
    peak: int
    counts: dict[str, int]
    aside: tuple[Aside, ...]
    fresh: bool

    @property
    def key(self) -> str:
        """What the shard is called."""
        return Path(self.path).name

    @property
    def gone(self) -> set[str]:
        """Ids of the articles that were set aside."""
        return {one.article_id for one in self.aside if one.article_id is not None}


def digest(*parts: object) -> str:
    """A name for what consists of these."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:32]


class Making:
    """A shard on its way: `folder` is where its files go; `counts` and `aside` are told of it."""

    def __init__(self, folder: Path, stage: str, key: str) -> None:
        self.folder = folder
        self.stage = stage
        self.name = f"{stage}-{key}"
        self.counts: dict[str, int] = {}
        self.aside: list[Aside] = []
        self._writers: dict[str, pq.ParquetWriter] = {}

    def put(self, name: str, table: pa.Table, rows: int = ROWS) -> None:
        """Write a table, or add to it."""
        if name not in self._writers:
            # vectors are noise to a compressor, and are looked up one by one
            kinds = {each.name: "none" if pa.types.is_binary(each.type) else "zstd" for each in table.schema}
            self._writers[name] = pq.ParquetWriter(self.folder / f"{name}.parquet", table.schema, compression=kinds)
        self._writers[name].write_table(table, row_group_size=rows)
        self.counts[name] = self.counts.get(name, 0) + len(table)

    def refuse(self, refusal: Refusal, *, article_id: str | None = None) -> None:
        """Set something aside."""
        self.aside.append(Aside(refusal, article_id))

    def close(self) -> None:
        """End the files."""
        for writer in self._writers.values():
            writer.close()


def made(shards: Path, stage: str, parts: Sequence[object], make: Callable[[Making], None]) -> Made:
    """The shard of a stage that is made of `parts`; `make` makes it, if it is not there."""
    path = shards / stage / digest(stage, FORMAT, __version__, *parts)
    if not (path / ABOUT).is_file():
        began = time.process_time()
        measure_peak()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".part.", dir=path.parent, ignore_cleanup_errors=True) as folder:
            making = Making(Path(folder) / "shard", stage, path.name)
            making.folder.mkdir()
            try:
                make(making)
            finally:
                making.close()
            about = {
                "seconds": round(time.process_time() - began, 3),
                "peak": peak(),
                "counts": making.counts,
                "aside": [asdict(one) for one in making.aside],
            }
            (making.folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False), "utf-8")
            _take_place(making.folder, path)
        return read(path, fresh=True)
    return read(path)


def _take_place(folder: Path, path: Path) -> None:
    try:
        folder.rename(path)
    except OSError:
        if not (path / ABOUT).is_file():  # else somebody was quicker
            raise


def measure_peak() -> None:
    """Forget how much memory the process had before, where the system can (Linux, proc(5), clear_refs)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def peak() -> int:
    """The greatest memory of this process since `measure_peak`, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def read(path: Path, *, fresh: bool = False) -> Made:
    """A shard that is there."""
    about = json.loads((path / ABOUT).read_text("utf-8"))
    aside = tuple(Aside(Refusal(**one["refusal"]), one["article_id"]) for one in about["aside"])
    return Made(str(path), about["seconds"], about["peak"], about["counts"], aside, fresh)


def sweep(shards: Path, needed: Container[str]) -> None:
    """Remove the shards that no path of `needed` names, and what workers left on their way."""
    for stage in shards.iterdir():
        for path in stage.iterdir() if stage.is_dir() else ():
            if path.is_file():
                path.unlink()
            elif str(path) not in needed:
                shutil.rmtree(path, ignore_errors=True)


# Tables


def rows_of(paths: Iterable[str], name: str, *, where: Any = None, columns: Sequence[str] | None = None) -> pa.Table:
    """A table out of several shards that have it, of the rows that `where` (an expression of Arrow) holds for."""
    files = [file for path in paths if (file := f"{path}/{name}.parquet") and os.path.isfile(file)]  # noqa: PTH113
    if not files:
        return pa.table({})
    # one file after the other: what is read ahead of many would take as much memory as there are files
    some = [
        ds.dataset(file, format="parquet").to_table(columns=columns, filter=where, use_threads=False) for file in files
    ]
    return pa.concat_tables(some)


def field(column: str) -> Any:
    """A column in what `rows_of` is asked for."""
    return ds.field(column)


def between(column: str, first: int, end: int) -> Any:
    """That a column is in [first, end)."""
    return (field(column) >= first) & (field(column) < end)


def among(column: str, values: Iterable[Any]) -> Any:
    """That a column has one of these values."""
    return field(column).isin(list(values))


def columns_of(collection: Collection, table: str) -> dict[str, pa.DataType]:
    """The columns of a table of a collection."""
    found = collection.database.execute(f"PRAGMA table_info({table})")
    return {name: _TYPES[kind] for _, name, kind, *_ in found}


def table(rows: Iterable[Sequence[Any]], schema: dict[str, pa.DataType]) -> pa.Table:
    """Rows as a table with these columns."""
    found = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, kind) for values, kind in zip(found, schema.values(), strict=True)]
    return pa.table(dict(zip(schema, arrays, strict=True)))


def out_of(collection: Collection, query: str, schema: dict[str, pa.DataType]) -> pa.Table:
    """What a query finds, as a table with these columns."""
    return table(collection.database.execute(query), schema)


def table_of(collection: Collection, table: str, rest: str = "") -> pa.Table:
    """A table of a collection; `rest` says which rows, or in which order."""
    return out_of(collection, f"SELECT * FROM {table} {rest}", columns_of(collection, table))


def insert(collection: Collection, table: str, rows: pa.Table) -> None:
    """Put rows into a table of a collection; columns that it does not have are left out."""
    names = [name for name in columns_of(collection, table) if name in rows.column_names]
    if not len(rows):
        return
    marks = ", ".join("?" * len(names))
    again = "OR IGNORE " if table in BY_CONTENT else ""
    statement = f"INSERT {again}INTO {table} ({', '.join(names)}) VALUES ({marks})"
    for batch in rows.select(names).to_batches(max_chunksize=ROWS):
        collection.database.executemany(statement, zip(*(column.to_pylist() for column in batch.columns), strict=True))
