"""Saved pages give the article and nothing of what stands around it."""

import json
from pathlib import Path

import pytest

from pipeline import articles, pages
from pipeline.records import Article

SAMPLE = Path(__file__).parents[1] / "corpora" / "sample"
PAGES = {
    "1.html": "captives-tarnbrook-en",
    "2.html": "power-lukorechensk-ru",
    "3.html": "exchange-hilka-uk",
    "4.html": "guard-dzvin-uk",
}


@pytest.mark.parametrize(("name", "article_id"), PAGES.items())
def test_sample_pages_give_the_articles_they_were_made_from(name: str, article_id: str) -> None:
    lines = (SAMPLE / "articles.jsonl").read_text("utf-8").splitlines()
    wanted = next(record for record in map(json.loads, lines) if record["id"] == article_id)
    (found,) = articles.read([str(SAMPLE / "pages" / name)])
    assert isinstance(found, Article)
    for field in ("text", "title", "outlet", "published", "url", "language"):
        assert getattr(found, field) == wanted[field]


@pytest.mark.parametrize("page", ["", "<html></html>", "<p>", "\0", "<html><body><script>x</script></body></html>"])
def test_a_page_without_an_article_gives_none(page: str) -> None:
    assert pages.extract(page) is None


SAID = "“{} will not leave the harbour before the storm has passed,” the captain told the passengers on deck."
FIRST, SECOND, THIRD = (SAID.format(name) for name in ("Anna", "Boris", "Vera"))


def whole(body: str) -> list[str]:
    page = pages.extract(f"<html><head><title>A storm</title></head><body>{body}</body></html>")
    return [] if page is None else str(page["text"]).split("\n\n")


@pytest.mark.parametrize(
    "beside",
    [
        "<p>Advert</p>",
        "<p>Read more</p>",
        "<p>Read more: Ferry prices rise</p>",
        "<p>• Читайте також: Ціни на пором зростають</p>",
        "<p><a href='/x'>Ferry prices rise again</a></p>",
        "<div class='cookie-banner'><p>Cookies make this page better, we think, so say yes.</p></div>",
        "<p>We use cookies to give you the best experience. By clicking Accept you agree.</p>",
        "<p>Мы используем файлы cookie, чтобы сайт работал лучше.</p>",
        "<p>Цей сайт використовує файли cookie.</p>",
        "<section id='newsletter-form'><p>The best of the harbour, every Friday, in your mail.</p></section>",
        "<p>Follow us on Telegram and elsewhere.</p>",
        "<script>var a = 'x';</script><style>p {}</style>",
    ],
)
def test_nothing_that_stands_beside_reaches_the_text(beside: str) -> None:
    body = f"<article><h1>A storm</h1><p>{FIRST} {FIRST}</p>{beside}<p>{SECOND} {SECOND}</p>{beside}<p>{THIRD}</p></article>{beside}"
    assert whole(body) == [f"{FIRST} {FIRST}", f"{SECOND} {SECOND}", THIRD]


@pytest.mark.parametrize(
    "body",
    [
        f"<table><tr><td>Menu<br>News</td><td><font size=2>{FIRST}<br><br>{SECOND}</font></td></tr></table>",
        f"<div id=c>{FIRST}<br/>{SECOND}</div>",
        f"<noscript><p>{FIRST}</p><p>{SECOND}</p></noscript>",
        f"<nav><a href='/'>Home</a></nav><x-app><x-text>{FIRST}</x-text><br>{SECOND}</x-app>",
        f"<!-- a --><P>{FIRST}<P>{SECOND}",
    ],
)
def test_pages_of_all_sorts(body: str) -> None:
    assert whole(body) == [FIRST, SECOND]


def test_a_short_article_is_one() -> None:
    assert whole("<article><p>Паром не вийде, сказав капітан.</p></article>") == ["Паром не вийде, сказав капітан."]


def test_a_page_of_links_is_no_article() -> None:
    teasers = "".join(
        f"<div><a href='/{n}'>Headline {n} about the storm, the harbour and the ferry.</a></div>" for n in range(20)
    )
    assert whole(teasers) == []


def test_the_address_that_a_page_came_from_names_the_outlet() -> None:
    page = pages.extract(f"<html><body><p>{FIRST}</p></body></html>", "https://ferry.example/news/1")
    assert page
    assert (page["url"], page["outlet"]) == ("https://ferry.example/news/1", "ferry.example")


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pages.Unreadable, match="deep"):
        whole("<div>" * 300 + FIRST)
    monkeypatch.setenv("CROSSQUOTE_MAX_ELEMENTS", "50")
    with pytest.raises(pages.Unreadable, match="CROSSQUOTE_MAX_ELEMENTS"):
        whole("<p>a" * 60)


def test_paragraphs_of_a_piece_of_markup() -> None:
    assert pages.paragraphs("<p>One <b>two</b>three<br>four</p>five<p>Advert</p><ul><li>six<li>seven</ul>") == [
        "One twothree", "four", "five", "six", "seven",
    ]  # fmt: skip
    assert pages.paragraphs("plain &amp; simple") == ["plain & simple"]
