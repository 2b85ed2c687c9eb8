"""The articles in a feed: RSS, Atom, and JSON Feed.

XML is read without entities of its own, without a document type from elsewhere and without a network.
"""

import email.utils
import html
import re
from collections.abc import Iterator
from typing import Any

from pipeline import encodings, nesting, pages

MARK = re.compile(r"<(?:\w+:)?(?:rss|feed|RDF)[\s>]|jsonfeed\.org/version")
LOOKED_AT = 4096
"""Bytes in which a feed shows that it is one."""

ENTITY = re.compile(r"<!ENTITY", re.I)
NUMBERED = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));", re.I)
NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,30};")
"""Entities of HTML: not declared in XML, and yet in many feeds."""

BROKEN_OFF = ("ERR_RESOURCE_LIMIT", "ERR_INTERNAL_ERROR", "ERR_NO_MEMORY")
"""Faults after which the parser reads no further; it recovers from others."""

TEXTS = ("content", "encoded", "full-text", "description", "summary")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DATES = ("pubDate", "published", "date", "issued", "updated")


class NotAFeed(ValueError):
    """No feed, or one that cannot be read; the message says why."""


def is_feed(beginning: bytes) -> bool:
    """Whether a file that begins so is a feed, as far as `LOOKED_AT` bytes tell."""
    decoded = encodings.decode(beginning[:LOOKED_AT])
    return decoded is not None and MARK.search(decoded.text) is not None


def entries(data: bytes) -> Iterator[dict[str, object]]:
    """Fields of the articles of a feed, as `articles` checks them, in its order; NotAFeed, when it is none."""
    decoded = encodings.decode(data, [encodings.declared(data)])
    if decoded is None:
        raise NotAFeed("binary data, not a feed")
    text = decoded.text.lstrip("\ufeff \t\r\n")
    return _json_entries(text) if text.startswith("{") else _xml_entries(text)


def _json_entries(text: str) -> Iterator[dict[str, object]]:
    try:
        feed = nesting.json_value(text)
    except nesting.TooDeep as error:
        raise NotAFeed(str(error)) from error
    except ValueError as error:
        raise NotAFeed(f"not JSON: {error}") from error
    items = feed.get("items")
    if "jsonfeed.org/version" not in str(feed.get("version")) or not isinstance(items, list):
        raise NotAFeed("not a JSON Feed")
    for item in items:
        yield _json_fields(item, feed) if isinstance(item, dict) else {}


def _json_fields(item: dict[str, Any], feed: dict[str, Any]) -> dict[str, object]:
    markup, plain = item.get("content_html"), item.get("content_text")
    text = _text(markup) if isinstance(markup, str) else plain or item.get("summary")
    return {
        "text": text,
        "title": item.get("title"),
        "outlet": feed.get("title"),
        "published": item.get("date_published") or item.get("date_modified"),
        "url": item.get("url") or item.get("external_url"),
        "language": _for_short(text, item.get("language") or feed.get("language")),
    }


def _xml_entries(text: str) -> Iterator[dict[str, object]]:
    from lxml import etree

    if ENTITY.search(text):
        raise NotAFeed("it declares entities, which feeds do not need and attacks do")
    text = NAMED.sub(lambda one: html.escape(html.unescape(one[0]), quote=False), text)
    text = NUMBERED.sub(
        lambda one: one[0] if _is_character(one) else "\ufffd", text
    )  # the parser would take half a pair
    text = re.sub(r"^<\?xml[^>]*\?>", "", text)  # what it says of its encoding no longer holds
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        feed = etree.fromstring(text.encode("utf-8", errors="replace"), parser)
    except etree.XMLSyntaxError as error:
        raise NotAFeed(f"not XML: {error.msg}") from error
    if feed is None or _name(feed) not in ("rss", "feed", "RDF"):
        raise NotAFeed("neither RSS nor Atom")
    head = next((child for child in feed if _name(child) == "channel"), feed)
    outlet, language = _first(head, "title"), _first(head, "language") or head.get(XML_LANG) or feed.get(XML_LANG)
    for entry in feed.iter("{*}item", "{*}entry"):
        fields = _xml_fields(entry)
        yield fields | {"outlet": outlet, "language": _for_short(fields["text"], entry.get(XML_LANG) or language)}
    broken = next((fault for fault in parser.error_log if fault.type_name in BROKEN_OFF), None)
    if broken is not None:
        raise NotAFeed(f"what follows line {broken.line} cannot be read: {broken.message}")


def _is_character(reference: re.Match[str]) -> bool:
    """Whether XML may hold what a reference stands for. No number of a character has more than seven digits."""
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    digits = digits.lstrip("0") or "0"
    number = int(digits, base) if len(digits) <= 7 else 0
    return (
        number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or 0x10000 <= number <= 0x10FFFF
    )


def _xml_fields(entry: Any) -> dict[str, object]:
    texts = [_text(_markup(child)) for child in entry if _name(child) in TEXTS]
    return {
        "text": max(texts, key=len, default=None),
        "title": _first(entry, "title"),
        "published": next((date for name in DATES if (date := _date(_first(entry, name)))), None),
        "url": _link(entry),
    }


def _markup(element: Any) -> str:
    """The markup that an element holds: escaped, as CDATA, or as elements."""
    from lxml import etree

    markup = etree.tostring(element, encoding="unicode", method="html") if len(element) else element.text or ""
    return html.escape(markup) if element.get("type") in ("text", "text/plain") else markup


def _text(markup: str) -> str:
    """The text of an entry, paragraph by paragraph; none when nobody could take the markup apart."""
    try:
        return "\n\n".join(pages.paragraphs(markup))
    except pages.Unreadable:
        return ""


def _first(element: Any, name: str) -> str | None:
    """The words of the first child of that name, whatever its namespace."""
    found = next((child for child in element if _name(child) == name), None)
    words = " ".join("".join(found.itertext()).split()) if found is not None else ""
    return html.unescape(re.sub(r"<[^<>]{0,200}>", "", words)) or None


def _link(entry: Any) -> str | None:
    """Where an entry stands on the web."""
    links = [child for child in entry if _name(child) == "link"]
    there = [link for link in links if link.get("rel") in (None, "alternate")]
    return next((link.get("href") or (link.text or "").strip() or None for link in there), None)


def _name(element: Any) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _date(written: str | None) -> str | None:
    """A date as ISO 8601, from RFC 822 (RSS); others as they are."""
    if written is None or re.match(r"\d{4}-", written):
        return written
    try:
        return email.utils.parsedate_to_datetime(written).isoformat()
    except (ValueError, TypeError, OverflowError):
        return None


def _for_short(text: object, language: object) -> object:
    """What a feed says of its language counts for texts that are too short to tell."""
    return language if len(str(text)) < pages.SHORT else None
