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
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from pipeline import archives, collection, encodings, feeds, languages, nesting, pages, sentences, settings
from pipeline.errors import InputError
from pipeline.normalisation import Normalised, normalise
from pipeline.records import Article, Language, Provenance, Refusal, content_id

STANDARD_INPUT = "standard input"
BOM = "\ufeff"
PASSED_OVER = re.compile(r"\.|README|LICENSE", re.I)
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
NULL = "tag:yaml.org,2002:null"
BRIEF = 200  # characters of a reason that may be those of a user
FRONT_MATTER = re.compile(r"---[ \t]*(?:\r\n|\r|\n)(?P<fields>.*?)(?<=[\r\n])---[ \t]*(?:(?:\r\n|\r|\n)+|\Z)", re.S)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files behind the paths that a user named, in order; "-" is standard input."""

    files: tuple[str, ...]
    passed_over: int  # files of other kinds in the folders
    refused: tuple[Refusal, ...]
    named: tuple[str, ...]

    def covering(self) -> Callable[[str], bool]:
        """What tells whether a file, as `Refusal.source` names it, is one of these, or would be if it were still there."""
        roots = {_source(path) for path in self.named}
        return cache(lambda source: source in roots or any(str(above) in roots for above in Path(source).parents))


def inputs(paths: Sequence[str]) -> Inputs:
    """Expand folders; InputError when nothing is left that could be read."""
    files: list[str] = []
    refused: list[Refusal] = []
    others = 0
    for path in paths:
        try:
            if path == "-" or (Path(path).is_file() and kind_of(path)):
                files.append(path)
            elif Path(path).is_dir():
                inside = _inside(Path(path))
                fitting = [str(file) for file in inside if _is_input(file)]
                if not fitting:
                    refused.append(Refusal(where=path, reason="there is no article in this folder"))
                files += fitting
                others += len(inside) - len(fitting)
            else:
                refused.append(Refusal(where=path, reason=_no_input(path)))
        except OSError as error:  # a name that is too long, a folder that may not be entered
            refused.append(Refusal(where=path, reason=f"cannot be read: {error.strerror or error}"))
    if not files:
        raise InputError(
            "; ".join(map(str, refused)) or "no input was named", "name files, folders, or - for standard input"
        )
    return Inputs(tuple(files), others, tuple(refused), tuple(paths))


def _no_input(path: str) -> str:
    if Path(path).exists():
        return f"not a kind of file that can be read ({', '.join(READERS)})"
    return "there is no such file or folder"


def _source(name: str) -> str:
    """A file as `Refusal.source` names it."""
    return name if name == "-" else _told(os.path.abspath(name))  # noqa: PTH100  links stay links


def kind_of(name: str | Path) -> str | None:
    """The ending that says how a file is read; None for other kinds of file."""
    return next((kind for kind in READERS if str(name).lower().endswith(kind)), None)


def _is_input(file: Path) -> bool:
    """Whether a file in a folder is to be read. XML and JSON may be anything: there the first bytes decide."""
    kind = kind_of(file)
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
    """An article, what it was read from, and what was normalised in its text."""

    article: Article
    provenance: Provenance
    normalised: Normalised

    @property
    def where(self) -> str:
        """File, and line or record."""
        return self.provenance.where


def read(files: Iterable[str]) -> Iterator[Article | Refusal]:
    """The articles of `files` in order, and a refusal for each that cannot be used. One id with two texts is refused."""
    return (_bare(item) for _, item in find(files, Counter()))


def read_with_file(files: Iterable[str]) -> Iterator[tuple[str, Article | Refusal]]:
    """As `read`, each with the file that it stands in; an article that stands in several, once for each."""
    return ((name, _bare(item)) for name, item in find(files, Counter(), repeated=True))


def _bare(item: Found | Refusal) -> Article | Refusal:
    return item.article if isinstance(item, Found) else item


def find(
    files: Iterable[str], passed_over: Counter[str], *, repeated: bool = False
) -> Iterator[tuple[str, Found | Refusal]]:
    """The articles of `files`, each with its file and what is known of how it was read; one that is `repeated` only if wanted.

    `passed_over` counts, by kind, what is neither an article nor refused: repetitions, and what archives hold beside pages.
    """
    seen: dict[str, bytes] = {}
    for name in files:
        for item in _read_file(name, passed_over):
            if isinstance(item, Refusal):
                yield name, replace(item, source=_source(name))
                continue
            article = item.article
            digest = hashlib.sha256(article.text.encode()).digest()
            known = article.id in seen
            if seen.setdefault(article.id, digest) != digest:
                reason = f"{_brief(repr(article.id))} was used before, with another text"
                yield name, Refusal(where=item.where, field="id", reason=reason, source=_source(name))
            elif repeated or not known:
                yield name, item
            else:
                passed_over[archives.REPETITIONS] += 1


Line = TypeVar("Line", str, bytes)
Items = Iterator[Found | Refusal]
Reader = Callable[[BinaryIO, str, Counter[str]], Items]


def _read_file(name: str, passed_over: Counter[str]) -> Items:
    if name == "-":
        yield from _jsonl(sys.stdin.buffer, STANDARD_INPUT, passed_over)
        return
    try:
        with Path(name).open("rb", buffering=encodings.SAMPLE) as file:
            yield from READERS[kind_of(name) or ".txt"](file, _told(name), passed_over)
    except OSError as error:
        yield Refusal(where=_told(name), reason=f"cannot be read: {error.strerror or error}")


def _told(name: str) -> str:
    """A file's name as characters: some are bytes that are none, and can neither be kept nor shown."""
    return name.encode("utf-8", "backslashreplace").decode()


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


