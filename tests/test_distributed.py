"""The work that is spread over many processes, done by one: it makes the collection that a run on one machine makes."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reports
from conftest import FakeEmbedder, FakeTagger, FakeTranslator, fake_matcher
from hypothesis import given
from hypothesis import strategies as st

from pipeline import reprints, verdicts
from pipeline.cli.opening import to_list
from pipeline.collection import Collection
from pipeline.distributed import batches, components, crews, pieces
from pipeline.distributed.crews import Alone, Crew, Desk, Sizes
from pipeline.distributed.finding import ShardFinder
from pipeline.distributed.opened import InShards
from pipeline.distributed.run import Run, _inputs
from pipeline.engines import Engines
from pipeline.errors import CollectionError, InputError
from pipeline.exports import from_collection
from pipeline.grouping import labels
from pipeline.outputs import write_report
from pipeline.progress import Silent
from pipeline.records import Language
from pipeline.run import Outcome
from pipeline.run import run as on_one_machine
from pipeline.search import Filters, Finder, Wanted
from pipeline.tagging import Passage, Tag

SMALL = Sizes(articles=7, texts=30, utterances=30)
FILES = ("quotes.jsonl", "statements.jsonl", "pairs.jsonl")
WORDS = [
    "storm",
    "quay",
    "herring",
    "gulls",
    "wheat",
    "train",
    "lamp",
    "bread",
    "bridge",
    "river",
    "snow",
    "harbour",
    "closed",
    "open",
    "tomorrow",
]
PEOPLE = ("Vira Zahaiska", "Orest Lanovyi", "Edmund Threlwick")
POISON = "unreadable"


def fakes(tagger: FakeTagger | None = None) -> Engines:
    translator = FakeTranslator()
    return Engines(
        embedder=FakeEmbedder(), translator=lambda source, target: translator, matcher=fake_matcher(), tagger=tagger
    )


def some_articles(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Articles that quote one another's people, some again in other words, some as another outlet has them, some editions."""
    chance = random.Random(seed)
    said = [" ".join(chance.choices(WORDS, k=chance.randint(4, 7))) for _ in range(count // 2)]
    made: list[dict[str, Any]] = []
    for number in range(count):
        speaker, text = chance.choice(PEOPLE), chance.choice(said)
        other = " ".join([*text.split()[1:], chance.choice(WORDS)])
        told = " ".join(chance.choices(WORDS, k=40))
        body = f"“{text.capitalize()},” said {speaker}. {told.capitalize()}.\n\n“{other.capitalize()},” {speaker} said."
        article = {"id": f"a{number}", "language": "en", "outlet": f"Outlet {number % 5}", "text": body}
        if number % 6 == 5:
            article |= {"text": made[chance.randrange(len(made))]["text"], "outlet": f"Outlet {number}"}
        if number % 4 == 3:
            article |= {"translation_of": made[chance.randrange(len(made))]["id"], "language": "uk"}
        if number % 9:
            article["published"] = f"2024-03-{1 + number % 28:02}"
        made.append(article)
    return made


def write(folder: Path, articles: Sequence[dict[str, Any]], files: int = 3) -> list[str]:
    """The articles in several files."""
    names = [str(folder / f"{number}.jsonl") for number in range(files)]
    for number, name in enumerate(names):
        lines = [json.dumps(article, ensure_ascii=False) + "\n" for article in articles[number::files]]
        Path(name).write_text("".join(lines), "utf-8")
    return names


def distribute(
    names: Sequence[str],
    into: Path,
    make_engines: Callable[[], Engines] = fakes,
    targets: Sequence[Language] = (),
    crew: Callable[[Desk], Crew] = Alone,
    sizes: Sizes = SMALL,
) -> tuple[Outcome, Run]:
    desk = Desk((into / "shards").absolute(), make_engines, sizes)
    made = Run(crew(desk), desk, into, Silent())
    return made.make(_inputs(names), targets), made


def outputs(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text("utf-8") for name in FILES}


def reasons(folder: Path) -> list[tuple[object, ...]]:
    """Why every quotation is in its statement."""
    with Collection.open(folder) as collection:
        return list(collection.database.execute("SELECT quote_id, probability, why FROM members ORDER BY quote_id"))


@pytest.mark.parametrize("targets", [(), ("uk", "ru")])
def test_it_makes_what_one_machine_makes(tmp_path: Path, targets: tuple[Language, ...]) -> None:
    names = write(tmp_path, some_articles(40))
    on_one_machine(names, tmp_path / "one", fakes(), targets=targets)
    outcome, _ = distribute(names, tmp_path / "many", targets=targets)
    assert outputs(tmp_path / "many") == outputs(tmp_path / "one")
    assert reasons(tmp_path / "many") == reasons(tmp_path / "one")
    assert (outcome.added, outcome.updated, outcome.articles) == (40, 0, 40)
    again = on_one_machine(names, tmp_path / "many", fakes(), targets=targets)
    assert not again.changed
    assert (again.added, again.updated) == (0, 0)


def test_ids_that_are_used_twice(tmp_path: Path) -> None:
    articles = some_articles(20)
    articles += [articles[3], articles[4] | {"text": "Nothing of the kind."}, articles[0] | {"title": "Again"}]
    names = write(tmp_path, articles)
    alone = on_one_machine(names, tmp_path / "one", fakes())
    outcome, _ = distribute(names, tmp_path / "many")
    assert outputs(tmp_path / "many") == outputs(tmp_path / "one")
    assert outcome.beside == alone.beside
    assert sorted(map(str, outcome.refused)) == sorted(map(str, alone.refused))


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    articles = some_articles(30)
    names = write(tmp_path, articles[:20])
    _, first = distribute(names, tmp_path / "many")
    assert first.ledger.stages["quotes"]["made"] > 0
    before = (tmp_path / "many" / "run.json").read_text("utf-8")
    outcome, again = distribute(names, tmp_path / "many")
    assert (outcome.changed, again.ledger.fresh) == (False, 0)
    assert (tmp_path / "many" / "run.json").read_text("utf-8") == before
    more = tmp_path / "more.jsonl"
    more.write_text("".join(json.dumps(one | {"translation_of": None}) + "\n" for one in articles[20:]), "utf-8")
    outcome, grown = distribute([*names, str(more)], tmp_path / "many")
    assert outcome.added == 10
    assert grown.ledger.stages["quotes"]["made"] == 3  # the last batch had room for one article; seven and two are new
    assert grown.ledger.stages["quotes"]["of"] > 3
    on_one_machine([*names, str(more)], tmp_path / "one", fakes())
    assert outputs(tmp_path / "many") == outputs(tmp_path / "one")


class Choking(FakeTagger):
    """A tagger that fails with what it is given to choke on."""

    def tag(self, passages: Sequence[Passage]) -> list[list[Tag]]:
        if any(POISON in passage.text for passage in passages):
            raise RuntimeError("cannot swallow that")
        return super().tag(passages)


def test_an_article_with_which_a_stage_fails_is_set_aside(tmp_path: Path) -> None:
    articles = some_articles(20)
    articles[7]["text"] += f"\n\n{POISON}"
    outcome, _ = distribute(write(tmp_path, articles), tmp_path / "many", partial(fakes, Choking()))
    assert [str(refusal) for refusal in outcome.refused] == ["a7: quotes: RuntimeError: cannot swallow that"]
    on_one_machine(write(tmp_path, [one for one in articles if one["id"] != "a7"]), tmp_path / "one", fakes(Choking()))
    assert records(tmp_path / "many", "statements.jsonl") == records(tmp_path / "one", "statements.jsonl")
    told = json.loads((tmp_path / "many" / "run.json").read_text("utf-8"))
    assert told["refusals"] == [{"where": "a7", "field": None, "reason": "quotes: RuntimeError: cannot swallow that"}]
    assert told["stages"]["quotes"].keys() >= {"of", "done", "cpu_seconds", "wall_seconds", "peak_mb", "deaths"}


def records(folder: Path, name: str) -> list[str]:
    return sorted((folder / name).read_text("utf-8").splitlines())


def test_what_kills_workers_is_set_aside(tmp_path: Path) -> None:
    """A worker that dies leaves a trail; the next careful one knows."""
    desk = Desk(tmp_path, fakes, careful=True)
    died = list[int]()

    class Death(BaseException):
        pass

    def work(numbers: Sequence[int]) -> int:
        if 3 in numbers:
            raise Death
        return sum(numbers)

    refused: list[tuple[int, str]] = []
    for _ in range(pieces.FATAL):
        with pytest.raises(Death):
            pieces.worked(desk, "sums", [1, 2, 3, 4], work, lambda piece, reason: died.append(piece))
    found = pieces.worked(desk, "sums", [1, 2, 3, 4], work, lambda piece, reason: refused.append((piece, reason)))
    assert (found, refused, died) == ([1, 2, 4], [(3, pieces.FATALITY)], [])


def test_verdicts_outlive_the_writing(tmp_path: Path) -> None:
    names = write(tmp_path, some_articles(20))
    distribute(names, tmp_path / "many")
    with Collection.open(tmp_path / "many") as collection:
        statement = next(one for one in collection.statements() if len(one.members) > 2)
        one, other = statement.members[0].quote_id, statement.members[-1].quote_id
        decided = verdicts.Verdict(one=one, other=other, together=False, who="me", at="2024-05-01T00:00:00+00:00")
        verdicts.put(collection, [decided])
    outcome, _ = distribute(names, tmp_path / "many")
    assert outcome.changed
    with Collection.open(tmp_path / "many") as collection:
        assert [one.quotes for one in verdicts.all_of(collection)] == [decided.quotes]
        found = collection.statement_of([one, other])
        assert found[one] != found[other]


def test_a_collection_that_one_machine_made_is_left_alone(tmp_path: Path) -> None:
    names = write(tmp_path, some_articles(10))
    on_one_machine(names, tmp_path / "one", fakes())
    with pytest.raises(InputError, match="made without Ray"):
        distribute(names, tmp_path / "one")


def test_articles_that_are_no_longer_named(tmp_path: Path) -> None:
    names = write(tmp_path, some_articles(12))
    distribute(names, tmp_path / "many")
    before = outputs(tmp_path / "many")
    with pytest.raises(InputError, match="holds 4 articles that no PATH has"):
        distribute(names[:2], tmp_path / "many")
    assert outputs(tmp_path / "many") == before


def test_standard_input_and_input_without_articles(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="standard input"):
        distribute(["-"], tmp_path / "many")
    (tmp_path / "bad.jsonl").write_text('{"text": 5}\n', "utf-8")
    with pytest.raises(InputError, match="text"):
        distribute([str(tmp_path / "bad.jsonl")], tmp_path / "many")


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60), st.integers(1, 5))
def test_forests_of_parts_say_what_hangs_together(pairs: list[tuple[int, int]], parts: int) -> None:
    made = [components.stars(np.array(pairs[n::parts], np.int64).reshape(-1, 2)) for n in range(parts)]
    forest = components.stars(np.concatenate(made))
    first = components.first_of(forest, np.arange(41))
    label = labels(41, pairs)
    assert first.tolist() == [int(np.flatnonzero(label == each)[0]) for each in label]


