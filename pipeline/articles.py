"""Reads articles from files, folders and standard input, and checks every field once.

`.jsonl` holds one article a line; `.txt` and `.md` one article, with optional YAML front matter; `.html` and `.htm` are
saved pages. What cannot be used comes out as a `Refusal` that names file, line and field; the rest goes through.
"""

import hashlib
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, cast

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from pipeline import collection, encodings, languages, pages
from pipeline.errors import InputError
from pipeline.records import Article, Refusal, content_id

KINDS = (".jsonl", ".txt", ".md", ".html", ".htm")
PASSED_OVER = re.compile(r"\.|README|LICENSE", re.I)
MAX_LINE = 16 << 20
"""Bytes of one JSONL line: a longer one is not an article."""

FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)\n*", re.S | re.M)


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
        if path == "-" or (Path(path).is_file() and Path(path).suffix.lower() in KINDS):
            files.append(path)
        elif Path(path).is_dir():
            inside = _inside(Path(path))
            fitting = [str(file) for file in inside if file.suffix.lower() in KINDS]
            if not fitting:
                refused.append(Refusal(where=path, reason="there is no article in this folder"))
            files += fitting
            others += len(inside) - len(fitting)
        elif Path(path).exists():
            refused.append(Refusal(where=path, reason=f"not a kind of file that can be read ({', '.join(KINDS)})"))
        else:
            refused.append(Refusal(where=path, reason="there is no such file or folder"))
    if not files:
        raise InputError(
            "; ".join(map(str, refused)) or "no input was named", "name files, folders, or - for standard input"
        )
    return Inputs(tuple(files), others, tuple(refused))


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


def read(files: Iterable[str]) -> Iterator[Article | Refusal]:
    """The articles of `files` in order, and a refusal for each that cannot be used. One id with two texts is refused."""
    return (item for _, item in read_with_file(files))


def read_with_file(files: Iterable[str]) -> Iterator[tuple[str, Article | Refusal]]:
    """As `read`, each with the file that it stands in."""
    seen: dict[str, bytes] = {}
    for name in files:
        for item in _read_file(name):
            if isinstance(item, Refusal):
                yield name, item
                continue
            article = item.article
            digest = hashlib.sha256(article.text.encode()).digest()
            if article.id not in seen:
                seen[article.id] = digest
                yield name, article
            elif seen[article.id] != digest:
                reason = f"{article.id!r} was used before, with another text"
                yield name, Refusal(where=item.where, field="id", reason=reason)


@dataclass(frozen=True, slots=True)
class _Found:
    article: Article
    where: str


def _read_file(name: str) -> Iterator[_Found | Refusal]:
    try:
        if name == "-":
            yield from _jsonl(sys.stdin.buffer, "standard input")
            return
        suffix = Path(name).suffix.lower()
        with Path(name).open("rb", buffering=encodings.SAMPLE) as file:
            if suffix == ".jsonl":
                yield from _jsonl(file, name)
            elif suffix in (".html", ".htm"):
                yield _page(file.read(), name)
            else:
                yield _text(file.read(), name)
    except OSError as error:
        yield Refusal(where=name, reason=f"cannot be read: {error.strerror or error}")


def _jsonl(file: BinaryIO, name: str) -> Iterator[_Found | Refusal]:
    codec = encodings.detect(cast(io.BufferedReader, file).peek(encodings.SAMPLE))
    if codec is None:
        yield Refusal(where=name, reason="binary data, not text")
        return
    for number, line in enumerate(_lines(file, codec), 1):
        where = f"{name}:{number}"
        if isinstance(line, Refusal):
            yield Refusal(where=where, reason=line.reason)
        elif line.strip():
            yield _json_article(line, where)


def _lines(file: BinaryIO, codec: str) -> Iterator[str | Refusal]:
    """Lines of a file; a refusal instead of one that is too long, or not in the encoding of the rest."""
    if codec.startswith("utf-16"):
        text = io.TextIOWrapper(file, codec, errors="replace", newline="\n")
        yield from text
        text.detach()  # whoever opened the file closes it
        return
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while rest := file.readline(MAX_LINE):
                if rest.endswith(b"\n"):
                    break
            yield Refusal(where="", reason=f"longer than {MAX_LINE >> 20} MiB")
            continue
        try:
            yield line.decode(codec)
        except UnicodeDecodeError:
            yield Refusal(where="", reason=f"not {codec}")


def _json_article(line: str, where: str) -> _Found | Refusal:
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
    return _article(fields, where)


def decoded(data: bytes) -> str | None:
    """The characters of a text file with every line end as a line feed; None when it is not text."""
    codec = encodings.detect(data)
    return None if codec is None else data.decode(codec, errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _text(data: bytes, name: str) -> _Found | Refusal:
    text = decoded(data)
    if text is None:
        return Refusal(where=name, reason="binary data, not text")
    front = FRONT_MATTER.match(text)
    if not front:
        return _article({"text": text}, name)
    import yaml

    try:
        fields = yaml.safe_load(front[1]) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return Refusal(where=f"{name}:{line}", reason=f"the front matter is not YAML: {error.problem}")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Refusal(where=name, reason=f"the front matter is not YAML: {error}")
    if not isinstance(fields, dict):
        return _article({"text": text}, name)  # a rule of dashes, not front matter
    return _article({str(key): value for key, value in fields.items()} | {"text": text[front.end() :]}, name)


def _page(data: bytes, name: str) -> _Found | Refusal:
    codec = encodings.declared(data) or encodings.detect(data)
    if codec is None:
        return Refusal(where=name, reason="binary data, not a page")
    page = pages.extract(data.decode(codec, errors="replace"))
    if page is None:
        return Refusal(where=name, field="text", reason="no article was found on this page")
    return _article(page, name)


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


def _article(fields: dict[str, object], where: str) -> _Found | Refusal:
    """Check the fields of one article, detect its language and derive its id where they are not given."""
    if not isinstance(fields.get("text"), str):
        return Refusal(
            where=where, field="text", reason="not a string" if fields.get("text") is not None else "missing"
        )
    if not str(fields["text"]).strip():
        return Refusal(where=where, field="text", reason="empty")
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
    return _Found(article, where)
