"""Reads articles from files, folders and standard input, and checks every field once.

`.jsonl` holds one article a line; `.txt` and `.md` one article, with optional YAML front matter; `.html` and its kin are
saved pages, `.warc` and `.wacz` archives of them; feeds are RSS, Atom and JSON Feed. What cannot be used comes out as a
`Refusal` that names file, line and field; the rest goes through. Texts are kept normalised (`normalisation`).
"""

import hashlib
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from pipeline import archives, collection, encodings, feeds, languages, pages, settings
from pipeline.errors import InputError
from pipeline.normalisation import Normalised, normalise
from pipeline.records import Article, Refusal, content_id

PASSED_OVER = re.compile(r"\.|README|LICENSE", re.I)
FRONT_MATTER = re.compile(r"---[ \t]*(?:\r\n|\r|\n)(?P<fields>.*?)(?<=[\r\n])---[ \t]*(?:(?:\r\n|\r|\n)+|\Z)", re.S)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files behind the paths that a user named, in order; "-" is standard input."""

    files: tuple[str, ...]
    passed_over: int  # files of other kinds in the folders
    refused: tuple[Refusal, ...]


def inputs(paths: Sequence[str]) -> Inputs:
    """Expand folders; InputError when nothing is left that could be read."""
    files: list[str] = []
    refused: list[Refusal] = []
    others = 0
    for path in paths:
        if path == "-" or (Path(path).is_file() and _kind(path)):
            files.append(path)
        elif Path(path).is_dir():
            inside = _inside(Path(path))
            fitting = [str(file) for file in inside if _is_input(file)]
            if not fitting:
                refused.append(Refusal(where=path, reason="there is no article in this folder"))
            files += fitting
            others += len(inside) - len(fitting)
        elif Path(path).exists():
            refused.append(Refusal(where=path, reason=f"not a kind of file that can be read ({', '.join(READERS)})"))
        else:
            refused.append(Refusal(where=path, reason="there is no such file or folder"))
    if not files:
        raise InputError(
            "; ".join(map(str, refused)) or "no input was named", "name files, folders, or - for standard input"
        )
    return Inputs(tuple(files), others, tuple(refused))


def _kind(name: str | Path) -> str | None:
    """The ending that says how a file is read; None for other kinds of file."""
    return next((kind for kind in READERS if str(name).lower().endswith(kind)), None)


def _is_input(file: Path) -> bool:
    """Whether a file in a folder is to be read. XML and JSON may be anything: there the first bytes decide."""
    kind = _kind(file)
    if kind not in (".xml", ".json"):
        return kind is not None
    try:
        with file.open("rb") as opened:
            return feeds.is_feed(opened.read(feeds.LOOKED_AT))
    except OSError:
        return True  # it is refused when it is read


def _inside(folder: Path) -> list[Path]:
    """All files below a folder in sorted order, without hidden ones, READMEs, licences and collections."""
    found = []
    for root, folders, names in os.walk(folder):
        if collection.FILE in names:
            folders[:] = []
            continue  # what a run has written is no input
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root, name) for name in names if not PASSED_OVER.match(name) and Path(root, name).is_file()]
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Found:
    """An article, the place that it was read from (file, and line or record), and what was normalised in its text."""

    article: Article
    where: str
    normalised: Normalised


def read(files: Iterable[str]) -> Iterator[Article | Refusal]:
    """The articles of `files` in order, and a refusal for each that cannot be used. One id with two texts is refused."""
    return (item for _, item in read_with_file(files))


def read_with_file(files: Iterable[str]) -> Iterator[tuple[str, Article | Refusal]]:
    """As `read`, each with the file that it stands in."""
    return ((name, item.article if isinstance(item, Found) else item) for name, item in find(files, Counter()))


def find(files: Iterable[str], passed_over: Counter[str]) -> Iterator[tuple[str, Found | Refusal]]:
    """As `read_with_file`, with what is known of how the articles were read.

    `passed_over` counts, by kind, what is neither an article nor refused: repetitions, and what archives hold beside pages.
    """
    seen: dict[str, bytes] = {}
    for name in files:
        for item in _read_file(name, passed_over):
            if isinstance(item, Refusal):
                yield name, item
                continue
            article = item.article
            digest = hashlib.sha256(article.text.encode()).digest()
            if article.id not in seen:
                seen[article.id] = digest
                yield name, item
            elif seen[article.id] != digest:
                reason = f"{article.id!r} was used before, with another text"
                yield name, Refusal(where=item.where, field="id", reason=reason)
            else:
                passed_over[archives.REPETITIONS] += 1


Line = TypeVar("Line", str, bytes)
Items = Iterator[Found | Refusal]
Reader = Callable[[BinaryIO, str, Counter[str]], Items]


def _read_file(name: str, passed_over: Counter[str]) -> Items:
    if name == "-":
        yield from _jsonl(sys.stdin.buffer, "standard input", passed_over)
        return
    try:
        with Path(name).open("rb", buffering=encodings.SAMPLE) as file:
            yield from READERS[_kind(name) or ".txt"](file, name, passed_over)
    except OSError as error:
        yield Refusal(where=name, reason=f"cannot be read: {error.strerror or error}")


def _whole(read: Callable[[bytes, str], Items]) -> Reader:
    """The reader of a file that is looked at as a whole, unless it is too long for a page."""

    def reader(file: BinaryIO, name: str, _: Counter[str]) -> Items:
        limit = settings.limit("page")
        data = file.read(limit + 1)
        if len(data) > limit:
            yield Refusal(where=name, reason=settings.over_limit("page", "longer than {} bytes"))
        else:
            yield from read(data, name)

    return reader


def _jsonl(file: BinaryIO, name: str, _: Counter[str]) -> Items:
    sample = cast(io.BufferedReader, file).peek(encodings.SAMPLE)
    codec = encodings.detect(sample)
    if codec is None:
        yield Refusal(where=name, reason="binary data, not text")
        return
    if codec.startswith(("utf-16", "utf-32")):
        lines = _wide_lines(file, codec)
    else:
        lines = _narrow_lines(file, codec, told=not sample.isascii())
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        if isinstance(line, Refusal):
            yield Refusal(where=where, reason=line.reason)
        elif line.strip():
            yield _json_article(line, where)


def _narrow_lines(file: BinaryIO, codec: str, *, told: bool) -> Iterator[str | Refusal]:
    """Lines of a file; a refusal instead of one that is too long, or not in the encoding of the rest.

    `told` is False where the beginning of the file is ASCII: then the first line that is not tells the encoding.
    """
    for line in _within(file.readline, b"\n"):
        if isinstance(line, Refusal):
            yield line
            continue
        if not told and not line.isascii():
            codec, told = encodings.detect(line) or codec, True
        try:
            yield from _parts(line.decode(codec))
        except UnicodeDecodeError:
            yield Refusal(where="", reason=f"not {codec}")


def _wide_lines(file: BinaryIO, codec: str) -> Iterator[str | Refusal]:
    """As `_narrow_lines`, for encodings in which a line feed is more than a byte."""
    text = io.TextIOWrapper(file, codec, errors="replace", newline="\n")
    for line in _within(text.readline, "\n"):
        yield from [line] if isinstance(line, Refusal) else _parts(line)
    text.detach()  # whoever opened the file closes it


def _within(readline: Callable[[int], Line], end: Line) -> Iterator[Line | Refusal]:
    """The lines that are not too long, and a refusal for each other."""
    limit = settings.limit("record")
    while line := readline(limit):
        if len(line) < limit or line.endswith(end):
            yield line
            continue
        while (rest := readline(limit)) and not rest.endswith(end):
            pass
        yield Refusal(where="", reason=settings.over_limit("record", "longer than {} bytes"))


def _parts(line: str) -> list[str]:
    """A line, or several: a carriage return ends one too, since inside JSON it is written otherwise."""
    return line.rstrip("\r\n").removeprefix("\ufeff").split("\r")


def _json_article(line: str, where: str) -> Found | Refusal:
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        return Refusal(where=where, reason=f"not JSON: {error.msg} at character {error.pos + 1}")
    except ValueError as error:  # a number with thousands of digits
        return Refusal(where=where, reason=f"not JSON: {error}")
    except RecursionError:
        return Refusal(where=where, reason="not an article: nested too deeply")
    if not isinstance(fields, dict):
        return Refusal(where=where, reason="not a JSON object")
    limit = settings.limit("nesting")
    if line.count("[") + line.count("{") > limit and _depth(fields) > limit:
        return Refusal(where=where, reason=settings.over_limit("nesting", "nested more than {} deep"))
    return _article(fields, where)


def _depth(value: object) -> int:
    """How deep lists and objects stand in one another."""
    depth, level = 0, [value]
    while level:
        level = [
            inner
            for outer in level
            if isinstance(outer, (list, dict))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        depth += 1
    return depth - 1


def decoded(data: bytes) -> str | None:
    """The characters of a text file, normalised as those of articles are; None when it is not text."""
    found = encodings.decode(data)
    return None if found is None else normalise(found.text).text


def _text(data: bytes, name: str) -> Items:
    found = encodings.decode(data)
    yield _text_article(found, name) if found else Refusal(where=name, reason="binary data, not text")


def _text_article(found: encodings.Decoded, name: str) -> Found | Refusal:
    text = found.text
    front = FRONT_MATTER.match(text)
    if not front:
        return _article({"text": text}, name, found.damaged)
    import yaml

    try:
        fields = yaml.safe_load(front["fields"]) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return Refusal(where=f"{name}:{line}", reason=f"the front matter is not YAML: {error.problem}")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Refusal(where=name, reason=f"the front matter is not YAML: {error}")
    if not isinstance(fields, dict):
        return _article({"text": text}, name, found.damaged)  # a rule of dashes, not front matter
    fields = {str(key): value for key, value in fields.items()} | {"text": text[front.end() :]}
    return _article(fields, name, found.damaged)


def _page(data: bytes, name: str) -> Items:
    yield _captured(archives.Capture(name, None, data, None), name)


def _mhtml(data: bytes, name: str) -> Items:
    yield _captured(archives.mhtml(data, name), name)


def _captured(capture: archives.Capture | Refusal, name: str) -> Found | Refusal:
    found = capture if isinstance(capture, Refusal) else _of_page(capture)
    return Refusal(where=name, field="text", reason="no article was found on this page") if found is None else found


def _of_page(capture: archives.Capture) -> Found | Refusal | None:
    """The article on a page; None when there is none."""
    claims = (encodings.claimed(capture.charset), encodings.declared(capture.body))
    decoded = encodings.decode(capture.body, claims)
    if decoded is None:
        return Refusal(where=capture.where, reason="binary data, not a page")
    try:
        page = pages.extract(decoded.text, capture.url)
    except pages.Unreadable as error:
        return Refusal(where=capture.where, reason=str(error))
    return None if page is None else _article(page, capture.where, decoded.damaged)


def _warc(file: BinaryIO, name: str, passed_over: Counter[str]) -> Items:
    yield from _of_archive(archives.warc(file, name, passed_over), passed_over)


def _wacz(file: BinaryIO, name: str, passed_over: Counter[str]) -> Items:
    yield from _of_archive(archives.wacz(file, name, passed_over), passed_over)


def _of_archive(captures: Iterator[archives.Capture | Refusal], passed_over: Counter[str]) -> Items:
    """The articles of an archive. Crawls hold many pages without one: those are counted."""
    for capture in captures:
        found = capture if isinstance(capture, Refusal) else _of_page(capture)
        if found is None:
            passed_over["pages without an article"] += 1
        else:
            yield found


def _feed(data: bytes, name: str) -> Items:
    number = 0
    try:
        for number, fields in enumerate(feeds.entries(data), 1):
            yield _article(fields, f"{name}:{number}")
        if number == 0:
            yield Refusal(where=name, reason="there is no entry in this feed")
    except feeds.NotAFeed as error:
        yield Refusal(where=name, reason=str(error))


READERS: dict[str, Reader] = {
    ".jsonl": _jsonl,
    ".txt": _whole(_text),
    ".md": _whole(_text),
    ".html": _whole(_page),
    ".htm": _whole(_page),
    ".xhtml": _whole(_page),
    ".mhtml": _whole(_mhtml),
    ".mht": _whole(_mhtml),
    ".warc": _warc,
    ".warc.gz": _warc,
    ".wacz": _wacz,
    ".rss": _whole(_feed),
    ".atom": _whole(_feed),
    ".xml": _whole(_feed),
    ".json": _whole(_feed),
}
"""What reads a file, by the end of its name."""


class _Fields(BaseModel):
    """The fields of an article as a user gives them; an empty string counts as absent."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    text: str
    id: str | None = None
    outlet: str | None = None
    language: str | None = None
    title: str | None = None
    published: str | None = None
    url: str | None = None
    translation_of: str | None = None
    translator: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _absent(cls, value: object) -> object:
        if isinstance(value, str):
            if any("\ud800" <= c <= "\udfff" for c in value):
                raise ValueError("holds half of a surrogate pair, which is no character")
            return value if value.strip() else None
        return value

    @field_validator("published", mode="before")
    @classmethod
    def _iso(cls, value: object) -> object:
        if isinstance(value, (datetime, date)):  # YAML reads dates
            return value.isoformat()
        if isinstance(value, str):
            try:
                datetime.fromisoformat(value.strip())
            except ValueError as error:
                raise ValueError(f"{value!r} is not an ISO 8601 date or time") from error
            return value.strip()
        if value is not None:
            raise ValueError(f"{value!r} is not an ISO 8601 date or time")
        return value


