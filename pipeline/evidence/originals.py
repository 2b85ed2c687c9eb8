"""Finds the bytes again that an article was read from, and reads them again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pipeline import archives, articles, encodings, settings
from pipeline.archives import Capture
from pipeline.articles import Found
from pipeline.evidence.manifest import Exhibit
from pipeline.records import Article, Provenance

ARCHIVES = (".warc", ".warc.gz", ".wacz")


@dataclass(frozen=True, slots=True)
class Kept:
    """The content of a file with the ending `kind`, which `run` reads; `page` is what is packed in it, if it is a record."""

    kind: str
    data: bytes
    page: bytes | None = None


def find(read: Provenance) -> Kept | str:
    """The bytes that an article was read from, or why they are not there any more."""
    if read.path is None:
        return "it was read from standard input, which nobody kept"
    path = Path(read.path)
    if not path.is_file():
        return "the file is not there any more"
    kind = articles.kind_of(path) or ".txt"
    try:
        with path.open("rb", buffering=encodings.SAMPLE) as file:
            return _found(file, kind, read)
    except OSError as error:
        return f"the file cannot be read: {error.strerror or error}"


def _found(file: BinaryIO, kind: str, read: Provenance) -> Kept | str:
    if kind == ".jsonl":
        line = _line(file, read.sha256)
        return Kept(kind, line) if line is not None else "the line is not in the file any more"
    if kind in ARCHIVES:
        record = archives.record(file, read)
        return Kept(".warc", record, _page(record)) if record is not None else "the record is not in the file any more"
    data = file.read(settings.limit("page") + 1)
    return Kept(kind, data) if sha256(data).hexdigest() == read.sha256 else "the file has changed since it was read"


def _line(file: BinaryIO, wanted: str) -> bytes | None:
    """The line of a JSON Lines file that has this hash, wherever it stands by now."""
    lines = (line[0] for line in articles.json_lines(file) or () if isinstance(line, tuple))
    return next((line for line in lines if sha256(line).hexdigest() == wanted), None)


def _page(record: bytes) -> bytes | None:
    pages = archives.warc(BytesIO(record), "", Counter())
    return next((page.body for page in pages if isinstance(page, Capture)), None)


def read_again(data: bytes, name: str) -> list[Found]:
    """The articles that an original gives now."""
    return [item for item in articles.of_bytes(data, name) if isinstance(item, Found)]


def differing(found: Sequence[Found], exhibit: Exhibit, text: str, digest: str) -> tuple[str, ...]:
    """What an original that was read again gives otherwise: fields of an article, or how its text was normalised.

    `digest` is what the collection notes of the original; "article" when nothing that has it is an article.
    """
    told = [tuple(_differing(item, exhibit, text)) for item in found if item.provenance.sha256 == digest]
    return min(told, key=lambda some: ("text" in some, len(some)), default=("article",))


def _differing(item: Found, exhibit: Exhibit, text: str) -> Iterator[str]:
    wanted = exhibit.article(text)
    yield from (one.name for one in fields(Article) if getattr(item.article, one.name) != getattr(wanted, one.name))
    if item.normalised.signature != exhibit.normalised:
        yield "normalised"
