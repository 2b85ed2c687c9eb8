"""Articles that change, are taken out, or are retracted: what is kept of them, and what is left of the rest."""

import json
import random
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from reports import parts
from typer.testing import CliRunner

from pipeline import corrections, history, migration, outputs, removal, retractions
from pipeline import engines as engines_module
from pipeline.cli import app
from pipeline.collection import FILE, Collection
from pipeline.engines import Engines
from pipeline.errors import CollectionError, PipelineError
from pipeline.progress import Silent
from pipeline.records import Diff, statement_json
from pipeline.run import run

STORM = "“The harbour stays closed for 12 days,” said Vira Zahaiska, the harbour master.\n\nNobody argued."
LATER = "“The harbour stays closed for 14 days,” said Vira Zahaiska, the harbour master.\n\nNobody argued."
SHORTER = "The port was silent. “The harbour stays closed for 12 days,” Vira Zahaiska said."
CAT = "“My cat eats nothing but smoked herring,” said Edmund Threlwick, a baker. Nobody argued."
EDITION = "«The_ru harbour_ru stays_ru closed_ru for_ru 12 days_ru», — сказала Вира Загайская.\n\nNobody_ru argued_ru."


WORDS = ["storm", "quay", "cat", "herring", "gulls", "wheat", "train", "lamp", "bread", "bridge", "river", "snow"]


def line(id_: str, text: str, **fields: Any) -> dict[str, Any]:
    return {"id": id_, "language": "en", "outlet": f"Outlet {id_}", "text": text} | fields


ARTICLES = {
    "a": line("a", STORM, published="2024-03-12", title="A storm that nobody saw coming"),
    "b": line("b", SHORTER, published="2024-03-13"),
    "c": line("c", CAT),
    "d": line("d", CAT.replace("Nobody", "Everybody"), outlet="Other", published="2024-03-01"),
    "r": line("r", EDITION, language="ru", translation_of="a", published="2024-03-14"),
}


def write(path: Path, ids: Sequence[str], **other: dict[str, Any]) -> str:
    lines = [json.dumps((ARTICLES | other)[id_], ensure_ascii=False) for id_ in ids]
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def collected(folder: Path, engines: Engines, ids: Sequence[str], targets: Sequence[Any] = ("uk",)) -> Path:
    """A collection of some articles; its folder is always called the same."""
    folder.mkdir(exist_ok=True)
    run([write(folder / "in.jsonl", ids)], folder / "out", engines, targets=targets)
    return folder / "out"


def written(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in outputs.NAMES if name != "run.json"}


def taken_out(folder: Path, engines: Engines | None, *ids: str) -> list[removal.Removed]:
    with Collection.open(folder, alone=True) as collection:
        return corrections.remove(collection, ids, engines, Silent())