def _article(fields: dict[str, object], where: str, damaged: bool = False) -> Found | Refusal:
    """Check the fields of one article, normalise it, detect its language and derive its id where they are not given.

    `damaged`: some of its bytes were no characters.
    """
    faulty = _fault(fields, where)
    if faulty:
        return faulty
    normalised = normalise(str(fields["text"]))
    if damaged:
        normalised = Normalised(normalised.text, ("replaced-bytes", *normalised.changes))
    fields = {name: _normalised(name, value) for name, value in fields.items()} | {"text": normalised.text}
    try:
        checked = _Fields.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return Refusal(where=where, field=str(first["loc"][0]), reason=first["msg"].removeprefix("Value error, "))
    try:
        language = languages.named(checked.language) if checked.language else languages.detect(checked.text)
    except languages.UnknownLanguage as error:
        return Refusal(where=where, field="language", reason=str(error))
    article = Article(
        id=checked.id or content_id("a", checked.outlet, language, checked.text),
        text=checked.text,
        language=language,
        outlet=checked.outlet,
        title=checked.title,
        published=checked.published,
        url=checked.url,
        translation_of=checked.translation_of,
        translator=checked.translator,
    )
    return Found(article, where, normalised)


def _fault(fields: dict[str, object], where: str) -> Refusal | None:
    """What is wrong with a text or with the length of a field."""
    text = fields.get("text")
    if not isinstance(text, str):
        return Refusal(where=where, field="text", reason="not a string" if text is not None else "missing")
    if not text.strip():
        return Refusal(where=where, field="text", reason="empty")
    for name, value in fields.items():
        limit = "article" if name == "text" else "field"
        if name in _Fields.model_fields and isinstance(value, str) and len(value) > settings.limit(limit):
            return Refusal(where=where, field=name, reason=settings.over_limit(limit, "longer than {} characters"))
    return None


def _normalised(name: str, value: object) -> object:
    """A field in its normal spelling; ids, addresses and codes stay as they are."""
    return normalise(value).text if name in ("title", "outlet") and isinstance(value, str) else value
