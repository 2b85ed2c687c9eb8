import json
import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from browsers import chromium
from conftest import FakeTranslator
from reports import ARTICLES, HERON, HOSTILE, HOSTILE_URLS, PAIRS, QUOTES, collected, content, hostile, parts
from starlette.testclient import TestClient

from pipeline import report
from pipeline.collection import FILE, SHELF, Collection
from pipeline.engines import Engines
from pipeline.errors import CollectionError, ModelMissing, PipelineError
from pipeline.memory import HUMAN
from pipeline.ports import Translator
from pipeline.progress import Silent
from pipeline.records import Language, Rendering
from pipeline.run import run
from pipeline.serving import api
from pipeline.serving.api import application
from pipeline.serving.holdings import OneFile
from pipeline.serving.interpreting import Interpreter
from pipeline.serving.service import Service
from pipeline.translations import Engine

LOCAL = ("localhost", "127.0.0.1")
STORM = "“The harbour stays closed until the storm is over,” said Vira Zahaiska, the harbour master."


def no_engines() -> Engines:
    raise ModelMissing("there is no embedder", "crossquote models install embedder")


def no_translator(source: Language, target: Language) -> Translator:
    raise ModelMissing(f"no model translates {source} into {target}", "crossquote models install")


def client(folder: Path, engines: Any = no_engines, translator: Engine = no_translator, **options: Any) -> TestClient:
    service = Service(OneFile(folder, **options), engines, Silent(), translator=translator)
    return TestClient(application(service, LOCAL), base_url="http://127.0.0.1:8765")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return collected(tmp_path / "Bridges", content(), PAIRS)


@pytest.fixture
def served(folder: Path) -> TestClient:
    return client(folder)


def listed(served: TestClient, **asked: object) -> list[str]:
    answer = served.get("/api/statements", params=asked)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["total"] >= len(found["items"])
    return [one["id"] for one in found["items"]]


# The shapes are those of the page


def test_statement_article_and_overview_are_as_in_the_page(served: TestClient, tmp_path: Path) -> None:
    report.write(tmp_path / "page.html", content())
    shown = parts(tmp_path / "page.html")
    assert served.get("/api/statements/s-bolts").json() == shown["statements-0"][0]
    articles = {one["id"]: one for one in shown["articles-0"]}
    assert served.get("/api/article", params={"id": "a1"}).json() == articles["a1"]
    assert served.get("/api/overview").json() == shown["overview"]


def test_lists(served: TestClient) -> None:
    first, last = served.get("/api/statements").json()["items"]
    whole = served.get("/api/statements/s-bolts").json()
    assert (first["id"], last["id"]) == ("s-bolts", "s-trams")
    assert first["spellings"] == whole["spellings"]
    assert (first["sure"], first["altered"], first["first"]) == (whole["sure"], whole["altered"], whole["first"])
    assert [one["text"] for one in first["members"]] == ["The pier moved … Nine bolts are gone"]
    assert [one["id"] for one in served.get("/api/articles").json()["items"]] == ["a1", "a2", "a3"]
    assert served.get("/api/articles", params={"text": "МІСТ чапля"}).json()["total"] == 1
    assert served.get("/api/articles", params={"outlet": "Кулик"}).json()["items"][0]["quotes"] == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"text": "bolts"}, ["s-bolts"]),
        ({"text": "болтів дев’яти"}, ["s-bolts"]),
        ({"text": "девя"}, ["s-bolts"]),
        ({"text": "BOL"}, ["s-bolts"]),
        ({"text": "bolts trams"}, []),
        ({"text": '" OR * NEAR('}, []),
        ({"text": "…"}, ["s-bolts", "s-trams"]),
        ({"text": "Heron"}, ["s-bolts", "s-trams"]),
        ({"speaker": "квилл"}, ["s-bolts"]),
        ({"outlet": "The Heron"}, ["s-bolts", "s-trams"]),
        ({"outlet": "The Heron", "with": "Кулик"}, ["s-bolts"]),
        ({"outlet": ""}, []),
        ({"language": "uk"}, ["s-bolts"]),
        ({"altered": "any"}, ["s-bolts"]),
        ({"altered": "name"}, []),
        ({"least": 2}, ["s-bolts"]),
        ({"since": "2024-05-02"}, ["s-bolts", "s-trams"]),
        ({"since": "2024-05-03"}, []),
        ({"until": "2024-05-02"}, ["s-bolts", "s-trams"]),
        ({"until": "2024-05-01"}, []),
        ({"sort": "speaker", "reader": "uk"}, ["s-bolts", "s-trams"]),
        ({"sort": "doubtful"}, ["s-bolts", "s-trams"]),
        ({"offset": 1}, ["s-trams"]),
        ({"limit": 1}, ["s-bolts"]),
        ({"offset": 9}, []),
    ],
)
def test_filters(served: TestClient, asked: dict[str, object], found: list[str]) -> None:
    assert listed(served, **asked) == found


