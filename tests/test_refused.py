"""What cannot be used is named by file, line and field, is remembered until it was read well, and the rest goes through."""

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import articles
from pipeline.cli import app
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.errors import InputError
from pipeline.records import Article, Refusal
from pipeline.run import run

GOOD = {"text": "“Nobody argued,” she said, and went home."}


def write(path: Path, *records: object) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return str(path)


def remembered(folder: Path) -> list[str]:
    with Collection.open(folder) as collection:
        found = list(collection.refusals())
    account = json.loads((folder / "run.json").read_text("utf-8"))
    assert account["refusals"] == [{"where": r.where, "field": r.field, "reason": r.reason} for r in found]
    assert account["counts"]["refused"] == len(found)
    return [refusal.where for refusal in found]


def test_refusals_stay_until_the_file_is_read_well(tmp_path: Path, engines: Engines) -> None:
    one, two = tmp_path / "news" / "one.jsonl", tmp_path / "news" / "two.jsonl"
    into = tmp_path / "out"
    write(one, GOOD, {"text": ""}, [])
    run([write(two, {"text": 5}, GOOD)], into, engines)
    run([str(one)], into, engines)
    assert remembered(into) == [f"{one}:2", f"{one}:3", f"{two}:1"]
    run([write(one, GOOD, {"text": ""})], into, engines)
    assert remembered(into) == [f"{one}:2", f"{two}:1"]
    two.unlink()
    run([str(one)], into, engines)
    assert remembered(into) == [f"{one}:2", f"{two}:1"]  # nobody has looked there again
    run([os.path.relpath(one.parent)], into, engines)
    assert remembered(into) == [f"{os.path.relpath(one)}:2"]


def test_a_run_without_a_new_refusal_changes_nothing(tmp_path: Path, engines: Engines) -> None:
    one, two = write(tmp_path / "1.jsonl", GOOD, []), write(tmp_path / "2.jsonl", GOOD, [])
    run([one, two], tmp_path / "out", engines)
    for path in (one, two):
        assert not run([path], tmp_path / "out", engines).changed


def test_what_was_wrong_with_a_request_is_forgotten_with_it(tmp_path: Path, engines: Engines) -> None:
    path = write(tmp_path / "1.jsonl", GOOD)
    run([path, str(tmp_path / "no such file.txt")], tmp_path / "out", engines)
    assert remembered(tmp_path / "out") == [str(tmp_path / "no such file.txt")]
    run([path], tmp_path / "out", engines)
    assert remembered(tmp_path / "out") == []


def test_standard_input_is_one_file(tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    for lines, left in ((b"[]\n", ["standard input:1"]), (b"", [])):
        data = io.TextIOWrapper(io.BufferedReader(io.BytesIO(lines + json.dumps(GOOD).encode())))
        monkeypatch.setattr(sys, "stdin", data)
        run(["-"], tmp_path / "out", engines)
        assert remembered(tmp_path / "out") == left


def test_nothing_but_refusals_is_noted_in_a_collection_that_is_there(tmp_path: Path, engines: Engines) -> None:
    bad = write(tmp_path / "bad.jsonl", [])
    with pytest.raises(InputError, match="not a JSON object"):
        run([bad], tmp_path / "out", engines)
    assert not (tmp_path / "out").exists()
    run([write(tmp_path / "good.jsonl", GOOD)], tmp_path / "out", engines)
    with pytest.raises(InputError):
        run([bad], tmp_path / "out", engines)
    assert remembered(tmp_path / "out") == [f"{bad}:1"]


def test_the_command_lists_them(tmp_path: Path, engines: Engines) -> None:
    path = write(tmp_path / "1.jsonl", GOOD, {**GOOD, "published": "yesterday"})
    run([path], tmp_path / "out", engines)
    listed = CliRunner().invoke(app, ["refused", "--in", str(tmp_path / "out")])
    assert (listed.exit_code, listed.stdout) == (
        0,
        f"{path}:2: published: 'yesterday' is not an ISO 8601 date or time\n",
    )
    lines = CliRunner().invoke(app, ["refused", "--in", str(tmp_path / "out"), "--jsonl"]).stdout
    (record,) = map(json.loads, lines.splitlines())
    assert record == {
        "where": f"{path}:2",
        "field": "published",
        "reason": "'yesterday' is not an ISO 8601 date or time",
    }
    run([write(tmp_path / "1.jsonl", GOOD)], tmp_path / "out", engines)
    nothing = CliRunner().invoke(app, ["refused", "--in", str(tmp_path / "out")])
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "nothing was refused\n")


def test_names_that_are_no_characters_and_names_that_break_lines(tmp_path: Path, engines: Engines) -> None:
    folder = tmp_path / "news"
    write(folder / "good.jsonl", GOOD)
    for name in (b"\xff.txt", b"a\nb.txt", b"\x1b[2J.txt"):
        (folder / os.fsdecode(name)).write_bytes(bytes(range(256)) * 8)
    (folder / os.fsdecode(b"good \xff.txt")).write_text("He said “no” to the mayor.", "utf-8")
    outcome = run([str(folder)], tmp_path / "out", engines)
    assert outcome.articles == 2
    shown = CliRunner().invoke(app, ["refused", "--in", str(tmp_path / "out")]).stdout.splitlines()
    assert [line.removeprefix(f"{folder}/") for line in shown] == [
        "\\x1b[2J.txt: binary data, not text",
        "\\udcff.txt: binary data, not text",
        "a\\nb.txt: binary data, not text",
    ]


