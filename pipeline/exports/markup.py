"""What TMX and XLIFF have in common: text as XML holds it, and what is said of where a pair comes from."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from pipeline.exports.about import About
from pipeline.filters import length_ratio
from pipeline.records import AlignedPair, Passage

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a character reference: https://www.w3.org/TR/xml/#charsets"""

Named = Iterable[tuple[str, str]]
"""Names and values of properties."""


def content(text: str) -> str:
    """Text as XML holds it: U+FFFD where it cannot; a carriage return as a reference, or readers make a line feed of it."""
    return references(printable(text))


def printable(text: str) -> str:
    """Text with U+FFFD for each forbidden character."""
    return FORBIDDEN.sub("\ufffd", text)


def references(text: str) -> str:
    """Text without forbidden characters, with references for those that mean something to XML."""
    return escape(text, {"\r": "&#13;"})


def attribute(text: str) -> str:
    """A value in its quotation marks."""
    return quoteattr(printable(text))


def of_pair(pair: AlignedPair) -> Iterator[tuple[str, str]]:
    """What is known of a pair."""
    yield "kind", pair.kind
    if pair.similarity is not None:
        yield "similarity", repr(pair.similarity)
    ratio = length_ratio(pair)
    if ratio is not None:
        yield "length-ratio", repr(ratio)
    yield "moved", "true" if pair.moved else "false"
    yield "origin", pair.origin


def of_passage(passage: Passage) -> Iterator[tuple[str, str]]:
    """Where a passage stands."""
    yield "article", passage.article_id
    yield "offsets", f"{passage.start}-{passage.end}"


def of_article(article_id: str, about: About) -> Iterator[tuple[str, str]]:
    """What is known of an article."""
    article = about.article(article_id)
    if article is not None:
        known = {
            "outlet": article.outlet,
            "url": article.url,
            "published": article.published,
            "translator": article.translator,
        }
        yield from ((name, value) for name, value in known.items() if value)
