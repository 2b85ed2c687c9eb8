import base64
import hashlib
import json
import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from reports import (
    ALONE,
    ARTICLES,
    BOLTS,
    BOLTS_RU,
    BOLTS_UK,
    CHAPLIA,
    EDITION,
    HERON,
    HOSTILE,
    HOSTILE_URLS,
    JOINS,
    KULIK,
    PAIRS,
    QUOTES,
    REPEATED,
    SINGLE,
    article,
    content,
    hostile,
    member,
    parts,
    quote,
    statement,
)

from pipeline import report, self_contained
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.likeness import FEATURES, matcher
from pipeline.records import Quote, Rendering
from pipeline.report import excerpts, overview, page, views
from pipeline.run import run


def written(folder: Path, what: report.Content | None = None) -> Path:
    report.write(folder / "report.html", what or content())
    return folder / "report.html"


def shown(folder: Path, what: report.Content | None = None) -> dict[str, Any]:
    return parts(written(folder, what))


# What the page is told


def test_heading_counts_what_outlets_published(tmp_path: Path) -> None:
    assert shown(tmp_path)["overview"]["figures"] == {
        "articles": 3,
        "outlets": 3,
        "languages": 3,
        "statements": 2,
        "repeated": 1,
        "altered": 1,
    }


def test_article_without_outlet_is_one_of_its_own(tmp_path: Path) -> None:
    bare = replace(HERON, id="a9", outlet=None)
    found = shown(tmp_path, content(articles={**ARTICLES, "a9": bare}))
    assert found["overview"]["figures"]["outlets"] == 4


def test_statement_says_who_what_where_and_when(tmp_path: Path) -> None:
    one, _ = shown(tmp_path)["statements-0"]
    assert one["id"] == "s-bolts"
    assert [name["text"] for name in one["spellings"]] == ["Ada Quill", "Ада Квіл", "Ада Квилл"]
    assert (one["altered"], one["sure"]) == (["number"], 0.874)
    fullest, ukrainian, russian = one["members"]
    assert (fullest["text"], fullest["sure"], fullest["why"]) == (BOLTS.text, None, [])
    assert fullest["link"] == "https://heron.example/bridge"
    assert (ukrainian["title"], ukrainian["relation"]) == ("Міст закрито", "translation")
    assert ukrainian["why"] == [["cosine", 0.75], ["excess", -0.2], ["same stance", 1]]
    assert russian["diff"] == [["-", "Nine", [[0, 4, "number"]]], ["+", "Десяти", [[0, 6, "number"]]]]


def test_member_comes_with_the_sentence_of_another_edition(tmp_path: Path) -> None:
    fullest = shown(tmp_path)["statements-0"][0]["members"][0]
    assert fullest["renderings"] == [
        {"language": "ru", "text": "«Опора сдвинулась», — сказала Ада Квилл.", "translator": "starter-1", "flags": []}
    ]


def test_member_comes_with_a_translation_where_no_edition_has_it(tmp_path: Path) -> None:
    what = content()
    made = [
        Rendering("q1", "ru", "не показано", "m-1"),
        Rendering("q1", "uk", "Нема 8 болтів", "m-1", ("lost-number",)),
    ]
    found = shown(tmp_path, replace(what, records=replace(what.records, rendered={"q1": made})))
    renderings = {one["language"]: one for one in found["statements-0"][0]["members"][0]["renderings"]}
    assert renderings["ru"]["text"] == "«Опора сдвинулась», — сказала Ада Квилл."
    assert renderings["uk"] == {
        "language": "uk", "text": "Нема 8 болтів", "translator": "m-1", "flags": ["lost-number"]
    }  # fmt: skip


def test_page_knows_what_can_be_translated(tmp_path: Path) -> None:
    assert shown(tmp_path, replace(content(), pairs=[("uk", "ru")]))["overview"]["translates"] == ["uk-ru"]