def of_bytes(data: bytes, name: str) -> Items:
    """The articles in the content of a file of that name; it is not looked for on the disk."""
    with io.BufferedReader(cast(io.RawIOBase, io.BytesIO(data)), encodings.SAMPLE) as file:
        yield from READERS[kind_of(name) or ".txt"](file, name, Counter())


def _jsonl(file: BinaryIO, name: str, _: Counter[str]) -> Items:
    lines = json_lines(file)
    if lines is None:
        yield Refusal(where=name, reason="binary data, not text")
        return
    path = _path(name)
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        if isinstance(line, Refusal):
            yield Refusal(where=where, reason=line.reason)
            continue
        data, text = line
        if text.strip():
            yield _json_article(text, _read_from(data, where, path))


def json_lines(file: BinaryIO) -> Iterator[tuple[bytes, str] | Refusal] | None:
    """The lines of a JSON Lines file, as `Provenance` counts their bytes, and as characters; None when it is not text.

    A refusal stands for a line that cannot be read.
    """
    sample = cast(io.BufferedReader, file).peek(encodings.SAMPLE)
    codec = encodings.detect(sample)
    if codec is None:
        return None
    if codec.startswith(("utf-16", "utf-32")):
        return _wide_lines(file, codec)
    return _narrow_lines(file, codec, told=not sample.isascii())


def _narrow_lines(file: BinaryIO, codec: str, *, told: bool) -> Iterator[tuple[bytes, str] | Refusal]:
    """Lines of a file, as bytes and as characters; a refusal instead of one that is too long, or not in the encoding of the rest.

    `told` is False where the beginning of the file is ASCII: then the first line that is not tells the encoding.
    """
    for line in _within(file.readline, b"\n"):
        if isinstance(line, Refusal):
            yield line
            continue
        if not told and not line.isascii():
            codec, told = encodings.detect(line) or codec, True
        for part in line.rstrip(b"\r\n").split(b"\r"):  # inside JSON a carriage return is written otherwise
            try:
                yield part, part.decode(codec).removeprefix(BOM)
            except UnicodeDecodeError:
                yield Refusal(where="", reason=f"not {codec}")


