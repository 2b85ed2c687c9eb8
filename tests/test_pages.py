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