def command(monkeypatch: pytest.MonkeyPatch, engines: Engines, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command with fake engines."""
    monkeypatch.setattr(engines_module, "default", lambda: engines)
    result = CliRunner().invoke(app, list(words))
    if isinstance(result.exception, PipelineError):
        return 2, result.stdout, result.exception.message
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


# History


@pytest.fixture
def changed(tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection in which one article was read with another text in a second run."""
    folder = collected(tmp_path, engines, ["a", "b"])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    corrected = ARTICLES["a"] | {"text": LATER, "title": "A storm that everybody saw coming"}
    run([write(tmp_path / "later.jsonl", ["a"], a=corrected)], folder, engines, targets=("uk",))
    return folder


def test_what_an_article_said_before_is_kept(changed: Path) -> None:
    with Collection.open(changed) as collection:
        before, now = history.versions(collection, "a")
        quoted = {quote.text for quote in collection.quotes_of(["a"])}
    assert (before.article.text, before.article.title) == (STORM, "A storm that nobody saw coming")
    assert (now.article.text, now.replaced_at) == (LATER, None)
    assert before.replaced_at == "2025-06-15T15:06:40+00:00"
    assert before.provenance is not None
    assert before.provenance.where.endswith("in.jsonl:1")
    assert before.digest == before.article.digest != now.digest
    assert before.quotes is not None
    assert [(one.quote.text, one.quote.speaker) for one in before.quotes] == [
        ("The harbour stays closed for 12 days", "Vira Zahaiska")
    ]
    assert before.quotes[0].statement_id
    assert before.quotes[0].quote.text not in quoted  # it left its statement


def test_a_changed_number_in_a_quotation_is_named(changed: Path) -> None:
    with Collection.open(changed) as collection:
        changes = history.changes(*history.versions(collection, "a"))
    assert changes.fields == (("title", "A storm that nobody saw coming", "A storm that everybody saw coming"),)
    assert changes.text is not None
    assert [part for part in changes.text if part[0] != "="] == [("-", "12"), ("+", "14")]
    assert changes.quotes is not None
    (quote,) = changes.quotes
    assert (quote.change, quote.altered) == ("changed", ("number",))


def test_exports_and_the_report_know_nothing_of_what_was_said_before(
    changed: Path, tmp_path: Path, engines: Engines
) -> None:
    (tmp_path / "anew").mkdir()
    corrected = ARTICLES["a"] | {"text": LATER, "title": "A storm that everybody saw coming"}
    run(
        [write(tmp_path / "anew" / "in.jsonl", ["a", "b"], a=corrected)],
        tmp_path / "anew" / "out",
        engines,
        targets=("uk",),
    )
    assert written(changed) == written(tmp_path / "anew" / "out")


def test_only_a_field_changed(tmp_path: Path, engines: Engines) -> None:
    folder = collected(tmp_path, engines, ["a"])
    dated = ARTICLES["a"] | {"published": "2024-03-15"}
    for _ in range(2):  # the second time nothing is new
        run([write(tmp_path / "later.jsonl", ["a"], a=dated)], folder, engines)
    with Collection.open(folder) as collection:
        found = history.versions(collection, "a")
        changes = history.changes(*found)
    assert changes == history.Changes(fields=(("published", "2024-03-12", "2024-03-15"),), text=None, quotes=())


def test_what_nobody_had_looked_for_is_not_said_to_be_missing(tmp_path: Path, engines: Engines) -> None:
    with Collection.open(tmp_path, create=True) as collection:
        for text in (STORM, LATER):
            collection.put_article(article := history.Article(id="a", text=text, language="en"))
        assert article
        before, after = history.versions(collection, "a")
        assert (before.quotes, after.quotes, history.changes(before, after).quotes) == (None, None, None)


def test_machine_editions_have_no_history(changed: Path) -> None:
    with Collection.open(changed) as collection:
        assert collection.article("a.uk") is not None
        assert len(history.versions(collection, "a.uk")) == 1


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("one two\nthree", "one two\nthree", (("=", "one two\nthree"),)),
        ("one two", "one 2", (("=", "one "), ("-", "two"), ("+", "2"))),
        ("a\n\nb\n", "a\n\n", (("=", "a\n\n"), ("-", "b\n"))),
        ("", "new", (("+", "new"),)),
    ],
)
def test_word_diff(before: str, after: str, wanted: Diff) -> None:
    assert history.word_diff(before, after) == wanted


def test_a_diff_has_every_character_of_both() -> None:
    before = "The mayor said it.\n\n420 tonnes,  more\tor less.\nLast line"
    after = "The mayor had said it.\n240 tonnes,  more or less.\n\nLast line.\n"
    diff = history.word_diff(before, after)
    assert "".join(words for kind, words in diff if kind != "+") == before
    assert "".join(words for kind, words in diff if kind != "-") == after


