"""Kills commands at chosen points and starts them again: what there is in the end must be what an undisturbed one leaves.

A command runs in a fork of a process that has imported everything, over the fake engines, so that a trial takes a fraction
of a second. Points are steps (each SQL statement, and each call that moves, syncs, or removes a file, before and after),
bytes (the kernel kills whoever writes beyond that place in any file, so also within a commit), and moments.
"""

import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from conftest import FakeEmbedder, FakeTranslator, fake_matcher
from newswire import some

from pipeline import __main__, cli, engines, indexes, run  # noqa: F401  # imported once, for all forks
from pipeline.collection import FILE
from pipeline.engines import Engines
from pipeline.files import PREFIX
from pipeline.interruption import INTERRUPTED, STOPPED, leave

Kind = Literal["commit", "file", "statement", "byte", "moment"]
KINDS: tuple[Kind, ...] = ("commit", "file", "statement", "byte", "moment")
CALLS = ("replace", "rename", "fsync", "unlink", "chmod")
GENTLE = (signal.SIGINT, signal.SIGTERM)
KILLED = (signal.SIGKILL, signal.SIGXFSZ, signal.SIGTERM)
MADE = "made"
EPOCH = "1700000000"
LIMIT = 60.0
"""Seconds after which a command counts as hanging."""

Command = Sequence[str]


@dataclass(frozen=True)
class Point:
    """Where a command is killed: at a step, counted from 0, at a byte of a file, or after so many seconds.

    With SIGINT and SIGTERM it may end in its own way. They are sent at calls and moments: what SQLite calls back cannot
    be interrupted.
    """

    kind: Kind
    at: float
    by: signal.Signals = signal.SIGKILL

    def __str__(self) -> str:
        where = f"after {self.at:.3f} s" if self.kind == "moment" else f"{self.kind} {self.at:g}"
        return where if self.by == signal.SIGKILL else f"{where} by {self.by.name}"


@dataclass(frozen=True)
class Scenario:
    """What is there `before`, the command that is killed, and what is asked `after` it has been repeated."""

    name: str
    command: Callable[[Path], Command]
    before: Sequence[Command] = ()
    after: Sequence[Command] = ()
    codes: tuple[int, ...] = (0,)  # that the repeated command may end with
    exact: int = indexes.EXACT
    prepare: Callable[[Path], None] = lambda folder: None


@dataclass
class Undisturbed:
    """What a command does when nothing happens: its steps by name, the largest file in bytes, seconds, what it leaves and says."""

    steps: list[str]
    largest: int
    seconds: float
    files: dict[str, bytes] = field(default_factory=dict)
    earlier: dict[str, bytes] = field(default_factory=dict)
    said: frozenset[str] = frozenset()

    def point(self, dice: random.Random) -> Point:
        """Any point: of four one at which the command may end in its own way."""
        if dice.randrange(4):
            return self._killing(dice, dice.choice(KINDS))
        by = dice.choice(GENTLE)
        return replace(self._killing(dice, dice.choice(("file", "moment"))), by=by)

    def _killing(self, dice: random.Random, kind: Kind) -> Point:
        if kind == "byte":
            return Point(kind, dice.randrange(1, self.largest + 1))
        if kind == "moment":
            return Point(kind, dice.uniform(0.0, self.seconds))
        wanted: dict[Kind, tuple[str, ...]] = {"commit": ("COMMIT",), "file": CALLS}
        fitting = [n for n, step in enumerate(self.steps) if step in wanted.get(kind, (step,))]
        if not fitting:  # not every command moves files
            return self._killing(dice, "moment")
        at = dice.choice(fitting)
        return Point(kind, at + (dice.choice((0, 1)) if kind == "commit" else 0))


# The commands

HARBOUR = "The harbour stays closed until the storm is over"
CAT = "My cat eats nothing but smoked herring"


def _article(id_: str, text: str, **fields: str) -> dict[str, str]:
    return {"id": id_, "language": "en", "outlet": f"Outlet {id_}", "text": text, **fields}


