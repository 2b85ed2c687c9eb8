"""A collection of an earlier schema is brought up to date with a copy kept, or refused; it is never misread or half done."""

import logging
import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipeline import migration
from pipeline.collection import FILE, SCHEMA_VERSION, Collection
from pipeline.errors import CollectionError, PipelineError

GOLDEN = Path(__file__).parent / "golden" / "collection.schema3.sql"
BACKUP = f"{FILE}.schema3.bak"


def old(folder: Path) -> Path:
    """The file of a collection of schema 3, as a version of that time made it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(GOLDEN.read_text("utf-8"))
    return path


def open_and_close(folder: Path, *, create: bool = False) -> None:
    with Collection.open(folder, create=create):
        pass


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found: int = database.execute("PRAGMA user_version").fetchone()[0]
        return found


def columns(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Tables and indexes with the names, types and roles of their columns."""
    with closing(sqlite3.connect(path)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, set[tuple[object, ...]]] = {
            name: {row[1:] for row in database.execute(f"PRAGMA table_info({name})")} for name in tables
        }
        indexes = database.execute(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
        )
        return found | {name: {(table, sql)} for name, table, sql in indexes}


def test_a_collection_of_an_earlier_schema_is_brought_up_to_date(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = old(tmp_path)
    before = dump(path)
    with caplog.at_level(logging.WARNING), Collection.open(tmp_path) as collection:
        assert [article.id for article in collection.articles()] == ["en-1", "uk-1", "en-1.ru"]
        assert len(list(collection.quotes())) == 4
        assert len(list(collection.statements())) == 4
        assert collection.provenance("en-1") is None
    assert caplog.messages == [f"{path} was brought from schema 3 to 4; as it was, it is kept in {BACKUP}"]
    assert version(path) == SCHEMA_VERSION
    assert version(tmp_path / BACKUP) == 3
    assert dump(tmp_path / BACKUP) == before


def test_it_then_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    path = old(tmp_path / "old")
    for folder in ("old", "new"):
        open_and_close(tmp_path / folder, create=True)
    assert columns(path) == columns(tmp_path / "new" / FILE)


def test_one_that_is_only_read_is_brought_up_to_date_too(tmp_path: Path) -> None:
    path = old(tmp_path)
    with Collection.open(tmp_path, read_only=True) as collection:
        assert len(list(collection.statements())) == 4
    assert version(path) == SCHEMA_VERSION


def test_where_nobody_may_write_it_is_refused_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old(tmp_path)
    monkeypatch.setattr("os.access", lambda *_: False)
    for read_only in (False, True):
        with pytest.raises(CollectionError, match="earlier version") as caught:
            Collection.open(tmp_path, read_only=read_only)
        assert "may be written" in caught.value.hint
    assert version(path) == 3


@pytest.mark.parametrize(("schema", "way_out"), [(1, "run again"), (2, "run again"), (99, "newer")])
def test_schemas_without_a_step_are_refused(tmp_path: Path, schema: int, way_out: str) -> None:
    path = old(tmp_path)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {schema}")
    before = dump(path)
    for create in (False, True):
        with pytest.raises(CollectionError, match=f"schema {schema}") as caught:
            Collection.open(tmp_path, create=create)
        assert way_out in caught.value.hint
    assert dump(path) == before
    assert not list(tmp_path.glob("*.bak"))


@pytest.mark.parametrize("schema", [0, 3, SCHEMA_VERSION])
def test_databases_of_other_programs_are_refused(tmp_path: Path, schema: int) -> None:
    path = tmp_path / FILE
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE moz_places (id INTEGER, url TEXT)")
        database.execute(f"PRAGMA user_version = {schema}")
    before = path.read_bytes()
    for create in (False, True):
        with pytest.raises(CollectionError, match="another program's"):
            Collection.open(tmp_path, create=create)
    assert path.read_bytes() == before


def test_an_empty_file_is_filled_by_a_run_and_by_nothing_else(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    with pytest.raises(CollectionError, match="is empty"):
        Collection.open(tmp_path)
    with Collection.open(tmp_path, create=True) as collection:
        assert list(collection.articles()) == []


def test_a_copy_that_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / BACKUP).write_bytes(b"somebody's own")
    old(tmp_path)
    open_and_close(tmp_path)
    assert (tmp_path / BACKUP).read_bytes() == b"somebody's own"
    assert version(tmp_path / f"{FILE}.schema3.2.bak") == 3


def test_the_copy_of_an_interrupted_migration_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old(tmp_path)
    monkeypatch.setitem(migration.STEPS, 3, "CREATE TABLE provenance (x);\nSELECT nothing FROM nowhere;\n")
    with pytest.raises(CollectionError, match="could not be brought up to date") as caught:
        Collection.open(tmp_path)
    assert "as it was" in caught.value.hint
    assert version(path) == 3
    assert version(tmp_path / BACKUP) == 3
    monkeypatch.undo()
    open_and_close(tmp_path)
    assert sorted(file.name for file in tmp_path.glob("*.bak")) == [BACKUP]


def test_without_room_for_the_copy_it_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = old(tmp_path)
    monkeypatch.setattr("pipeline.files.tempfile.mkstemp", full)
    with pytest.raises(PipelineError, match="No space left"):
        Collection.open(tmp_path)
    assert version(path) == 3


def killed_at(folder: Path, number: int) -> None:
    """Bring a collection up to date, and die before the SQL statement of that number."""
    connect = sqlite3.connect
    seen = 0

    def trace(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(*arguments: object, **named: object) -> sqlite3.Connection:
        database = connect(*arguments, **named)  # type: ignore[call-overload]
        database.set_trace_callback(trace)
        assert isinstance(database, sqlite3.Connection)
        return database

    sqlite3.connect = traced  # type: ignore[assignment]
    open_and_close(folder)


def in_processes(target: Callable[..., None], *arguments: tuple[object, ...]) -> list[int | None]:
    processes = [multiprocessing.get_context("fork").Process(target=target, args=some) for some in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    return [process.exitcode for process in processes]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_at_any_moment_it_is_of_one_schema_and_whole(tmp_path: Path) -> None:
    outcomes = set()
    for number in range(1, 40):
        folder = tmp_path / str(number)
        path = old(folder)
        (code,) = in_processes(killed_at, (folder, number))
        outcomes.add(version(path))
        open_and_close(folder)
        assert version(path) == SCHEMA_VERSION
        assert version(folder / BACKUP) == 3
        if code == 0:
            break
    assert code == 0, "more statements than were tried"
    assert outcomes == {3, SCHEMA_VERSION}


def opened(folder: Path) -> None:
    with Collection.open(folder) as collection:
        assert len(list(collection.statements())) == 4


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_several_processes_may_try_it_at_once(tmp_path: Path) -> None:
    old(tmp_path)
    assert in_processes(opened, *[(tmp_path,)] * 4) == [0] * 4
    assert [file.name for file in tmp_path.glob("*.bak")] == [BACKUP]
