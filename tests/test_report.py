import base64
import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import html

from pipeline import report
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.likeness import FEATURES, matcher
from pipeline.records import Article, First, Join, Language, Member, Quote, Statement, join_pieces
from pipeline.report import excerpts, views, words
from pipeline.run import run

SIGNATURE = "emb:e5-small-q4-1|split:1|v:0.1.0"

HOSTILE = (
    "<script>alert(1)</script></script><!--<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "' autofocus onfocus='alert(1)",
    "</title></style></blockquote></details><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}{# x #}&lt;b&gt;&#0;",
    "nul\x00 bell\x07 lone\ud800 line\u2028 over\u202eride",
)
HOSTILE_URLS = (
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JaVaScRiPt://example.com/%0aalert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "//example.com/x",
    "https://",
    "http://[broken",
    "example.com",
)


def article(id: str, language: Language, outlet: str | None, text: str, **fields: str | None) -> Article:
    return Article(id=id, language=language, outlet=outlet, text=text, **fields)


def quote(
    id: str, source: Article, *pieces: str, speaker: str | None = "Ada Quill", beside: str | None = None
) -> Quote:
    spans = tuple((source.text.index(piece), source.text.index(piece) + len(piece)) for piece in pieces)
    at = None if beside is None else source.text.index(beside)
    return Quote(
        id=id,
        article_id=source.id,
        language=source.language,
        kind="direct",
        pieces=spans,
        text=join_pieces(source.text, spans),
        speaker=speaker,
        speaker_start=at,
        speaker_end=None if at is None or beside is None else at + len(beside),
        cue=None,
        confidence=0.9,
    )


