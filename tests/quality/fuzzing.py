"""Throws hostile input at the commands inside this process, and tells what should not have happened.

Whatever comes in, a command ends in time and in bounded memory with an exit code of the interface; there is no traceback,
JSON Lines are JSON, and nothing that it prints commands a terminal.
"""

import contextlib
import io
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Self
from unittest import mock
from urllib.parse import quote

import hypothesis
from conftest import FakeEmbedder, FakeTranslator, fake_matcher
from hostile import COLLECTION, KINDS, Attack, Command, samples_of_jsonl
from hypothesis import HealthCheck, Phase

from pipeline import cli, engines
from pipeline.cli import terminal
from pipeline.engines import Engines

CODES = (0, 1, 2, 130)
TOGETHER = 100  # inputs that are made at a time, before they are thrown
MEGABYTE = 1 << 20
WAITING = 4  # times its processor time that an input may take by the clock: other programs want the processor too
OWN_STYLE = re.compile(r"\x1b\[(?:0|1|2|3[12])m")
"""Bold, faint, red, green: what our own output has on a terminal."""

DATA = ("export", "align", "translate")
"""Commands whose standard output is a file, in which nothing is changed."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class TooLong(BaseException):
    """The time of an input is up. No `Exception`, or a reader could take it for damage."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an input may take."""

    seconds: float = 10.0  # of the processor, for each command
    memory: int = 300 * MEGABYTE  # that the process grows by


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attack went; `fault` is None, or says what should not have happened, with the traceback behind a line break.

    `seconds` are of the processor, `grown` are bytes.
    """

    fault: str | None
    seconds: float
    grown: int


@dataclass(slots=True)
class Tally:
    """Figures of a kind of input."""

    inputs: int = 0
    slowest: float = 0.0
    peak: int = 0


class Range:
    """Where attacks are thrown: folders of its own, the fake engines of the tests, a small collection. Use it in a `with` block."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.codes: Counter[int] = Counter()
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
        for target, name, fake in self._fakes():
            self._stack.enter_context(mock.patch.object(target, name, fake))
        self._stack.enter_context(mock.patch.dict(os.environ, self._environment()))
        self._made = self._home / COLLECTION
        (self._home / "a.jsonl").write_bytes(samples_of_jsonl()[0])
        self._in(self._home, ("run", "a.jsonl", "--into", COLLECTION, "--to", "uk", "-q"))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _fakes(self) -> Iterator[tuple[Any, str, Any]]:
        translator, real = FakeTranslator(), engines.translator
        made = Engines(embedder=FakeEmbedder(), translator=lambda source, target: translator, matcher=fake_matcher())

        def choose(model: str | None, source: Any, target: Any, **options: Any) -> Any:
            return real(model, source, target, **options) if model else translator

        yield engines, "default", lambda: made
        yield engines, "translator", choose
        yield os, "fsync", lambda _: None
        yield os, "_exit", sys.exit

    def _environment(self) -> dict[str, str]:
        nowhere = "http://127.0.0.1:9"
        return {
            "CROSSQUOTE_CACHE": str(self._home / "cache"),
            "CROSSQUOTE_MODELS": str(self._home / "models"),
            "ARGOS_PACKAGES_DIR": str(self._home / "argos" / "packages"),
            "ARGOS_PACKAGE_INDEX": nowhere,
            **dict.fromkeys(("http_proxy", "https_proxy"), nowhere),
        }

    def throw(self, attack: Attack) -> Outcome:
        """Run the commands of an attack, until one of them cannot go on."""
        folder = Path(tempfile.mkdtemp(dir=self._home))
        try:
            self._lay_out(folder, attack)
            before, began = _memory_now(), time.process_time()
            fault = next(
                filter(None, (self._fault(folder, command, attack.stdin) for command in attack.commands)), None
            )
            seconds, grown = time.process_time() - began, max(0, _memory_peak() - before)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if fault is None and grown > self.limits.memory:
            fault = f"grew by {grown // MEGABYTE} MB"
        return Outcome(fault, seconds, grown)

    def _lay_out(self, folder: Path, attack: Attack) -> None:
        for name, data in attack.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.name == "damage":
                _damage(self._made / "collection.sqlite", path.parent, data)
            else:
                path.write_bytes(data)
        if any(COLLECTION in command for command in attack.commands):
            (folder / COLLECTION).mkdir()
            shutil.copy(self._made / "collection.sqlite", folder / COLLECTION)

    def _fault(self, folder: Path, command: Command, stdin: bytes) -> str | None:
        """What is wrong with how a command went."""
        try:
            with _in_time(self.limits.seconds):
                if command[0] == "GET":
                    return self._asked(*command[1:])
                code, out, err = self._in(folder, command, stdin)
        except TooLong:
            return f"no end after {self.limits.seconds:g} s\n{traceback.format_exc()}"
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
        self.codes[code] += 1
        return _wrong(command, code, out, err)

    def _in(self, folder: Path, command: Command, stdin: bytes = b"") -> tuple[int, str, str]:
        """(exit code, standard output, standard error) of a command that is run in a folder."""
        settings = dict(word.split("=", 1) for word in command[:1] if "=" in word)
        argv = ["crossquote", *command[len(settings) :]]
        out, err = (
            _Terminal(io.BytesIO(), "utf-8", newline=""),
            io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace"),
        )
        given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)))  # type: ignore[arg-type]
        with (
            contextlib.chdir(folder),
            mock.patch.dict(os.environ, settings),
            mock.patch.multiple(sys, argv=argv, stdin=given, stdout=out, stderr=err),
        ):
            try:
                cli.main()
                code = terminal.DONE
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
            out.flush()
            err.flush()
        return code, *(stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]

    def _asked(self, path: str, name: str, value: str) -> str | None:
        """What is wrong with the answer of a server."""
        query = f"?{name}={quote(value, errors='surrogatepass')}" if name else ""
        answer = self._client().get(quote(path, errors="surrogatepass") + query)
        return f"status {answer.status_code}" if answer.status_code not in (200, 404, 422) else None

    def _client(self) -> Any:
        if not hasattr(self, "_served"):
            from starlette.testclient import TestClient

            from pipeline.progress import Silent
            from pipeline.serving.api import application
            from pipeline.serving.holdings import OneFile
            from pipeline.serving.service import Service

            service = Service(
                OneFile(self._made), engines.default, Silent(), translator=lambda *pair: engines.translator(None, *pair)
            )
            self._served = TestClient(application(service, ("localhost",)), base_url="http://localhost")
        return self._served


