"""A run on a Ray cluster of this machine, whose workers are killed."""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import conftest
import pytest
import test_distributed
from conftest import FakeTagger
from test_distributed import POISON, distribute, fakes, outputs, some_articles, write

from pipeline.distributed.crews import Desk, RayCrew
from pipeline.run import run as on_one_machine
from pipeline.tagging import Passage, Tag

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("default")  # what Ray does is not ours to mend


class Deadly(FakeTagger):
    """Waits for somebody to kill the process that uses it first; an article with POISON kills every one itself."""

    def __init__(self, note: Path) -> None:
        super().__init__()
        self.note = note

    def tag(self, passages: Sequence[Passage]) -> list[list[Tag]]:
        if not self.note.exists():
            self.note.with_suffix(".new").write_text(str(os.getpid()))
            self.note.with_suffix(".new").rename(self.note)
            time.sleep(60)
        if any(POISON in passage.text for passage in passages):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().tag(passages)


def kill_whom_it_names(note: Path) -> None:
    while not note.exists():
        time.sleep(0.05)
    os.kill(int(note.read_text()), signal.SIGKILL)


@pytest.fixture
def _by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers cannot import what lies in this folder: it is sent to them."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    for module in (sys.modules[__name__], conftest, test_distributed):
        ray.cloudpickle.register_pickle_by_value(module)


@pytest.mark.usefixtures("_by_value")
def test_killed_workers_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    articles = some_articles(14)
    note = tmp_path / "victim"
    killer = threading.Thread(target=kill_whom_it_names, args=(note,), daemon=True)
    killer.start()
    poisoned = write(tmp_path, [*articles, articles[0] | {"id": "bad", "text": POISON, "outlet": None}])

    with RayCrew(
        "local", Desk(tmp_path / "many" / "shards", partial(fakes, Deadly(note))), memory=1 << 20, num_cpus=2
    ) as crew:

        def hired(desk: Desk) -> RayCrew:
            crew._desk = desk
            return crew

        outcome, run = distribute(poisoned, tmp_path / "many", partial(fakes, Deadly(note)), crew=hired)
    killer.join(5)
    assert [str(refusal) for refusal in outcome.refused] == ["bad: quotes: 2 workers died over it"]
    assert run.ledger.stages["quotes"]["deaths"] == 5  # by us, twice over its batch, twice over itself
    on_one_machine(write(tmp_path, articles), tmp_path / "one", fakes(FakeTagger()))
    assert outputs(tmp_path / "many") == outputs(tmp_path / "one")