def _wide_lines(file: BinaryIO, codec: str) -> Iterator[tuple[bytes, str] | Refusal]:
    """As `_narrow_lines`, for encodings in which a line feed is more than a byte; the bytes are those of UTF-8."""
    text = io.TextIOWrapper(file, codec, errors="replace", newline="\n")
    for line in _within(text.readline, "\n"):
        if isinstance(line, Refusal):
            yield line
        else:
            for part in line.rstrip("\r\n").removeprefix(BOM).split("\r"):
                yield part.encode("utf-8", errors="replace"), part
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


def _json_article(line: str, provenance: Provenance) -> Found | Refusal:
    where = provenance.where
    try:
        fields = nesting.json_value(line)
    except nesting.TooDeep as error:
        return Refusal(where=where, reason=str(error))
    except json.JSONDecodeError as error:
        return Refusal(where=where, reason=f"not JSON: {error.msg} at character {error.pos + 1}")
    except ValueError as error:  # a number with thousands of digits
        return Refusal(where=where, reason=f"not JSON: {error}")
    if not isinstance(fields, dict):
        return Refusal(where=where, reason="not a JSON object")
    return _article(fields, provenance)


def decoded(data: bytes) -> str | None:
    """The characters of a text file, normalised as those of articles are; None when it is not text."""
    found = encodings.decode(data)
    return None if found is None else normalise(found.text).text


def _text(data: bytes, name: str) -> Items:
    found = encodings.decode(data)
    if found is None:
        yield Refusal(where=name, reason="binary data, not text")
    else:
        yield _text_article(found, _read_from(data, name, _path(name)))


def _text_article(found: encodings.Decoded, provenance: Provenance) -> Found | Refusal:
    text, name = found.text, provenance.where
    front = FRONT_MATTER.match(text)
    if not front:
        return _article({"text": text}, provenance, found.damaged)
    import yaml

    try:
        fields = yaml.load(front["fields"], Loader=_strings_only()) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return Refusal(where=f"{name}:{line}", reason=f"the front matter is not YAML: {error.problem}")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Refusal(where=name, reason=_brief(f"the front matter is not YAML: {error}"))
    if not isinstance(fields, dict):
        return _article({"text": text}, provenance, found.damaged)  # a rule of dashes, not front matter
    fields = {str(key): value for key, value in fields.items()} | {"text": text[front.end() :]}
    return _article(fields, provenance, found.damaged)


