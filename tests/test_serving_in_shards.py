"""A server of a collection that stays in shards: it lists what is repeated most, and finds and opens everything."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from test_distributed import QUESTIONS, SMALL, distribute, fakes, some_articles, write
from test_serving import LOCAL, no_translator

from pipeline.cli import opening
from pipeline.collection import SHARDS, Collection
from pipeline.distributed.finding import ShardFinder
from pipeline.distributed.opened import InShards
from pipeline.errors import CollectionError
from pipeline.progress import Silent
from pipeline.run import run as on_one_machine
from pipeline.search import Filters
from pipeline.serving.api import application
from pipeline.serving.holdings import Holdings, OneFile
from pipeline.serving.in_shards import LISTED, Shards
from pipeline.serving.service import Service

pytest.importorskip("duckdb")

MOST = 5  # statements that are listed
LARGE = replace(SMALL, in_one_file=0)


def client(holdings: Holdings, translates: bool = False) -> TestClient:
    engines = fakes()
    translator = engines.translator if translates else no_translator
    service = Service(holdings, lambda: engines, Silent(), translator=translator)
    return TestClient(application(service, LOCAL), base_url="http://127.0.0.1:8765")


def answer(served: TestClient, path: str, **asked: object) -> dict[str, Any]:
    found = served.get(f"/api/{path}", params=asked)
    assert found.status_code == 200, found.text
    shown: dict[str, Any] = found.json()
    return shown


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two collections of the same articles: `one`, and `large`, which stays in shards."""
    folder = tmp_path_factory.mktemp("served")
    names = write(folder, some_articles(24))
    on_one_machine(names, folder / "one", fakes())
    distribute(names, folder / "large", sizes=LARGE)
    return folder


@pytest.fixture(scope="module")
def one(made: Path) -> TestClient:
    return client(OneFile(made / "one"))


