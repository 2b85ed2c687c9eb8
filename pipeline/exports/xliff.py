"""XLIFF 2.1, what translators' tools exchange: https://docs.oasis-open.org/xliff/xliff-core/v2.1/xliff-core-v2.1.html.

A file has one source and one target language, so there is one for each pair of languages. Two editions are a ``<file>``
in it, a pair is a ``<unit>``. What the target edition leaves out is a unit without a target; what it adds has no source
to stand beside, and is left out. Where things come from stands in the metadata module.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import count, groupby
from pathlib import Path

from pipeline.errors import InputError
from pipeline.exports import destinations, markup
from pipeline.exports.about import About, Languages
from pipeline.records import AlignedPair

_CONTROL = re.compile(f"({markup.FORBIDDEN.pattern})")


def write(pairs: Iterable[AlignedPair], path: Path | None, about: About) -> list[Path]:
    """A file for each pair of languages, all of them or none; to standard output there can go one."""
    paths = _paths(path, about)
    with ExitStack() as stack:
        files = {languages: stack.enter_context(destinations.text(name)) for languages, name in paths.items()}
        for languages, file in files.items():
            file.write(_head(languages))
        numbers = count(1)
        for _, editions in groupby(_with_source(pairs), key=_editions):
            first = next(editions)
            file = files[first.left_language, first.right_language]
            file.write(_opened(first, next(numbers), about))
            file.write(_unit(first, 1))
            file.writelines(_unit(pair, number) for number, pair in enumerate(editions, 2))
            file.write("</file>\n")
        for file in files.values():
            file.write("</xliff>\n")
    return [name for name in paths.values() if name is not None]


def _paths(path: Path | None, about: About) -> dict[Languages, Path] | dict[Languages, None]:
    if path is not None:
        return destinations.by_languages(path, about.languages)
    if len(about.languages) != 1:
        raise InputError(
            "an XLIFF file has one source and one target language, and here are more",
            "choose them with --languages, or name a file: --out FILE",
        )
    return {about.languages[0]: None}


def _editions(pair: AlignedPair) -> tuple[str, ...]:
    return pair.left.article_id, pair.right.article_id, pair.left_language, pair.right_language


def _with_source(pairs: Iterable[AlignedPair]) -> Iterator[AlignedPair]:
    return (pair for pair in pairs if pair.left.text)


def _head(languages: Languages) -> str:
    left, right = languages
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" '
        'xmlns:mda="urn:oasis:names:tc:xliff:metadata:2.0" '
        f'version="2.1" srcLang="{left}" trgLang="{right}">\n'
    )


def _opened(pair: AlignedPair, number: int, about: About) -> str:
    """The beginning of two editions."""
    left, right = pair.left.article_id, pair.right.article_id
    source = [("article", left), *markup.of_article(left, about)]
    target = [("article", right), *markup.of_article(right, about)]
    made = [("signature", about.signature)] if about.signature else []
    return (
        f'<file id="f{number}" original={markup.attribute(left)} xml:space="preserve">\n'
        f"<mda:metadata>\n{_group('source', source)}{_group('target', target)}{_group('made with', made)}</mda:metadata>\n"
    )


def _unit(pair: AlignedPair, number: int) -> str:
    known = [*markup.of_pair(pair), ("source-offsets", f"{pair.left.start}-{pair.left.end}")]
    target, state = "", "initial"
    if pair.right.text:
        known.append(("target-offsets", f"{pair.right.start}-{pair.right.end}"))
        target, state = f"<target>{_content(pair.right.text)}</target>", "translated"
    return (
        f'<unit id="u{number}">\n<mda:metadata>\n{_group("pair", known)}</mda:metadata>\n'
        f'<segment state="{state}"><source>{_content(pair.left.text)}</source>{target}</segment>\n</unit>\n'
    )


def _group(category: str, named: markup.Named) -> str:
    inside = "".join(f'<mda:meta type="{name}">{markup.content(value)}</mda:meta>' for name, value in named)
    return f'<mda:metaGroup category="{category}">{inside}</mda:metaGroup>\n' if inside else ""


def _content(text: str) -> str:
    """Text with a ``<cp>`` for each character that XML cannot hold: here nothing is lost."""
    parts = _CONTROL.split(text)  # every other part is such a character
    return "".join(
        f'<cp hex="{ord(part):04X}"/>' if odd % 2 else markup.references(part) for odd, part in enumerate(parts)
    )
