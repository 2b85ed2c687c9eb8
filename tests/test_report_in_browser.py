"""The report page as its readers have it: in Chromium. Skipped where there is none."""

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from browsers import chromium
from reports import (
    ARTICLES,
    BOLTS,
    BOLTS_RU,
    CHAPLIA,
    HERON,
    HOSTILE,
    HOSTILE_URLS,
    QUOTES,
    article,
    content,
    hostile,
    member,
    quote,
    statement,
)

from pipeline import report
from pipeline.records import Rendering

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, expect

WAIT = 5_000  # milliseconds, on a busy machine


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=WAIT)
    try:
        with chromium() as started:
            yield started
    except LookupError as missing:
        pytest.skip(str(missing))


class Visit:
    """A page that was opened, with what it complained of and what it asked of the network."""

    def __init__(self, browser: Browser, folder: Path, what: report.Content, address: str = "", **options: object):
        report.write(folder / "report.html", what)
        self.url = (folder / "report.html").as_uri()
        self.context = browser.new_context(**{"locale": "en-GB", **options})  # type: ignore[arg-type]
        self.context.set_default_timeout(WAIT)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(self.url + address)
        self.page.wait_for_selector("main h2")

    def go(self, address: str) -> None:
        self.page.evaluate("address => { location.hash = address; }", address)

    def speakers(self) -> list[str]:
        return self.page.locator(".item h3").all_inner_texts()


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[object]:
    opened: list[Visit] = []

    def open_(what: report.Content | None = None, address: str = "", **options: object) -> Visit:
        opened.append(Visit(browser, tmp_path, what or content(), address, **options))
        return opened[-1]

    yield open_
    for one in opened:
        one.context.close()
        assert one.complaints == []
        assert [url for url in one.requests if not url.startswith(one.url)] == []


def said(count: int) -> report.Content:
    """Statements by speakers 0, 1, 2 …, each found in one outlet more than the one before, newest first."""
    sources = [
        replace(HERON, id=f"o{n}", outlet=f"outlet {n}", published=f"2024-05-{28 - n % 28:02}") for n in range(count)
    ]
    quotes = {f"q{n}": replace(BOLTS, id=f"q{n}", speaker=f"Speaker {n}") for n in range(count)}
    found = [
        statement(f"s-{n}", *(member(quotes[f"q{n}"], one) for one in sources[n : n + 1]), en=f"Speaker {n}")
        for n in range(count)
    ]
    return content(found, {one.id: one for one in sources}, quotes, {}, ())


# Reading


def test_list_shows_who_what_and_how_far(visit) -> None:
    page = visit().page
    first = page.locator(".item").first
    expect(first.locator("h3")).to_have_text("Ada Quill")
    assert first.locator("a").first.get_attribute("title") == "also Ада Квіл, Ада Квилл"
    assert first.locator(".wording").inner_text() == "“The pier moved … Nine bolts are gone”"
    assert first.locator(".spread").inner_text().split() == ["3", "outlets"]
    assert first.locator(".badges").inner_text().split("\n") == [
        "Number altered", "English, Russian, Ukrainian", "First seen 2 May 2024, The Heron",
    ]  # fmt: skip
    expect(page.locator(".told")).to_have_text("2 of 2")


@pytest.mark.parametrize(
    ("locale", "heading", "counts", "date"),
    [
        ("ru-RU", "Высказывания", "3 статьи", "2 мая 2024 г."),
        ("uk-UA", "Висловлювання", "3 статті", "2 травня 2024 р."),
        ("de-DE", "Statements", "3 articles", "2 May 2024"),
    ],
)
def test_interface_speaks_the_browser_s_language(visit, locale: str, heading: str, counts: str, date: str) -> None:
    page = visit(locale=locale).page
    expect(page.locator("main h2")).to_have_text(heading)
    figure = page.locator(".figures div").first
    assert f"{figure.locator('dd').inner_text()} {figure.locator('dt').inner_text()}" == counts
    if locale != "de-DE":
        assert date in page.locator(".badges").first.inner_text()