ARTICLES = {
    "one.jsonl": [
        _article("a", f"“{HARBOUR},” said Vira Zahaiska, the harbour master.\n\nNobody argued.", title="Storm"),
        _article("b", f"The port was silent. “{HARBOUR},” Vira Zahaiska said.", published="2024-03-11"),
        _article("c", f"“{CAT},” said Edmund Threlwick, a baker."),
        _article("r", "Nobody_ru argued_ru.", language="ru", translation_of="a"),
    ],
    "two.jsonl": [
        _article("d", f"It rained. “{HARBOUR},” Vira Zahaiska told reporters. “{CAT},” said Edmund Threlwick."),
        _article("e", "“Ships never lie,” said Orest Lanovyi. Gulls agreed.", published="2024-03-10"),
    ],
    "changed.jsonl": [
        _article("a", f"“{CAT},” said Edmund Threlwick, a baker. The harbour was forgotten.", title="Cats"),
        _article("e", "“Ships always lie,” said Orest Lanovyi. Gulls agreed."),
    ],
    "many.jsonl": [
        _article(f"m{n}", f"“{text.strip('“”.')},” said Vira Zahaiska.") for n, text in enumerate(some(150))
    ],
    "more.jsonl": [
        _article(f"n{n}", f"“{text.strip('“”.')},” said Vira Zahaiska.") for n, text in enumerate(some(170))
    ][140:],
}
TRANSLATORS = """<?xml version="1.0" encoding="utf-8"?>
<tmx version="1.4"><header srclang="en" creationtool="hand" creationtoolversion="1" segtype="sentence" o-tmf="hand"
adminlang="en" datatype="plaintext"/><body>
<tu><tuv xml:lang="en"><seg>Nobody argued.</seg></tuv><tuv xml:lang="uk"><seg>Ніхто не сперечався.</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>The port was silent.</seg></tuv><tuv xml:lang="uk"><seg>Порт мовчав.</seg></tuv></tu>
</body></tmx>
"""


def _run(*paths: str, to: str = "") -> Command:
    return ("run", *paths, "--into", MADE, "--quiet", *(word for target in to.split() for word in ("--to", target)))


def _always(command: Command) -> Callable[[Path], Command]:
    return lambda folder: command


def _statement(folder: Path, members: int) -> str:
    lines = (folder / MADE / "statements.jsonl").read_text("utf-8").splitlines()
    return str(next(s["id"] for s in map(json.loads, lines) if len(s["members"]) == members))


def _split(folder: Path) -> Command:
    return ("judge", "--in", MADE, "--who", "Nina", _statement(folder, 2), "split", "2")


def _damage(folder: Path) -> None:
    """What `doctor` mends."""
    with closing(sqlite3.connect(folder / MADE / FILE)) as database:
        for table in ("nearest", "statements", "segments"):
            database.execute(f"DELETE FROM {table}")
        database.execute("DELETE FROM points WHERE text = (SELECT min(text) FROM points)")
        database.execute("UPDATE quotes SET text = 'nothing' WHERE article_id = 'b'")
        database.execute("DELETE FROM pairs WHERE right_id = 'r' AND number = 0")
        database.commit()
    (folder / MADE / "pairs.tmx").unlink()


SCENARIOS = (
    Scenario("fresh", _always(_run("one.jsonl", to="ru uk"))),
    Scenario("added", _always(_run("one.jsonl", "two.jsonl", to="ru")), before=[_run("one.jsonl", to="ru")]),
    Scenario("translated", _always(_run("one.jsonl", to="ru uk")), before=[_run("one.jsonl")]),
    Scenario(
        "changed", _always(_run("changed.jsonl", to="ru")), before=[_run("one.jsonl", to="ru"), _run("two.jsonl")]
    ),
    Scenario("indexed", _always(_run("more.jsonl")), before=[_run("one.jsonl", "many.jsonl")], exact=100),
    Scenario(
        "translate",
        _always(("translate", "one.jsonl", "two.jsonl", "--to", "uk", "--to", "ru", "--out", "out", "--quiet")),
        codes=(0, 1),
    ),
    Scenario("judge", _split, before=[_run("one.jsonl")], codes=(0, 2)),  # a second time nothing is left to split
    Scenario(
        "remove",
        _always(("remove", "--in", MADE, "b", "--quiet")),
        before=[_run("one.jsonl", to="ru"), _run("two.jsonl")],
        codes=(0, 1, 2),  # a second time it may be gone
    ),
    Scenario(
        "retract",
        _always(("retract", "--in", MADE, "b", "--reason", "it was another harbour", "--quiet")),
        before=[_run("one.jsonl", "two.jsonl")],
    ),
    Scenario(
        "export",
        _always(("export", "--in", MADE, "--format", "tmx", "--filter", "all", "--out", "pairs.tmx", "--quiet")),
        before=[_run("one.jsonl", to="ru")],
    ),
    Scenario(
        "memory",
        _always(("tm", "import", "--in", MADE, "translators.tmx", "--quiet")),
        before=[_run("one.jsonl", to="uk")],
        after=[_run("one.jsonl", to="uk")],
    ),
    Scenario(
        "doctor",
        _always(("doctor", "--in", MADE)),
        before=[_run("one.jsonl", to="ru")],
        prepare=_damage,
        codes=(0, 1),
    ),
)


# One trial