def read(path: Path) -> list[Article | Refusal]:
    return list(articles.read([str(path)]))


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("text", None, "missing"),
        ("text", ["a"], "not a string"),
        ("text", 5, "not a string"),
        ("text", " \n", "empty"),
        ("text", "\u200b\u00ad", "empty"),
        ("text", "He said \udc00.", "half of a surrogate pair"),
        ("title", {"a": 1}, "not a string"),
        ("title", True, "not a string"),
        ("title", "half an emoji \ud83d", "half of a surrogate pair"),
        ("id", [1], "not a string"),
        ("id", "x" * 10_001, "CROSSQUOTE_MAX_FIELD"),
        ("id", "a\nb", "control character (\\n)"),
        ("id", "a\x00b", "control character (\\x00)"),
        ("id", "a\u2028b", "control character (\\u2028)"),
        ("translation_of", "a\x1b[2J", "control character (\\x1b)"),
        ("url", "https://post.example/\r\nx", "control character"),
        ("published", "the day before", "not an ISO 8601"),
        ("published", "2024-02-30", "not an ISO 8601"),
        ("published", "2024-01-01\x0010:00", "control character"),
        ("published", "x" * 5_000, "…"),
        ("published", 20240101.5, "not an ISO 8601"),
        ("published", {}, "not a string"),
        ("language", "tlh", "is none of en, ru, uk"),
        ("language", "x" * 9_000, "…"),
        ("language", 7, "is none of en, ru, uk"),
    ],
)
def test_a_value_that_cannot_be_used(tmp_path: Path, field: str, value: object, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    bad, good = read(Path(write(path, {**GOOD, field: value}, {**GOOD, "id": "good"})))
    assert isinstance(good, Article)
    assert isinstance(bad, Refusal)
    assert (bad.where, bad.field, bad.source) == (f"{path}:1", field, str(path))
    assert reason in bad.reason
    assert len(bad.reason) < 300
    assert len(str(bad).splitlines()) == 1


def test_what_can_be_used_is(tmp_path: Path) -> None:
    odd: dict[str, Any] = {
        "id": 7,
        "outlet": "",
        "title": "A\x00 title",
        "published": " 2024-03-12 ",
        "more": [{"deep": 1}],
    }
    (article,) = read(Path(write(tmp_path / "a.jsonl", {**GOOD, **odd})))
    assert isinstance(article, Article)
    assert (article.id, article.outlet, article.title, article.published) == ("7", None, "A title", "2024-03-12")
    empty, missing = read(Path(write(tmp_path / "b.jsonl", {**GOOD, "id": ""}, {"text": "He said “no”, too."})))
    assert isinstance(empty, Article)
    assert isinstance(missing, Article)
    assert empty.id.startswith("a-")


def test_front_matter_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\nid: 007\ntitle: No\npublished: 2024-03-12\noutlet: null\n---\n{GOOD['text']}", "utf-8")
    (article,) = read(path)
    assert isinstance(article, Article)
    assert (article.id, article.title, article.published, article.outlet) == ("007", "No", "2024-03-12", None)


@pytest.mark.parametrize(
    ("front", "field", "reason"),
    [
        ("published: 2024-02-30", "published", "not an ISO 8601"),
        ("published: [2024]", "published", "not a string"),
        (
            "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b]\npublished: [*c, *c]",
            "published",
            "not a string",
        ),
        ("title: !!python/object:os.system x", None, "not YAML"),
        ("title: " + "[" * 5_000, None, "not YAML"),
    ],
)
def test_front_matter_that_cannot_be_used(tmp_path: Path, front: str, field: str | None, reason: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(f"---\n{front}\n---\n{GOOD['text']}", "utf-8")
    (refused,) = read(path)
    assert isinstance(refused, Refusal)
    assert refused.field == field
    assert refused.where.startswith(str(path))
    assert reason in refused.reason


KINDS: dict[str, bytes | Callable[[], bytes]] = {
    "a.jsonl": b"\0\1\2\3",
    "b.jsonl": b'{"text": "cut',
    "c.jsonl": b"[]",
    "a.txt": b"\0\1\2\3",
    "b.txt": b"",
    "a.md": b"---\ntitle: [\n---\nHe said no.",
    "a.html": b"<html><body></body></html>",
    "b.html": b"\0\1\2\3",
    "a.mhtml": b"no page",
    "a.warc": b"no archive",
    "b.warc.gz": b"\x1f\x8b\x08 not packed at all",
    "a.wacz": b"PK no zip file",
    "a.rss": b"<rss",
    "b.atom": b"",
    "a.xml": b"<?xml version='1.0'?><rss><channel></channel></rss>",
    "a.json": b'{"version": "https://jsonfeed.org/version/1", "items": 5}',
}


@pytest.mark.parametrize("name", KINDS)
def test_every_reader_says_what_is_wrong_and_where(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(KINDS[name])  # type: ignore[arg-type]
    found = read(path)
    assert found
    for refusal in found:
        assert isinstance(refusal, Refusal)
        assert refusal.where.startswith(str(path))
        assert refusal.source == str(path)
        assert len(refusal.reason) > 4
