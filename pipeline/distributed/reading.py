"""From files to batches of articles: files are read side by side, then one worker settles which article is which.

To settle means: an id that was used before counts no second time, editions of one article come into one batch, and every
article gets its place in the order of input, behind those that an earlier collection in the folder has. That worker sees of
each article three hashes and its place, and of editions what they are editions of.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline import archives, articles, editions, run
from pipeline.articles import Found
from pipeline.collection import Collection
from pipeline.distributed import shards
from pipeline.distributed.crews import Desk
from pipeline.distributed.earlier import NOTHING, Earlier
from pipeline.distributed.pieces import FATALITY, Trail
from pipeline.distributed.shards import Made, Making
from pipeline.errors import InputError
from pipeline.files import sha256
from pipeline.points import Numbers
from pipeline.progress import Silent
from pipeline.records import LANGUAGES, Article, Language, Refusal, counted

BYTES = 16 << 20  # of files that are read by one worker, but for a file that is larger by itself
FILES = 512
HASH = 16  # bytes

MACHINE = 1 << 60
"""Place in the order of input from which on machine editions stand: behind all that people wrote."""

BEHIND = 1 << 56  # between the places of machine editions in two languages


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles that go through the stages together.

    `plan` is the shard that says which articles these are, under `number`, and their places in the order of input; `made`
    are the shards that stages have made of them so far, and `gone` the articles that these have set aside.
    """

    key: str
    plan: str
    number: int
    made: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def after(self, stage: Made) -> "Batch":
        """The batch with what a stage has made of it."""
        key = shards.digest(self.key, stage.key)
        return Batch(key, self.plan, self.number, (*self.made, stage.path), (*self.gone, *sorted(stage.gone)))


# Reading