def fakes() -> Engines:
    """The engines of the tests."""
    translator = FakeTranslator()
    return Engines(embedder=FakeEmbedder(), translator=lambda source, target: translator, matcher=fake_matcher())


class Trials:
    """Trials in `folder`, whose paths are always the same. `real`: with the models that are installed."""

    def __init__(self, folder: Path, *, real: bool = False) -> None:
        self._folder = folder.resolve()
        self._here = self._folder / "here"
        self._real = real

    def measure(self, scenario: Scenario) -> Undisturbed:
        """Prepare a scenario, and see what its command does when nobody disturbs it."""
        shutil.rmtree(self._here, ignore_errors=True)
        self._here.mkdir(parents=True)
        for name, articles in ARTICLES.items():
            (self._here / name).write_text("".join(json.dumps(article) + "\n" for article in articles), "utf-8")
        (self._here / "translators.tmx").write_text(TRANSLATORS, "utf-8")
        for command in scenario.before:
            self._expect(self._start(scenario, command), command, (0,))
        scenario.prepare(self._here)
        shutil.copytree(self._here, self._prepared(scenario))
        earlier = self._left()
        command = scenario.command(self._here)
        began = time.perf_counter()
        self._expect(self._start(scenario, command), command, scenario.codes)
        seconds = time.perf_counter() - began
        said = frozenset(self._said().splitlines())
        self._ask_after(scenario)
        files, largest = self._left(), self._largest()
        self._again(scenario)
        steps = self._here / "steps"
        self._expect(self._start(scenario, command, partial(_told, steps)), command, scenario.codes)
        named = steps.read_text("utf-8").split()
        shutil.rmtree(self._here)
        return Undisturbed(named, largest, seconds, files, earlier, said)

    def trial(self, scenario: Scenario, seen: Undisturbed, points: Sequence[Point]) -> int:
        """Kill the command at each of the points in turn, then let it end; how many times it was killed.

        AssertionError when what is left is not what it should be.
        """
        self._again(scenario)
        command = scenario.command(self._here)
        killed = 0
        for point in points:
            status = self._start(scenario, command, partial(_killed_at, point), point)
            code = os.waitstatus_to_exitcode(status)
            if code in (INTERRUPTED, STOPPED):
                # a signal may come when the command has said everything that it says
                new = [line for line in self._said().splitlines() if line not in seen.said]
                told = [line for line in new if not line.startswith("BAD ")]
                assert len(told) == 1, f"{code} with more than a line: {self._said()}"
            elif not _was_killed(status):
                self._expect(status, command, scenario.codes)
                break
            killed += 1
            self._check_what_is_there(seen)
        self._expect(self._start(scenario, command), command, scenario.codes)
        self._check_the_end(scenario, seen)
        return killed

    def _check_the_end(self, scenario: Scenario, seen: Undisturbed) -> None:
        self._ask_after(scenario)
        left = self._left()
        assert left.keys() == seen.files.keys(), f"left behind or lacking: {sorted(left.keys() ^ seen.files.keys())}"
        differing = [name for name, content in seen.files.items() if left[name] != content]
        assert not differing, f"not as after an undisturbed one: {differing}"
        shutil.rmtree(self._here)

    def both(self, scenario: Scenario, seen: Undisturbed) -> None:
        """Start the command twice at once: one of them may be sent away, and nothing else is different."""
        self._again(scenario)
        command = scenario.command(self._here)
        children = [self._fork(scenario, command) for _ in range(2)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert {*codes} <= {*scenario.codes, 2}, f"{codes}: {self._said()}"
        assert {*codes} & {*scenario.codes}, f"{codes}: {self._said()}"
        self._check_the_end(scenario, seen)

    def _ask_after(self, scenario: Scenario) -> None:
        for command in scenario.after:
            self._expect(self._start(scenario, command), command, (0,))
        if (self._here / MADE).is_dir():
            command = ("doctor", "--in", MADE, "--check")
            self._expect(self._start(scenario, command), command, (0,))

    def _check_what_is_there(self, seen: Undisturbed) -> None:
        """After a kill: databases are whole, and so is every file, as it was or as it will be."""
        for path in sorted(self._here.rglob("*.sqlite")):
            copy = self._folder / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            copy.mkdir()
            for file in (path, path.with_name(f"{path.name}-wal")):
                if file.exists():
                    shutil.copy(file, copy)
            with closing(sqlite3.connect(copy / path.name)) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for name, content in self._left().items():
            if not Path(name).name.startswith(PREFIX):
                assert content in (seen.earlier.get(name), seen.files.get(name)), f"{name} is half written"

    def _left(self) -> dict[str, bytes]:
        """Every file but databases, and what of run.json does not depend on the clock."""
        found = {}
        for path in sorted(self._here.rglob("*")):
            name = str(path.relative_to(self._here))
            if path.is_file() and ".sqlite" not in path.name and not path.name.endswith(".faiss"):
                found[name] = _without_seconds(path) if path.name == "run.json" else path.read_bytes()
        return found

    def _largest(self) -> int:
        return max(path.stat().st_size for path in self._here.rglob("*") if path.is_file())

    def _prepared(self, scenario: Scenario) -> Path:
        return self._folder / f"prepared {scenario.name}"

    def _again(self, scenario: Scenario) -> None:
        shutil.rmtree(self._here, ignore_errors=True)
        shutil.copytree(self._prepared(scenario), self._here)

    def _start(
        self,
        scenario: Scenario,
        command: Command,
        arrange: Callable[[], None] = lambda: None,
        point: Point | None = None,
    ) -> int:
        """The status of a command in a process of its own."""
        child = self._fork(scenario, command, arrange)
        delay = point.at if point and point.kind == "moment" else LIMIT
        ended = _waited(child, delay)
        if ended is None:
            os.kill(child, point.by if point else signal.SIGKILL)
            ended = os.waitpid(child, 0)[1]
            if point is None or point.kind != "moment":
                raise AssertionError(f"{' '.join(command)} did not end: {self._said()}")
        return ended

    def _fork(self, scenario: Scenario, command: Command, arrange: Callable[[], None] = lambda: None) -> int:
        signal.pthread_sigmask(signal.SIG_BLOCK, GENTLE)  # until the child is so far
        child = os.fork()
        if child == 0:
            self._become(scenario, command, arrange)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, GENTLE)
        return child

    def _become(self, scenario: Scenario, command: Command, arrange: Callable[[], None]) -> None:
        """Be the command, and end."""
        code = 70
        try:
            log = os.open(self._folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.chdir(self._here)
            os.environ |= {"SOURCE_DATE_EPOCH": EPOCH, "CROSSQUOTE_CACHE": "cache"}
            if not self._real:
                given = fakes()
                engines.default = lambda: given
                engines.translator = lambda name, source, target, **_: given.translator(source, target)
            indexes.EXACT = scenario.exact
            sys.argv = ["crossquote", *command]
            arrange()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, GENTLE)
            __main__.main()
            code = 0
        except KeyboardInterrupt:
            leave(INTERRUPTED)
        except SystemExit as stop:
            code = int(stop.code or 0)
        except BaseException:  # noqa: BLE001  # the parent reads it
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:  # a signal that comes only now would be raised in the midst of the parent's trials
                os._exit(code)

    def _expect(self, status: int, command: Command, codes: Sequence[int]) -> None:
        code = os.waitstatus_to_exitcode(status)
        assert code in codes, f"{' '.join(command)} ended with {code}: {self._said()}"

    def _said(self) -> str:
        return (self._folder / "log").read_text("utf-8", errors="replace")[-3000:]