@cache
def _strings_only() -> Any:
    """YAML in which values stay as they are written: 007 is no seven, and "no" is neither a lie nor Norway."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    known = yaml.SafeLoader.yaml_implicit_resolvers.items()
    Loader.yaml_implicit_resolvers = {first: [one for one in some if one[0] == NULL] for first, some in known}
    return Loader


def _page(data: bytes, name: str) -> Items:
    yield _captured(archives.Capture(name, None, data, None), data, name)


def _mhtml(data: bytes, name: str) -> Items:
    yield _captured(archives.mhtml(data, name), data, name)


def _captured(capture: archives.Capture | Refusal, data: bytes, name: str) -> Found | Refusal:
    """The article of a file that holds one page."""
    found = capture if isinstance(capture, Refusal) else _of_page(capture, _read_from(data, name, _path(name)))
    return Refusal(where=name, field="text", reason="no article was found on this page") if found is None else found


def _of_page(capture: archives.Capture, provenance: Provenance) -> Found | Refusal | None:
    """The article on a page; None when there is none."""
    claims = (encodings.claimed(capture.charset), encodings.declared(capture.body))
    decoded = encodings.decode(capture.body, claims)
    if decoded is None:
        return Refusal(where=capture.where, reason="binary data, not a page")
    try:
        page = pages.extract(decoded.text, capture.url)
    except pages.Unreadable as error:
        return Refusal(where=capture.where, reason=str(error))
    return None if page is None else _article(page, provenance, decoded.damaged)


def _warc(file: BinaryIO, name: str, passed_over: Counter[str]) -> Items:
    yield from _of_archive(archives.warc(file, name, passed_over), name, passed_over)


def _wacz(file: BinaryIO, name: str, passed_over: Counter[str]) -> Items:
    yield from _of_archive(archives.wacz(file, name, passed_over), name, passed_over)


def _of_archive(captures: Iterator[archives.Capture | Refusal], name: str, passed_over: Counter[str]) -> Items:
    """The articles of an archive. Crawls hold many pages without one: those are counted."""
    path = _path(name)
    for capture in captures:
        found = capture if isinstance(capture, Refusal) else _of_page(capture, _of_record(capture, path))
        if found is None:
            passed_over["pages without an article"] += 1
        else:
            yield found


def _feed(data: bytes, name: str) -> Items:
    number = 0
    provenance = _read_from(data, name, _path(name))
    try:
        for number, fields in enumerate(feeds.entries(data), 1):
            yield _article(fields, replace(provenance, where=f"{name}:{number}"))
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
    """The fields of an article as a user gives them; an empty string counts as absent, a number as its digits."""

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
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        if not isinstance(value, str):
            raise ValueError("not a string")
        if any("\ud800" <= c <= "\udfff" for c in value):
            raise ValueError("holds half of a surrogate pair, which is no character")
        return value if value.strip() else None

    @field_validator("id", "language", "published", "url", "translation_of", "translator")
    @classmethod
    def _in_one_line(cls, value: str | None) -> str | None:
        """What is kept as it is, and not normalised, has none of the characters that break a line or lead a terminal astray."""
        if value and (found := UNFIT.search(value)):
            raise ValueError(f"holds a control character ({ascii(found[0])[1:-1]})")
        return value

    @field_validator("published")
    @classmethod
    def _iso(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError(f"{_brief(repr(value))} is not an ISO 8601 date or time") from error
        return value.strip()


def _brief(told: str) -> str:
    """The beginning of what is told, where that quotes something long."""
    return f"{told[:BRIEF]}…" if len(told) > BRIEF else told


def _path(name: str) -> str | None:
    """Where a file lies; None for standard input."""
    return None if name == STANDARD_INPUT else str(Path(name).absolute())


def _read_from(data: bytes, where: str, path: str | None) -> Provenance:
    """That an article was read from `data`, just now."""
    return Provenance(
        sha256=hashlib.sha256(data).hexdigest(), where=where, path=path, read_at=settings.now().isoformat()
    )


def _of_record(capture: archives.Capture, path: str | None) -> Provenance:
    """That an article was read from the record of a web archive, just now."""
    return replace(
        _read_from(capture.body, capture.where, path),
        inside=capture.inside,
        offset=capture.offset,
        record_id=capture.record_id,
    )


def _article(fields: dict[str, object], provenance: Provenance, damaged: bool = False) -> Found | Refusal:
    """Check the fields of one article, normalise it, detect its language and derive its id where they are not given.

    `damaged`: some of its bytes were no characters.
    """
    where = provenance.where
    faulty = _fault(fields, where)
    if faulty:
        return faulty
    normalised = normalise(str(fields["text"]))
    if not normalised.text.strip():
        return Refusal(where=where, field="text", reason="empty")
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
        return Refusal(where=where, field="language", reason=_brief(str(error)))
    endless = _endless_sentence(checked.text, language)
    if endless is not None:
        too_long = f"character {endless:,} begins a sentence longer than {{}} characters"
        return Refusal(where=where, field="text", reason=settings.over_limit("sentence", too_long))
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
    return Found(article, provenance, normalised)


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


def _endless_sentence(text: str, language: Language) -> int | None:
    """Where a sentence begins that is longer than it may be; None when there is none."""
    limit, at = settings.limit("sentence"), 0
    for line in text.split("\n"):
        if len(line) > limit:
            for sentence in sentences.split(line, language):
                if sentence.end - sentence.start > limit:
                    return at + sentence.start
        at += len(line) + 1
    return None


def _normalised(name: str, value: object) -> object:
    """A field in its normal spelling; ids, addresses and codes stay as they are."""
    return " ".join(normalise(value).text.split()) if name in ("title", "outlet") and isinstance(value, str) else value