@pytest.fixture(scope="module")
def large(made: Path) -> TestClient:
    return client(Shards(made / "large", most=MOST))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of the large one, to be changed."""
    return shutil.copytree(made / "large", tmp_path / "large", ignore=shutil.ignore_patterns("*.sqlite"))


def everything(one: TestClient) -> list[str]:
    return [each["id"] for each in answer(one, "statements", limit=200)["items"]]


def statement(served: TestClient, id_: str) -> dict[str, Any]:
    """A statement but for the reasons of its joins: neighbours, of which they tell, are found otherwise in shards."""
    found = answer(served, f"statements/{id_}")
    for member in found["members"]:
        assert member.pop("why") is not None
    return found


def test_lists_show_a_part_and_say_of_how_many(one: TestClient, large: TestClient) -> None:
    listed = answer(large, "statements")
    assert listed["total"] == len(listed["items"]) == MOST
    assert {each["id"] for each in listed["items"]} < {*everything(one)}
    told, whole = answer(large, "overview"), answer(one, "overview")
    assert told["shown"] == MOST < whole["shown"]
    assert {name: told[name] for name in ("figures", "coverage", "title")} == {
        "figures": whole["figures"], "coverage": whole["coverage"], "title": "large",
    }  # fmt: skip


def test_every_statement_and_every_article_can_be_opened(one: TestClient, large: TestClient) -> None:
    for id_ in everything(one):
        assert statement(large, id_) == statement(one, id_)
    for article in answer(one, "articles", limit=200)["items"]:
        assert answer(large, "article", id=article["id"]) == answer(one, "article", id=article["id"])


def test_several_threads_may_open_statements(one: TestClient, made: Path) -> None:
    served = client(Shards(made / "large", most=MOST))
    ids = everything(one)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda id_: answer(served, f"statements/{id_}")["id"], ids))
    assert found == ids


@pytest.mark.parametrize("path", ["statements/s-none", "article?id=none", "rendering?quote=none&into=uk"])
def test_what_there_is_not(large: TestClient, path: str) -> None:
    assert large.get(f"/api/{path}").status_code == 404


@pytest.mark.parametrize("filters", [{}, {"speaker": "zahaiska"}, {"since": "2024-03-09"}])
def test_find_looks_through_everything(one: TestClient, large: TestClient, filters: dict[str, str]) -> None:
    listed = {each["id"] for each in answer(large, "statements")["items"]}
    statements = set[str]()
    for question in QUESTIONS:
        wanted = answer(one, "find", text=question, k=5, **filters)["items"]
        found = answer(large, "find", text=question, k=5, **filters)["items"]
        assert [(hit["quote_id"], hit["statement"]) for hit in found] == [
            (hit["quote_id"], hit["statement"]) for hit in wanted
        ]
        statements |= {hit["statement"] for hit in found}
    assert statements - listed or filters
    assert large.get("/api/find", params={"text": "1 2 3"}).status_code == 422


def test_quotations_are_translated_wherever_they_stand(one: TestClient, made: Path) -> None:
    served = client(Shards(made / "large", most=MOST), translates=True)
    for id_ in (everything(one)[0], everything(one)[-1]):
        member = answer(one, f"statements/{id_}")["members"][0]
        into = next(language for language in ("uk", "ru") if language != member["language"])
        assert answer(served, "rendering", quote=member["quote_id"], into=into)["translator"] == "fake-1"


def test_what_is_listed_is_chosen_once(folder: Path, tmp_path: Path) -> None:
    client(Shards(folder, most=MOST))
    before = (folder / SHARDS / LISTED).stat().st_mtime_ns
    client(Shards(folder, most=MOST))
    assert (folder / SHARDS / LISTED).stat().st_mtime_ns == before
    assert answer(client(Shards(folder, most=MOST + 1)), "statements")["total"] == MOST + 1
    (folder / SHARDS / LISTED).write_bytes(b"SQLite format 3\0 broken")
    (tmp_path / "beside").mkdir()
    assert answer(client(Shards(folder, tmp_path / "beside", most=MOST)), "statements")["total"] == MOST
    assert answer(client(Shards(folder, most=MOST)), "statements")["total"] == MOST


def test_a_later_run_is_seen_while_it_is_served(folder: Path, made: Path, tmp_path: Path) -> None:
    served = client(Shards(folder, most=MOST))
    tag = served.get("/api/statements").headers["etag"]
    more = {
        "id": "more",
        "language": "en",
        "outlet": "Later",
        "text": "“Sixty herring are on the quay,” Ada Bell said.",
    }
    (tmp_path / "more.jsonl").write_text(json.dumps(more) + "\n", "utf-8")
    distribute([*(str(made / f"{n}.jsonl") for n in range(3)), str(tmp_path / "more.jsonl")], folder, sizes=LARGE)
    deadline = time.monotonic() + 20
    while answer(served, "overview")["figures"]["articles"] == 24 and time.monotonic() < deadline:
        served.get("/api/statements")
        time.sleep(0.02)
    assert served.get("/api/statements").headers["etag"] != tag
    (hit,) = answer(served, "find", text="Sixty herring are on the quay", k=1)["items"]
    assert hit["article_id"] == "more"
    assert answer(served, f"statements/{hit['statement']}")["outlets"] == 1


def test_while_a_run_replaces_shards_the_state_before_is_served(folder: Path, one: TestClient) -> None:
    """It puts its own beside them: whoever begins to read then would count everything twice."""
    served = client(Shards(folder, most=MOST))
    first = next((folder / SHARDS / "group").iterdir())
    shutil.copytree(first, first.with_name("0" * 32))
    for id_ in everything(one):
        assert statement(served, id_) == statement(one, id_)
    with pytest.raises(CollectionError, match="a run is changing"):
        Shards(folder).listed(Silent()).__enter__()
    with pytest.raises(CollectionError, match="a run is changing"), InShards.read(folder) as collection:
        list(collection.statements())


def test_what_has_gone_is_a_problem_and_no_crash(folder: Path, one: TestClient) -> None:
    served = client(Shards(folder, most=MOST))
    shutil.rmtree(folder / SHARDS / "group")
    found = served.get(f"/api/statements/{everything(one)[-1]}")
    assert (found.status_code, found.json()["hint"]) == (503, "if a run has ended just now, ask again")
    assert answer(served, "statements")["total"] == MOST


def test_a_question_is_embedded_once(made: Path) -> None:
    engines = fakes()
    finder = ShardFinder(made / "large", engines, Filters())
    assert finder.find(QUESTIONS[0], 3)
    asked: list[str] = engines.embedder.asked  # type: ignore[attr-defined]
    assert len(asked) == len(set(asked)) > 0


def test_commands_open_both_forms(made: Path, one: TestClient) -> None:
    assert isinstance(opening.to_serve(made / "one", None), OneFile)
    assert isinstance(opening.to_serve(made / "large", None), Shards)
    for folder in (made / "one", made / "large"):
        with opening.to_show(folder) as shown, opening.to_export(folder, redacted=False) as exported:
            assert {each.id for each in shown.statements()} == {each.id for each in exported.statements()}
    with pytest.raises(CollectionError), Collection.open(made / "large"):
        pass