def test_interface_can_be_switched(visit) -> None:
    one = visit(None, "#s-bolts")
    expect(one.page.locator("main h2")).to_contain_text("Ada Quill")
    one.page.get_by_role("button", name="Українська").click()
    expect(one.page.locator("main h2")).to_have_text("Ада Квіл")
    assert one.page.locator("html").get_attribute("lang") == "uk"
    one.page.reload()
    expect(one.page.locator("main h2")).to_have_text("Ада Квіл")


def test_statement_marks_what_differs(visit) -> None:
    page = visit(None, "#s-bolts").page
    altered = page.locator(".member.altered")
    assert altered.locator(".relation").inner_text() == "Number altered\nover 99% sure"
    assert altered.locator("ins").inner_text() == "Десяти"
    assert altered.locator("del").inner_text() == "Nine"
    assert altered.locator("time").inner_text() == "1 May 2024, 23:00 UTC"
    assert page.locator("#q1 .excerpt mark").all_inner_texts() == ["The pier moved", "Nine bolts are gone"]
    link = page.locator("#q1 .origin a").first
    assert (link.get_attribute("href"), link.get_attribute("rel")) == (HERON.url, "noopener noreferrer")


def test_difference_within_a_language_is_word_by_word(visit) -> None:
    diff = (("=", "The pier moved … Nine bolts"), ("-", "are"), ("+", "were not"), ("=", "gone"))
    one = statement(
        "s-1",
        member(BOLTS, HERON),
        member(BOLTS, HERON, quote_id="q4", relation="altered", altered=("negation",), diff=diff),
    )
    page = visit(content([one]), "#s-1").page
    altered = page.locator(".member.altered .wording")
    assert altered.inner_text() == "“The pier moved … Nine bolts are were not gone”"
    assert (altered.locator("del").inner_text(), altered.locator("ins").inner_text()) == ("are", "were not")
    assert altered.locator("strong.negation").inner_text() == "not"


def test_machine_translation_is_for_readers_of_its_language(visit) -> None:
    russian = visit(None, "#s-bolts", locale="ru-RU").page
    assert russian.locator("#q1 .rendering").count() == 0  # the fullest one's stands above
    expect(russian.locator(".opened > .rendering")).to_contain_text("Машинный перевод (starter-1)")
    expect(russian.locator(".opened > .rendering")).to_contain_text("«Опора сдвинулась»")


def notes(page: Page) -> list[str]:
    """What stands below the wordings of a statement, without how sure they are."""
    expect(page.locator("main h2")).to_be_visible()
    return [one for one in page.locator(".wordings > .note").all_inner_texts() if "0" not in one]


def test_lacking_translations_are_told_quietly(visit) -> None:
    pairs = [("en", "uk"), ("ru", "uk"), ("uk", "ru")]
    one = visit(replace(content(), pairs=pairs), "#s-bolts")
    assert one.page.locator(".rendering").count() == 0
    assert notes(one.page) == [
        "No model here translates from Russian and Ukrainian into English. To install an Argos package that does: "
        "crossquote models install ru-en, crossquote models install uk-en"
    ]
    one.page.get_by_role("button", name="Русский").click()
    assert notes(one.page) == ["Здесь не всё переведено на русский. Перевести: crossquote report --translate --to ru"]
    one.page.get_by_role("button", name="Українська").click()
    assert notes(one.page) == ["Тут не все перекладено українською. Перекласти: crossquote report --translate --to uk"]
    without = visit(None, "#s-bolts", locale="uk-UA").page
    assert notes(without) == [
        "Моделі для перекладу з англійської і російської українською тут немає. Встановити пакет Argos: "
        "crossquote models install en-uk, crossquote models install ru-en"
    ]


def test_translation_of_a_quotation_names_its_model_and_its_doubts(visit) -> None:
    what = content()
    made = {
        "q1": [Rendering("q1", "uk", "Опору зсунуто … 9 болтів немає", "argos-en_uk-1.9")],
        "q3": [Rendering("q3", "uk", "8 болтів немає", "m-1", ("truncated", "lost-number"))],
    }
    page = visit(replace(what, records=replace(what.records, rendered=made)), "#s-bolts", locale="uk-UA").page
    expect(page.locator(".opened > .rendering")).to_have_text(
        "Машинний переклад (argos-en_uk-1.9): Опору зсунуто … 9 болтів немає"
    )
    expect(page.locator("#q3 .rendering")).to_have_text(
        "Машинний переклад (m-1), сумнівний: текст обривається і розходиться число. 8 болтів немає"
    )
    assert notes(page) == []