class _Terminal(io.TextIOWrapper):
    """Standard output that is a terminal, so that what would reach one can be looked at."""

    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    def up(_: int, __: FrameType | None) -> None:
        raise TooLong

    clocks = {signal.ITIMER_PROF: signal.SIGPROF, signal.ITIMER_REAL: signal.SIGALRM}
    before = {number: signal.signal(number, up) for number in clocks.values()}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, WAITING * seconds)
    try:
        yield
    finally:
        for clock, number in clocks.items():
            signal.setitimer(clock, 0)
            signal.signal(number, before[number])


def _wrong(command: Command, code: int, out: str, err: str) -> str | None:
    """What the interface does not allow of what a command gave."""
    if code not in CODES:
        return f"exit code {code}\n{err}"
    if "Traceback (most recent call last)" in err:
        return f"a traceback on standard error\n{err}"
    if code == terminal.NOTHING_DONE and not err.strip():
        return "exit code 2 without a word"
    for name, text in (("error", err), ("output", "" if command[0] in DATA else out)):
        if found := UNPRINTABLE.search(OWN_STYLE.sub("", text)):
            return f"{found[0]!r} on standard {name}\n{text[max(0, found.start() - 200) : found.end() + 200]!r}"
    if "--jsonl" in command:
        return next((f"no JSON\n{line!r}" for line in out.split("\n") if line and not _is_json(line)), None)
    return None


def _is_json(line: str) -> bool:
    def none(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(line, parse_constant=none)
    except ValueError:
        return False
    return True


def _damage(source: Path, folder: Path, how: bytes) -> None:
    """A copy of a collection of which a stretch was overwritten."""
    place, length, byte = how.decode().split()
    data = bytearray(source.read_bytes())
    at = int(float(place) * len(data))
    data[at : at + int(length)] = bytes([int(byte)]) * min(int(length), len(data) - at)
    (folder / source.name).write_bytes(data)


def _memory_now() -> int:
    """Bytes that the process has in memory; the highest point is counted from here on, where the system can do that."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _memory_peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def inputs(kind: str, count: int, seed: int) -> Iterator[Attack]:
    """That many attacks of a kind, the same ones for the same seed."""
    for start in range(0, count, TOGETHER):
        yield from _made(kind, min(TOGETHER, count - start), seed * 1_000_003 + start)


def _made(kind: str, count: int, seed: int) -> Sequence[Attack]:
    some: list[Attack] = []

    @hypothesis.seed(f"{kind} {seed}")
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(KINDS[kind])
    def draw(attack: Attack) -> None:
        some.append(attack)

    draw()
    return some[:count]


def shares(count: int, kinds: Sequence[str]) -> dict[str, int]:
    """How many inputs of each kind make `count` together."""
    return {kind: count * (n + 1) // len(kinds) - count * n // len(kinds) for n, kind in enumerate(kinds)}


def place_of(fault: str) -> str:
    """What faults of one cause have in common: what went wrong, and the last line of ours that it came through."""
    ours = re.findall(r'/(pipeline/[^"]+)", line \d+, in (\S+)', fault)
    return f"{re.sub(r'[^A-Za-z ]+', '', fault.partition(chr(10))[0].partition(':')[0])} in {' '.join(ours[-1]) if ours else '-'}"


class Findings:
    """Keeps what reproduces a fault, one file for each cause, and an attack while it is thrown: it may end the process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count: Counter[str] = Counter()
        self._at = folder / "last.json"

    def begin(self, attack: Attack) -> None:
        """An attack is going to be thrown."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._at.write_text(json.dumps(attack.to_json()))

    def end(self, fault: str | None) -> None:
        """It has been."""
        if fault is None:
            return
        cause = place_of(fault)
        self.count[cause] += 1
        if self.count[cause] == 1:
            name = re.sub(r"[^a-z0-9]+", "-", cause.lower()).strip("-")
            record = {"fault": fault.encode("ascii", "backslashreplace").decode(), **json.loads(self._at.read_text())}
            (self.folder / f"{name}.json").write_text(json.dumps(record, indent=1))

    def close(self) -> None:
        """All have been thrown."""
        self._at.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()  # when it is empty


def fuzz(
    shooting: Range, wanted: dict[str, int], seed: int, findings: Findings, done: Callable[[], None] = lambda: None
) -> dict[str, Tally]:
    """Throw so many inputs of each kind; the figures of each."""
    tallies = {kind: Tally() for kind in wanted}
    for kind, count in wanted.items():
        for attack in inputs(kind, count, seed):
            findings.begin(attack)
            outcome = shooting.throw(attack)
            findings.end(outcome.fault)
            tally = tallies[kind]
            tally.inputs += 1
            tally.slowest, tally.peak = max(tally.slowest, outcome.seconds), max(tally.peak, outcome.grown)
            done()
    return tallies