def test_edition_by_people_is_preferred(tmp_path: Path) -> None:
    human = replace(EDITION, id="a1.human", translator=None)
    pairs = [*PAIRS, *(replace(one, right=replace(one.right, article_id="a1.human")) for one in PAIRS)]
    found = shown(tmp_path, content(articles={**ARTICLES, "a1.human": human}, pairs=pairs))
    assert [one["translator"] for one in found["statements-0"][0]["members"][0]["renderings"]] == [None]


def test_reasons_that_weigh_little_are_left_out(tmp_path: Path) -> None:
    joins = {"q2": report_join(dict.fromkeys(reversed(FEATURES), 1.0) | {"of an earlier version": 9.0})}
    named = [name for name, _ in shown(tmp_path, content(joins=joins))["statements-0"][0]["members"][1]["why"]]
    assert named == [name for name in FEATURES if name in named]
    weights = matcher().weights
    left_out = [name for name in FEATURES if name not in named]
    assert len(named) == views.REASONS
    assert min(abs(weights[name]) for name in named) >= max(abs(weights[name]) for name in left_out)


def report_join(why: dict[str, float]) -> Any:
    return replace(JOINS["q3"], why=why)


def test_quotation_stands_in_the_sentences_around_it(tmp_path: Path) -> None:
    fullest = shown(tmp_path)["statements-0"][0]["members"][0]
    assert "".join(text for _, text in fullest["excerpt"]) == (
        "“The pier moved,” Ada Quill said on Monday. “Nine bolts are gone.”"
    )
    assert [text for role, text in fullest["excerpt"] if role == "quote"] == ["The pier moved", "Nine bolts are gone"]
    assert [text for role, text in fullest["excerpt"] if role == "speaker"] == ["Ada Quill"]


@pytest.mark.parametrize("one", [BOLTS, BOLTS_UK, BOLTS_RU, ALONE], ids=lambda one: one.id)
def test_excerpt_is_a_stretch_of_the_article(one: Quote) -> None:
    source = ARTICLES[one.article_id]
    stretches = excerpts.around(source, one)
    assert "".join(stretch.text for stretch in stretches) in source.text
    if stretches:
        quoted = [stretch.text for stretch in stretches if stretch.role == "quote"]
        assert quoted == [source.text[start:end] for start, end in one.pieces]


def test_excerpt_stays_in_its_paragraph() -> None:
    source = article("p", "en", None, "Ada Quill spoke.\n\nAll wept: “We go home.”\n\nNobody moved.")
    assert "".join(each.text for each in excerpts.around(source, quote("q", source, "We go home", beside="Ada"))) == (
        "All wept: “We go home.”"
    )


def test_excerpt_that_would_add_nothing_is_left_out() -> None:
    source = article("p", "en", None, "It rained.\n\n“We go home.”\n\nNobody moved.")
    assert excerpts.around(source, quote("q", source, "We go home")) == ()


def test_editions_face_each_other_from_either_side(tmp_path: Path) -> None:
    found = shown(tmp_path)
    assert [one["id"] for one in found["articles"]] == list(ARTICLES)
    known = {one["id"]: one for one in found["articles-0"]}
    [edition] = known["a1"]["editions"]
    [original] = known["a1.ru"]["editions"]
    ours = [(HERON.text[a:b], EDITION.text[c:d], moved) for a, b, c, d, moved in edition["rows"]]
    assert ours == [(one.left.text, one.right.text, one.moved) for one in PAIRS]
    theirs = {(EDITION.text[a:b], HERON.text[c:d]) for a, b, c, d, _ in original["rows"]}
    assert theirs == {(one.right.text, one.left.text) for one in PAIRS}
    assert [(one["id"], one["statement"]) for one in known["a1"]["quotations"]] == [
        ("q1", "s-bolts"),
        ("q4", "s-trams"),
    ]


def test_charts_count_statements(tmp_path: Path) -> None:
    found = shown(tmp_path)["overview"]
    assert [(one["name"], one["statements"]) for one in found["outlets"]] == [
        ("The Heron", 2),
        ("Кулик", 1),
        ("Чапля", 1),
    ]
    assert found["outlets"][0]["languages"] == {"en": 2, "ru": 0, "uk": 0}
    assert found["shared"] == {"outlets": ["The Heron", "Кулик", "Чапля"], "counts": [[0, 1, 1], [1, 0, 1], [1, 1, 0]]}
    assert [one["id"] for one in found["repeated"]] == [one["id"] for one in found["altered"]] == ["s-bolts"]
    assert found["coverage"] == ["2024-05-01T23:00:00Z", "2024-05-02"]