def together(files: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Files that are read by one worker, in order."""
    some: list[str] = []
    total = 0
    for file in files:
        size = Path(file).stat().st_size if Path(file).is_file() else 0
        if some and (total + size > BYTES or len(some) >= FILES):
            yield tuple(some)
            some, total = [], 0
        some.append(file)
        total += size
    if some:
        yield tuple(some)


def read(desk: Desk, files: tuple[str, ...]) -> Made:
    """The articles of some files."""
    names = [[name, _sha256(name)] for name in files]
    return shards.made(desk.shards, "read", [names], partial(_read, desk, files, shards.digest(names)))


def _sha256(name: str) -> str:
    try:
        return sha256(Path(name))
    except OSError as error:
        return str(error)  # it is refused when it is read


def _read(desk: Desk, files: Sequence[str], name: str, making: Making) -> None:
    beside = Counter[str]()
    stream = _found(desk, files, name, beside)
    first = 0
    for some in _collectable(stream, desk.sizes.articles):
        with Collection.in_memory() as collection:
            outcome = run.Outcome()
            run.read((item for item in some if isinstance(item, Found)), collection, outcome, Silent())
            for item in some:
                if isinstance(item, Refusal):
                    making.refuse(item)
            collection.database.execute("UPDATE articles SET position = position + ?", (first,))
            keep(collection, making)
            first += collection.count("articles")
    making.counts |= {f"beside: {kind}": count for kind, count in beside.items()}


def _collectable(stream: Iterator[Found | Refusal], size: int) -> Iterator[list[Found | Refusal]]:
    """What is found in runs of at most so many, each without two articles of one id."""
    some: list[Found | Refusal] = []
    ids = set[str]()
    for item in stream:
        id_ = item.article.id if isinstance(item, Found) else None
        if len(some) == size or id_ in ids:
            yield some
            some, ids = [], set()
        some.append(item)
        if id_ is not None:
            ids.add(id_)
    if some:
        yield some


def _found(desk: Desk, files: Sequence[str], name: str, beside: Counter[str]) -> Iterator[Found | Refusal]:
    """What is in some files; one that makes the program fail is refused from there on."""
    with Trail(desk, f"read-{name}") as trail:
        for number, file in enumerate(files):
            if trail.is_fatal(number):
                yield Refusal(where=file, reason=FATALITY, source=file)
                continue
            trail.begin(number)
            try:
                yield from (item for _, item in articles.find([file], beside))
            except Exception as error:  # noqa: BLE001 whatever it is, the other files can be read
                yield Refusal(where=file, reason=f"{type(error).__name__}: {error}", source=file)
            trail.end(number)


def keep(collection: Collection, making: Making) -> None:
    """Everything about the articles of a collection, in their order, and what `settle` looks at."""
    names = [row[0] for row in collection.database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in names:
        columns = shards.columns_of(collection, table)
        if table == "articles":
            making.put(table, shards.table_of(collection, table, "ORDER BY position"))
        elif "article_id" in columns and collection.count(table):
            query = (
                f"SELECT t.*, position FROM {table} AS t JOIN articles ON articles.id = t.article_id ORDER BY position"
            )
            making.put(table, shards.out_of(collection, query, columns | {"position": pa.int64()}))
    rows = collection.database.execute("SELECT id, text, digest FROM articles ORDER BY position").fetchall()
    hashes = {
        "name": [_hash(id_) for id_, *_ in rows],
        "text": [_hash(text) for _, text, _ in rows],
        "digest": [bytes.fromhex(digest)[:HASH] for *_, digest in rows],
    }
    making.put("hashes", pa.table({name: pa.array(values, pa.binary(HASH)) for name, values in hashes.items()}))
    columns = shards.columns_of(collection, "articles")
    outline = {name: columns[name] for name in ("position", "id", "language", "translation_of", "translator")}
    query = f"SELECT {', '.join(outline)} FROM articles WHERE translation_of IS NOT NULL ORDER BY position"
    making.put("editions", shards.out_of(collection, query, outline))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:HASH]


# Settling


def settle(desk: Desk, parts: Sequence[str], *, earlier: Earlier = NOTHING) -> Made:
    """The plan of all batches, out of the paths of what was read, in order of input.

    InputError when the earlier collection holds an article that is in none of them.
    """
    everything = cache(lambda: _Everything(parts))
    order = None if earlier.folder is None else everything().continuing(earlier)
    key = [[Path(part).name for part in parts], desk.sizes.articles, *([] if order is None else [order.tolist()])]
    return shards.made(desk.shards, "settle", key, lambda making: _settle(desk, everything(), order, making))


def batches(plan: Made) -> list[Batch]:
    """The batches of a plan."""
    table = shards.rows_of([plan.path], "batches").to_pylist()
    return [Batch(row["key"], plan.path, row["number"]) for row in table]


def _settle(desk: Desk, everything: "_Everything", order: Numbers | None, making: Making) -> None:
    stays = everything.is_first()
    for place in np.flatnonzero(~stays).tolist():
        _refuse_repeated(everything, place, making)
    batch_of = everything.batch_of(desk.sizes.articles)
    _bring_together(everything, stays, batch_of, desk.sizes.articles)
    places = np.flatnonzero(stays)
    places = places[np.argsort(batch_of[places], kind="stable")]
    numbers = np.unique(batch_of[places], return_inverse=True)[1]
    part, local = everything.whence(places)
    position = places + 1 if order is None else order[places]
    making.put(
        "plan", pa.table({"batch": numbers, "part": part.astype(np.int32), "local": local, "position": position})
    )
    making.put("parts", pa.table({"path": list(everything.parts)}))
    ends = np.flatnonzero(np.diff(numbers, prepend=-1, append=-1))
    keys = [
        shards.digest(everything.digests[places[a:b]].tobytes().hex()) for a, b in itertools.pairwise(ends.tolist())
    ]
    making.put("batches", pa.table({"number": np.arange(len(keys)), "key": pa.array(keys, pa.string())}))


class _Everything:
    """All articles by their place, from 0, in the order of input: hashes of their ids and texts, and where they were read."""

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = parts
        tables = [shards.rows_of([part], "hashes") for part in parts]
        self.names, self.texts, self.digests = (
            _hashes([table[name] for table in tables if len(table)]) for name in ("name", "text", "digest")
        )
        self._distinct, self._first, self._same = np.unique(self.names, return_index=True, return_inverse=True)
        self._starts = np.cumsum([0, *map(len, tables)])

    def whence(self, places: Numbers) -> tuple[Numbers, Numbers]:
        """The part in which an article is, and its place there, from 1."""
        part = np.searchsorted(self._starts, places, side="right") - 1
        return part, places - self._starts[part] + 1

    def is_first(self) -> NDArray[np.bool_]:
        """Whether no article before has the same id."""
        return np.asarray(self._first[self._same] == np.arange(len(self.names)))

    def first_like(self, place: int) -> int:
        """The first article with the same id."""
        return int(self._first[self._same[place]])

    def place_of(self, id_: str) -> int | None:
        """Where the first article with this id is."""
        name = np.array(_hash(id_), f"S{HASH}")
        at = int(np.searchsorted(self._distinct, name))
        return int(self._first[at]) if at < len(self._distinct) and self._distinct[at] == name else None

    def continuing(self, earlier: Earlier) -> Numbers | None:
        """The place of each article, from 1, behind those that an earlier collection has; None if that changes nothing.

        InputError when the earlier collection holds an article that is not here.
        """
        known = {id_: self.place_of(id_) for id_ in earlier.order()}
        lost = sorted(id_ for id_ in earlier.written() if known[id_] is None)
        if lost:
            raise InputError(
                f"the collection in {earlier.folder} holds {counted(len(lost), 'article')} that no PATH has, e.g. {lost[0]}",
                "name their files too, unless they are refused now: crossquote remove takes articles out",
            )
        first = np.array([place for place in known.values() if place is not None], np.int64)
        there = np.flatnonzero(self.is_first())
        order = np.zeros(len(self.names), np.int64)
        order[np.concatenate([first, np.setdiff1d(there, first)])] = there + 1
        return None if np.array_equal(order[there], there + 1) else order

    def batch_of(self, size: int) -> Numbers:
        """The batch of each article: runs of the same part."""
        part, local = self.whence(np.arange(len(self.names)))
        batch: Numbers = np.unique((part << 40) + (local - 1) // size, return_inverse=True)[1]
        return batch

    def rows(self, table: str, places: Iterable[int]) -> Iterator[tuple[int, dict[str, object]]]:
        """(place, row) of some articles in a table of their parts."""
        part, local = self.whence(np.array(sorted(places), np.int64))
        for number in np.unique(part).tolist():
            some = shards.rows_of(
                [self.parts[number]], table, where=shards.among("position", local[part == number].tolist())
            )
            for row in some.to_pylist():
                yield int(self._starts[number]) + row["position"] - 1, row

    def outlines(self) -> Iterator[tuple[int, Article]]:
        """Every edition, without its text, by its place."""
        for number, part in enumerate(self.parts):
            for row in shards.rows_of([part], "editions").to_pylist():
                yield int(self._starts[number]) + row.pop("position") - 1, Article(text="", **row)


def _hashes(columns: Sequence[pa.ChunkedArray]) -> NDArray[np.bytes_]:
    chunks = [chunk for column in columns for chunk in column.chunks]
    return np.concatenate([np.zeros(0, f"S{HASH}"), *(np.array(chunk.to_pylist(), f"S{HASH}") for chunk in chunks)])


def _refuse_repeated(everything: _Everything, place: int, making: Making) -> None:
    """Say of an article whose id was used before what became of it."""
    if everything.texts[place] == everything.texts[everything.first_like(place)]:
        kind = f"beside: {archives.REPETITIONS}"
        making.counts[kind] = making.counts.get(kind, 0) + 1
        return
    (_, row), *_ = everything.rows("provenance", [place])
    reason = f"{row['article_id']!r} was used before, with another text"
    source = None if row["path"] is None else str(row["path"])
    making.refuse(Refusal(where=str(row["place"]), field="id", reason=reason, source=source))


def _bring_together(everything: _Everything, stays: NDArray[np.bool_], batch_of: Numbers, size: int) -> None:
    """Put editions of one article, where they are in several batches, into batches of their own."""
    known = {place: article for place, article in everything.outlines() if stays[place]}
    wanted = {article.translation_of for article in known.values() if article.translation_of}
    there = {place for id_ in wanted if (place := everything.place_of(id_)) is not None} - known.keys()
    for place, row in everything.rows("articles", there):
        known[place] = Article(id=str(row["id"]), text="", language=cast(Language, row["language"]))
    place_of = {known[place].id: place for place in sorted(known)}
    families = editions.families(known[place] for place in sorted(known))
    number, count = int(batch_of.max(initial=-1)) + 1, 0
    for family in families:
        places = [place_of[article.id] for article in family]
        if len(np.unique(batch_of[places])) > 1:
            if count + len(places) > size and count:
                number, count = number + 1, 0
            batch_of[places] = number
            count += len(places)


# Batches


def load(batch: Batch, tables: Sequence[str], into: Collection) -> None:
    """Put the articles of a batch into a collection, and of what was made of them these tables; not what was set aside."""
    plan = shards.rows_of([batch.plan], "plan", where=shards.between("batch", batch.number, batch.number + 1))
    parts = shards.rows_of([batch.plan], "parts")["path"].to_pylist()
    numbers, local, places = (plan[name].to_numpy() for name in ("part", "local", "position"))
    gone = {*batch.gone}
    for number in np.unique(numbers).tolist():
        here = numbers == number
        where = dict(zip(local[here].tolist(), places[here].tolist(), strict=True))
        span = shards.between("position", min(where), max(where) + 1)
        for table in ("articles", *(name for name in tables if name != "articles")):
            rows = shards.rows_of([parts[number]], table, where=span)
            shards.insert(into, table, _placed(rows, where, gone))
    for path in batch.made:
        for table in tables:
            rows = shards.rows_of([path], table)
            shards.insert(into, table, _behind(_left(rows, gone), into) if table == "articles" else _left(rows, gone))


def _placed(rows: pa.Table, where: Mapping[int, int], gone: set[str]) -> pa.Table:
    """Of rows that were read those of some articles, with their places in the order of input."""
    if not len(rows):
        return rows
    places = [where.get(position) for position in rows["position"].to_pylist()]
    rows = rows.set_column(rows.column_names.index("position"), "position", pa.array(places, pa.int64()))
    return _left(rows.filter(pa.array([place is not None for place in places])), gone)


def _left(rows: pa.Table, gone: set[str]) -> pa.Table:
    """Rows that have nothing to do with what was set aside."""
    names = [
        name for name in ("article_id", "id", "left_id", "right_id", "translation_of") if name in rows.column_names
    ]
    if not gone or not len(rows):
        return rows
    if "translator" not in rows.column_names or all(rows["translator"].is_null().to_pylist()):
        names = [name for name in names if name != "translation_of"]  # a human edition stays when its original goes
    keep = np.ones(len(rows), bool)
    for name in names:
        keep &= [value not in gone for value in rows[name].to_pylist()]
    return rows.filter(pa.array(keep))


def _behind(rows: pa.Table, known: Collection) -> pa.Table:
    """Machine editions with their places: behind all else, in the order of languages and of their originals."""
    if not len(rows):
        return rows
    sources = rows["translation_of"].to_pylist()
    places = dict(known.rows("SELECT id, position FROM articles WHERE id IN ({})", sources))
    made = [
        MACHINE + BEHIND * LANGUAGES.index(language) + places[source]
        for language, source in zip(rows["language"].to_pylist(), sources, strict=True)
    ]
    return rows.set_column(rows.column_names.index("position"), "position", pa.array(made, pa.int64()))