def member(quote: Quote, source: Article, **fields: object) -> Member:
    plain = Member(
        quote_id=quote.id,
        article_id=source.id,
        outlet=source.outlet,
        language=source.language,
        published=source.published,
        start=quote.start,
        end=quote.end,
        text=quote.text,
        relation="same",
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def statement(id: str, *members: Member, **speaker: str | None) -> Statement:
    languages: tuple[Language, ...] = ("en", "ru", "uk")
    spoken = {member.language for member in members}
    return Statement(
        id=id,
        speaker={language: speaker.get(language) for language in languages},
        first=First(article_id=members[0].article_id, outlet=members[0].outlet, published=members[0].published),
        outlets=len({member.outlet or member.article_id for member in members}),
        languages=tuple(language for language in languages if language in spoken),
        confidence=0.875,
        members=members,
        independent_outlets=len({member.outlet or member.article_id for member in members}),
    )


HERON = article(
    "a1",
    "en",
    "The Heron",
    "The bridge was shut. “The pier moved,” Ada Quill said on Monday. “Nine bolts are gone.” Trams wait.",
    title="Bridge shut",
    published="2024-05-02T09:30:00+03:00",
    url="https://heron.example/bridge",
)
CHAPLIA = article(
    "a2",
    "uk",
    "Чапля",
    "Міст закрито. «Опора зрушила. Дев’яти болтів немає», — сказала Ада Квіл у понеділок. Трамваї чекають.",
    title="Міст закрито",
    published="2024-05-02",
)
KULIK = article("a3", "ru", "Кулик", "«Десяти болтов нет», — сказала Ада Квилл.", published="2024-05-01T23:00:00Z")
EDITION = replace(HERON, id="a1.ru", language="ru", translator="starter-1", translation_of="a1")
ARTICLES = {source.id: source for source in (HERON, CHAPLIA, KULIK, EDITION)}
BOLTS = quote("q1", HERON, "The pier moved", "Nine bolts are gone", beside="Ada Quill")
BOLTS_UK = quote("q2", CHAPLIA, "Опора зрушила. Дев’яти болтів немає", speaker="Ада Квіл")
BOLTS_RU = quote("q3", KULIK, "Десяти болтов нет", speaker="Ада Квилл")
ALONE = quote("q4", HERON, "Trams wait", speaker=None)
QUOTES = {each.id: each for each in (BOLTS, BOLTS_UK, BOLTS_RU, ALONE)}
REPEATED = statement(
    "s-bolts",
    member(BOLTS, HERON),
    member(BOLTS_UK, CHAPLIA, relation="translation"),
    member(BOLTS_RU, KULIK, relation="altered", altered=("number",)),
    en="Ada Quill",
    uk="Ада Квіл",
)
SINGLE = statement("s-trams", member(ALONE, HERON))
JOINS = {
    "q2": Join(0.874, {"same stance": 1.0, "cosine": 0.7512, "excess": -0.2, "length": 0.004, "numbers changed": 0.0}),
    "q3": Join(0.9996, {}),
}


def page(
    folder: Path,
    statements: Sequence[Statement] = (SINGLE, REPEATED),
    articles: Mapping[str, Article] = ARTICLES,
    quotes: Mapping[str, Quote] = QUOTES,
    joins: Mapping[str, Join] = JOINS,
    title: str = "Bridges",
) -> html.HtmlElement:
    path = folder / "report.html"
    report.write(
        path, title=title, statements=statements, articles=articles, quotes=quotes, joins=joins, signature=SIGNATURE
    )
    return html.document_fromstring(path.read_text("utf-8"))


def text(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def figures(document: html.HtmlElement) -> dict[str, str]:
    return {text(each.find("dt")): text(each.find("dd")) for each in document.xpath(".//dl[@class='figures']/div")}


def test_heading_counts_what_outlets_published(tmp_path: Path) -> None:
    assert figures(page(tmp_path)) == {
        "articles": "3",
        "outlets": "3",
        "languages": "3",
        "statements": "2",
        "in two or more outlets": "1",
        "altered by an outlet": "1",
    }


def test_most_widely_repeated_comes_first(tmp_path: Path) -> None:
    twice = statement("s-twice", member(BOLTS, HERON), member(BOLTS, HERON, start=0))
    earlier = statement("s-earlier", member(BOLTS_RU, KULIK))
    undated = statement("s-undated", member(ALONE, HERON, published=None))
    document = page(tmp_path, [undated, SINGLE, earlier, twice, REPEATED])
    anchors = [each.get("id") for each in document.xpath(".//li[@class='statement']")]
    assert anchors == ["s-bolts", "s-twice", "s-earlier", "s-trams", "s-undated"]


def test_statement_shows_who_what_where_and_when(tmp_path: Path) -> None:
    [shown] = page(tmp_path, [REPEATED]).xpath(".//li[@id='s-bolts']")
    assert text(shown.xpath(".//h3")[0]) == "Ada Quill"
    assert text(shown.xpath(".//p[@class='spellings']")[0]) == "also Ада Квіл, Ада Квилл"
    assert text(shown.xpath(".//p[@class='spread']")[0]) == "3 outlets"
    assert text(shown.xpath(".//article/blockquote")[0]) == "The pier moved … Nine bolts are gone"
    assert text(shown.xpath(".//ul[@class='badges']")[0]) == (
        "Number altered English, Russian, Ukrainian First seen 2 May 2024, The Heron #"
    )
    assert [text(each) for each in shown.xpath(".//p[@class='relation']")] == [
        "fullest",
        "translation 87 % sure",
        "Number altered over 99 % sure",
    ]
    assert [text(each) for each in shown.xpath(".//p[@class='where']")] == [
        "The Heron English 2 May 2024, 09:30 UTC+3",
        "Чапля Ukrainian 2 May 2024",
        "Кулик Russian 1 May 2024, 23:00 UTC",
    ]
    assert [(each.get("lang"), text(each)) for each in shown.xpath(".//details//blockquote")] == [
        ("uk", BOLTS_UK.text),
        ("ru", BOLTS_RU.text),
    ]
    assert text(shown.xpath(".//span[@class='offsets']")[0]) == f"characters {BOLTS.start}–{BOLTS.end}"


def test_member_says_why_it_is_one(tmp_path: Path) -> None:
    [shown] = page(tmp_path, [REPEATED]).xpath(".//li[@id='s-bolts']")
    reasons = [each.xpath(".//details") for each in shown.xpath(".//li[starts-with(@class, 'member')]")]
    assert [len(each) for each in reasons] == [0, 1, 0]  # the fullest needs none, of the third no feature is known
    [why] = reasons[1]
    assert why.get("open") is None
    assert text(why.find("summary")) == "Why"
    assert [(text(name), text(name.getnext())) for name in why.xpath(".//dt")] == [
        ("cosine", "0.75"),
        ("excess", "−0.2"),
        ("same stance", "1"),
    ]


def test_reasons_that_weigh_little_are_left_out(tmp_path: Path) -> None:
    joins = {"q2": Join(0.5, dict.fromkeys(reversed(FEATURES), 1.0) | {"of an earlier version": 9.0})}
    shown = [text(name) for name in page(tmp_path, [REPEATED], joins=joins).xpath(".//dl/dt[following-sibling::dd]")]
    named = [name for name in shown if name in FEATURES]
    assert named == [name for name in FEATURES if name in named]
    assert "of an earlier version" not in shown
    weights = matcher().weights
    left_out = [name for name in FEATURES if name not in named]
    assert len(named) == views.REASONS
    assert min(abs(weights[name]) for name in named) >= max(abs(weights[name]) for name in left_out)


def test_statement_is_as_doubtful_as_its_least_sure_member(tmp_path: Path) -> None:
    document = page(tmp_path, joins=JOINS | {"q3": Join(0.31, {})})
    assert document.xpath(".//li[@id='s-bolts']/@data-sure") == ["0.31"]
    assert page(tmp_path, [SINGLE]).xpath(".//li[@id='s-trams']/@data-sure") == [""]


def test_script_knows_every_order(tmp_path: Path) -> None:
    document = page(tmp_path)
    _, *orders = document.xpath(".//select[@name='sort']/option/@value")
    [script] = document.xpath("//script")
    known = re.search(r"function comparison\(.*?\n}\n", script.text, re.DOTALL)
    assert known
    assert {"earliest", "doubtful"} <= set(orders) == set(re.findall(r"^    (\w+):", known[0], re.MULTILINE))


def test_page_of_a_collection_tells_what_grouping_recorded(tmp_path: Path, engines: Engines) -> None:
    said = "The harbour stays closed until the storm is over and the last pilot is back"
    texts = {"a": f"“{said},” said Ada Quill.", "b": f"“{said} at home,” said Ada Quill."}
    (tmp_path / "two.jsonl").write_text("".join(f'{{"id": "{id}", "text": "{text}"}}\n' for id, text in texts.items()))
    run([tmp_path / "two.jsonl"], tmp_path / "into", engines)
    with Collection.open(tmp_path / "into") as collection:
        [join] = collection.joins().values()
    document = html.document_fromstring((tmp_path / "into" / "report.html").read_text("utf-8"))
    assert [text(each) for each in document.xpath(".//*[@class='sure']")] == [
        " ".join(words.load("en").sure(join.probability).split())
    ]
    assert [text(name) for name in document.xpath(".//details[@class='why']//dt")]


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, "under 1 % sure"), (0.162, "16 % sure"), (0.99, "99 % sure"), (0.996, "over 99 % sure")],
)
def test_nothing_is_told_as_certain(probability: float, shown: str) -> None:
    assert words.load("en").sure(probability) == shown.replace(" %", "\u00a0%")


