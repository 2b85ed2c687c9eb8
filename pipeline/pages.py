"""The article on a saved web page: main text, title, date, outlet, address.

trafilatura finds the main text; where it finds nothing, all paragraphs of the page that are sentences are taken. What is
left of adverts, bylines, requests for consent and links to other articles is taken out by whole paragraphs.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from pipeline import lang, languages, settings
from pipeline.records import LANGUAGES

SHORT = 200
"""Letters below which the page's own word about its language counts for more than detection."""

SENTENCE = 40
"""Characters from which a paragraph with a full stop is taken for one of an article, when nothing else tells."""

BESIDE = ("advert", "consent", "cookie", "gdpr", "newsletter", "read-more", "readmore", "related")
"""Words in the class or id of an element that stands beside the article."""

_NAMED = " or ".join(f"contains(@class, '{word}') or contains(@id, '{word}')" for word in BESIDE)
PRUNED = (
    "//*[self::div or self::section or self::aside or self::form or self::ul or self::p]"
    f"[{_NAMED}][not(.//h1) and not(.//article)]"
)
BLOCKS = re.compile(
    "address|article|aside|blockquote|body|br|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li|main|nav|"
    "ol|p|pre|section|table|td|th|tr|ul"
)
NOT_TEXT = ("script", "style", "template", "noscript", "iframe", "svg", "math", "object", "select", "button", "head")
AROUND = ("nav", "aside", "footer", "form", "figure")
ENDS = (".", "!", "?", "…", "»", "”", "“", '"', "’", ")")


class Unreadable(ValueError):
    """A page that cannot be taken apart; the message says why."""


def extract(page: str, url: str | None = None) -> dict[str, object] | None:
    """Fields of an article, as `articles` checks them; None when there is no main text.

    `url` is where the page came from, for pages that do not say. Unreadable when there are too many elements,
    or too deep in one another.
    """
    from trafilatura import bare_extraction

    tree = _tree(page)
    if tree is None:
        return None
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it cannot read is told by the caller
    found = bare_extraction(
        page, url=url, include_comments=False, include_tables=False, with_metadata=True, prune_xpath=PRUNED
    )
    document: dict[str, Any] = {} if found is None else found if isinstance(found, dict) else found.as_dict()
    links = {" ".join(link.text_content().split()) for link in tree.iter("a")}
    metadata = _metadata(tree)
    lines = _apart((document.get("text") or document.get("raw_text") or "").split("\n"), _lines(tree))
    kept = _article(lines, document, links) or _article(_sentences(_tree(page)), document, links)
    if not kept:
        return None
    text = "\n\n".join(kept)
    return {
        "text": text,
        "title": document.get("title"),
        "outlet": document.get("sitename") or metadata.get("publisher") or document.get("hostname"),
        "published": metadata.get("published") or document.get("date"),
        "url": document.get("url"),
        "language": metadata.get("language") if len(text) < SHORT else None,
    }


def paragraphs(markup: str) -> list[str]:
    """The paragraphs of a piece of HTML, or of plain text, in which nothing stands beside the article."""
    tree = _tree(f"<div>{markup}</div>")
    return [] if tree is None else [line for line in _lines(tree) if not _is_boilerplate(line)]


def _tree(page: str) -> Any:
    """The elements of a page; None where there are none."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(page.encode("utf-8", errors="replace"), parser=parser)
    except (ValueError, etree.ParserError):
        return None
    if any("depth" in fault.message for fault in parser.error_log):
        raise Unreadable("its elements are nested more than 256 deep, which no setting allows")
    limit = settings.limit("elements")
    if sum(1 for _ in islice(tree.iter(), limit + 1)) > limit:
        raise Unreadable(settings.over_limit("elements", "more than {} elements"))
    return tree


def _lines(tree: Any) -> list[str]:
    """What stands in the blocks of a tree, line by line; the tree is used up."""
    from lxml import etree

    etree.strip_elements(tree, *NOT_TEXT, with_tail=False)
    parts: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if BLOCKS.fullmatch(element.tag):
            parts.append("\n")
        parts.append(re.sub(r"\s+", " ", (element.text if event == "start" else element.tail) or ""))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return [line for line in lines if line]


def _apart(lines: Iterable[str], blocks: Sequence[str]) -> Iterator[str]:
    """Lines of the main text as the page has them: what was glued together over a line break comes apart."""
    known = set(blocks)
    by_word: dict[str, list[str]] = {}
    for block in sorted(known, key=lambda block: (-len(block), block)):
        by_word.setdefault(block.split(" ", 1)[0], []).append(block)
    for line in (" ".join(line.split()) for line in lines):
        parts, rest = [], line
        while rest and line not in known:
            fitting = by_word.get(rest.split(" ", 1)[0], ())
            part = next((block for block in fitting if f"{rest} ".startswith(f"{block} ")), None)
            if part is None:
                break
            parts.append(part)
            rest = rest[len(part) + 1 :]
        yield from parts if parts and not rest else [line]


def _sentences(tree: Any) -> list[str]:
    """The paragraphs of a page that are sentences, wherever they stand; the tree is used up."""
    from lxml import etree

    etree.strip_elements(tree, *AROUND, with_tail=False)
    return [line for line in _lines(tree) if len(line) >= SENTENCE and line.endswith(ENDS)]


def _article(lines: Iterable[str], document: dict[str, Any], links: set[str]) -> list[str]:
    """The paragraphs of the main text without its repeated title, its byline, what stands beside it and what leads there.

    None are left of a page that is mostly links: it leads to articles, and is none.
    """
    stripped = [line.strip() for line in lines if line.strip()]
    linked = sum(len(line) for line in stripped if line in links)
    if linked * 2 > sum(map(len, stripped)):
        return []
    headings = {_plain(document.get("title") or ""), *map(_plain, (document.get("author") or "").split(";"))}
    kept = [line for line in stripped if not _is_boilerplate(line) and not (line in links and not line.endswith(ENDS))]
    start = next((at for at, line in enumerate(kept) if not _leads_up(line, headings)), 0)
    return [] if len(kept) == start + 1 and _plain(kept[start]) in headings else kept[start:]


def _leads_up(line: str, headings: set[str]) -> bool:
    """Whether a line above the first paragraph is a title, a byline or an entry of a menu."""
    return _plain(line) in headings or (len(line.split()) < 3 and not line.endswith(ENDS))


def _is_boilerplate(line: str) -> bool:
    """Whether a whole line is none of an article's: on a list, or one of those with a colon and more, or begun as listed."""
    wholes, beginnings = _boilerplate()
    lowered = line.lower().lstrip(" •·-—–>»↓→")
    return (
        lowered.strip(" .:!—-›»→↓") in wholes
        or lowered.partition(":")[0].rstrip() in wholes
        or lowered.startswith(beginnings)
    )


@cache
def _boilerplate() -> tuple[frozenset[str], tuple[str, ...]]:
    """Whole lines, and beginnings of lines: entries that end in an ellipsis."""
    listed = [line.lower() for language in LANGUAGES for line in lang.entries(language, "boilerplate")]
    return (
        frozenset(line for line in listed if not line.endswith("…")),
        tuple(line.rstrip("…") for line in listed if line.endswith("…")),
    )


def _plain(line: str) -> str:
    return re.sub(r"\W+", " ", line).strip().lower()


def _metadata(tree: Any) -> dict[str, str]:
    """Publication time with its zone, publisher and language, from JSON-LD and meta elements."""
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
