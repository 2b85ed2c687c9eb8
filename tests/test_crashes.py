"""What happens to a collection when its process is killed, its disk is full, or somebody else writes to it."""

import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import leading
import pytest
from conftest import FakeEmbedder, FakeTranslator, fake_matcher

from pipeline import files, migration
from pipeline.cli import main
from pipeline.collection import FILE, Collection
from pipeline.engines import Engines
from pipeline.errors import CollectionError
from pipeline.run import run

ROOT = Path(__file__).parents[1]
HARBOUR = "“The harbour stays closed until the storm is over,” said Vira Zahaiska, the harbour master."

Command = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def crossquote(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engines: Engines) -> Command:
    """The exit code of a command over the fake engines, and its lines on standard error."""
    monkeypatch.setattr("pipeline.engines.default", lambda: engines)

    def called(*words: object) -> tuple[int, list[str]]:
        monkeypatch.setattr(sys, "argv", ["crossquote", *map(str, words)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, capsys.readouterr().err.splitlines()

    return called


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "one.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "text": f"{n}. {HARBOUR}"}) + "\n" for n in range(9)), "utf-8")
    return path


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own; the test is skipped where nobody may mount one."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def is_sound(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / FILE)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


def test_what_is_killed_is_completed_by_the_next() -> None:
    """Here at a few points, because each takes a third of a second; `scripts/crash --points 200` has more."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "crash", "--points", "20", "--seed", str(random.randrange(10**6))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["kills"] > 5


def test_a_full_disk(source: Path, tmp_path: Path, crossquote: Command) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        filler = disk / "filler"
        filler.write_bytes(bytes(700 << 10))
        for free in (100, 200, 320, 450, 600):  # the disk fills in one stage after the other
            filler.write_bytes(bytes((1000 - free) << 10))
            code, said = crossquote("run", source, "--into", disk / "made", "--to", "uk", "--quiet")
            if (disk / "made" / FILE).exists() and code == 2:
                assert is_sound(disk / "made")
            assert code in (0, 2), said
            assert code == 0 or (len(said) == 2 and "hint" in said[1]), said
            assert not list(disk.rglob(f"{files.PREFIX}*"))
        filler.unlink()
        assert crossquote("run", source, "--into", disk / "made", "--to", "uk", "--quiet") == (0, [])
        assert crossquote("doctor", "--in", disk / "made", "--check") == (0, [])


def test_a_database_that_may_not_grow(
    source: Path, tmp_path: Path, crossquote: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crossquote("run", source, "--into", tmp_path / "made", "--quiet") == (0, [])
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps({"id": "x", "text": f"{HARBOUR} " * 500}), "utf-8")
    connect = sqlite3.connect

    def limited(*arguments: object, **named: object) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*arguments, **named)  # type: ignore[call-overload]
        database.execute("PRAGMA max_page_count = 1")  # it cannot get smaller than it is
        return database

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", limited)
        code, (message, hint) = crossquote("run", more, "--into", tmp_path / "made", "--quiet")
    assert code == 2
    assert "full" in message
    assert "make room" in hint
    assert crossquote("run", source, more, "--into", tmp_path / "made", "--quiet") == (0, [])
    assert crossquote("doctor", "--in", tmp_path / "made", "--check") == (0, [])


def test_a_disk_that_may_only_be_read(source: Path, tmp_path: Path, crossquote: Command) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        made = disk / "made"
        assert crossquote("run", source, "--into", made, "--quiet") == (0, [])
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        assert crossquote("doctor", "--in", made) == (0, [])
        assert crossquote("export", "--in", made, "--out", tmp_path / "pairs.tmx", "--quiet") == (0, [])
        for command in (
            ("run", source, "--into", made),
            ("run", source, "--into", disk / "new"),
            ("export", "--in", made, "--out", disk / "pairs.tmx"),
            ("report", "--in", made),
        ):
            code, said = crossquote(*command)
            assert (code, len(said)) == (2, 2), said
            assert "Read-only" in said[0] or "may only be read" in said[0]


AS_NOBODY = """
import os, sys
from pipeline import articles, cli, collection, engines, outputs, run
engines.default()  # what is imported later may be out of reach
if os.getuid() == 0:
    os.setgroups([])
    os.setuid(65534)
sys.argv[0] = "crossquote"
cli.main()
"""


def test_a_folder_that_somebody_else_owns() -> None:
    with tempfile.TemporaryDirectory() as name:  # into tmp_path others may not look
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "one.jsonl").write_text(json.dumps({"language": "en", "text": HARBOUR}), "utf-8")
        (folder / "secret.txt").write_text(HARBOUR, "utf-8")
        (folder / "secret.txt").chmod(0)
        (folder / "closed").mkdir(mode=0o555)
        for *command, word in (
            (
                "run",
                "one.jsonl",
                "--into",
                "closed/made",
                "cannot be opened: [Errno 13] Permission denied: 'closed/made'",
            ),
            ("quotes", "secret.txt", "--no-tagger", "secret.txt"),
        ):
            done = subprocess.run(
                [sys.executable, "-c", AS_NOBODY, *command],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, word in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


def test_another_process_writes(
    source: Path, tmp_path: Path, crossquote: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    assert crossquote("run", source, "--into", made, "--quiet") == (0, [])
    with Collection.open(made, alone=True):
        for command in (
            ("run", source, "--into", made),
            ("doctor", "--in", made),
            ("judge", "--in", made, "s-", "accept"),
        ):
            code, (message, hint) = crossquote(*command)
            assert code == 2
            assert f"another process is writing to the collection in {made}" in message
            assert "wait" in hint
        assert crossquote("doctor", "--in", made, "--check") == (0, [])  # who only reads may come in
        assert crossquote("export", "--in", made, "--out", tmp_path / "pairs.tmx", "--quiet") == (0, [])
    monkeypatch.setattr(migration, "WAIT", 0.1)
    source.write_text(json.dumps({"id": "x", "text": HARBOUR}), "utf-8")
    with closing(sqlite3.connect(made / FILE, isolation_level=None)) as other:  # a program that knows no such lock
        other.execute("BEGIN IMMEDIATE")
        code, (message, hint) = crossquote("run", source, "--into", made)
    assert code == 2
    assert "locked" in message
    assert "another process is writing" in hint
    assert crossquote("run", source, "--into", made, "--quiet") == (0, [])


def test_a_lock_ends_with_the_collection(tmp_path: Path) -> None:
    for _ in range(2):
        with (
            Collection.open(tmp_path, create=True, alone=True),
            pytest.raises(CollectionError, match="another process"),
        ):
            Collection.open(tmp_path, alone=True)
    (tmp_path / FILE).write_bytes(b"no database " * 100)
    for _ in range(2):
        with pytest.raises(CollectionError, match="cannot be opened"):
            Collection.open(tmp_path, alone=True)


def test_a_damaged_database_is_said_in_a_line(source: Path, tmp_path: Path, crossquote: Command) -> None:
    made = tmp_path / "made"
    assert crossquote("run", source, "--into", made, "--quiet") == (0, [])
    size = (made / FILE).stat().st_size
    with (made / FILE).open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\x55" * (size // 2))
    for command in (("run", source, "--into", made), ("export", "--in", made, "--what", "quotes", "-f", "jsonl")):
        code, said = crossquote(*command)
        assert (code, len(said)) == (2, 2), said
        assert crossquote("doctor", "--in", made)[0] == 1


def test_a_clock_that_goes_back(
    source: Path, tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = []
    for second in (1_700_000_000, 1_600_000_000, 1_700_000_100):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(second))
        source.write_text(json.dumps({"id": "x", "text": f"{second}. {HARBOUR}"}), "utf-8")
        assert run([str(source)], tmp_path / "made", engines).changed
        changed.append(json.loads((tmp_path / "made" / "run.json").read_text("utf-8"))["changed"])
    assert changed == ["2023-11-14T22:13:20+00:00", "2023-11-14T22:13:20+00:00", "2023-11-14T22:15:00+00:00"]


def test_an_article_that_changes_and_changes_back_is_aligned_again(tmp_path: Path) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    def read(text: str, embedder: FakeEmbedder) -> None:
        (tmp_path / "a.jsonl").write_text(
            json.dumps({"id": "a", "language": "en", "text": text})
            + "\n"
            + json.dumps({"id": "r", "language": "ru", "text": "Nobody_ru argued_ru.", "translation_of": "a"}),
            "utf-8",
        )
        run(
            [str(tmp_path / "a.jsonl")],
            tmp_path / "made",
            Engines(embedder, lambda *_: FakeTranslator(), fake_matcher()),
        )

    read("Nobody argued.", FakeEmbedder())
    whole = (tmp_path / "made" / "pairs.jsonl").read_bytes()
    tired = FakeEmbedder()
    tired.encode = dies  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        read("Everybody argued.", tired)
    read("Nobody argued.", FakeEmbedder())
    assert whole
    assert (tmp_path / "made" / "pairs.jsonl").read_bytes() == whole


INTERRUPTED_BY_AN_IMPORT = """
import os, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)  # who was started in the background ignores it

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "typer.core":
            os.kill(os.getpid(), int(sys.argv.pop()))

sys.meta_path.insert(0, Finder())
from pipeline.__main__ import main
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_interrupted_while_it_is_imported(number: signal.Signals, code: int) -> None:
    command = [sys.executable, "-c", INTERRUPTED_BY_AN_IMPORT, "doctor", "--help", str(int(number))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "goes on from here" in done.stderr


def test_processes_that_work_end_with_the_one_that_leads() -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    leader = context.Process(target=leading.lead, args=(theirs,))
    leader.start()
    theirs.close()
    worker = ours.recv()
    os.kill(leader.pid or 0, signal.SIGKILL)
    leader.join()
    until = time.monotonic() + 10
    while Path(f"/proc/{worker}").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{worker}").exists()
