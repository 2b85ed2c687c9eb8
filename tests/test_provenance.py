"""Every article keeps the hash of the bytes that it was read from, their place, and when they were read first."""

import gzip
import hashlib
import io
import json
import sqlite3
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from test_archives import HTML, page, record

from pipeline import archives, articles
from pipeline.articles import Found
from pipeline.collection import FILE, Collection
from pipeline.engines import Engines
from pipeline.records import Provenance
from pipeline.run import run

TEXT = "Капітан сказав: «Пором не вийде з гавані, доки не вщухне шторм». Пасажири чекали на палубі."
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Порт</title>
<item><title>Шторм</title><description>{TEXT}</description></item>
<item><title>Ще</title><description>{TEXT} Удруге.</description></item></channel></rss>"""


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read(path: Path) -> list[Provenance]:
    found = [item for _, item in articles.find([str(path)], Counter())]
    assert all(isinstance(item, Found) for item in found), found
    return [item.provenance for item in found if isinstance(item, Found)]


def line(id_: str, text: str = TEXT) -> bytes:
    return json.dumps({"id": id_, "text": text}, ensure_ascii=False).encode()


def test_of_a_file_the_bytes_of_the_file_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1710255600")
    monkeypatch.chdir(tmp_path)
    data = b"\xef\xbb\xbf" + TEXT.replace(" ", "\r\n", 1).encode()
    Path("a.txt").write_bytes(data)
    assert read(Path("a.txt")) == [
        Provenance(sha256=sha(data), where="a.txt", path=str(tmp_path / "a.txt"), read_at="2024-03-12T15:00:00+00:00")
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_of_json_lines_the_line_counts(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line("a") + end + end + line("b") + end)
    assert [(one.sha256, one.where) for one in read(path)] == [
        (sha(line("a")), f"{path}:1"),
        (sha(line("b")), f"{path}:3"),
    ]


@pytest.mark.parametrize(("codec", "kept"), [("cp1251", "cp1251"), ("koi8_u", "koi8_u"), ("utf-16", "utf-8")])
def test_of_json_lines_in_other_encodings_the_bytes_of_the_line_count(tmp_path: Path, codec: str, kept: str) -> None:
    path = tmp_path / "a.jsonl"
    lines = [line(name, TEXT.translate({ord("«"): '"', ord("»"): '"'})).decode() for name in "ab"]
    path.write_bytes("\n".join(lines).encode(codec))
    assert [one.sha256 for one in read(path)] == [sha(one.encode(kept)) for one in lines]


def test_of_a_feed_the_bytes_of_the_file_count(tmp_path: Path) -> None:
    path = tmp_path / "a.rss"
    path.write_text(FEED, "utf-8")
    assert [(one.sha256, one.where) for one in read(path)] == [
        (sha(FEED.encode()), f"{path}:1"),
        (sha(FEED.encode()), f"{path}:2"),
    ]


def test_of_a_record_the_page_counts_as_it_was_before_it_was_packed(tmp_path: Path) -> None:
    first = gzip.compress(record(page("Анна"), HTML))
    second = gzip.compress(record(gzip.compress(page("Борис")), HTML, b"Content-Encoding: gzip"))
    warc = tmp_path / "a.warc.gz"
    warc.write_bytes(first + second)
    wacz = tmp_path / "a.wacz"
    with zipfile.ZipFile(wacz, "w") as packed:
        packed.writestr("archive/data.warc.gz", first + second)
    for path, inside in ((warc, None), (wacz, "archive/data.warc.gz")):
        found = read(path)
        assert [one.sha256 for one in found] == [sha(page("Анна")), sha(page("Борис"))]
        assert [(one.inside, one.offset, one.record_id) for one in found] == [
            (inside, 0, "<urn:uuid:0>"),
            (inside, len(first), "<urn:uuid:0>"),
        ]
        with path.open("rb") as file:
            written = archives.record(file, found[1])
        assert written == gzip.decompress(second)


@pytest.mark.parametrize("data", [b"", b"no archive at all", record(page("Вера"), HTML)])
def test_a_record_that_is_gone_is_not_found(data: bytes) -> None:
    read_then = Provenance(
        sha256=sha(page("Анна")), where="", path=None, offset=7, record_id="<urn:uuid:0>", read_at=""
    )
    assert archives.record(io.BytesIO(data), read_then) is None


def test_a_record_in_an_archive_that_was_packed_whole_is_found() -> None:
    data = gzip.compress(record(page("Анна"), HTML) + record(page("Вера"), HTML))
    (_, second) = archives.warc(io.BytesIO(data), "a.warc.gz", Counter())
    assert isinstance(second, archives.Capture)
    read_then = Provenance(
        sha256=sha(page("Вера")), where="", path=None, offset=second.offset, record_id=second.record_id, read_at=""
    )
    assert archives.record(io.BytesIO(data), read_then) == record(page("Вера"), HTML)


def test_the_first_reading_counts_and_is_no_change(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, into = tmp_path / "a.jsonl", tmp_path / "col"
    path.write_bytes(line("a") + b"\n" + line("b", f"{TEXT} Так."))

    def again(when: int) -> tuple[dict[str, Provenance | None], bytes, bool]:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(when))
        outcome = run([str(path)], into, engines)
        with Collection.open(into) as collection:
            known = {name: collection.provenance(name) for name in ("a", "b")}
        return known, "\n".join(sqlite3.connect(into / FILE).iterdump()).encode(), outcome.changed

    first, dumped, _ = again(1710255600)
    assert first["a"] is not None
    assert first["a"].read_at == "2024-03-12T15:00:00+00:00"
    assert again(1710259200) == (first, dumped, False)

    path.write_bytes(line("new", f"{TEXT} Ще.") + b"\n" + line("a") + b"\n" + line("b", f"{TEXT} Ні."))
    then, _, changed = again(1710262800)
    assert changed
    assert then["a"] is not None
    assert then["b"] is not None
    assert (then["a"].sha256, then["a"].read_at) == (first["a"].sha256, first["a"].read_at)
    assert then["a"].where == f"{path}:2"
    assert (then["b"].sha256, then["b"].read_at) == (sha(line("b", f"{TEXT} Ні.")), "2024-03-12T17:00:00+00:00")


def test_what_was_normalised_is_told_of_the_reading_that_counts(tmp_path: Path, engines: Engines) -> None:
    path, into = tmp_path / "a.txt", tmp_path / "col"
    told = []
    for ends in ("\r\n", "\n"):
        path.write_bytes("---\nid: a\n---\nThe pier is shut.\nNobody came.\n".replace("\n", ends).encode())
        run([str(path)], into, engines)
        with Collection.open(into) as collection:
            told.append(collection.normalised("a"))
    assert told[0] == told[1]
    assert "line-ends" in (told[0] or "")


def test_standard_input_has_no_path_and_does_not_take_one_away(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "col"
    path = tmp_path / "a.jsonl"
    path.write_bytes(line("a"))
    for name, wanted in (("-", None), (str(path), str(path)), ("-", str(path))):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(line("a")))))  # type: ignore[arg-type]
        run([name], into, engines)
        with Collection.open(into) as collection:
            found = collection.provenance("a")
        assert found is not None
        assert (found.path, found.sha256) == (wanted, sha(line("a")))


def test_what_is_removed_or_made_here_has_none(tmp_path: Path, engines: Engines) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line("a"))
    run([str(path)], tmp_path / "col", engines, targets=("ru",))
    with Collection.open(tmp_path / "col") as collection:
        assert collection.article("a.ru") is not None
        assert collection.provenance("a.ru") is None
        with collection.transaction():
            collection.remove("a")
        assert collection.count("provenance") == 0
