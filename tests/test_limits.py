"""What is too large, too long or too deep is refused by the name of the setting that allows more, without being read whole."""

import json
import re
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from pipeline import articles, settings
from pipeline.records import Article, Refusal

SHORT = "He said “no” to the mayor."


def read(path: Path) -> list[Article | Refusal]:
    return list(articles.read([str(path)]))


def only_refusal(path: Path) -> Refusal:
    (found,) = read(path)
    assert isinstance(found, Refusal)
    return found


def test_every_limit_is_documented() -> None:
    readme = Path("README.md").read_text("utf-8")
    assert set(re.findall(r"CROSSQUOTE_MAX_([A-Z]+)", readme)) == {name.upper() for name in settings.LIMITS}


def test_a_sentence_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    endless = " ".join(["the harbour stays closed and"] * 40_000)
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in (f"First line.\n{endless}", SHORT)), "utf-8")
    bad, good = read(path)
    assert isinstance(good, Article)
    assert isinstance(bad, Refusal)
    assert (bad.where, bad.field) == (f"{path}:1", "text")
    assert bad.reason == "character 12 begins a sentence longer than 20,000 characters (CROSSQUOTE_MAX_SENTENCE)"


def test_long_paragraphs_of_sentences_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{SHORT} " * 2_000, "utf-8")
    assert isinstance(read(path)[0], Article)
    monkeypatch.setenv("CROSSQUOTE_MAX_SENTENCE", "20")
    assert "CROSSQUOTE_MAX_SENTENCE" in only_refusal(path).reason


def test_a_sentence_may_be_longer_where_that_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("the harbour stays closed and " * 1_000, "utf-8")
    assert isinstance(only_refusal(path), Refusal)
    monkeypatch.setenv("CROSSQUOTE_MAX_SENTENCE", "50000")
    assert isinstance(read(path)[0], Article)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.mht", "a.rss", "a.json"])
def test_no_more_is_read_of_a_file_than_it_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CROSSQUOTE_MAX_PAGE", "100000")
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(b"a" * 1000)
        file.truncate(50_000_000)
    tracemalloc.start()
    refused = only_refusal(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "CROSSQUOTE_MAX_PAGE" in refused.reason
    assert peak < 5_000_000


def test_no_more_is_held_of_a_line_than_it_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSQUOTE_MAX_RECORD", "100000")
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(100):
            file.write(b"a" * 1_000_000)
        file.write(b'"}\n' + json.dumps({"text": SHORT}).encode())
    tracemalloc.start()
    bad, good = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(bad, Refusal)
    assert "CROSSQUOTE_MAX_RECORD" in bad.reason
    assert isinstance(good, Article)
    assert peak < 10_000_000


@pytest.mark.parametrize("depth", [200, 900, 100_000])
def test_what_is_nested_deeply(tmp_path: Path, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    line = tmp_path / "a.jsonl"
    line.write_text(f'{{"text": "{SHORT}", "more": {deep}}}\n{json.dumps({"text": SHORT})}', "utf-8")
    bad, good = read(line)
    assert "CROSSQUOTE_MAX_NESTING" in str(bad)
    assert isinstance(good, Article)
    feed = tmp_path / "a.json"
    feed.write_text(f'{{"version": "https://jsonfeed.org/version/1", "items": {deep}}}', "utf-8")
    assert "CROSSQUOTE_MAX_NESTING" in only_refusal(feed).reason


def test_elements_that_are_nested_deeply(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<html><body>" + "<div>" * 5_000 + f"<p>{SHORT}</p>", "utf-8")
    assert "256 deep" in only_refusal(page).reason
    feed = tmp_path / "a.rss"
    items = [f"<item><description>{markup}</description></item>" for markup in (SHORT, "<b>" * 500, SHORT)]
    feed.write_text(f"<rss><channel>{''.join(items)}</channel></rss>", "utf-8")
    first, *rest = read(feed)
    assert isinstance(first, Article)
    assert "cannot be read" in str(rest[-1])


def test_elements_that_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSQUOTE_MAX_ELEMENTS", "100")
    page = tmp_path / "a.html"
    page.write_text("<html><body>" + f"<p>{SHORT}</p>" * 200, "utf-8")
    assert "CROSSQUOTE_MAX_ELEMENTS" in only_refusal(page).reason


def test_members_that_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSQUOTE_MAX_MEMBERS", "20")
    archive = tmp_path / "a.wacz"
    with zipfile.ZipFile(archive, "w") as packed:
        for number in range(21):
            packed.writestr(f"{number}.warc", b"")
    assert "CROSSQUOTE_MAX_MEMBERS" in only_refusal(archive).reason
    page = tmp_path / "a.mhtml"
    head = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n'
    page.write_text(head + "--x\nContent-Type: image/png\n\na\n" * 21, "utf-8")
    assert "CROSSQUOTE_MAX_MEMBERS" in only_refusal(page).reason


def test_a_directory_that_tells_of_few_members_and_has_room_for_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """zipfile would read all of it, whatever number stands there."""
    monkeypatch.setattr(zipfile, "ZipFile", None)
    archive = tmp_path / "a.wacz"
    for number, size in ((1, 50_000_000), (65_535, 100), (1, 0)):
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, size, 0, 0)
        large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**7, 10**7, 10**9, 0)
        archive.write_bytes((large if size == 0 else b"") + end)
        assert "CROSSQUOTE_MAX_MEMBERS" in only_refusal(archive).reason


@pytest.mark.parametrize("field", ["id", "title", "outlet", "url", "translation_of"])
def test_fields_that_are_too_long(tmp_path: Path, field: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": SHORT, field: "x" * 10_001}), "utf-8")
    refused = only_refusal(path)
    assert (refused.field, "CROSSQUOTE_MAX_FIELD" in refused.reason) == (field, True)
