"""Web archives are streamed; what is damaged is named, the rest goes through, and what is no article is counted."""

import gzip
import io
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import archives, articles
from pipeline.archives import Capture
from pipeline.records import Article, Refusal

HTML = b"Content-Type: text/html; charset=windows-1251"
TEXT = "Паром «{}» не выйдет из гавани, пока не кончится шторм, сказал капитан пассажирам на палубе."


def page(name: str) -> bytes:
    return f"<html><head><title>Шторм</title></head><body><p>{TEXT.format(name)}</p></body></html>".encode("cp1251")


def record(
    body: bytes, *headers: bytes, kind: bytes = b"response", status: bytes = b"200 OK", at: bytes = b"a"
) -> bytes:
    http = b"\r\n".join([b"HTTP/1.1 " + status, *headers]) + b"\r\n\r\n" if kind != b"resource" else b""
    block = http + body
    content_type = b"application/http; msgtype=response" if http else b"text/html"
    return (
        b"WARC/1.1\r\nWARC-Type: %s\r\nWARC-Target-URI: https://ferry.example/%s\r\nWARC-Date: 2024-03-12T10:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:0>\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
        % (kind, at, content_type, len(block), block)
    )


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def captures(data: bytes, read: Callable[..., object] = archives.warc) -> tuple[list[Capture | Refusal], Counter[str]]:
    passed_over: Counter[str] = Counter()
    return list(read(io.BytesIO(data), "a.warc", passed_over)), passed_over  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("headers", "pack"),
    [
        ((), bytes),
        ((b"Content-Encoding: gzip",), gzip.compress),
        ((b"Content-Encoding: deflate",), zlib.compress),
        ((b"Transfer-Encoding: chunked",), chunked),
        ((b"Content-Encoding: gzip", b"Transfer-Encoding: chunked"), lambda body: chunked(gzip.compress(body))),
        ((b"Content-Encoding: gzip", b"Transfer-Encoding: chunked"), bytes),  # a crawler unpacked it
    ],
)
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_page_is_unpacked(
    headers: tuple[bytes, ...], pack: Callable[[bytes], bytes], compress: Callable[[bytes], bytes]
) -> None:
    (found,), _ = captures(compress(record(pack(page("Анна")), HTML, *headers)))
    where, url = "a.warc:1 https://ferry.example/a", "https://ferry.example/a"
    assert found == Capture(where, url, page("Анна"), "windows-1251", offset=0, record_id="<urn:uuid:0>")


def test_what_is_no_page_is_counted_by_kind() -> None:
    found, passed_over = captures(
        record(b"", b"Server: x", kind=b"warcinfo")
        + record(page("Анна"), HTML)
        + record(b"\x89PNG", b"Content-Type: image/png")
        + record(page("Борис"), HTML, status=b"404 Not Found")
        + record(b"", HTML, status=b"301 Moved")
        + record(b"", HTML, kind=b"revisit")
        + record(b"plain", kind=b"request")
        + record(b"<!DOCTYPE html><p>x")  # no word about its kind, but one sees it
        + record(page("Вера"), kind=b"resource")
    )
    assert [item.where.partition(" ")[0] for item in found] == ["a.warc:2", "a.warc:8", "a.warc:9"]
    assert passed_over == {"no pages": 1, "HTTP 404": 1, "HTTP 301": 1, "repetitions": 1}


