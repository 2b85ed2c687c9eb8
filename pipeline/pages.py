"""The article on a saved web page: main text, title, date, outlet, address.

trafilatura finds the main text; what it leaves in of adverts and bylines is taken out by whole paragraphs.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pipeline import lang, languages
from pipeline.records import LANGUAGES

SHORT = 200
"""Letters below which the page's own word about its language counts for more than detection."""


def extract(page: str) -> dict[str, object] | None:
    """Fields of an article, as `articles` checks them; None when there is no main text."""
    from trafilatura import bare_extraction

    found = bare_extraction(
        page, include_comments=False, include_tables=False, with_metadata=True, favor_precision=False
    )
    if found is None:
        return None
    document = found if isinstance(found, dict) else found.as_dict()
    paragraphs = _paragraphs(document)
    if not paragraphs:
        return None
    text = "\n\n".join(paragraphs)
    metadata = _metadata(page)
    return {
        "text": text,
        "title": document.get("title"),
        "outlet": document.get("sitename") or metadata.get("publisher") or document.get("hostname"),
        "published": metadata.get("published") or document.get("date"),
        "url": document.get("url"),
        "language": metadata.get("language") if len(text) < SHORT else None,
    }


def _paragraphs(document: dict[str, Any]) -> list[str]:
    """Paragraphs of the main text without its repeated title, its byline and whole-line adverts."""
    headings = {_plain(document.get("title") or ""), *map(_plain, (document.get("author") or "").split(";"))}
    boilerplate = {line.lower() for language in LANGUAGES for line in lang.entries(language, "boilerplate")}
    lines = [line.strip() for line in (document.get("text") or document.get("raw_text") or "").split("\n")]
    kept = [line for line in lines if line and line.lower().strip(" .:!—-") not in boilerplate]
    while kept and _plain(kept[0]) in headings:
        kept.pop(0)
    return kept


def _plain(line: str) -> str:
    return re.sub(r"\W+", " ", line).strip().lower()


def _metadata(page: str) -> dict[str, str]:
    """Publication time with its zone, publisher and language, from JSON-LD and meta elements."""
    from lxml import html

    try:
        tree = html.fromstring(page.encode("utf-8", errors="replace"), parser=html.HTMLParser(encoding="utf-8"))
    except (ValueError, html.etree.ParserError):
        return {}
    found: dict[str, str] = {}
    for item in _linked_data(tree):
        publisher = item.get("publisher")
        _keep(found, "published", item.get("datePublished"))
        _keep(found, "language", item.get("inLanguage"))
        _keep(found, "publisher", publisher.get("name") if isinstance(publisher, dict) else None)
    for expression in (
        '//meta[@property="article:published_time"]/@content',
        '//meta[@itemprop="datePublished"]/@content',
        "//time/@datetime",
    ):
        _keep(found, "published", next(iter(tree.xpath(expression)), None))
    _keep(found, "language", tree.get("lang"))
    if "language" in found:
        try:
            found["language"] = languages.named(found["language"])
        except languages.UnknownLanguage:
            del found["language"]
    return found


def _keep(found: dict[str, str], key: str, value: object) -> None:
    """Keep the first usable value of a key; a publication time must be ISO 8601."""
    if key in found or not isinstance(value, str) or not value.strip():
        return
    if key == "published":
        try:
            datetime.fromisoformat(value.strip())
        except ValueError:
            return
    found[key] = value.strip()


def _linked_data(tree: Any) -> Iterator[dict[str, Any]]:
    """The objects of a page's JSON-LD that carry a publication date."""
    for script in tree.xpath('//script[@type="application/ld+json"]/text()'):
        try:
            data = json.loads(script)
        except (ValueError, RecursionError):
            continue
        items = data if isinstance(data, list) else [data]
        for item in items:
            if isinstance(item, dict):
                graph = item.get("@graph")
                yield from (
                    x
                    for x in [item, *(graph if isinstance(graph, list) else [])]
                    if isinstance(x, dict) and "datePublished" in x
                )
