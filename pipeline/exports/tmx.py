"""Translation Memory eXchange 1.4b, what translators' tools import.

https://www.gala-global.org/tmx-14b. A unit without a counterpart is no translation, so omissions are left out. Where a
pair comes from stands in ``<prop>``. There is no clock time: the same pairs give the same file.
"""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from pipeline import __version__
from pipeline.records import AlignedPair, Language, Passage

# What XML 1.0 cannot hold, not even as a character reference: https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def lines(pairs: Iterable[AlignedPair], signature: str = "") -> Iterator[str]:
    """The file, a unit at a time; `signature` stands in its header."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">\n'
    yield (
        f'<header creationtool="crossquote" creationtoolversion={quoteattr(__version__)} segtype="sentence" '
        'o-tmf="crossquote" adminlang="en" srclang="*all*" datatype="plaintext">\n'
        f"{_prop('signature', signature)}</header>\n<body>\n"
    )
    yield from (_unit(pair) for pair in pairs if pair.left.text and pair.right.text)
    yield "</body>\n</tmx>\n"


def _unit(pair: AlignedPair) -> str:
    similarity = "" if pair.similarity is None else repr(pair.similarity)
    return (
        f'<tu srclang="{pair.left_language}">\n'
        f"{_prop('kind', pair.kind)}{_prop('similarity', similarity)}"
        f"{_prop('moved', 'true' if pair.moved else 'false')}{_prop('origin', pair.origin)}"
        f"{_variant(pair.left, pair.left_language)}{_variant(pair.right, pair.right_language)}</tu>\n"
    )


def _variant(passage: Passage, language: Language) -> str:
    return (
        f'<tuv xml:lang="{language}">\n'
        f"{_prop('article', passage.article_id)}{_prop('offsets', f'{passage.start}-{passage.end}')}"
        f"<seg>{_content(passage.text)}</seg>\n</tuv>\n"
    )


def _prop(name: str, value: str) -> str:
    """A property of our own (the standard wants the x); one without a value is left out."""
    return f'<prop type="x-{name}">{_content(value)}</prop>\n' if value else ""


def _content(text: str) -> str:
    """Text as XML holds it: U+FFFD where it cannot; a carriage return as a reference, or readers make a line feed of it."""
    return escape(_FORBIDDEN.sub("\ufffd", text), {"\r": "&#13;"})
