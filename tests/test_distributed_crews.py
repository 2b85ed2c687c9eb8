"""Workers that come and go, without Ray: whom they wait for, what they let go of, and what run.json tells meanwhile."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_distributed import distribute, fakes, some_articles, write

from pipeline.distributed import batches, crews
from pipeline.distributed import run as distributed_run
from pipeline.distributed.crews import Alone, Desk, RayCrew, Sizes, Work
from pipeline.errors import PipelineError


class ShamRay:
    """A cluster of two processors; in a `full` one nobody begins before somebody waits for it without end."""

    def __init__(self, *, full: bool = False, slow: bool = False) -> None:
        self.full, self.slow = full, slow
        self.timeouts: list[float | None] = []
        self.killed: list[Any] = []
        self.exceptions = SimpleNamespace(RayTaskError=ArithmeticError, RayError=LookupError)

    def is_initialized(self) -> bool:
        return False

    def init(self, **settings: Any) -> None:
        pass

    def shutdown(self) -> None:
        pass

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True, "Resources": {"CPU": 2.0, "memory": 8 << 30}}]

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def available_resources(self) -> dict[str, float]:
        return {} if self.full else {"CPU": 2.0}

    def remote(self, kind: Callable[..., Any]) -> Any:
        def hire(*settings: Any) -> Any:
            worker = kind(*settings)
            calls = {name: getattr(worker, name) for name in ("work", "begun")}
            return SimpleNamespace(**{name: SimpleNamespace(remote=_later(call)) for name, call in calls.items()})

        return SimpleNamespace(options=lambda **_: SimpleNamespace(remote=hire))

    def wait(
        self, answers: Sequence[Any], num_returns: int, timeout: float | None = None
    ) -> tuple[list[Any], list[Any]]:
        self.timeouts.append(timeout)
        if timeout is None:
            self.full = self.slow = False
        late = self.full or (self.slow and timeout != 0)
        return ([], list(answers)) if late else (list(answers[:num_returns]), list(answers[num_returns:]))

    def get(self, answer: Callable[[], Any]) -> Any:
        return answer()

    def kill(self, actor: Any) -> None:
        self.killed.append(actor)


def _later(call: Callable[..., Any]) -> Callable[..., Callable[[], Any]]:
    return lambda *given: lambda: call(*given)


def doubled(desk: Desk, number: int) -> int:
    return 2 * number


def crew_of(ray: ShamRay, folder: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> RayCrew:
    monkeypatch.setenv("CROSSQUOTE_THREADS", "1")
    monkeypatch.setattr(crews, "_ray", lambda: ray)
    return RayCrew("auto", Desk(folder, fakes), tell=told.append)


@pytest.mark.parametrize("kind", ["full", "slow", "free"])
def test_a_run_says_once_that_it_waits_for_a_cluster(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray, told = ShamRay(full=kind == "full", slow=kind == "slow"), list[str]()
    with crew_of(ray, tmp_path, told, monkeypatch) as crew:
        assert sorted(crew.work(doubled, [1, 2, 3])) == [2, 4, 6]
    waiting = "waiting for free processors: 0 of 2 in the cluster are free; a worker takes one, and 2.5 GB of memory"
    assert told == ([waiting] if kind == "full" else [])
    assert ray.timeouts[0] == crews.PROMPT
    assert set(ray.timeouts[1:]) <= {0, None}  # it looks once, and then sleeps until there is an answer
    assert ray.timeouts.count(0) == (kind != "free")


def test_workers_end_with_what_they_have_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = ShamRay()
    with crew_of(ray, tmp_path, [], monkeypatch) as crew:
        assert sorted(crew.work(doubled, [1, 2])) == [2, 4]
        crew.rest()
        assert len(ray.killed) == 2
        assert list(crew.work(doubled, [3])) == [6]
        assert crew.deaths == 0


class Noting(Alone):
    """Notes what is worked on and when workers go; breaks off where it is told to."""

    noted: list[str]
    until: Work | None = None

    def work(self, what: Work, items: Iterable[Any]) -> Iterator[Any]:
        begun = what.args[0]  # type: ignore[attr-defined]
        begun = getattr(begun, "func", begun)
        self.noted.append(begun.__name__)
        if begun is self.until:
            raise KeyboardInterrupt
        return super().work(what, items)

    def rest(self) -> None:
        self.noted.append("rest")


def noting(until: Work | None = None) -> tuple[Callable[[Desk], Noting], list[str]]:
    noted = list[str]()

    def hired(desk: Desk) -> Noting:
        crew = Noting(desk)
        crew.noted, crew.until = noted, until
        return crew

    return hired, noted


def test_no_worker_keeps_models_that_the_next_stages_do_not_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed_run, "FULL", 1 << 60)
    hired, noted = noting()
    distribute(write(tmp_path, some_articles(6)), tmp_path / "many", targets=("uk",), crew=hired)
    assert noted[2:8] == ["translate", "rest", "find_quotes", "align", "embed", "rest"]


def test_workers_that_have_taken_much_memory_are_let_go_after_the_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed_run, "FULL", 0)
    hired, noted = noting()
    distribute(write(tmp_path, some_articles(6)), tmp_path / "many", crew=hired)
    stages = [name for name in noted if name != "rest"]
    assert len(stages) > 12
    assert all(after == "rest" for name, after in itertools.pairwise([*noted, "rest"]) if name != "rest")


def test_run_json_tells_how_far_a_run_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed_run, "EVERY", 0.0)
    into = tmp_path / "many"
    names = write(tmp_path, some_articles(8))
    distribute(names, into)
    (tmp_path / "more.jsonl").write_text('{"text": 5}\n' + json.dumps(some_articles(9, 2)[8] | {"id": "new"}), "utf-8")
    hired, _ = noting(until=batches.align)
    with pytest.raises(KeyboardInterrupt):
        distribute([*names, str(tmp_path / "more.jsonl")], into, crew=hired)
    told = json.loads((into / "run.json").read_text("utf-8"))
    assert told["state"] == "broken off"
    assert told["stages"]["quotes"]["done"] == told["stages"]["quotes"]["of"] > 0
    assert told["stages"]["align"]["done"] == 0
    assert told["refusals"][0]["field"] == "text"
    outcome, _ = distribute(names, into)  # everything is there, but for the account of it
    told = json.loads((into / "run.json").read_text("utf-8"))
    assert (outcome.changed, told["state"], told["counts"]["articles"]) == (False, "done", 8)


def test_a_run_that_is_killed_leaves_an_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed_run, "EVERY", 0.0)
    monkeypatch.setattr(distributed_run.Ledger, "break_off", lambda ledger: None)
    hired, _ = noting(until=batches.embed)
    with pytest.raises(KeyboardInterrupt):
        distribute(write(tmp_path, some_articles(6)), tmp_path / "many", crew=hired)
    told = json.loads((tmp_path / "many" / "run.json").read_text("utf-8"))
    assert told["state"] == "running"
    assert told["at"] > "2024"
    assert told["stages"]["align"]["done"] == told["stages"]["align"]["of"] > 0


def test_how_many_quotations_are_for_one_file_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Sizes().in_one_file == 2_000_000
    monkeypatch.setenv("CROSSQUOTE_IN_ONE_FILE", "3")
    distribute(write(tmp_path, some_articles(6)), tmp_path / "many", sizes=Sizes())
    assert (tmp_path / "many" / "shards.json").is_file()
    monkeypatch.setenv("CROSSQUOTE_IN_ONE_FILE", "few")
    with pytest.raises(PipelineError, match="CROSSQUOTE_IN_ONE_FILE"):
        Sizes()