def test_a_file_cannot_find_by_meaning(visit) -> None:
    one = visit()
    assert one.page.locator(".views a").all_inner_texts() == ["Statements", "Overview", "Articles"]
    one.go("#find?text=bolts")
    expect(one.page.locator("main h2")).to_have_text("This collection has nothing under that address.")


def test_timeline_is_to_scale(visit) -> None:
    times = "2024-05-02T00:00Z", "2024-05-02T06:00Z", "20240502T1800Z", "2024-05-02"  # all of them ISO 8601
    sources = [replace(HERON, id=f"o{n}", published=time) for n, time in enumerate(times)]
    quotes = {f"q{n}": replace(BOLTS, id=f"q{n}", article_id=f"o{n}") for n in range(len(times))}
    one = statement("s-1", *(member(quotes[f"q{n}"], source) for n, source in enumerate(sources)))
    page = visit(content([one], {source.id: source for source in sources}, quotes, pairs=()), "#s-1").page
    boxes = [point.bounding_box() for point in page.locator(".lane .point").all()]
    first, second, third, last = (box["x"] for box in boxes if box)
    assert (third - first) / (second - first) == pytest.approx(3, abs=0.05)
    assert (last - first) / (second - first) == pytest.approx(4, abs=0.05)
    bar = page.locator(".lane .day").bounding_box()
    assert bar
    assert bar["x"] == pytest.approx(first + 6, abs=2)
    expect(page.locator(".lanes .tag")).to_have_text("first")


def test_article_shows_quotations_and_the_other_edition(visit) -> None:
    one = visit(None, "#article?id=a1")
    assert one.page.locator(".reading mark").all_inner_texts() == [
        "The pier moved",
        "Nine bolts are gone",
        "Trams wait",
    ]
    one.page.get_by_role("link", name="Russian, machine translation").click()
    rows = one.page.locator(".beside-table tbody tr")
    expect(rows).to_have_count(4)
    assert rows.nth(1).inner_text().split("\t") == [
        "“The pier moved,” Ada Quill said on Monday.",
        "elsewhere «Опора сдвинулась», — сказала Ада Квилл.",
    ]
    expect(rows.nth(2).locator(".omitted")).to_have_text("not in this edition")
    expect(one.page.get_by_text("1 passage stands in one edition only.")).to_be_visible()
    one.page.locator("mark a").first.click()
    expect(one.page.locator("main h2")).to_have_text("Ada Quill")


def test_offsets_count_characters_not_code_units(visit) -> None:
    source = article("a", "en", "Heron", "😀😀 Ada said: “We 😀 go home.” And left.")
    one = quote("q", source, "We 😀 go home")
    page = visit(
        content([statement("s-1", member(one, source))], {"a": source}, {"q": one}, {}, ()), "#article?id=a"
    ).page
    assert page.locator(".reading mark").inner_text() == "We 😀 go home"


def test_charts_lead_to_the_statements(visit) -> None:
    one = visit(None, "#overview")
    assert one.page.locator("h3").all_inner_texts() == [
        "Statements by outlet and language", "Which outlets share statements", "Most widely repeated", "Most often altered",
    ]  # fmt: skip
    one.page.locator(".matrix .shaded a").first.click()
    expect(one.page.locator(".told")).to_have_text("1 of 2")
    assert one.page.locator("select[name=outlet]").input_value() == "=The Heron"


# Finding


FILTERS = [
    ("text", "ОПОРА болтів", ["Ada Quill"]),
    ("text", "чапля", ["Ada Quill"]),
    ("text", "nobody said this", []),
    ("speaker", "квилл", ["Ada Quill"]),
    ("outlet", "=The Heron", ["Ada Quill", "Speaker not named"]),
    ("with", "=Чапля", ["Ada Quill"]),
    ("language", "uk", ["Ada Quill"]),
    ("least", "2", ["Ada Quill"]),
    ("altered", "number", ["Ada Quill"]),
    ("altered", "name", []),
    ("until", "2024-05-01", []),
    ("since", "2024-05-02", ["Ada Quill", "Speaker not named"]),
]