def _waited(child: int, seconds: float) -> int | None:
    """The status of a process that ends within so many seconds."""
    until = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return status
        left = until - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(left, 0.002))


def _was_killed(status: int) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) in KILLED


def _without_seconds(path: Path) -> bytes:
    return json.dumps({**json.loads(path.read_text("utf-8")), "seconds": {}}).encode()


# In the process that is to be killed


def _killed_at(point: Point) -> None:
    if point.kind == "byte":
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(point.at), resource.RLIM_INFINITY))
    elif point.kind != "moment":
        left = int(point.at)

        def step(_: str) -> None:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), point.by)
            left -= 1

        _follow(step)


def _told(path: Path) -> None:
    file = path.open("w", encoding="utf-8")

    def step(name: str) -> None:
        file.write(f"{name}\n")
        file.flush()

    _follow(step)


def _follow(step: Callable[[str], None]) -> None:
    """Call `step` with a name before each SQL statement, and before and after each call that changes what files there are."""
    connect = sqlite3.connect

    def connected(*arguments: Any, **named: Any) -> sqlite3.Connection:
        database = connect(*arguments, **named)
        database.set_trace_callback(lambda statement: step(statement.split(maxsplit=1)[0].strip(";")))
        return database

    def around(call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            step(name)
            done = call(*arguments, **named)
            step(name)
            return done

        return called

    sqlite3.connect = connected  # type: ignore[assignment]
    for name in CALLS:
        setattr(os, name, around(getattr(os, name), name))


REAL = ("added", "translated")
"""The scenarios that are worth their time with real models."""


def warm(folder: Path) -> None:
    """Let this process, which is to be forked, import and read everything once."""
    folder.mkdir()
    source = folder / "one.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES["one.jsonl"]), "utf-8")
    run.run([str(source)], folder / MADE, fakes(), targets=("ru", "uk"))
