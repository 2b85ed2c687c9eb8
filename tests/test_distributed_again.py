"""Shards of a collection that is there already, with what people did to it: it ends as two runs on one machine leave it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_distributed import SMALL, distribute, fakes, outputs, some_articles, write

from pipeline import corrections, renderings, verdicts
from pipeline.collection import Collection
from pipeline.distributed.crews import Alone, Desk, Work
from pipeline.errors import CollectionError, InputError
from pipeline.memory import HUMAN
from pipeline.progress import Silent
from pipeline.records import Language
from pipeline.run import Outcome
from pipeline.run import run as on_one_machine
from pipeline.translations import Bureau, sentences
from pipeline.verdicts import Verdict

TABLES = ("history", "retractions", "verdicts", "provenance", "renderings", "refusals")
Run = Callable[[Sequence[str], Path, Sequence[Language]], Outcome]


def alone(names: Sequence[str], into: Path, targets: Sequence[Language]) -> Outcome:
    return on_one_machine(names, into, fakes(), targets=targets)


def in_shards(names: Sequence[str], into: Path, targets: Sequence[Language]) -> Outcome:
    return distribute(names, into, targets=tuple(targets))[0]


def content(folder: Path) -> dict[str, list[Any]]:
    """The lines of files and the rows of tables that two runs are to agree on."""
    found: dict[str, list[Any]] = {name: text.splitlines() for name, text in outputs(folder).items()}
    with Collection.open(folder, read_only=True) as collection:
        for table in TABLES:
            found[table] = sorted(collection.database.execute(f"SELECT * FROM {table}"), key=repr)
        found["people"] = [one for one in collection.remembered() if one.model == HUMAN]
        found["articles"] = [article.id for article in collection.articles(machine=False)]
        found["editions"] = sorted(article.id for article in collection.articles(machine=True))
    return found


def differences(folder: Path) -> dict[str, tuple[list[Any], list[Any]]]:
    """What the two collections of a test have each for itself, or in another order."""
    one, many = content(folder / "one"), content(folder / "many")
    return {
        name: ([row for row in one[name] if row not in many[name]], [row for row in many[name] if row not in one[name]])
        for name in one
        if one[name] != many[name]
    }


# What people do


def judge(folder: Path) -> None:
    with Collection.open(folder, alone=True) as collection:
        statements = list(collection.statements())
        wide = next(one for one in statements if len(one.members) > 2)
        ids = [member.quote_id for member in wide.members]
        others = [one.members[0].quote_id for one in statements if one is not wide][:2]
        at = "2024-05-01T00:00:00+00:00"
        made = [
            Verdict(one=ids[0], other=ids[-1], together=False, who="me", at=at),
            Verdict(one=others[0], other=others[1], together=True, who="me", at=at),
        ]
        corrections.judge(collection, made, fakes(), Silent())


def retract(folder: Path) -> None:
    with Collection.open(folder, alone=True) as collection:
        corrections.retract(collection, ["a0", "a3", "a7"], "taken back", fakes(), Silent())


def remove(folder: Path) -> None:
    with Collection.open(folder, alone=True) as collection:
        assert len(corrections.remove(collection, ["a1", "a2", "a6"], fakes(), Silent())) == 3


def render(folder: Path) -> None:
    with Collection.open(folder, alone=True) as collection:
        engines = fakes()
        bureau = Bureau(engines.translator, collection)
        assert renderings.make(collection, list(collection.statements()), ["ru"], bureau, Silent()).made > 5


def translate(folder: Path) -> None:
    with Collection.open(folder, alone=True) as collection:
        told = collection.article("a0")
        assert told is not None
        last = sentences(told)[-1]
        collection.keep_translations({last: "Так сказали люди."}, "en", "uk", HUMAN)


# What is read again


def changed(articles: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The articles with others before, among and behind them, and some that say something else."""
    again = [dict(one) for one in articles[:16]]
    for number in (0, 4, 7):
        again[number]["text"] += "\n\n“Nothing of the kind,” said Orest Lanovyi."
    again[9]["title"] = "Corrected"
    more = [one | {"id": f"n{number}"} for number, one in enumerate(articles[16:]) if "translation_of" not in one]
    return [*more[:2], *again[:5], *more[2:4], *again[5:], *more[4:]]