def test_articles_come_out_of_an_archive_once(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    bodies = [page("Анна"), page("Борис"), page("Анна"), b"<html><body><a href='/'>Home</a></body></html>"]
    path.write_bytes(b"".join(gzip.compress(record(body, HTML)) for body in bodies))
    passed_over: Counter[str] = Counter()
    found = [item for _, item in articles.find(articles.inputs([str(path)]).files, passed_over)]
    assert [item.article.text for item in found if isinstance(item, articles.Found)] == [
        TEXT.format("Анна"),
        TEXT.format("Борис"),
    ]
    assert passed_over == {"repetitions": 1, "pages without an article": 1}
    first = found[0]
    assert isinstance(first, articles.Found)
    assert (first.article.url, first.article.language) == ("https://ferry.example/a", "ru")
    assert first.where == f"{path}:1 https://ferry.example/a"


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_what_follows_a_damaged_record_goes_through(compress: Callable[[bytes], bytes]) -> None:
    records = [bytearray(compress(record(os.urandom(400), HTML, at=str(n).encode()))) for n in range(4)]
    records[1][0:60] = b"#" * 60
    found, _ = captures(b"".join(records))
    assert [item.url[-1] for item in found if isinstance(item, Capture) and item.url] == ["0", "2", "3"]
    (refused,) = [item for item in found if isinstance(item, Refusal)]
    assert refused.where == "a.warc:2"
    assert "damaged" in refused.reason


def test_a_record_that_is_broken_off_is_refused() -> None:
    whole = record(page("Анна"), HTML)
    found, _ = captures(whole + whole[:-50])
    assert [type(item) for item in found] == [Capture, Refusal]
    assert "broken off" in str(found[1])


@pytest.mark.parametrize("data", [b"", b"no archive at all", b"\x1f\x8b\x08" * 50])
def test_no_archive_is_refused(data: bytes) -> None:
    (refused,), _ = captures(data)
    assert isinstance(refused, Refusal)


@pytest.mark.parametrize(
    ("headers", "body"),
    [((), bytes(4000)), ((b"Content-Encoding: gzip",), gzip.compress(bytes(1 << 22)))],
)
def test_a_record_over_the_limit_is_refused(
    headers: tuple[bytes, ...], body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSQUOTE_MAX_RECORD", "3000" if not headers else "100000")
    found, _ = captures(record(body, HTML, *headers) + record(b"<p>x", HTML))
    assert [type(item) for item in found] == [Refusal, Capture]
    assert "CROSSQUOTE_MAX_RECORD" in str(found[0])


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return file.getvalue()


def test_a_wacz_holds_archives_among_other_files() -> None:
    data = packed(
        datapackage_json=b"{}",
        archive__b_warc=record(b"<p>b", HTML),
        archive__a_warc_gz=gzip.compress(record(b"<p>a", HTML)),
    )
    found, _ = captures(data, archives.wacz)
    assert [item.where for item in found] == [
        f"a.warc/archive/{name}:1 https://ferry.example/a" for name in ("a.warc.gz", "b.warc")
    ]


def test_a_damaged_wacz_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(archive__a_warc=record(b"<p>a", HTML), pages_jsonl=b"{}")
    assert isinstance(captures(data[:-9], archives.wacz)[0][0], Refusal)
    assert "no WARC" in str(captures(packed(pages_jsonl=b"{}"), archives.wacz)[0][0])
    spoilt = data.replace(b"<p>a", b"<p>b", 1)
    assert any("damaged" in str(item) for item in captures(spoilt, archives.wacz)[0])
    monkeypatch.setenv("CROSSQUOTE_MAX_MEMBERS", "1")
    assert "CROSSQUOTE_MAX_MEMBERS" in str(captures(data, archives.wacz)[0][0])


def test_the_page_of_an_mhtml_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mhtml"
    path.write_bytes(
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
        b"Content-Type: text/html; charset=windows-1251\r\nContent-Transfer-Encoding: 8bit\r\n"
        b"Content-Location: https://ferry.example/a\r\n\r\n" + page("Анна") + b"\r\n--x--\r\n"
    )
    (found,) = articles.read(articles.inputs([str(path)]).files)
    assert isinstance(found, Article)
    assert (found.text, found.url) == (TEXT.format("Анна"), "https://ferry.example/a")
    path.write_bytes(b"Content-Type: text/plain\r\n\r\nx")
    assert "no page" in str(next(iter(articles.read([str(path)]))))