def test_quotation_is_marked_in_the_sentences_around_it(tmp_path: Path) -> None:
    [shown] = page(tmp_path, [REPEATED]).xpath(".//li[@id='s-bolts']")
    english, *_ = shown.xpath(".//p[@class='excerpt']")
    assert english.get("lang") == "en"
    assert text(english).startswith("“The pier moved,” Ada Quill said on Monday. “Nine bolts are gone.”")
    assert [mark.text for mark in english.xpath(".//mark")] == ["The pier moved", "Nine bolts are gone"]
    assert [name.text for name in english.xpath(".//b")] == ["Ada Quill"]


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


def test_reported_speech_has_no_quotation_marks(tmp_path: Path) -> None:
    reported = replace(BOLTS_UK, kind="indirect")
    document = page(tmp_path, [REPEATED], quotes={**QUOTES, "q2": reported})
    assert [bool(each.xpath(".//q")) for each in document.xpath(".//details//blockquote")] == [False, True]


def test_links_lead_to_the_source_and_tell_it_nothing(tmp_path: Path) -> None:
    links = page(tmp_path).xpath(".//p[@class='origin']/a")
    assert {link.get("href") for link in links} == {"https://heron.example/bridge"}
    assert {link.get("rel") for link in links} == {"noopener noreferrer"}


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_only_web_addresses_become_links(tmp_path: Path, url: str) -> None:
    document = page(tmp_path, [SINGLE], articles={**ARTICLES, "a1": replace(HERON, url=url)})
    assert not document.xpath(".//p[@class='origin']/a")
    assert "Bridge shut" in text(document.xpath(".//p[@class='origin']")[0])


def hostile_page(folder: Path, evil: str) -> html.HtmlElement:
    source = article(
        evil, "en", evil, f"Before. {evil} After.", title=evil, published=evil, url=f"https://x.example/{evil}"
    )
    one = quote(evil, source, evil, speaker=evil)
    said = replace(statement(f"s-{evil}", member(one, source), en=evil, ru=evil + "!"), id="s-1")
    return page(folder, [said], articles={evil: source}, quotes={evil: one}, title=evil)


@pytest.mark.parametrize("evil", HOSTILE)
def test_nothing_out_of_an_article_becomes_markup(tmp_path: Path, evil: str) -> None:
    def shape(document: html.HtmlElement) -> Counter[tuple[str, tuple[str, ...]]]:
        return Counter((each.tag, tuple(sorted(each.attrib))) for each in document.iter() if isinstance(each.tag, str))

    document = hostile_page(tmp_path, evil)
    assert shape(document) == shape(hostile_page(tmp_path, "harmless"))
    assert not [name for each in document.iter() for name in each.attrib if name.startswith("on") or name == "style"]
    shown = re.sub("[\x00\x07\ud800]", "\ufffd", evil)
    places = "h1", "title", "h3/span", "article/blockquote", "p[@class='where']/b", "mark", "p[@class='origin']/a"
    for place in places:
        assert text(document.xpath(f".//{place}")[0]) == " ".join(shown.split()), place


