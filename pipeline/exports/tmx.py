"""Translation Memory eXchange 1.4b, what translators' tools import.

https://www.gala-global.org/tmx-14b. A unit without a counterpart is no translation, so omissions are left out. Where a
pair comes from stands in ``<prop>``. There is no clock time: the same pairs give the same file.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from pipeline import __version__
from pipeline.exports import markup
from pipeline.exports.about import About
from pipeline.exports.markup import content as content  # what else writes TMX finds it here
from pipeline.records import AlignedPair, Language, Passage


def lines(pairs: Iterable[AlignedPair], about: About) -> Iterator[str]:
    """The file, a unit at a time."""

    @lru_cache(maxsize=4)  # the pairs of two articles stand together
    def article(article_id: str) -> str:
        return _props(markup.of_article(article_id, about))

    yield begin(about.signature)
    yield from (_unit(pair, article) for pair in pairs if pair.left.text and pair.right.text)
    yield END


def begin(signature: str) -> str:
    """What stands before the units."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">\n'
        f'<header creationtool="crossquote" creationtoolversion="{__version__}" segtype="sentence" '
        f'o-tmf="crossquote" adminlang="en" srclang="*all*" datatype="plaintext">\n{prop("signature", signature)}</header>\n<body>\n'
    )


END = "</body>\n</tmx>\n"


def _unit(pair: AlignedPair, article: Callable[[str], str]) -> str:
    return (
        f'<tu srclang="{pair.left_language}">\n{_props(markup.of_pair(pair))}'
        f"{_variant(pair.left, pair.left_language, article)}{_variant(pair.right, pair.right_language, article)}</tu>\n"
    )


def _variant(passage: Passage, language: Language, article: Callable[[str], str]) -> str:
    return (
        f'<tuv xml:lang="{language}">\n{_props(markup.of_passage(passage))}{article(passage.article_id)}'
        f"<seg>{content(passage.text)}</seg>\n</tuv>\n"
    )


def _props(named: Iterable[tuple[str, str]]) -> str:
    return "".join(prop(name, value) for name, value in named)


def prop(name: str, value: str) -> str:
    """A property of our own (the standard wants the x); one without a value is left out."""
    return f'<prop type="x-{name}">{content(value)}</prop>\n' if value else ""