def test_filters(visit) -> None:
    one = visit()
    for field, value, found in FILTERS:
        control = one.page.locator(f"[name={field}]")
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
        told = f"{len(found)} of 2" if found else "No statement fits these filters."
        if len(found) < 2:  # else nothing changes
            expect(one.page.locator(".told")).to_have_text(told)
        assert one.speakers() == found, (field, value)
        one.page.get_by_role("button", name="Clear").click()
        expect(one.page.locator(".told")).to_have_text("2 of 2")


def test_orders(visit) -> None:
    several = [
        statement("s-1", member(replace(BOLTS, id="q1"), replace(HERON, published=None)), en="Zoe"),
        statement("s-2", member(BOLTS_RU, replace(ARTICLES["a3"], published="2024-05-03")), ru="Ада"),
        statement("s-3", member(QUOTES["q2"], replace(CHAPLIA, published="2024-05-01")), en="Ben"),
    ]
    one = visit(content(several))
    expected = {
        "earliest": ["Ben", "Ада", "Zoe"],
        "latest": ["Ада", "Ben", "Zoe"],
        "speaker": ["Ben", "Zoe", "Ада"],
        "doubtful": ["Ben", "Ада", "Zoe"],
    }
    for order, speakers in expected.items():
        one.page.locator("[name=sort]").select_option(order)
        expect(one.page.locator(".item h3")).to_have_text(speakers)


def test_address_keeps_what_was_asked(visit) -> None:
    one = visit()
    one.page.locator("[name=language]").select_option("uk")
    expect(one.page.locator(".told")).to_have_text("1 of 2")
    address = one.page.evaluate("location.hash")
    again = visit(None, address)
    expect(again.page.locator(".told")).to_have_text("1 of 2")
    assert again.page.locator("[name=language]").input_value() == "uk"


def test_long_lists_come_in_pages(visit) -> None:
    one = visit(said(250), viewport={"width": 1000, "height": 300})
    expect(one.page.locator(".item").nth(29)).to_be_attached()
    shown = one.page.locator(".item").count()
    assert shown < 250
    one.page.locator(".more").scroll_into_view_if_needed()
    expect(one.page.locator(".item").nth(shown)).to_be_attached()
    one.go("s-249")  # in another part of the file
    expect(one.page.locator("main h2")).to_have_text("Speaker 249")


# Keys


def test_keys(visit) -> None:
    one = visit(said(40))
    focused = "document.activeElement.textContent"
    expect(one.page.locator(".item").nth(29)).to_be_attached()
    for key, name in (("j", "Speaker 0"), ("j", "Speaker 1"), ("j", "Speaker 2"), ("k", "Speaker 1")):
        one.page.keyboard.press(key)
        one.page.wait_for_timeout(20)
        assert one.page.evaluate(focused) == name
    one.page.keyboard.press("Enter")
    expect(one.page.locator("main h2")).to_have_text("Speaker 1")
    one.page.keyboard.press("Escape")
    expect(one.page.locator(".item").first).to_be_visible()
    assert one.page.evaluate(focused) == "Speaker 1"  # where the reader was
    one.page.keyboard.press("/")
    one.page.keyboard.type("jk/")
    assert one.page.locator("[name=text]").input_value() == "jk/"


# For everybody


VIEWS = ("", "#s-bolts", "#overview", "#articles", "#article?id=a1&beside=a1.ru", "#s-missing")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    size = {"width": width, "height": 900}
    one = Visit(browser, tmp_path, content(), bypass_csp=True, color_scheme=scheme, viewport=size)
    for view in VIEWS:
        one.go(view)
        one.page.wait_for_timeout(100)
        found = axe.run(one.page)
        assert found.violations_count == 0, found.generate_report()
    one.context.close()