def test_the_history_of_an_article_is_shown(changed: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = command(monkeypatch, engines, "history", "--in", str(changed), "a")
    assert code == 0
    assert "[-12-] {+14+}" in out
    assert "quotation changed (number)" in out
    assert "[-A storm that nobody saw coming-]" in out
    code, out, _ = command(monkeypatch, engines, "history", "--in", str(changed), "a", "--jsonl")
    before, now = map(json.loads, out.splitlines())
    assert (before["version"], before["text"], before["changes"]["quotes"][0]["altered"]) == (1, STORM, ["number"])
    assert (now["replaced_at"], now["changes"]) == (None, None)


# Removal


@pytest.mark.parametrize(
    ("there", "removed"),
    [
        (["a", "b", "c"], ["a"]),
        (["a", "b", "c"], ["c"]),
        (["c", "a", "d", "b", "r"], ["d", "b"]),
        (["a", "b", "c", "r"], ["r"]),
        (["r", "d", "a", "c"], ["c"]),
        (["d", "b", "a", "c"], ["a", "b", "c"]),
    ],
)
def test_a_removed_article_was_never_there(
    tmp_path: Path, engines: Engines, there: list[str], removed: list[str]
) -> None:
    folder = collected(tmp_path / "one", engines, there, ("uk",))
    never = collected(tmp_path / "other", engines, [id_ for id_ in there if id_ not in removed], ("uk",))
    taken_out(folder, engines, *removed)
    assert written(folder) == written(never)


def test_one_by_one_or_together_makes_no_difference(tmp_path: Path, engines: Engines) -> None:
    together = collected(tmp_path / "one", engines, ["a", "b", "c", "d"])
    one_by_one = collected(tmp_path / "other", engines, ["a", "b", "c", "d"])
    taken_out(together, engines, "b", "c")
    for id_ in ("c", "b"):
        taken_out(one_by_one, engines, id_)
    assert written(together) == written(one_by_one)


def held(folder: Path, words: str) -> list[str]:
    """The files of a folder that hold some words, and the tables of its databases."""
    found = [path.name for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]
    found += ["the report"] if words in json.dumps(parts(folder / "report.html"), ensure_ascii=False) else []
    with closing(sqlite3.connect(folder / FILE)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return found + [
            table for table in tables if words in "\n".join(map(str, database.execute(f"SELECT * FROM {table}")))
        ]


def test_nothing_holds_the_words_of_a_removed_article(changed: Path, tmp_path: Path, engines: Engines) -> None:
    from pipeline.serving.shelf import Shelf

    run([write(tmp_path / "more.jsonl", ["c"])], changed, engines, targets=("uk",))
    with Collection.open(changed) as collection:
        Shelf.of(collection, Silent())
        collection.keep_translations({"Nobody argued.": "Ніхто."}, "en", "uk", "human")
    said = ["harbour", "nobody saw coming", "everybody saw coming", "Vira Zahaiska", "harbour_uk", "12 days", "14 days"]
    assert all(held(changed, words) for words in said)
    taken_out(changed, engines, "a", "b")
    assert [(words, where) for words in said if (where := held(changed, words))] == []
    with Collection.open(changed) as collection:  # what another article says, too, is still remembered
        assert collection.known_translations(["Nobody argued."], "en", "uk", "human")
        assert [version.article.id for version in history.versions(collection, "a")] == []


def test_pages_that_sqlite_no_longer_uses_are_emptied(tmp_path: Path, engines: Engines) -> None:
    folder = collected(tmp_path, engines, ["a", "b"])
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("INSERT INTO meta VALUES ('long ago', ?)", ("the owl and the pussycat " * 1000,))
        database.execute("DELETE FROM meta WHERE key = 'long ago'")
    assert held(folder, "pussycat") == [FILE]
    taken_out(folder, engines, "a")
    assert held(folder, "pussycat") == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_removed_was_never_there(tmp_path: Path, engines: Engines, seed: int) -> None:
    chance = random.Random(seed)
    said = [" ".join(chance.choices(WORDS, k=4)) for _ in range(4)]
    articles = {
        f"x{n}": line(f"x{n}", f"“{chance.choice(said)},” said Vira Zahaiska. {' '.join(chance.choices(WORDS, k=5))}.")
        | {"published": f"2024-03-{chance.randint(1, 28):02}", "outlet": f"Outlet {chance.randint(1, 4)}"}
        for n in range(8)
    }
    order = chance.sample(sorted(articles), k=8)
    gone = chance.sample(order, k=chance.randint(1, 6))
    for name, ids in (("one", order), ("other", [id_ for id_ in order if id_ not in gone])):
        (tmp_path / name).mkdir()
        run([write(tmp_path / name / "in.jsonl", ids, **articles)], tmp_path / name / "out", engines)
    for id_ in gone:
        taken_out(tmp_path / "one" / "out", engines, id_)
    assert written(tmp_path / "one" / "out") == written(tmp_path / "other" / "out")


def test_a_big_collection_s_index_is_made_without_what_was_removed(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline import indexes

    monkeypatch.setattr(indexes, "EXACT", 50)
    chance = random.Random(1)
    said = {f"n{n}": line(f"n{n}", f"“{' '.join(chance.choices(WORDS, k=6))},” she said.") for n in range(120)}
    folder = tmp_path / "out"
    run([write(tmp_path / "in.jsonl", list(said), **said)], folder, engines)
    before = {path.name for path in folder.glob("*.faiss")}
    taken_out(folder, engines, "n7")
    after = {path.name for path in folder.glob("*.faiss")}
    assert before
    assert not before & after
    with Collection.open(folder) as collection:
        ids = indexes.current(collection).by_language["en"]._ids
    assert (ids >= 0).all()


def test_a_removal_that_was_killed_is_finished_by_the_next(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = collected(tmp_path / "one", engines, ["a", "b", "c"])
    never = collected(tmp_path / "other", engines, ["b", "c"])
    with monkeypatch.context() as patched:
        patched.setattr(outputs, "renew", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            taken_out(folder, engines, "a")
    assert held(folder, "harbour master")
    code, _, told = command(monkeypatch, engines, "remove", "--in", str(folder), "a")
    assert (code, "was finished" in told) == (1, True)
    assert held(folder, "harbour master") == []
    assert written(folder) == written(never)


def test_a_run_finishes_a_removal(tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = collected(tmp_path, engines, ["a", "b", "c"])
    with monkeypatch.context() as patched:
        patched.setattr(removal, "scrub", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            taken_out(folder, engines, "a")
    run([write(tmp_path / "in.jsonl", ["b", "c"])], folder, engines)
    assert held(folder, "nobody saw coming") == []
    with Collection.open(folder) as collection:
        assert removal.unfinished(collection) is None


def test_a_reader_that_holds_old_pages_is_told_of(
    tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "WAIT", 0.1)
    folder = collected(tmp_path, engines, ["a", "b"])
    with Collection.open(folder, read_only=True) as reader:
        with reader.snapshot():
            next(reader.articles())
            with pytest.raises(CollectionError, match="another process is reading"):
                taken_out(folder, engines, "a")
        assert taken_out(folder, engines) == []  # an idle one is in nobody's way
    assert held(folder, "nobody saw coming") == []


def test_a_removal_waits_for_no_model_and_for_no_run(tmp_path: Path, engines: Engines) -> None:
    folder = collected(tmp_path / "one", engines, ["a", "b", "c"])
    taken_out(folder, None, "a")
    assert held(folder, "nobody saw coming") == []
    never = collected(tmp_path / "other", engines, ["b", "c"])
    run([write(tmp_path / "one" / "in.jsonl", ["b", "c"])], folder, engines, targets=("uk",))
    assert written(folder) == written(never)


def test_a_removed_article_comes_back_when_it_is_read_again(tmp_path: Path, engines: Engines) -> None:
    folder = collected(tmp_path, engines, ["a", "b"])
    before = written(folder)
    taken_out(folder, engines, "b")
    collected(tmp_path, engines, ["a", "b"])
    assert written(folder) == before


def test_what_is_removed_is_said(tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = collected(tmp_path, engines, ["a", "b", "r"])
    (folder / "collection.sqlite.schema3.bak").write_bytes(b"")
    code, out, told = command(monkeypatch, engines, "remove", "--in", str(folder), "a", "nosuch", "b")
    assert (code, out) == (1, "")
    assert f"removed: a; it was read from {tmp_path / 'in.jsonl'}:1" in told
    assert "editions of it stay: r" in told
    assert re.findall("^(.*) was not written anew", told, re.M) == [str(folder / "collection.sqlite.schema3.bak")]
    assert "refused: nosuch: there is no article with this id" in told
    with Collection.open(folder) as collection:
        assert [article.id for article in collection.articles(machine=False)] == ["r"]
    assert command(monkeypatch, engines, "remove", "--in", str(folder), "nosuch")[0] == 2


# Retraction


def retracted(folder: Path, engines: Engines, *ids: str) -> None:
    with Collection.open(folder, alone=True) as collection:
        corrections.retract(collection, ids, "it was made up", engines, Silent())


def storm(folder: Path) -> dict[str, Any]:
    lines = map(json.loads, (folder / "statements.jsonl").read_text("utf-8").splitlines())
    return next(one for one in lines if "harbour" in one["members"][0]["text"])


def test_a_retracted_article_is_marked_and_counts_for_no_outlet(tmp_path: Path, engines: Engines) -> None:
    folder = collected(tmp_path, engines, ["a", "b", "c"])
    before = storm(folder)
    retracted(folder, engines, "a")
    after = storm(folder)
    assert (before["outlets"], after["outlets"], after["independent_outlets"]) == (2, 1, 1)
    assert [(member["article_id"], member.get("retracted")) for member in after["members"]] == [
        ("b", None),
        ("a", True),
    ]
    assert after["first"]["article_id"] == "a"  # it did say so first
    page = parts(folder / "report.html")
    shown = [member for one in page["statements-0"] for member in one["members"]]
    assert {member["article_id"] for member in shown if member["retracted"]} == {"a"}
    assert {one["id"] for one in page["articles-0"] if one["retracted"]} == {"a"}


def test_a_mark_outlives_runs_and_changes_until_it_is_lifted(tmp_path: Path, engines: Engines) -> None:
    folder = collected(tmp_path, engines, ["a", "b", "c"])
    before = written(folder)
    retracted(folder, engines, "a", "b")
    assert storm(folder)["outlets"] == 0
    run([write(tmp_path / "later.jsonl", ["a"], a=ARTICLES["a"] | {"text": LATER})], folder, engines, targets=("uk",))
    run([write(tmp_path / "in.jsonl", ["a", "b", "c"])], folder, engines, targets=("uk",))
    assert storm(folder)["outlets"] == 0
    with Collection.open(folder, alone=True) as collection:
        corrections.reinstate(collection, ["a", "b"], engines, Silent())
        assert retractions.all_of(collection) == []
    assert written(folder) == before


def test_marks_are_listed_and_taken_off(tmp_path: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(collected(tmp_path, engines, ["a", "b"]))
    assert command(monkeypatch, engines, "retract", "--in", folder, "a", "nosuch", "--reason", "made up")[0] == 1
    code, out, _ = command(monkeypatch, engines, "retract", "--in", folder, "--jsonl")
    (mark,) = map(json.loads, out.splitlines())
    assert (code, mark["article_id"], mark["reason"]) == (0, "a", "made up")
    assert command(monkeypatch, engines, "retract", "--in", folder, "a")[0] == 0
    assert json.loads(command(monkeypatch, engines, "retract", "--in", folder, "--jsonl")[1]) == mark
    assert command(monkeypatch, engines, "retract", "--in", folder, "a", "--undo", "--reason", "no")[0] == 2
    assert "retracted" in command(monkeypatch, engines, "duplicates", "--in", folder, "--min-outlets", "1")[1]
    code, _, told = command(monkeypatch, engines, "retract", "--in", folder, "a", "b", "--undo")
    assert (code, "b: is not marked" in told) == (1, True)
    assert command(monkeypatch, engines, "retract", "--in", folder)[1] == ""
    assert command(monkeypatch, engines, "retract", "--in", folder, "--undo")[0] == 2


def test_statements_tell_only_of_members_that_were_retracted(tmp_path: Path, engines: Engines) -> None:
    folder = collected(tmp_path, engines, ["a", "b"])
    with Collection.open(folder) as collection:
        records = [statement_json(statement) for statement in collection.statements()]
    assert all("retracted" not in member for record in records for member in record["members"])
