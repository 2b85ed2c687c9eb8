"""Who does the work: processes of a Ray cluster, each with models of its own that are loaded once.

A worker that dies is replaced, and what it worked on is given to another one, from the third time on piece by piece (see
`pieces`): so the piece that kills workers is found and set aside. Ray Data's pools of actors do not do that: they try
again without end by default, and a pool whose actors died may stand still (ray-project/ray, issues 41258 and 62746).
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from pipeline import __version__, settings
from pipeline.engines import Engines
from pipeline.errors import InputError, PipelineError
from pipeline.indexes import EXACT

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 2  # deaths over one item after which it is worked on piece by piece
DEATHS = 12  # over one item: it is no use
MEMORY = 5 << 29
"""Bytes that a worker may take; a machine gets no more workers than it has room for."""

PROMPT = 30.0  # seconds in which a worker begins, where there is a free processor for it

QUIETLY: dict[str, Any] = {
    "include_dashboard": False,
    "log_to_driver": False,
    "logging_level": "error",
    "object_store_memory": 200 << 20,  # nothing but the names of shards goes through it
}
"""How Ray is started on this machine alone."""

OWN = {"num_cpus", "object_store_memory", "include_dashboard"}
"""Settings of a cluster that this process starts itself."""

HINT = "pip install crossquote[ray]"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is worked on at once, which bounds the memory of a worker (docs/scale.md)."""

    articles: int = 2048  # of a batch
    texts: int = 40_000  # of a block
    utterances: int = 20_000  # of a lot, but for a component that has more
    exact: int = EXACT  # texts up to which every point is looked at
    inverted: int = 10_000  # points of a language, in a span, from which an inverted file pays
    in_one_file: int = field(default_factory=settings.in_one_file)  # quotations; what has more stays in shards


@dataclass
class Desk:
    """What a worker works with: the folder of shards, the engines, and whether it is to look at its work piece by piece."""

    shards: Path
    make_engines: Callable[[], Engines]
    sizes: Sizes = field(default_factory=Sizes)
    careful: bool = False

    @cached_property
    def engines(self) -> Engines:
        """The models, from when they are first asked for."""
        return self.make_engines()


Work = Callable[[Desk, Any], Any]
"""A stage's work on one item. It is sent to other machines: a function of a module, or a `partial` of one."""


def unheard(line: str) -> None:
    """Tell nobody."""


class Crew(Protocol):
    """Works on items of a stage."""

    deaths: int
    """How many workers have died so far."""

    def work(self, what: Work, items: Iterable[Any]) -> Iterator[Any]:
        """What comes of each item, as they are finished."""

    def rest(self) -> None:
        """Let all workers go with the models that they have loaded: the next stage has others, or none."""


@dataclass
class Alone:
    """This process, as a crew."""

    desk: Desk
    deaths: int = 0

    def work(self, what: Work, items: Iterable[Any]) -> Iterator[Any]:
        """What comes of each item, in their order."""
        return (what(self.desk, item) for item in items)

    def rest(self) -> None:
        """Keep what is loaded."""


@dataclass
class _Job:
    item: Any
    deaths: int = 0


@dataclass
class _Pool:
    """Actors that wait for work, and those that work, by what they will answer.

    `hired` is what they answer when they have begun; `told`: somebody has looked whether any of them has.
    """

    idle: list[Any] = field(default_factory=list)
    busy: dict[Any, tuple[Any, _Job]] = field(default_factory=dict)
    hired: list[Any] = field(default_factory=list)
    told: bool = False