def test_orders(tmp_path: Path) -> None:
    days = {"a": "2024-05-02", "b": "2024-05-01T10:00:00Z", "c": None}
    names = {"a": "Їжак", "b": "Ивин", "c": None}
    base = content().statements[1]
    articles = {key: replace(HERON, id=key, published=day) for key, day in days.items()}
    quotes = {f"q{key}": replace(QUOTES["q4"], id=f"q{key}", article_id=key, speaker=names[key]) for key in days}
    found = [
        replace(
            base,
            id=f"s-{key}",
            speaker={"en": None, "ru": None, "uk": names[key]},
            first=replace(base.first, article_id=key, published=days[key]),
            members=(replace(base.members[0], quote_id=f"q{key}", article_id=key, published=days[key]),),
        )
        for key in days
    ]
    made = client(collected(tmp_path / "x", content(found, articles, quotes, {}, ())))
    assert listed(made, sort="earliest") == ["s-b", "s-a", "s-c"]
    assert listed(made, sort="latest") == ["s-a", "s-b", "s-c"]
    assert listed(made, sort="speaker", reader="uk") == ["s-b", "s-a", "s-c"]


# What holds of every answer


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/statements/s-none", 404),
        ("/api/article?id=..", 404),
        ("/api/statements?sort=x", 422),
        ("/api/statements?since=x", 422),
        ("/api/statements?limit=9999", 422),
        ("/x", 404),
        ("/api/find?text=bolts", 503),
    ],
)
def test_what_cannot_be_answered(served: TestClient, path: str, status: int) -> None:
    answer = served.get(path)
    assert answer.status_code == status
    assert "detail" in answer.json()


