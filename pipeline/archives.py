"""The pages in web archives (WARC, gzipped or not, and WACZ) and in a page that was saved with all its parts (MHTML).

An archive is streamed: no more than one page of it is in memory. What is no page is counted by kind and passed over.
"""

import email
import email.policy
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, BinaryIO

from pipeline import settings
from pipeline.records import Provenance, Refusal

IS_PAGE = re.compile(rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.I | re.S)
PAGES = ("text/html", "application/xhtml+xml")
START = re.compile(rb"\x1f\x8b\x08|(?<=\n)WARC/1\.")
DAMAGE = (
    *(OSError, ValueError, RuntimeError, EOFError, OverflowError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)
MAX_DAMAGES = 100
"""Damaged places of a file from which on the rest of it is not tried."""

END_OF_ZIP = 1 << 17
"""Bytes in which the end of a ZIP archive says how many files are in it: a comment there may take half of them."""

AN_ENTRY = 300
"""Bytes of a file's entry in the directory of a ZIP archive that are not exceeded on average: 46, a name, some dates."""

REPETITIONS = "repetitions"
"""What pages are counted as that were there before."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A page as it was fetched: `where` names the archive and the record, `charset` is what the server called it.

    `inside`, `offset` and `record_id` as in `Provenance`; none outside web archives.
    """

    where: str
    url: str | None
    body: bytes
    charset: str | None
    inside: str | None = None
    offset: int | None = None
    record_id: str | None = None


def warc(file: BinaryIO, name: str, passed_over: Counter[str]) -> Iterator[Capture | Refusal]:
    """The pages of a WARC file in its order; a refusal for what is damaged or too large, and the rest goes through."""
    number, at, damages = 0, 0, 0
    told = False  # the damage that the last refusal named is still being stepped over
    while damages < MAX_DAMAGES:
        try:
            for record in _records(file, at):
                number, at, told = number + 1, record.stream_pos, False
                found = _captured(record, f"{name}:{number}", passed_over)
                if found is not None:
                    yield found
            break
        except DAMAGE as error:
            if not told:
                number += 1
                yield Refusal(where=f"{name}:{number}", reason=f"damaged, after byte {at:,}: {error}")
            damages, told = damages + 1, True
            after = _next_start(file, at + 1)
            if after is None:
                return
            at = after
    if number == 0 and not told:
        yield Refusal(where=name, reason="there is no record in this archive")


def _records(file: BinaryIO, at: int) -> Iterator[Any]:
    from fastwarc.warc import ArchiveIterator

    file.seek(at)
    yield from ArchiveIterator(file, parse_http=False, strict_mode=False)


def _next_start(file: BinaryIO, at: int) -> int | None:
    """Where the next record may begin, packed or not; None when there is none, or what is left cannot be read."""
    try:
        file.seek(at)
        kept = b""
        while block := file.read(1 << 20):
            if found := START.search(kept + block):
                return at - len(kept) + found.start()
            at, kept = at + len(block), (kept + block)[-8:]
    except DAMAGE:
        pass
    return None


def wacz(file: BinaryIO, name: str, passed_over: Counter[str]) -> Iterator[Capture | Refusal]:
    """The pages of the WARC files in a WACZ file, in the order of their names."""
    try:
        if told_members(file) > settings.limit("members"):
            yield Refusal(where=name, reason=settings.over_limit("members", "more than {} files in it"))
            return
        with zipfile.ZipFile(file) as packed:
            members = packed.infolist()
            archives = [one for one in members if one.filename.lower().endswith((".warc", ".warc.gz"))]
            if not archives:
                yield Refusal(where=name, reason="there is no WARC file in it")
            for member in sorted(archives, key=lambda one: one.filename):
                yield from _member(packed, member, f"{name}/{member.filename}", passed_over)
    except DAMAGE as error:
        yield Refusal(where=name, reason=f"not a WACZ file: {error}")


def told_members(file: BinaryIO) -> int:
    """How many files a ZIP archive says are in it, or has room for in its directory, before anything of that is read."""
    size = file.seek(0, io.SEEK_END)
    file.seek(-min(size, END_OF_ZIP), io.SEEK_END)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    found = [0]
    if len(tail[at:]) >= 22 and at >= 0:
        number, directory = struct.unpack_from("<HI", tail, at + 10)
        found += [number, directory // AN_ENTRY] if directory != 0xFFFFFFFF else []
    large = tail.rfind(b"PK\x06\x06")  # for archives with more than 65,535 files
    if large >= 0 and len(tail[large:]) >= 56:
        number, directory = struct.unpack_from("<QQ", tail, large + 32)
        found += [number, directory // AN_ENTRY]
    file.seek(0)
    return max(found)


def _member(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, where: str, passed_over: Counter[str]
) -> Iterator[Capture | Refusal]:
    try:
        with packed.open(member) as file:
            for found in warc(file, where, passed_over):  # type: ignore[arg-type]
                yield found if isinstance(found, Refusal) else replace(found, inside=member.filename)
    except DAMAGE as error:
        yield Refusal(where=where, reason=f"cannot be unpacked: {error}")


def record(file: BinaryIO, read: Provenance) -> bytes | None:
    """The record of an archive that an article was read from, as a WARC file of its own; None when it is not there.

    It is looked for where it was, then everywhere.
    """
    try:
        if read.inside is None:
            return _record(file, read)
        with zipfile.ZipFile(file) as packed, packed.open(read.inside) as member:
            return _record(member, read)  # type: ignore[arg-type]
    except (*DAMAGE, KeyError):
        return None


def _record(file: BinaryIO, read: Provenance) -> bytes | None:
    for start in sorted({read.offset or 0, 0}, reverse=True):
        try:
            for found in _records(file, start):
                if found.headers.get("WARC-Record-ID") != read.record_id or not _fits(found):
                    continue
                written = io.BytesIO()
                found.write(written)
                pages = warc(io.BytesIO(written.getvalue()), "", Counter())
                if any(isinstance(page, Capture) and sha256(page.body).hexdigest() == read.sha256 for page in pages):
                    return written.getvalue()
        except DAMAGE:
            continue
    return None


def mhtml(data: bytes, name: str) -> Capture | Refusal:
    """The page of an MHTML file."""
    if data.count(b"\n--") > settings.limit("members"):
        return Refusal(where=name, reason=settings.over_limit("members", "more than {} parts in it"))
    try:
        parts = email.message_from_bytes(data, policy=email.policy.compat32).walk()
        part = next((part for part in parts if part.get_content_type() in PAGES), None)
        body = part.get_payload(decode=True) if part is not None else None
    except RecursionError:
        return Refusal(where=name, reason="its parts are nested too deeply in one another")
    except (ValueError, LookupError) as error:
        return Refusal(where=name, reason=f"not MHTML: {error}")
    if part is None or not isinstance(body, bytes):
        return Refusal(where=name, reason="there is no page in it")
    location = part.get("Content-Location")  # a header of its own kind, when it is damaged
    return Capture(name, str(location) if location else None, body, part.get_content_charset())


def _captured(record: Any, where: str, passed_over: Counter[str]) -> Capture | Refusal | None:
    """The page of a record; None when it is none, which is counted."""
    type_, url = record.headers.get("WARC-Type"), record.headers.get("WARC-Target-URI")
    where = f"{where} {url or ''}".rstrip()
    if type_ is None or record.headers.get("Content-Length") is None:
        return Refusal(where=where, reason="its header is broken off")
    if type_ not in ("response", "resource"):
        passed_over[REPETITIONS] += type_ == "revisit"
        return None
    headers, charset = record.headers, None
    if _bare(headers.get("Content-Type")) == "application/http":
        headers = _http(record)
        if headers is None:
            return Refusal(where=where, reason="broken off, or without the header of HTTP")
        if headers.status_code != 200:
            passed_over[f"HTTP {headers.status_code}"] += 1
            return None
        charset = record.http_charset
    kind = _bare(headers.get("Content-Type"))
    body = _body(record, headers, where) if not kind or kind in PAGES else b""
    if isinstance(body, Refusal):
        return body
    if kind not in PAGES and not IS_PAGE.match(body):
        passed_over["no pages"] += 1
        return None
    return Capture(where, url, body, charset, offset=record.stream_pos, record_id=record.headers.get("WARC-Record-ID"))


def _fits(record: Any) -> bool:
    return bool(record.content_length <= settings.limit("record"))


def _body(record: Any, headers: Any, where: str) -> bytes | Refusal:
    """What a record holds behind its headers, unpacked."""
    limit = settings.limit("record")
    too_large = Refusal(where=where, reason=settings.over_limit("record", "longer than {} bytes"))
    if not _fits(record):
        return too_large
    raw = _read(record.reader, limit)
    if len(raw) < record.content_length:
        return Refusal(where=where, reason=f"broken off after {len(raw):,} of {record.content_length:,} bytes")
    names = f"{headers.get('Content-Encoding') or ''},{headers.get('Transfer-Encoding') or ''}".lower()
    body = _decoded(raw, names.split(","), limit)
    return too_large if len(body) > limit else body


def _http(record: Any) -> Any:
    """The header of an HTTP response; None when there is none."""
    try:
        record.parse_http()
    except (OSError, ValueError):
        return None
    headers = record.http_headers
    return headers if headers is not None and headers.status_code is not None else None


def _bare(content_type: str | None) -> str:
    """The kind of content without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def _read(reader: Any, limit: int) -> bytes:
    """All of a stream, up to one byte more than `limit`."""
    parts, size = [], 0
    while size <= limit and (part := reader.read(min(1 << 20, limit + 1 - size))):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _decoded(raw: bytes, names: Sequence[str], limit: int) -> bytes:
    """A body as it was before it was packed and cut for its way. Crawlers keep the headers of what they unpacked.

    At most one byte more than `limit`, whatever it would become.
    """
    from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader, ZstdReader

    readers: dict[str, Callable[[io.BytesIO], Any]] = {
        "chunked": ChunkedReader,
        "gzip": GzipReader,
        "x-gzip": GzipReader,
        "br": BrotliReader,
        "zstd": ZstdReader,
        "deflate": lambda packed: GzipReader(packed, zlib=True),
    }
    for name in reversed(names):
        if reader := readers.get(name.strip()):
            try:
                raw = _read(reader(io.BytesIO(raw)), limit) or raw
            except (OSError, ValueError):
                continue
    return raw
