"""What counts as another outlet's text, which article is its original, and what follows for statements."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import reports
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline import cli, quotes, reprints
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.progress import Silent
from pipeline.records import Article, Source
from pipeline.reprints import Reprints
from pipeline.run import run

SAID = "“The harbour stays closed until the storm is over and the last pilot is back,” said Vira Zahaiska, the harbour master."


def prose(seed: object, words: int = 60) -> str:
    """Sentences that nobody else has."""
    chance = random.Random(str(seed))
    text = ["".join(chance.choices("aeioklmnrst", k=6)) for _ in range(words)]
    return " ".join(f"{' '.join(text[at : at + 12]).capitalize()}." for at in range(0, words, 12))


AGENCY = f"{prose('a')}\n\n{SAID}\n\n{prose('b')}"


def article(id_: str, text: str, **fields: Any) -> Article:
    plain = Article(
        id=id_, text=text, language="en", outlet=f"Outlet {id_}", published=f"2024-03-{ord(id_[0]) - 86:02}"
    )
    return replace(plain, **fields)


def found(path: Path, *articles: Article) -> dict[str, str]:
    with Collection.open(path, create=True) as collection:
        look(collection, articles)
        return Reprints(collection).all()


def look(collection: Collection, articles: Sequence[Article]) -> None:
    with collection.transaction():
        for one in articles:
            if collection.put_article(one):
                collection.put_quotes(one.id, quotes.extract(one))
    reprints.find(collection, "test", Silent())


@pytest.mark.parametrize(
    "text",
    [
        AGENCY,
        AGENCY.upper().replace("“", "«").replace(",”", "»,"),
        prose("a"),
        f"{prose('lead', 12)}\n\n{AGENCY}\n\n{prose('own', 36)}",
        AGENCY[len(prose("a", 12)) :],
        AGENCY.replace(SAID, ""),
    ],
    ids=["whole", "other letters and marks", "the first half", "another lead and paragraph", "no lead", "no quotation"],
)
def test_the_same_text_is_found(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, article("a", AGENCY), article("b", text)) == {"b": "a"}


def test_what_is_quoted_does_not_count(tmp_path: Path) -> None:
    long = "“" + prose("long quotation", 120) + "” said Vira Zahaiska, the harbour master."
    assert found(tmp_path, *(article(id_, f"{prose(id_, 36)}\n\n{long}") for id_ in "abc")) == {}


def test_a_flash_is_a_reprint_only_when_it_agrees_in_everything(tmp_path: Path) -> None:
    flashes = [article("a", SAID), article("b", SAID), article("c", SAID.replace("master", "keeper"))]
    assert found(tmp_path, *flashes) == {"b": "a"}


@pytest.mark.parametrize(
    "fields",
    [{"outlet": "Outlet a"}, {"translation_of": "a"}, {"language": "ru"}, {"translator": "starter-1"}],
    ids=["the outlet's own", "an edition", "another language", "a machine's"],
)
def test_who_reprints_nobody(tmp_path: Path, fields: dict[str, Any]) -> None:
    assert found(tmp_path, article("a", AGENCY), article("b", AGENCY, **fields)) == {}


def test_editions_by_way_of_an_article_in_another_language(tmp_path: Path) -> None:
    editions = [article(id_, AGENCY, translation_of="u") for id_ in "ab"]
    assert found(tmp_path, article("u", "Привіт.", language="uk"), *editions) == {}


def test_unknown_outlets_are_different_ones(tmp_path: Path) -> None:
    assert found(tmp_path, *(article(id_, AGENCY, outlet=None) for id_ in "ab")) == {"b": "a"}


def test_the_original_is_what_appeared_first_then_what_was_read_first(tmp_path: Path) -> None:
    dated = [article("b", AGENCY), article("a", AGENCY), article("c", prose("a"))]
    assert found(tmp_path / "dated", *dated) == {"b": "a", "c": "a"}
    undated = [replace(one, published=None) for one in dated]
    assert found(tmp_path / "undated", *undated) == {"a": "b", "c": "b"}


def test_a_digest_does_not_make_one_text_of_two(tmp_path: Path) -> None:
    one, other = prose("one"), prose("other", 72)
    assert found(tmp_path, article("a", one), article("b", other), article("d", f"{one}\n\n{other}")) == {"d": "b"}


@given(st.permutations(range(6)))
def test_the_order_of_links_does_not_matter(order: list[int]) -> None:
    links = [("a", "b", 60), ("a", "c", 50), ("b", "c", 55), ("d", "e", 20), ("e", "f", 30), ("c", "f", 10)]
    sources = {id_: Source(id_, position, f"Outlet {id_}") for position, id_ in enumerate("abcdef")}
    given_as = [links[n] if n % 2 else (links[n][1], links[n][0], links[n][2]) for n in order]
    assert reprints.originals(sources, given_as, {}) == {"b": "a", "c": "a", "e": "d", "f": "d"}


@given(st.permutations("abcde"), st.integers(1, 4))
def test_the_order_of_articles_and_runs_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], cut: int
) -> None:
    texts = {"a": AGENCY, "b": prose("a"), "c": f"{AGENCY}\n\n{prose('own', 24)}", "d": prose("d"), "e": prose("d", 48)}
    some = [article(id_, texts[id_]) for id_ in order]
    with Collection.open(tmp_path_factory.mktemp("reprints"), create=True) as collection:
        look(collection, some[:cut])
        look(collection, some)
        assert Reprints(collection).all() == {"b": "a", "c": "a", "e": "d"}


def test_what_has_changed_or_gone_is_forgotten(tmp_path: Path) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        look(collection, [article(id_, AGENCY) for id_ in "abc"])
        look(collection, [article("c", prose("c"))])
        assert Reprints(collection).all() == {"b": "a"}
        look(collection, [article("c", AGENCY)])
        with collection.transaction():
            collection.remove("a")
        look(collection, [])
        assert Reprints(collection).all() == {"c": "b"}
        assert collection.count("shingles") == 2
        assert collection.count("bands") == len(set(collection.database.execute("SELECT key FROM bands"))) * 2


def test_a_run_that_was_killed_chooses_originals_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        with monkeypatch.context() as patched:
            patched.setattr(Reprints, "settle", _killed)
            with pytest.raises(KeyboardInterrupt):
                look(collection, [article(id_, AGENCY) for id_ in "ab"])
        look(collection, [])
        assert Reprints(collection).all() == {"b": "a"}


def _killed(_: Reprints) -> None:
    raise KeyboardInterrupt


def duplicates(folder: Path, *options: str) -> str:
    """What `crossquote duplicates` prints."""
    return CliRunner().invoke(cli.app, ["duplicates", "--in", str(folder), *options]).output


def statement(folder: Path) -> dict[str, Any]:
    """The statement that most outlets have."""
    first: dict[str, Any] = json.loads((folder / "statements.jsonl").read_text("utf-8").splitlines()[0])
    return first


def test_statements_count_outlets_with_and_without_reprints(tmp_path: Path, engines: Engines) -> None:
    def write(name: str, **texts: str) -> str:
        lines = [
            {"id": id_, "outlet": f"Outlet {id_}", "language": "en", "published": f"2024-03-1{n}", "text": text}
            for n, (id_, text) in enumerate(texts.items())
        ]
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        return str(tmp_path / name)

    own = f"{prose('own')}\n\n{SAID}"
    one, into = write("1.jsonl", a=AGENCY, b=AGENCY, c=own), tmp_path / "extended"
    run([one], into, engines)
    assert (statement(into)["outlets"], statement(into)["independent_outlets"]) == (3, 2)
    assert list(statement(into))[-1] == "independent_outlets"
    assert not run([one], into, engines).changed
    assert "3 outlets (2 without reprints)" in duplicates(into)
    assert "3 outlets" in duplicates(into, "--min-outlets", "3")
    assert duplicates(into, "--min-outlets", "3", "--without-reprints") == ""
    page = reports.parts(into / "report.html")["statements-0"]
    assert [one["independent_outlets"] for one in page if one["outlets"] == 3] == [2]

    two = write("2.jsonl", o=f"{own}\n\n{prose('more')}")  # the original of what stood alone; earlier
    run([two], into, engines)
    assert (statement(into)["outlets"], statement(into)["independent_outlets"]) == (4, 2)
    run([one, two], tmp_path / "rebuilt", engines)
    assert (tmp_path / "rebuilt" / "statements.jsonl").read_bytes() == (into / "statements.jsonl").read_bytes()

    run([write("3.jsonl", b=prose("b"), a=own)], into, engines)  # two articles have another text now
    assert (statement(into)["outlets"], statement(into)["independent_outlets"]) == (3, 1)


def test_a_reprint_without_the_quotation_makes_statements_anew(tmp_path: Path, engines: Engines) -> None:
    """What a statement's members are reprints of can change without a quotation or a text of theirs."""
    into, source = tmp_path / "out", tmp_path / "a.jsonl"

    def add(id_: str, text: str, published: str) -> None:
        record = {"id": id_, "outlet": f"Outlet {id_}", "language": "en", "published": published, "text": text}
        source.write_text(json.dumps(record) + "\n", "utf-8")
        run([str(source)], into, engines)

    half, rest = prose("half"), prose("rest")
    add("x", f"{half}\n\n{SAID}", "2024-03-12")
    add("y", f"{rest}\n\n{SAID}", "2024-03-12")
    assert statement(into)["independent_outlets"] == 2
    add("agency", f"{half} {rest}", "2024-03-11")
    assert (statement(into)["outlets"], statement(into)["independent_outlets"]) == (2, 1)