def test_an_answer_is_sent_once(served: TestClient, folder: Path) -> None:
    for path in ("/api/overview", "/api/statements?text=bolts", "/api/statements/s-bolts", "/api/articles"):
        first = served.get(path)
        again = served.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert served.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_headers_and_policies(served: TestClient) -> None:
    for path in ("/", "/docs", "/api/overview", "/openapi.json", "/none"):
        headers = served.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (
        "access-control-allow-origin"
        not in served.get("/api/overview", headers={"Origin": "https://x.example"}).headers
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_changed(served: TestClient, method: str) -> None:
    assert served.request(method, "/api/statements/s-bolts").status_code == 405


def test_of_an_answer_the_head_alone_can_be_asked_for(served: TestClient) -> None:
    head, whole = served.head("/api/statements/s-bolts"), served.get("/api/statements/s-bolts")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers


def test_no_other_site_can_ask_under_a_name_of_its_own(served: TestClient) -> None:
    assert served.get("/api/overview", headers={"Host": "evil.example:8765"}).status_code == 400
    assert served.get("/api/overview", headers={"Host": "localhost:8765"}).status_code == 200


def test_the_description_needs_no_network(served: TestClient) -> None:
    described = served.get("/docs").text
    assert not re.search(r"https?://|<script|<link", described)
    api = served.get("/openapi.json").json()
    for path, methods in api["paths"].items():
        assert path in described
        for one in methods["get"].get("parameters", ()):
            assert f"<code>{one['name']}</code>" in described
    assert {"Statement", "FullMember", "Article", "Hit"} <= api["components"]["schemas"].keys()


def test_answers_are_as_described(served: TestClient) -> None:
    from pipeline.serving import shapes

    for path, shape in (
        ("/api/overview", shapes.Overview),
        ("/api/statements", shapes.Statements),
        ("/api/statements/s-bolts", shapes.Statement),
        ("/api/articles", shapes.Articles),
        ("/api/article?id=a1", shapes.Article),
    ):
        shape.model_validate_json(served.get(path).content)


# The collection and its shelf


def test_the_collection_is_only_read(folder: Path) -> None:
    before = (folder / FILE).read_bytes()
    client(folder).get("/api/statements/s-bolts")
    assert (folder / FILE).read_bytes() == before
    with Collection.open(folder, read_only=True) as collection, pytest.raises((CollectionError, sqlite3.Error)):
        collection.remember("x", "y")


def test_a_shelf_is_made_once_and_again_after_a_change(folder: Path) -> None:
    client(folder)
    made = (folder / SHELF).stat().st_mtime_ns
    client(folder)
    assert (folder / SHELF).stat().st_mtime_ns == made
    (folder / SHELF).write_bytes(b"SQLite format 3\0 broken")
    assert listed(client(folder)) == ["s-bolts", "s-trams"]
    assert not list(folder.glob(".*.part"))


def test_a_change_is_seen_while_it_is_served(folder: Path) -> None:
    served = client(folder)
    tag = served.get("/api/statements").headers["etag"]
    with Collection.open(folder) as collection, collection.transaction():
        collection.put_article(replace(HERON, id="a9"))
    deadline = time.monotonic() + 10
    while served.get("/api/articles").json()["total"] == 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [one["id"] for one in served.get("/api/articles").json()["items"]] == ["a1", "a2", "a3", "a9"]
    assert served.get("/api/statements").headers["etag"] != tag


def test_a_shelf_may_stand_elsewhere(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert listed(client(folder, beside=tmp_path / "elsewhere")) == ["s-bolts", "s-trams"]
    assert not (folder / SHELF).exists()


def test_an_empty_collection(tmp_path: Path) -> None:
    made = client(collected(tmp_path / "x", content([], {}, {}, {}, ())))
    assert listed(made) == listed(made, text="x", speaker="y", outlet="z", sort="speaker") == []


# Search by meaning


@pytest.fixture
def storms(tmp_path: Path, engines: Engines) -> Path:
    lines = [{"id": str(n), "outlet": f"Post {n}", "text": STORM, "published": f"2024-03-1{n}"} for n in range(2)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    run([str(tmp_path / "a.jsonl")], tmp_path / "made", engines)
    return tmp_path / "made"


def test_find(storms: Path, engines: Engines) -> None:
    served = client(storms, lambda: engines)
    found = served.get("/api/find", params={"text": "The harbour stays closed until the storm is over", "k": 5}).json()
    assert [hit["article_id"] for hit in found["items"]] == ["0", "1"]
    assert {hit["statement"] for hit in found["items"]} == {*listed(served)}
    asked = {"text": "The harbour stays closed", "since": "2024-03-11", "speaker": "zahaiska"}
    assert [hit["article_id"] for hit in served.get("/api/find", params=asked).json()["items"]] == ["1"]
    assert served.get("/api/find", params={"text": "1 2 3"}).status_code == 422


# Translations


def translated(served: TestClient, quote: str, into: str) -> dict[str, Any]:
    answer = served.get("/api/rendering", params={"quote": quote, "into": into})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_quotation_is_translated_once(folder: Path, translator: FakeTranslator) -> None:
    before = (folder / FILE).read_bytes()
    served = client(folder, translator=lambda *_: translator)
    assert translator.asked == []
    assert served.get("/api/overview").json()["translates"] == ["en-ru", "en-uk", "ru-en", "ru-uk", "uk-en", "uk-ru"]
    made = translated(served, "q3", "uk")
    assert (made["language"], made["text"], made["translator"]) == ("uk", "Десяти_uk болтов_uk нет_uk", "fake-1")
    asked = len(translator.asked)
    assert translated(served, "q3", "uk") == made
    assert len(translator.asked) == asked
    assert (folder / FILE).read_bytes() == before


def test_what_the_collection_has_is_not_translated(folder: Path, translator: FakeTranslator) -> None:
    with Collection.open(folder) as collection:
        collection.keep_translations({"Опора зрушила.": "Опора сместилась."}, "uk", "ru", HUMAN)
        with collection.transaction():
            collection.put_renderings([Rendering("q3", "uk", "Нема десяти болтів", "m-1")], "m-1")
    served = client(folder, translator=lambda *_: translator)
    assert translated(served, "q3", "uk")["text"] == "Нема десяти болтів"
    assert translator.asked == []
    assert translated(served, "q2", "ru")["text"].startswith("Опора сместилась. Дев_ru")


def test_translations_that_were_made_meanwhile_are_served(folder: Path) -> None:
    served = client(folder)
    first = served.get("/api/statements/s-bolts")
    with Collection.open(folder) as collection, collection.transaction():
        collection.put_renderings([Rendering("q3", "uk", "Нема десяти болтів", "m-1")], "m-1")
    again = served.get("/api/statements/s-bolts", headers={"If-None-Match": first.headers["etag"]})
    assert [one["text"] for one in again.json()["members"][2]["renderings"]] == ["Нема десяти болтів"]


def translator_elsewhere(source: Language, target: Language) -> Translator:
    """What another process can find by its name."""
    if target == "en":
        os._exit(9)
    return FakeTranslator()


def test_a_process_of_its_own_translates(folder: Path) -> None:
    interpreter = Interpreter(OneFile(folder).remembered, translator_elsewhere, elsewhere=True)
    assert interpreter.translate("Go home.", "en", "uk")[:2] == ("Go_uk home_uk.", "fake-1")
    with pytest.raises(PipelineError, match="has ended"):
        interpreter.translate("Идите домой.", "ru", "en")
    assert interpreter.translate("Go home.", "en", "ru")[:2] == ("Go_ru home_ru.", "fake-1")
    missing = Interpreter(OneFile(folder).remembered, no_translator, elsewhere=True)
    with pytest.raises(ModelMissing) as refused:
        missing.translate("Go home.", "en", "uk")
    assert refused.value.hint == "crossquote models install"


@pytest.mark.parametrize(
    ("quote", "into", "status"),
    [("q9", "ru", 404), ("q3", "ru", 422), ("q3", "de", 422), ("q3", "en", 503), ("long", "ru", 422)],
)
def test_what_cannot_be_translated(
    tmp_path: Path, translator: FakeTranslator, quote: str, into: str, status: int
) -> None:
    long = replace(QUOTES["q1"], id="long", text="So it was. " * 200)
    folder = collected(tmp_path / "x", content(quotes={**QUOTES, "long": long}), PAIRS)

    def engine(source: Language, target: Language) -> Translator:
        return no_translator(source, target) if target == "en" else translator

    answer = client(folder, translator=engine).get("/api/rendering", params={"quote": quote, "into": into})
    assert (answer.status_code, translator.asked) == (status, [])
    assert "detail" in answer.json()


def test_few_may_wait_for_a_translation(
    folder: Path, translator: FakeTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "WAITING", 1)
    begun, go_on = threading.Event(), threading.Event()
    translate = translator.translate

    def slowly(sentences: list[str], source: Language, target: Language) -> list[str]:
        begun.set()
        assert go_on.wait(10)
        return translate(sentences, source, target)

    monkeypatch.setattr(translator, "translate", slowly)
    with client(folder, translator=lambda *_: translator) as served, ThreadPoolExecutor(1) as reader:
        first = reader.submit(translated, served, "q3", "uk")
        assert begun.wait(10)
        refused = served.get("/api/rendering", params={"quote": "q2", "into": "ru"})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, str(api.PAUSE))
        assert served.get("/api/statements/s-bolts").status_code == 200  # pages do not wait
        go_on.set()
        assert first.result()["language"] == "uk"
        assert translated(served, "q2", "ru")["language"] == "ru"


# In a browser


@contextmanager
def running(folder: Path, engines: Any = no_engines, translator: Engine = no_translator) -> Iterator[str]:
    service = Service(OneFile(folder), engines, Silent(), translator=translator)
    server = uvicorn.Server(uvicorn.Config(application(service, LOCAL), port=0, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    pytest.importorskip("playwright.sync_api")
    try:
        with chromium() as started:
            yield started
    except LookupError as missing:
        pytest.skip(str(missing))


@contextmanager
def visited(browser: Any, address: str) -> Iterator[Any]:
    """A page that may complain of nothing, and ask nobody but its own server."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(5_000)
    page = context.new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: (complaints.append("dialog"), dialog.dismiss()))
    context.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    page.wait_for_selector("main h2")
    yield page
    context.close()
    assert complaints == []
    assert {urlsplit(url).netloc for url in requests} == {urlsplit(address).netloc}


def test_the_page_reads_a_served_collection(browser: Any, storms: Path, engines: Engines) -> None:
    with running(storms, lambda: engines) as address, visited(browser, address) as page:
        page.wait_for_selector(".item")
        assert page.locator(".told").inner_text() == "1 of 1"
        page.locator(".item .open").click()
        page.wait_for_selector(".member")
        assert page.locator(".member").count() == 2
        page.locator(".views a").nth(1).click()
        page.locator("input[name=text]").fill("The harbour stays closed")
        page.locator("form button[type=submit]").click()
        page.wait_for_selector(".item")
        assert page.locator(".item h3").all_inner_texts() == ["Vira Zahaiska"] * 2
        page.locator(".views a").nth(3).click()
        page.wait_for_selector(".item.line h3")
        page.locator(".item.line h3 a").first.click()
        page.wait_for_selector(".reading mark")


def test_wordings_are_translated_as_they_are_looked_at(browser: Any, folder: Path, translator: FakeTranslator) -> None:
    def engine(source: Language, target: Language) -> Translator:
        return no_translator(source, target) if target == "en" else translator

    with running(folder, translator=engine) as address, visited(browser, f"{address}#s-bolts") as page:
        assert "No model here translates from Russian and Ukrainian" in page.locator(".wordings").inner_text()
        assert translator.asked == []
        page.get_by_role("button", name="Українська").click()
        page.locator("#q3").scroll_into_view_if_needed()
        page.wait_for_selector("#q3 .rendering:not(.awaited)")
        assert page.locator("#q3 .rendering").inner_text().endswith("Десяти_uk болтов_uk нет_uk")
        assert page.locator(".opened > .rendering").inner_text().startswith("Машинний переклад (fake-1)")
        page.wait_for_function("!document.querySelector('.awaited')")


def test_nothing_out_of_an_article_runs(browser: Any, tmp_path: Path) -> None:
    evils = [evil for evil in HOSTILE if evil.isprintable()]
    what = hostile(*evils)
    twice = {f"{key}+": replace(one, id=f"{key}+") for key, one in what.records.quotes.items()}
    statements = [
        replace(one, members=(one.members[0], replace(one.members[1], quote_id=f"{one.members[1].quote_id}+")))
        for one in what.statements
    ]
    records = replace(what.records, quotes={**what.records.quotes, **twice})
    folder = collected(tmp_path / "evil", replace(what, statements=statements, records=records))
    with Collection.open(folder) as collection, collection.transaction():
        for n, url in enumerate(HOSTILE_URLS):
            collection.put_article(replace(ARTICLES["a1"], id=f"u{n}", url=url))
    with running(folder) as address, visited(browser, address) as page:
        page.wait_for_selector(".item")
        for n in range(len(evils)):
            page.evaluate("address => { location.hash = address; }", f"#s-{n}")
            page.wait_for_selector(".member")
        for view in ("#overview", "#articles", "#article?id=u0"):
            page.evaluate("address => { location.hash = address; }", view)
            page.wait_for_selector("main h2")
        assert page.locator("a[href^='javascript' i]").count() == 0