def test_lists_hold_the_best_best_first(tmp_path: Path) -> None:
    sources = [replace(HERON, id=f"a{n}", outlet=f"outlet {n}") for n in range(30)]
    several = [statement(f"s-{n}", *(member(BOLTS, one) for one in sources[: n + 1])) for n in range(20)]
    counted = overview.Overview()
    for one in several:
        counted.add(one)
    best = [one["id"] for one in counted.result("", "", sources)["repeated"]]
    assert best == [f"s-{n}" for n in range(19, 19 - overview.BEST, -1)]
    assert len(counted.result("", "", sources)["shared"]["outlets"]) == overview.SHARING


def test_catalogue_tells_enough_to_filter(tmp_path: Path) -> None:
    found = shown(tmp_path)["catalogue"]
    assert found["names"] == ["The Heron", "Чапля", "Кулик"]
    columns = found["columns"]
    assert (columns["id"], columns["at"]) == (["s-bolts", "s-trams"], [[0, 1, 2], [0]])
    assert (columns["languages"], columns["altered"], columns["outlets"]) == ([7, 1], [1, 0], [3, 1])
    assert (columns["sure"], columns["speaker"]) == ([0.874, None], [0, None])
    assert {len(column) for column in columns.values()} == {2}


def test_search_looks_through_names_wordings_and_outlets_once(tmp_path: Path) -> None:
    twice = statement("s-twice", member(BOLTS, HERON), member(BOLTS, HERON), en="Ada Quill")
    [text] = shown(tmp_path, content([twice]))["texts-0"]
    assert text.split("\n") == ["Ada Quill", BOLTS.text, "The Heron"]


def test_large_collections_come_in_parts(tmp_path: Path) -> None:
    many = [replace(SINGLE, id=f"s-{n}") for n in range(2 * page.STATEMENTS + 1)]
    found = shown(tmp_path, content(many))
    assert [len(found[f"statements-{n}"]) for n in range(3)] == [page.STATEMENTS, page.STATEMENTS, 1]
    assert sum(len(found[name]) for name in found if name.startswith("texts-")) == len(many)
    order = [element.get("id") or "script" for element in html.parse(tmp_path / "report.html").iter("script")]
    assert order.index("data-statements-0") < order.index("script") < order.index("data-statements-1")


def test_more_than_a_page_holds_is_counted(tmp_path: Path) -> None:
    found = shown(tmp_path, replace(content([REPEATED]), more=[SINGLE]))
    assert (found["overview"]["figures"]["statements"], found["overview"]["shown"]) == (2, 1)
    assert len(found["statements-0"]) == 1


def test_page_of_a_collection_holds_the_most_repeated(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "The harbour stays closed until the storm is over and the last pilot is back"
    texts = {
        "a": f"“{said},” said Ada Quill.",
        "b": f"“{said} at home,” said Ada Quill.",
        "c": "“I have never been to the sea in all my life,” said Ben Thorn.",
    }
    rows = [{"id": id, "outlet": id, "text": text, "language": "en"} for id, text in texts.items()]
    (tmp_path / "three.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run([str(tmp_path / "three.jsonl")], tmp_path / "into", engines)
    found = parts(tmp_path / "into" / "report.html")
    with Collection.open(tmp_path / "into") as collection:
        [join] = collection.joins().values()
    assert found["statements-0"][0]["members"][1]["sure"] == join.probability
    assert [one["id"] for one in found["articles"]] == ["a", "b", "c"]

    monkeypatch.setattr(report, "MOST", 1)
    from pipeline import outputs

    with Collection.open(tmp_path / "into") as collection:
        outputs.write_report(collection, tmp_path / "short.html", "", [])
    short = parts(tmp_path / "short.html")
    assert [one["id"] for one in short["articles"]] == ["a", "b"]
    assert short["overview"]["figures"] == found["overview"]["figures"]


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00", 0),
        ("1970-01-01", 86399),  # the end of its day
        ("last Tuesday", None),
        (None, None),
    ],
)
def test_times_compare_across_zones(published: str | None, expected: int | None) -> None:
    assert views.timestamp(published) == expected


