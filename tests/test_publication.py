import json
from pathlib import Path

import pytest
from pyarrow import parquet
from reports import article, member, pair, parts, quote, statement
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.collection import Collection
from pipeline.exports import TABLES
from pipeline.publication import Published
from pipeline.records import Article, Join, Rendering
from pipeline.redaction import Redactor

NAME = "Olena Kovalenko"
TRACES = ("kovalenk", "коваленк", "olena", "elena", "олен", "елен", "okovalenko", "%d0%9a%d0%be%d0%b2%d0%b0")

ENGLISH = article(
    "olena-kovalenko",
    "en",
    "Kovalenko Herald",
    "Olena Kovalenko’s cell was cold. “I, Olena, saw the bus,” Kovalenko said. Ann Lee left; see https://x.example/o-kovalenko now.",
    title="Olena Kovalenko Speaks Out",
    published="2024-05-02T09:30:00+03:00",
    url="https://herald.example/%D0%9A%D0%BE%D0%B2%D0%B0%D0%BB%D0%B5%D0%BD%D0%BA%D0%BE",
)
UKRAINIAN = article(
    "a2",
    "uk",
    "Вісник",
    "Камера Олени Коваленко холодна. «Я, Олено, бачила автобус», — сказала Ковале́нко. Ганна Лі пішла.",
    title="Розмова з Оленою Коваленко",
    published="2024-05-03",
    url="https://visnyk.example/7",
    translation_of="olena-kovalenko",
)
SAID = quote("q1", ENGLISH, "I, Olena, saw the bus", speaker=NAME, beside="Kovalenko said")
SAID_UK = quote("q2", UKRAINIAN, "Я, Олено, бачила автобус", speaker="Олена Коваленко")
STATEMENT = statement(
    "s-bus",
    member(SAID, ENGLISH),
    member(SAID_UK, UKRAINIAN, relation="altered", altered=("name",), diff=(("-", "Olena"), ("+", "Олено"))),
    en=NAME,
    uk="Олена Коваленко",
)
PAIRS = (
    pair(ENGLISH, "Olena Kovalenko’s cell was cold.", UKRAINIAN, "Камера Олени Коваленко холодна."),
    pair(ENGLISH, "Ann Lee left; see https://x.example/o-kovalenko now.", UKRAINIAN, "Ганна Лі пішла."),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "kovalenko-case"
    with Collection.open(made, create=True) as collection, collection.transaction():
        for one in (ENGLISH, UKRAINIAN):
            collection.put_article(one)
        for one in (SAID, SAID_UK):
            collection.put_quotes(one.article_id, [one])
        collection.put_statements("c", [STATEMENT], {"q2": Join(0.9, {"cosine": 0.7})})
        collection.put_pairs(ENGLISH.id, UKRAINIAN.id, PAIRS)
        collection.remember("signature", "split:1")
    return made


@pytest.fixture
def published(folder: Path) -> Published:
    return Published(Collection.open(folder), Redactor([NAME]))


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    (tmp_path / "names.txt").write_text(f"{NAME}\n", "utf-8")
    return tmp_path / "names.txt"


def traces(path: Path) -> list[str]:
    """What of the name stands in a file, compressed parts unpacked."""
    texts = [path.read_bytes()]
    if path.suffix == ".html":
        texts += [json.dumps(part, ensure_ascii=False).encode() for part in parts(path).values()]
    if path.suffix == ".parquet":
        table = parquet.read_table(path)
        texts += [json.dumps(table.to_pylist(), ensure_ascii=False).encode(), str(table.schema).encode()]
    whole = b"\n".join(texts).decode("utf-8", "replace").lower().replace("\u0301", "")
    return [trace for trace in TRACES if trace in whole]


def command(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stderr


def test_report(folder: Path, listed: Path, tmp_path: Path) -> None:
    told = command("report", "--in", folder, "--redact", listed, "--out", tmp_path / "page.html")
    assert traces(tmp_path / "page.html") == []
    assert "redacted: " in told
    assert "links that lead to articles that name somebody on the list: 1" in told
    shown = parts(tmp_path / "page.html")
    assert shown["overview"]["title"] == "Person 1-case"
    assert [one["text"] for one in shown["statements-0"][0]["spellings"]] == ["Person 1", "Персона 1"]


def test_translations_have_pseudonyms_or_are_left_out(folder: Path, listed: Path, tmp_path: Path) -> None:
    with Collection.open(folder) as collection, collection.transaction():
        made = [
            Rendering("q1", "uk", "Я, Олена, бачила автобус", "m"),
            Rendering("q1", "ru", "Я, О-лень, видела автобус", "m"),  # nobody's name any more, but who knows
            Rendering("q2", "en", "I, Olena Kovalenko, saw the bus", "m"),
        ]
        collection.put_renderings(made, "m")
    published = Published(Collection.open(folder), Redactor([NAME]))
    assert published.renderings(["q1", "q2"]) == {
        "q1": [Rendering("q1", "uk", "Я, Персона 1, бачила автобус", "m")],
        "q2": [Rendering("q2", "en", "I, Person 1, saw the bus", "m")],
    }
    command("report", "--in", folder, "--redact", listed, "--out", tmp_path / "page.html")
    assert traces(tmp_path / "page.html") == []
    shown = parts(tmp_path / "page.html")["statements-0"][0]["members"]
    assert [one["text"] for one in shown[0]["renderings"]] == ["Я, Персона 1, бачила автобус"]


def test_the_plain_report_has_the_name(folder: Path, tmp_path: Path) -> None:
    command("report", "--in", folder, "--out", tmp_path / "page.html")
    assert len(traces(tmp_path / "page.html")) > 4


@pytest.mark.parametrize("form", ["csv", "html", "jsonl", "moses", "parquet", "tmx", "tsv", "xliff"])
def test_pairs_in_every_format(folder: Path, listed: Path, tmp_path: Path, form: str) -> None:
    (tmp_path / "out").mkdir()
    told = command(
        *("export", "--in", folder, "--format", form, "--redact", listed, "--out", tmp_path / "out" / f"p.{form}"),
        *(() if form == "html" else ("--filter", "too-short=4")),
    )
    written = list((tmp_path / "out").iterdir())
    assert written
    assert [traces(path) for path in written] == [[]] * len(written)
    assert "redacted: " in told


@pytest.mark.parametrize("what", ["quotes", "statements"])
@pytest.mark.parametrize("form", ["jsonl", *TABLES])
def test_records_in_every_format(folder: Path, listed: Path, tmp_path: Path, what: str, form: str) -> None:
    out = tmp_path / f"records.{form}"
    command("export", "--in", folder, "--what", what, "--format", form, "--redact", listed, "--out", out)
    assert traces(out) == []


def test_verdicts_are_not_for_publication(folder: Path, listed: Path) -> None:
    result = CliRunner().invoke(
        app, ["export", "--in", str(folder), "--what", "verdicts", "--format", "jsonl", "--redact", str(listed)]
    )
    assert result.exit_code != 0


def test_offsets_are_those_of_the_changed_texts(published: Published) -> None:
    articles = {one.id: one for one in published.articles()}
    assert "I, Person 1, saw the bus" in [one.text for one in published.quotes()]
    for one in published.quotes():
        assert articles[one.article_id].text[one.start : one.end] == one.text
    (first, _) = published.quotes()
    assert articles[first.article_id].text[slice(first.speaker_start, first.speaker_end)] == "Person 1 said"
    for one in published.pairs():
        for passage in (one.left, one.right):
            assert articles[passage.article_id].text[passage.start : passage.end] == passage.text
    for said in next(published.statements()).members:
        assert articles[said.article_id].text[said.start : said.end] == said.text


def test_an_identifier_is_another_one_in_every_record(published: Published) -> None:
    english, ukrainian = published.articles()
    assert english.id == ukrainian.translation_of == "article-1"
    assert english.url is None
    assert ukrainian.url == UKRAINIAN.url
    assert published.article("article-1") == english
    assert {one.article_id for one in published.quotes_of(["article-1"])} == {"article-1"}
    assert {one.left.article_id for one in published.pairs(between=("article-1", "a2"))} == {"article-1"}
    assert next(published.statements()).first.article_id == "article-1"


def test_an_article_may_be_called_like_a_replacement(folder: Path) -> None:
    with Collection.open(folder) as collection, collection.transaction():
        collection.put_article(Article(id="article-1", language="en", text="Nothing."))
    published = Published(Collection.open(folder), Redactor([NAME]))
    ids = [one.id for one in published.articles()]
    assert len(set(ids)) == 3


def test_places_are_counted_once(published: Published) -> None:
    list(published.articles())
    first = published.places
    list(published.articles())
    list(published.pairs())
    assert published.places == first == 12


def test_a_collection_without_the_name_stays_as_it_is(folder: Path) -> None:
    published, kept = Published(Collection.open(folder), Redactor(["Ada Quill"])), Collection.open(folder)
    assert list(published.articles()) == list(kept.articles())
    assert list(published.quotes()) == list(kept.quotes())
    assert list(published.statements()) == list(kept.statements())
    assert list(published.pairs()) == list(kept.pairs())
    assert published.places == 0


def test_the_same_list_gives_the_same_bytes(folder: Path, listed: Path, tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        command("report", "--in", folder, "--redact", listed, "--out", tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_a_name_is_replaced_in_differences_too(folder: Path) -> None:
    """A surname is known by the given name beside it, and the words of a difference have lost their neighbours."""
    one, other = (
        article(id_, "ru", outlet, f"«Только {name} пришла к нам», — сказал врач.")
        for id_, outlet, name in (("r1", "Причал", "Мария Петрова"), ("r2", "Маяк", "Мария Гонсалес"))
    )
    said = [quote(f"q-{a.id}", a, a.text[1 : a.text.index("»")], speaker="врач") for a in (one, other)]
    diff = (("=", "Только Мария"), ("-", "Петрова"), ("+", "Гонсалес"), ("=", "пришла к нам"))
    members = member(said[0], one), member(said[1], other, relation="altered", altered=("name",), diff=diff)
    with Collection.open(folder) as collection, collection.transaction():
        for a, q in zip((one, other), said, strict=True):
            collection.put_article(a)
            collection.put_quotes(a.id, [q])
        collection.put_statements("d", [statement("s-doctor", *members, ru="врач")])
    published = Published(Collection.open(folder), Redactor(["Maria Gonzalez"]))
    found = published.statement("s-doctor")
    assert found is not None
    assert found.members[1].diff is not None
    told = " ".join(words for _, words in found.members[1].diff)
    assert "Персона 1" in told
    assert "Гонсалес" not in told