class Watched(Alone):
    """A crew beside which somebody tries to decide something before each piece of work."""

    refusals = 0

    def work(self, what: Work, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            with pytest.raises(CollectionError, match="another process is writing"):
                judge(self.desk.shards.parent)
            self.refusals += 1
            yield from super().work(what, [item])


def test_nothing_that_people_decide_during_a_run_is_lost(tmp_path: Path) -> None:
    articles = some_articles(20)
    folder = tmp_path / "many"
    distribute(write(tmp_path, articles[:16]), folder)
    names = write(tmp_path, articles)
    crews: list[Watched] = []

    def watched(desk: Desk) -> Watched:
        crews.append(Watched(desk))
        return crews[-1]

    distribute(names, folder, crew=watched)
    assert crews[0].refusals > 20
    judge(folder)
    distribute(names, folder)
    with Collection.open(folder, read_only=True) as collection:
        assert len(verdicts.all_of(collection)) == 2


@pytest.mark.parametrize(
    ("acts", "targets"),
    [
        ((), ()),
        ((judge, retract), ()),
        ((remove,), ("uk",)),
        ((render, judge), ("uk",)),
        ((translate, retract), ("uk",)),
    ],
    ids=lambda value: " ".join(getattr(one, "__name__", one) for one in value) or "none",
)
def test_a_second_run_ends_as_on_one_machine(
    acts: Sequence[Callable[[Path], None]],
    targets: tuple[Language, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    articles = some_articles(28)
    for run, into in ((alone, tmp_path / "one"), (in_shards, tmp_path / "many")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        names = write(tmp_path, articles[:16])
        run(names, into, targets)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1710000000")
        for act in acts:
            act(into)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1720000000")
        outcome = run(write(tmp_path, changed(articles)), into, targets)
        assert (outcome.changed, outcome.added, outcome.updated) == (True, 9 + 3 * (remove in acts), 4)
        assert not run(names, into, targets).changed
    assert differences(tmp_path) == {}


@pytest.mark.parametrize("later", [(), ("ru",)], ids=["none", "ru"])
def test_machine_editions_stay_where_their_language_is_not_named_again(
    later: tuple[Language, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    articles = some_articles(20)
    for run, into in ((alone, tmp_path / "one"), (in_shards, tmp_path / "many")):
        run(write(tmp_path, articles[:16]), into, ("uk",))
        names = write(tmp_path, changed(articles))
        run(names, into, later)
        assert not run(names, into, later).changed
    assert differences(tmp_path) == {}
    assert content(tmp_path / "many")["editions"]


def test_what_people_did_outlives_the_time_in_shards(tmp_path: Path) -> None:
    articles, into = some_articles(16), tmp_path / "many"
    names = write(tmp_path, articles)
    distribute(names, into, targets=("uk",))
    for act in (judge, retract, render, translate):
        act(into)
    articles[2]["text"] += " Corrected."
    names = write(tmp_path, articles)
    distribute(names, into, targets=("uk",))
    before = content(into)
    assert all(before[table] for table in ("history", "renderings", "people", "verdicts", "retractions"))
    for _ in range(2):
        distribute(names, into, targets=("uk",), sizes=replace(SMALL, in_one_file=0))
        assert (into / "kept.sqlite").is_file()
        assert not (into / "collection.sqlite").is_file()
    distribute(names, into, targets=("uk",))
    assert {name for name, rows in content(into).items() if rows != before[name]} <= {"provenance"}
    assert not (into / "kept.sqlite").is_file()


def test_refusals_stay_until_their_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    bad, worse, good = (str(tmp_path / f"{name}.jsonl") for name in ("bad", "worse", "good"))
    for run, into in ((alone, tmp_path / "one"), (in_shards, tmp_path / "many")):
        Path(bad).write_text('{"text": 5}\n', "utf-8")
        Path(worse).write_text("nothing\n", "utf-8")
        Path(good).write_text(json.dumps(some_articles(2)[0]) + "\n", "utf-8")
        run([good, bad, worse], into, ())
        Path(bad).write_text(json.dumps({"id": "mended", "language": "en", "text": "“Ho,” said he."}) + "\n", "utf-8")
        run([good, bad], into, ())
        with pytest.raises(InputError, match="worse"):
            run([worse], into, ())
    assert differences(tmp_path) == {}
    assert [row[3] for row in content(tmp_path / "many")["refusals"]] == [worse]
    told = [json.loads((tmp_path / name / "run.json").read_text("utf-8")) for name in ("one", "many")]
    assert told[0]["refusals"] == told[1]["refusals"] != []