# What stands in the file


def test_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    once = written(tmp_path).read_bytes()
    assert written(tmp_path, content(quotes=dict(reversed(QUOTES.items())))).read_bytes() == once


def test_policy_admits_only_the_page_s_own_style_and_script(tmp_path: Path) -> None:
    document = html.document_fromstring(written(tmp_path).read_text("utf-8"))
    [script], [style] = document.xpath("//script[not(@type)]"), document.xpath("//style")

    def hashed(element: html.HtmlElement) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()}'"

    [policy] = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == (
        f"default-src 'none'; style-src {hashed(style)}; script-src {hashed(script)}; connect-src 'none'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert not document.xpath("//*[@src] | //link | //iframe | //object | //base")


@pytest.mark.parametrize("evil", HOSTILE)
def test_nothing_out_of_an_article_is_markup(tmp_path: Path, evil: str) -> None:
    """The file differs from a harmless one in its title and inside its parts, which hold base64 alone."""

    def bare(what: report.Content) -> str:
        text = written(tmp_path, what).read_text("utf-8")
        title = re.search("<title>(.*?)</title>", text, re.DOTALL)
        assert title
        assert "<" not in title[1]
        return re.sub('(data-coding="gzip base64">)[A-Za-z0-9+/=]*<', r"\1<", text.replace(title[0], ""))

    assert bare(hostile(evil)) == bare(hostile("harmless"))


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_only_web_addresses_become_links(url: str) -> None:
    assert self_contained.link(url) is None


def test_web_addresses_are_links() -> None:
    assert self_contained.link("https://heron.example/bridge?a=1#b") == "https://heron.example/bridge?a=1#b"


# The interface's words


TABLES = tomllib.loads(files("pipeline.report").joinpath("strings.toml").read_text("utf-8"))
PLURALS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}, "uk": {"one", "few", "many", "other"}}


def leaves(table: object, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    if isinstance(table, dict) and "other" not in table:
        return {path: leaf for key, value in table.items() for path, leaf in leaves(value, (*at, key)).items()}
    return {at: table}


def placeholders(text: object) -> set[str]:
    return set(re.findall(r"{(\w+)}", str(text)))


@pytest.mark.parametrize("language", PLURALS)
def test_every_interface_language_has_every_string(language: str) -> None:
    ours, english = leaves(TABLES[language]), leaves(TABLES["en"])
    assert ours.keys() == english.keys()
    assert len(TABLES[language]["explained"]) == len(TABLES["en"]["explained"])
    for path, value in ours.items():
        if isinstance(value, dict):
            assert value.keys() == PLURALS[language], path
        if path != ("explained",):
            assert placeholders(value) == placeholders(english[path]), path


def test_script_uses_every_string_and_no_other() -> None:
    script = "".join(
        files("pipeline.report").joinpath("assets", f"{name}.js").read_text("utf-8") for name in page.SCRIPTS
    )
    known = {".".join(path) for path in leaves(TABLES["en"])}
    asked = set(re.findall(r'words\.(?:say|plural)\(\s*"([\w.]+)"', script))
    asked |= set(re.findall(r'(?:bestList|chart)\("(\w+)"', script))
    assert asked <= known
    named = {path for path in known if "." not in path and not re.search(rf'["`.]{path}\b', script)}
    assert named - {"needs"} == set()


def test_unused_articles_are_shown_too(tmp_path: Path) -> None:
    found = shown(tmp_path, content([], {"a2": CHAPLIA, "a3": KULIK}, {}, {}, ()))
    assert [one["id"] for one in found["articles-0"]] == ["a2", "a3"]
    assert found["overview"]["thresholds"] == [1]
    assert "statements-0" not in found
