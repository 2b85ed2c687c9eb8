"""Reads Translation Memory eXchange files as they stream by, from whatever tool: https://www.gala-global.org/tmx-14b.

The parser is expat with everything refused that could reach outside the file or grow inside it: entities are not
declared, the DTD that the first line names is not opened, and a segment has a limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

from pipeline import languages
from pipeline.errors import InputError
from pipeline.memory import LINE_BREAK
from pipeline.records import Language

CHUNK = 1 << 16
LONGEST = 1 << 20  # characters of a segment
CODES = frozenset({"bpt", "ept", "it", "ph", "ut"})
"""Elements that hold the formatting codes of another program, not words."""
EVERY = "*all*"


@dataclass(frozen=True, slots=True)
class Unit:
    """A translation unit: `source` is the language that was translated, None where none is named.

    `texts` has one text for each of our languages that the unit has, `props` its properties by type.
    """

    source: Language | None
    texts: dict[Language, str]
    props: dict[str, str]


def read(path: Path) -> Iterator[Unit]:
    """The units of a file, in order, also those with texts in fewer than two of our languages.

    InputError, with the line, when the file is not TMX, is damaged, or declares entities.
    """
    reader = _Reader(path)
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                reader.feed(chunk)
                yield from reader.taken()
        reader.feed(b"", last=True)
        yield from reader.taken()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}", "give a TMX file") from error


class _Reader:
    """The state between two tags."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse_entity
        self._parser.ExternalEntityRefHandler = self._refuse_entity
        self._units: list[Unit] = []
        self._unit: Unit | None = None  # the one that is open
        self._header_source: Language | None = None
        self._language: Language | None = None
        self._prop: str | None = None
        self._text: list[str] | None = None  # of the segment or property that is open
        self._length = self._codes = 0
        self._began = False

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Read on."""
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            self._fail(expat.ErrorString(error.code), error)

    def taken(self) -> list[Unit]:
        """The units that have been completed since the last call."""
        units, self._units = self._units, []
        return units

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._began and name != "tmx":
            self._fail(f"a TMX file begins with <tmx>, this one with <{name}>")
        self._began = True
        if name == "header":
            self._header_source = _named(attributes.get("srclang", EVERY))
        elif name == "tu":
            given = attributes.get("srclang")
            self._unit = Unit(self._header_source if given is None else _named(given), {}, {})
        elif name == "tuv":
            self._language = _named(attributes.get("xml:lang") or attributes.get("lang") or "")
        elif name in ("seg", "prop"):
            self._prop = attributes.get("type", "") if name == "prop" else None
            self._text, self._length = [], 0
        elif name in CODES:
            self._codes += 1

    def _end(self, name: str) -> None:
        if name in CODES:
            self._codes -= 1
        elif name in ("seg", "prop"):
            self._close(LINE_BREAK.sub(" ", "".join(self._text or ())).strip())  # tools wrap long lines
        elif name == "tu" and self._unit:
            self._units.append(self._unit)
            self._unit = None

    def _close(self, text: str) -> None:
        """A segment or a property has ended."""
        if self._unit and self._prop is not None:
            self._unit.props.setdefault(self._prop, text)
        elif self._unit and self._language and text:
            self._unit.texts.setdefault(self._language, text)
        self._text = self._prop = None

    def _characters(self, text: str) -> None:
        if self._text is None or self._codes:
            return
        self._length += len(text)
        if self._length > LONGEST:
            self._fail(f"a segment is longer than {LONGEST} characters")
        self._text.append(text)

    def _refuse_entity(self, *_: Any) -> NoReturn:
        self._fail("it declares entities, which no TMX file needs and which can be an attack")

    def _fail(self, reason: str, error: Exception | None = None) -> NoReturn:
        raise InputError(
            f"{self._path}:{self._parser.CurrentLineNumber}: {reason}", "is it a whole TMX file?"
        ) from error


def _named(code: str) -> Language | None:
    """The language behind a code; None for others, and for every one."""
    try:
        return languages.named(code) if code and code.lower() != EVERY else None
    except languages.UnknownLanguage:
        return None