def test_nothing_is_wider_than_a_phone(visit) -> None:
    one = visit(viewport={"width": 360, "height": 640})
    for view in VIEWS:
        one.go(view)
        one.page.wait_for_timeout(50)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= 360, view


def test_print_leaves_controls_out_and_names_sources(visit) -> None:
    page = visit(None, "#s-bolts").page
    page.emulate_media(media="print")
    assert not page.locator(".views").is_visible()
    assert page.locator(".lanes").is_visible()
    after = "getComputedStyle(document.querySelector('.origin a[target]'), '::after').content"
    assert page.evaluate(after) == f'" <" "{HERON.url}" ">"' or HERON.url in page.evaluate(after)


def test_empty_collection(visit) -> None:
    nothing = visit(content([], {}, {}, {}, ()))
    expect(nothing.page.locator(".told")).to_have_text("This collection holds no articles yet.")
    for view in ("overview", "articles"):
        nothing.go(view)
        nothing.page.wait_for_timeout(50)
    silent = visit(content([]))
    expect(silent.page.locator(".told")).to_have_text("No statements were found in these articles.")


def test_without_scripts_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    report.write(tmp_path / "report.html", content())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.get_by_text("JavaScript")).to_have_count(3)
    expect(page.get_by_text("JavaScript").first).to_be_visible()
    context.close()


# Nothing out of an article runs, and nothing leaves


def test_hostile_content_does_nothing(visit) -> None:
    """Complaints and requests of every view are checked when the visit ends."""
    one = visit(hostile(*HOSTILE))
    made = set()

    def look() -> None:
        one.page.wait_for_timeout(50)
        every = "Array.from(document.querySelectorAll('#page *'), e => [e.localName, ...e.getAttributeNames()])"
        made.update(
            (name, attribute) for name, *attributes in one.page.evaluate(every) for attribute in ["", *attributes]
        )

    look()
    for n, evil in enumerate(HOSTILE):
        one.go(f"s-{n}")
        shown = evil.replace("\ud800", "\ufffd")
        look()
        assert shown in one.page.evaluate("document.querySelector('.opened > .wording').textContent")
        one.page.get_by_role("link", name="In the article").first.click()
        look()
        one.page.locator(".editions a").last.click()
        look()
        assert one.page.locator(".beside-table").count() == 1
    for view in ("overview", "articles"):
        one.go(view)
        look()
    assert {name for name, _ in made}.isdisjoint(
        {"script", "img", "iframe", "object", "embed", "style", "link", "base", "math"}
    )
    assert not [attribute for _, attribute in made if attribute.startswith("on")]


def test_hostile_addresses_are_no_links(visit) -> None:
    sources = [replace(HERON, id=f"a{n}", url=url) for n, url in enumerate(HOSTILE_URLS)]
    members = [member(BOLTS, one) for one in sources]
    page = visit(content([statement("s-1", *members)], {one.id: one for one in sources}, pairs=()), "#s-1").page
    expect(page.locator(".origin cite")).to_have_count(len(HOSTILE_URLS))
    assert page.locator("a[target]").count() == 0


class Listener(BaseHTTPRequestHandler):
    """Notes who asks."""

    heard: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.heard.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


def test_policy_stops_what_a_mistake_would_let_through(browser: Browser, tmp_path: Path) -> None:
    """Even markup that got in could not run, load or be made of a string."""
    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = Thread(target=server.serve_forever)
    thread.start()
    one = Visit(browser, tmp_path, content())
    stopped = one.page.evaluate(
        """async (address) => {
          const caught = [];
          addEventListener("securitypolicyviolation", (event) => caught.push(event.effectiveDirective));
          try { document.body.innerHTML += "<b>x</b>"; } catch { caught.push("innerHTML"); }
          const image = document.createElement("img");
          image.src = address + "/image";
          document.body.append(image);
          await fetch(address + "/fetch").catch(() => caught.push("fetch"));
          await new Promise((resolve) => setTimeout(resolve, 100));
          return caught;
        }""",
        f"http://127.0.0.1:{server.server_port}",
    )
    one.context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert {"innerHTML", "fetch", "img-src", "connect-src"} <= set(stopped)
    assert Listener.heard == []