class RayCrew:
    """The processes of a Ray cluster. Use it in a `with` block; InputError when Ray is missing or cannot be reached.

    `address` is what `ray.init` takes; "auto" is the cluster to which `ray start` has joined this machine, or RAY_ADDRESS, or else
    this machine alone. `tell` gets a line for people when no worker begins, because others have all processors.
    """

    def __init__(
        self, address: str, desk: Desk, *, memory: int = MEMORY, tell: Callable[[str], object] = unheard, **init: Any
    ) -> None:
        self._ray = _ray()
        self._desk = desk
        self._memory = memory
        self._tell = tell
        self._address = address
        self._init: dict[str, Any] = {**QUIETLY, **init}
        self._pool = _Pool()
        self.deaths = 0

    def __enter__(self) -> Self:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        if self._ray.is_initialized():
            raise InputError("this process is connected to Ray already", "leave that connection first: ray.shutdown()")
        try:
            self._connect()
        except Exception as error:  # Ray raises many kinds, and bare ones when starting takes too long
            told = f"no Ray cluster at {self._address}: {_first_line(error)}"
            raise InputError(told, "is it running? ray status") from error
        return self

    def _connect(self) -> None:
        if self._address != "auto":
            others = {} if self._address == "local" else OWN
            self._ray.init(address=self._address, **{n: value for n, value in self._init.items() if n not in others})
            return
        # Ray's own "auto" would also join what another program has started for itself, and lose it when that ends
        try:
            self._ray.init(**self._init)
        except ValueError:  # a cluster that somebody has started takes no settings
            self._ray.init(**{name: value for name, value in self._init.items() if name not in OWN})
        except ConnectionError:  # it is gone
            self._ray.init(address="local", **self._init)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ray.shutdown()

    @property
    def size(self) -> int:
        """How many workers the cluster has room for."""
        machines = self._machines()
        need = self._need(machines)
        return max(1, sum(int(min(cpus, memory // need)) for cpus, memory in machines))

    def _need(self, machines: Sequence[tuple[float, float]]) -> int:
        """Bytes that a worker is given: what it may take, or all that there is on the largest machine."""
        return int(min(self._memory, max((memory for _, memory in machines), default=self._memory)))

    def _machines(self) -> list[tuple[float, float]]:
        """Processors and bytes of memory of each machine."""
        there = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        return [(one.get("CPU", 0.0), one["memory"]) for one in there if one.get("memory")]

    def work(self, what: Work, items: Iterable[Any]) -> Iterator[Any]:
        """What comes of each item, as they are finished. An error of the work passes through; PipelineError when workers keep dying."""
        waiting = deque(map(_Job, items))
        pool = self._pool
        while waiting or pool.busy:
            while waiting and (pool.idle or len(pool.busy) < self.size):
                actor, job = pool.idle.pop() if pool.idle else self._hire(), waiting.popleft()
                pool.busy[actor.work.remote(what, job.item, job.deaths >= PATIENCE)] = actor, job
            for answer in self._answers():
                actor, job = pool.busy.pop(answer)
                try:
                    result = self._ray.get(answer)
                except self._ray.exceptions.RayTaskError as error:
                    self._abandon()
                    raise _cause(error) from error
                except self._ray.exceptions.RayError as error:
                    self._bury(actor, job, error)
                    waiting.appendleft(job)
                    continue
                pool.idle.append(actor)
                yield result

    def _answers(self) -> list[Any]:
        """Some answers, when there are any. Where no worker begins for a while, that is told, once."""
        pool = self._pool
        if not pool.told:
            ready, _ = self._ray.wait(list(pool.busy), num_returns=1, timeout=PROMPT)
            pool.told = True
            if ready:
                return list(ready)
            begun, _ = self._ray.wait(pool.hired, num_returns=1, timeout=0)
            if not begun:
                self._tell(self._waiting())
        ready, _ = self._ray.wait(list(pool.busy), num_returns=1)
        return list(ready)

    def _waiting(self) -> str:
        free, there = (some.get("CPU", 0) for some in (self._ray.available_resources(), self._ray.cluster_resources()))
        need = self._need(self._machines()) / (1 << 30)
        return (
            f"waiting for free processors: {free:g} of {there:g} in the cluster are free; "
            f"a worker takes one, and {need:.1f} GB of memory"
        )

    def rest(self) -> None:
        """Let all workers go. What a library has taken of memory, it gives back when its process ends, and not before."""
        for actor in self._pool.idle:
            self._ray.kill(actor)
        self._pool = _Pool()

    def _hire(self) -> Any:
        worker: Any = self._ray.remote(_Worker)
        actor = worker.options(
            num_cpus=1, memory=self._need(self._machines()), max_restarts=0, max_task_retries=0
        ).remote(self._desk, __version__)
        if not self._pool.told:
            self._pool.hired.append(actor.begun.remote())
        return actor

    def _bury(self, actor: Any, job: _Job, error: Exception) -> None:
        """Note that a worker died over a job."""
        self.deaths += 1
        job.deaths += 1
        self._ray.kill(actor)  # it may only have been out of reach
        if job.deaths >= DEATHS:
            self._abandon()
            told = f"{job.deaths} workers died over the same piece of work: {_first_line(error)}"
            raise PipelineError(told, "have they enough memory? ray logs") from error

    def _abandon(self) -> None:
        for actor, _ in self._pool.busy.values():
            self._ray.kill(actor)
        self._pool.busy.clear()


class _Worker:
    """A process that works."""

    def __init__(self, desk: Desk, version: str) -> None:
        os.environ.setdefault("CROSSQUOTE_THREADS", "1")  # there is a worker for each core
        self._desk = desk
        self._version = version

    def work(self, what: Work, item: Any, careful: bool) -> Any:
        """What comes of an item. InputError when this machine has another version of Crossquote."""
        if self._version != __version__:
            raise InputError(
                f"{os.uname().nodename} has Crossquote {__version__}, and the run was started by {self._version}",
                "install the same version on all machines of the cluster",
            )
        self._desk.careful = careful
        return what(self._desk, item)

    def begun(self) -> None:
        """Answer, which a worker can that has a processor."""


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise InputError("Ray is not installed", HINT) from error
    return ray


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _cause(error: Any) -> BaseException:
    cause = getattr(error, "cause", None)
    return cause if isinstance(cause, PipelineError) else error


def chunks(items: Sequence[Item], count: int) -> Iterator[Sequence[Item]]:
    """Runs of so many items."""
    return (items[at : at + count] for at in range(0, len(items), count))