def test_bands_are_spread_evenly_over_workers() -> None:
    chance = np.random.default_rng(1)
    found = reprints.bands([np.sort(chance.choice(1 << 32, 60, replace=False)) for _ in range(100)])
    keys = np.concatenate([batches._spread(some) for some in found])
    assert len(np.unique(keys)) == len({key for some in found for key in some})
    counts, _ = np.histogram(keys.astype(float), bins=8, range=(-(2.0**63), 2.0**63))
    assert counts.max() < 1.3 * counts.mean()


def test_without_ray_the_hint_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(InputError, match="Ray is not installed") as error:
        crews.RayCrew("auto", Desk(tmp_path, fakes))
    assert error.value.hint == "pip install crossquote[ray]"


QUESTIONS = (
    "Gulls of the harbour",
    "Bread and snow",
    "The river closed tomorrow, said nobody",
    "Lamp train wheat quay",
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A collection, and one of the same articles that stays in shards."""
    folder = tmp_path_factory.mktemp("both")
    changed = [
        {
            "id": outlet,
            "language": "en",
            "outlet": outlet,
            "text": f"“{many} lamps are on the bridge,” said {PEOPLE[0]}.",
        }
        for outlet, many in (("Early", 60), ("Late", 80))
    ]
    names = write(folder, some_articles(24) + changed)
    on_one_machine(names, folder / "one", fakes())
    distribute(names, folder / "large", sizes=replace(SMALL, in_one_file=0))
    return folder / "one", folder / "large"


@pytest.mark.parametrize("filters", [Filters(), Filters(speaker="Zahaiska"), Filters(since=date(2024, 3, 9))])
def test_find_answers_from_shards_as_from_a_file(both: tuple[Path, Path], filters: Filters) -> None:
    one, large = both
    engines = fakes()
    finder = ShardFinder(large, engines, filters)
    with Collection.open(one) as collection:
        ordinary = Finder(collection, engines, filters)
        for question in QUESTIONS:
            wanted, found = ordinary.find(question, 5), finder.find(question, 5)
            assert [(hit.quote_id, hit.outlet, hit.relation) for hit in found] == [
                (hit.quote_id, hit.outlet, hit.relation) for hit in wanted
            ]
            assert [hit.similarity for hit in found] == pytest.approx([hit.similarity for hit in wanted], abs=1e-3)
            assert found


@pytest.mark.parametrize("what", ["quotes", "statements", "pairs"])
def test_exports_of_shards_hold_what_those_of_a_file_hold(both: tuple[Path, Path], what: str, tmp_path: Path) -> None:
    one, large = both
    with Collection.open(one) as collection, InShards.read(large) as shards:
        for form in ("jsonl", "csv"):
            paths = [tmp_path / f"{name}.{form}" for name in ("one", "large")]
            for path, some in zip(paths, (collection, shards), strict=True):
                if what == "pairs":
                    from_collection.pairs(some, path, form, from_collection.Choice())
                else:
                    from_collection.records(some, what, path, form)
            wanted, found = (sorted(path.read_text("utf-8-sig").splitlines()) for path in paths)
            assert found == wanted
            assert len(found) > 10


def test_the_report_of_shards_shows_what_is_repeated_most(both: tuple[Path, Path], tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    from pipeline.distributed.excerpts import excerpt

    one, large = both
    with Collection.open(one) as collection:
        everything = list(collection.statements())
    with excerpt(large, 1000) as collection:
        assert {one.id: one for one in collection.statements()} == {one.id: one for one in everything}
    widest = sorted(everything, key=lambda one: (-one.outlets, -len(one.members), one.id))
    with excerpt(large, 5) as collection:
        assert {statement.id for statement in collection.statements()} == {statement.id for statement in widest[:5]}
        write_report(collection, tmp_path / "report.html", "signature", [])
    overview = reports.parts(tmp_path / "report.html")["overview"]
    assert (overview["shown"], overview["figures"]["statements"]) == (5, len(everything))


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(min_outlets=1),
        Wanted(min_outlets=2, without_reprints=True),
        Wanted(min_outlets=1, spoken=("uk",)),
        Wanted(min_outlets=1, altered=True),
        Wanted(min_outlets=1, doubtful=True),
        Wanted(min_outlets=1, filters=Filters(speaker="zahaiska")),
        Wanted(min_outlets=1, filters=Filters(since=date(2024, 3, 9), until=date(2024, 3, 20)), doubtful=True),
    ],
)
def test_shards_list_the_duplicates_that_a_file_lists(
    both: tuple[Path, Path], wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("duckdb")
    from pipeline.distributed import excerpts

    monkeypatch.setattr(excerpts, "AT_ONCE", 3)
    one, large = (dict[str, tuple[Any, ...]](), dict[str, tuple[Any, ...]]())
    for folder, found in zip(both, (one, large), strict=True):
        for statement, collection in to_list(folder, wanted):
            joins = collection.some_joins([member.quote_id for member in statement.members])
            sure = {id_: join.probability for id_, join in joins.items()}
            counted = statement.independent_outlets if wanted.without_reprints else statement.outlets
            found[statement.id] = statement, sure, (min(sure.values(), default=1) if wanted.doubtful else -counted)
    assert large == one
    assert [order for *_, order in large.values()] == [order for *_, order in one.values()]
    everything = len(list(to_list(both[0], Wanted(min_outlets=1))))
    assert 0 < len(one) <= everything
    assert (len(one) == everything) == (wanted in (Wanted(min_outlets=1), Wanted(min_outlets=1, doubtful=True)))


def test_duckdb_sees_the_tables(both: tuple[Path, Path], tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    from pipeline.distributed.finding import views

    one, large = both
    moved = tmp_path / "moved"
    moved.symlink_to(large)
    database = views(moved)
    with Collection.open(one) as collection:
        for table in ("articles", "quotes", "statements", "members", "pairs", "utterances", "points", "nearest"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (collection.count(table),)
    database.close()


def test_other_commands_say_that_a_collection_stays_in_shards(both: tuple[Path, Path]) -> None:
    with pytest.raises(CollectionError, match="stays in shards"), Collection.open(both[1]):
        pass