def test_policy_admits_only_the_page_s_own_style_and_script(tmp_path: Path) -> None:
    document = page(tmp_path)
    [script], [style] = document.xpath("//script"), document.xpath("//style")

    def hashed(element: html.HtmlElement) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()}'"

    policy = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == [
        f"default-src 'none'; style-src {hashed(style)}; script-src {hashed(script)}; base-uri 'none'; form-action 'none'"
    ]
    assert not document.xpath("//*[@src] | //link | //iframe | //object | //base")


def test_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    page(tmp_path)
    once = (tmp_path / "report.html").read_bytes()
    page(tmp_path, [REPEATED, SINGLE], dict(reversed(ARTICLES.items())), dict(reversed(QUOTES.items())))
    assert (tmp_path / "report.html").read_bytes() == once


def test_filters_offer_what_the_statements_hold(tmp_path: Path) -> None:
    document = page(tmp_path)

    def options(name: str) -> list[str]:
        return [text(each) for each in document.xpath(f".//*[@name='{name}']/option")]

    assert options("outlet") == ["Any outlet", "The Heron (2)", "Кулик (1)", "Чапля (1)"]
    assert options("language") == ["Any language", "English (2)", "Russian (1)", "Ukrainian (1)"]
    assert options("least") == ["1 outlet or more", "2 outlets or more", "3 outlets or more"]
    assert [each.get("value") for each in document.xpath(".//datalist/option")] == ["Ada Quill"]
    numbers = {each.get("value"): text(each) for each in document.xpath(".//*[@name='outlet']/option")}
    [shown] = document.xpath(".//li[@id='s-trams']")
    assert [numbers[number] for number in shown.get("data-at").split()] == ["The Heron (2)"]
    assert document.xpath(".//li[@id='s-bolts']")[0].get("data-altered") == "number"


def test_every_control_and_landmark_is_named(tmp_path: Path) -> None:
    document = page(tmp_path)
    for control in document.xpath(".//input | .//select"):
        assert text(control.getparent()), control.get("name")
        assert control.getparent().tag == "label"
    ids = [each.get("id") for each in document.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))
    assert set(document.xpath("//@aria-labelledby")) <= set(ids)
    assert len(document.xpath("//main")) == len(document.xpath("//h1")) == 1


def test_empty_collection(tmp_path: Path) -> None:
    document = page(tmp_path, [], {}, {})
    assert set(figures(document).values()) == {"0"}
    assert text(document.xpath(".//p[@class='empty']")[0]) == "This collection holds no articles yet."
    assert not document.xpath(".//form | .//li[@class='statement']")


def test_articles_without_statements(tmp_path: Path) -> None:
    document = page(tmp_path, [])
    assert figures(document)["articles"] == "3"
    assert text(document.xpath(".//p[@class='empty']")[0]) == "No statements were found in these articles."


def test_article_without_outlet_is_one_of_its_own(tmp_path: Path) -> None:
    bare = replace(HERON, id="a9", outlet=None, published=None, title=None, url=None)
    document = page(tmp_path, [statement("s-x", member(BOLTS, bare))], articles={**ARTICLES, "a9": bare})
    assert figures(document)["outlets"] == "4"
    assert text(document.xpath(".//ul[@class='badges']")[0]).endswith("First seen outlet not named #")


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("2024-03-12", "12 March 2024"),
        ("2024-03-12T18:40", "12 March 2024, 18:40"),
        ("2024-03-12T18:40:00-03:30", "12 March 2024, 18:40 UTC−3:30"),
        ("2024-03-12T18:40:00Z", "12 March 2024, 18:40 UTC"),
        ("last Tuesday", "last Tuesday"),
    ],
)
def test_dates_keep_the_outlet_s_clock(published: str, shown: str) -> None:
    assert words.load("en").day_and_time(published) == shown


def test_numbers_are_grouped() -> None:
    reader = words.load("en")
    assert reader.number(1234567) == "1,234,567"
    assert reader.plural(reader.table["phrase"]["quoted"], 2000) == "Quoted 2,000 times: compare the wordings"


def test_every_interface_language_has_every_string() -> None:
    def paths(table: object, at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        if not isinstance(table, dict) or "other" in table:
            return {at}
        return set().union(*(paths(value, (*at, key)) for key, value in table.items()))

    tables = tomllib.loads(files("pipeline.report").joinpath("strings.toml").read_text("utf-8"))
    assert "en" in tables
    for language, table in tables.items():
        assert paths(table) == paths(tables["en"]), language
