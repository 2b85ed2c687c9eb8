"""The command line: exit codes, streams, help."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from conftest import WORD, FakeTranslator

from pipeline import cli, engines, exports, verdicts
from pipeline.cli import aligning
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.errors import ModelMissing
from pipeline.records import Article
from pipeline.verdicts import Verdict

ROOT = Path(__file__).parents[1]
STORM = (
    "“The harbour stays closed until the storm is over,” said Vira Zahaiska, the harbour master.\n\nNobody argued.\n"
)


@dataclass
class Result:
    code: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture
def crossquote(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], engines: Engines) -> Command:
    """Runs the command over the fake engines."""
    monkeypatch.setattr("pipeline.engines.default", lambda: engines)
    monkeypatch.setattr(
        "pipeline.engines.translator", lambda name, source, target, **_: engines.translator(source, target)
    )

    def run(*arguments: object, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["crossquote", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin))))
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORM, "utf-8")
    return path


@pytest.fixture
def collection(tmp_path: Path, crossquote: Command) -> Path:
    lines = [
        {"id": "a", "outlet": "Post", "published": "2024-03-12", "text": STORM},
        {"id": "b", "outlet": "Times", "published": "2024-03-13T10:00:00+02:00", "text": f"It rained. {STORM}"},
        {"id": "r", "outlet": "Post", "language": "ru", "translation_of": "a", "text": "Nobody_ru argued_ru."},
    ]
    source = tmp_path / "a.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert crossquote("run", source, "--into", tmp_path / "made", "--to", "uk", "--quiet").code == 0
    return tmp_path / "made"


def test_version_and_help(crossquote: Command) -> None:
    assert crossquote("--version").out.startswith("crossquote ")
    assert "Usage" in crossquote("--help").out


COMMANDS = (
    "run",
    "translate",
    "quotes",
    "find",
    "duplicates",
    "judge",
    "refused",
    "history",
    "retract",
    "remove",
    "compare",
    "names",
    "align",
    "export",
    "verify",
    "report",
    "serve",
    "doctor",
)
MODELS = ("list", "install", "verify", "path")
MEMORY = ("export", "import")


@pytest.mark.parametrize(
    "command",
    [[name] for name in COMMANDS] + [["models", name] for name in MODELS] + [["tm", name] for name in MEMORY],
)
def test_every_command_has_help_with_an_example_and_stands_in_the_readme(
    crossquote: Command, command: list[str]
) -> None:
    shown = crossquote(*command, "--help")
    assert shown.code == 0
    assert "Example" in shown.out
    assert f"crossquote {command[0]}" in (ROOT / "README.md").read_text("utf-8")


def test_no_other_command_is_there() -> None:
    names = {command.callback.__name__ for command in cli.app.registered_commands if command.callback}
    assert names == set(COMMANDS)


def test_formats_on_the_command_line_are_those_of_the_exports() -> None:
    assert set(get_args(aligning.Format)) == set(exports.FORMATS)


def test_run_names_its_folder_after_the_input(
    crossquote: Command, story: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = crossquote("run", "story.txt")
    assert result.code == 0
    assert (tmp_path / "aligned" / "story" / "statements.jsonl").is_file()
    assert result.out == ""
    assert "1 article (1 new, 0 changed): 1 quotation, 1 statement, 0 aligned pairs" in result.err
    assert "up to date" in crossquote("run", "story.txt").err


def test_run_reads_standard_input(crossquote: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert crossquote("run", "-", "--quiet", stdin=json.dumps({"text": STORM}).encode()).code == 0
    assert (tmp_path / "aligned" / "stdin" / "quotes.jsonl").is_file()


@pytest.mark.parametrize("command", [("run", "--into", "out"), ("quotes",), ("translate", "--to", "ru")])
class TestBadInput:
    def test_missing_file(self, crossquote: Command, command: tuple[str, ...], tmp_path: Path) -> None:
        result = crossquote(*command, tmp_path / "absent.txt")
        assert result.code == 2
        assert str(tmp_path / "absent.txt") in result.err
        assert "hint" in result.err

    def test_empty_folder(self, crossquote: Command, command: tuple[str, ...], tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert crossquote(*command, tmp_path / "empty").code == 2

    def test_good_and_bad_together(
        self, crossquote: Command, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        path = tmp_path / "a.jsonl"
        path.write_text(
            f'{json.dumps({"text": STORM})}\n{{"text"\n{{"text": ""}}\n{{"text": "x", "language": "fr"}}\n', "utf-8"
        )
        result = crossquote(*command, path)
        assert result.code == 1
        for number in (2, 3, 4):
            assert f"{path}:{number}: " in result.err
        assert "Traceback" not in result.err

    def test_nothing_but_bad_input(
        self, crossquote: Command, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        path = tmp_path / "a.txt"
        path.write_bytes(bytes(range(256)) * 9)
        result = crossquote(*command, path)
        assert result.code == 2
        assert f"{path}: binary data" in result.err
        assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_quotes_as_json_lines(crossquote: Command, story: Path) -> None:
    result = crossquote("quotes", story, "--jsonl")
    (quote,) = map(json.loads, result.out.splitlines())
    assert STORM[quote["start"] : quote["end"]] == quote["text"]
    assert (quote["kind"], quote["speaker"], quote["cue"]) == ("direct", "Vira Zahaiska", "said")
    fields = "id article_id language kind pieces start end text speaker speaker_start speaker_end cue confidence"
    assert list(quote) == fields.split()


def test_quotes_for_people(crossquote: Command, story: Path) -> None:
    shown = crossquote("quotes", story, "--context", 8).out
    assert "Vira Zahaiska" in shown
    assert "stays closed until the storm is over,” said" in shown


def test_translate_one_file_to_standard_output(crossquote: Command, story: Path) -> None:
    result = crossquote("translate", story, "--to", "ru")
    assert result.code == 0
    assert len(result.out.splitlines()) == len(STORM.splitlines())
    assert "harbour_ru" in result.out


def test_translate_into_a_folder_keeps_lines_and_fields(crossquote: Command, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text = "---\ntitle: A storm\n---\n\n\tOne.\n\n- Two.\n"
    (tmp_path / "in" / "a.txt").write_text(text, "utf-8")
    (tmp_path / "in" / "b.jsonl").write_text(
        json.dumps({"id": "b", "title": "Storm", "url": "https://a.example", "text": STORM}), "utf-8"
    )
    assert crossquote("translate", tmp_path / "in", "--to", "uk", "--to", "ru", "--out", tmp_path / "out").code == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.ru.txt", "a.uk.txt", "b.ru.jsonl", "b.uk.jsonl"]
    assert (tmp_path / "out" / "a.uk.txt").read_text("utf-8") == "---\ntitle: A storm\n---\n\n\tOne_uk.\n\n- Two_uk.\n"
    record = json.loads((tmp_path / "out" / "b.ru.jsonl").read_text("utf-8"))
    wanted = {"id": "b.ru", "language": "ru", "translation_of": "b", "translator": "fake-1", "title": "Storm_ru"}
    assert record.items() >= wanted.items()


def test_translate_remembers(crossquote: Command, story: Path, engines: Engines) -> None:
    crossquote("translate", story, "--to", "ru")
    asked = engines.translator("en", "ru").asked  # type: ignore[attr-defined]
    asked.clear()
    assert crossquote("translate", story, "--to", "ru").code == 0
    assert asked == []


def test_translate_several_needs_a_folder(crossquote: Command, story: Path) -> None:
    result = crossquote("translate", story, "--to", "ru", "--to", "uk")
    assert (result.code, result.out) == (2, "")
    assert "--out" in result.err


def test_translate_segment_by_segment_with_flags(crossquote: Command, tmp_path: Path) -> None:
    source, terms = tmp_path / "a.txt", tmp_path / "terms.tsv"
    source.write_text("The harbour_ is_ closed_.\n\n12–14\nNobody_ argued_.\n", "utf-8")
    terms.write_text("harbour\tгавань\tru\nNobody_\t\t\n", "utf-8")
    result = crossquote("translate", source, "--to", "ru", "--to", "uk", "--from", "en", "--jsonl", "--glossary", terms)
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert result.code == 0
    assert [(line["index"], line["to"], line["flags"]) for line in lines][:2] == [(0, "ru", []), (1, "ru", [])]
    assert {line["article_id"] for line in lines} == {lines[0]["article_id"]}
    assert lines[1]["source"].startswith("Nobody_")
    assert crossquote("translate", source, "--to", "ru", "--jsonl", "--out", tmp_path).code == 2


def test_translate_says_how_many_segments_are_doubtful(
    crossquote: Command, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeTranslator, "translate", lambda _, some, *pair: ["Ніхто, ніхто, ніхто, ніхто."] * len(some))
    result = crossquote("translate", story, "--to", "uk")
    assert result.code == 0
    assert "2 of 2 segments are doubtful (length-ratio 1, loop 2); --jsonl shows which" in result.err
    assert result.err.count("\n") == 1
    assert crossquote("translate", story, "--to", "uk", "--quiet").err == ""
    lines = crossquote("translate", story, "--to", "uk", "--jsonl").out.splitlines()
    assert [json.loads(line)["flags"] for line in lines] == [["loop", "length-ratio"], ["loop"]]


def test_translation_memory_goes_out_and_what_people_translated_comes_in(
    crossquote: Command, story: Path, tmp_path: Path, engines: Engines
) -> None:
    crossquote("translate", story, "--to", "ru", "--quiet")
    memory = tmp_path / "memory.tmx"
    assert "2 translations written" in crossquote("tm", "export", memory).err
    content = memory.read_text("utf-8").replace("Nobody_ru argued_ru.", "Никто не спорил.").replace("machine", "human")
    memory.write_text("".join(line for line in content.splitlines(keepends=True) if "x-model" not in line), "utf-8")
    assert "2 translations by people, 0 by machines" in crossquote("tm", "import", memory).err
    asked = engines.translator("en", "ru").asked  # type: ignore[attr-defined]
    asked.clear()
    assert "Никто не спорил." in crossquote("translate", story, "--to", "ru").out
    assert asked == []
    assert crossquote("tm", "import", story).code == 2
    assert crossquote("tm", "export", memory, "--in", tmp_path / "absent").code == 2


def test_an_imported_memory_renews_the_machine_editions_of_a_collection(
    crossquote: Command, collection: Path, tmp_path: Path
) -> None:
    memory = tmp_path / "memory.tmx"
    memory.write_text(
        '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>Nobody argued.</seg></tuv>'
        '<tuv xml:lang="uk"><seg>Ніхто не сперечався.</seg></tuv></tu></body></tmx>',
        "utf-8",
    )
    assert crossquote("tm", "import", memory, "--in", collection).code == 0
    assert crossquote("run", tmp_path / "a.jsonl", "--into", collection, "--to", "uk").code == 0
    with Collection.open(collection) as known:
        edition = known.article("a.uk")
    assert edition
    assert edition.text.endswith("Ніхто не сперечався.\n")
    assert "nothing to do" in crossquote("run", tmp_path / "a.jsonl", "--into", collection, "--to", "uk").err


@pytest.mark.parametrize("command", ["run", "translate"])
def test_a_target_without_a_model_is_said_before_work_begins(
    crossquote: Command, story: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch, engines: Engines
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ModelMissing("no model", "install one")

    monkeypatch.setattr("pipeline.engines.translator", missing)
    monkeypatch.setattr("pipeline.engines.default", lambda: replace(engines, translator=missing))
    monkeypatch.setattr("pipeline.articles.read_with_file", missing)
    place = ("--into", tmp_path / "made") if command == "run" else ()
    result = crossquote(command, story, "--to", "en", *place)
    assert (result.code, result.out) == (2, "")
    assert "no model translates into en" in result.err
    assert not (tmp_path / "made").exists()


def test_find(crossquote: Command, collection: Path) -> None:
    result = crossquote(
        "find", "The harbour stays closed until the storm is over", "--in", collection, "-k", "1", "--jsonl"
    )
    (hit,) = map(json.loads, result.out.splitlines())
    assert (hit["text"], hit["relation"], hit["speaker"]) == (
        "The harbour stays closed until the storm is over",
        "same",
        "Vira Zahaiska",
    )
    fields = "quote_id article_id start end text language outlet published speaker similarity margin relation"
    assert list(hit) == fields.split()


def test_find_with_filters(crossquote: Command, collection: Path) -> None:
    def outlets(*options: str) -> set[str]:
        result = crossquote("find", "harbour", "--in", collection, "--jsonl", *options)
        return {json.loads(line)["outlet"] for line in result.out.splitlines()}

    assert outlets() == {"Post", "Times"}
    assert outlets("--since", "2024-03-13") == {"Times"}
    assert outlets("--until", "2024-03-12") == {"Post"}
    assert outlets("--speaker", "Загайська") == {"Post", "Times"}
    assert outlets("--speaker", "Threlwick") == set()


def test_find_many(crossquote: Command, collection: Path, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"query": "one", "text": "the storm is over"}\n\n{"query": 2, "text": "closed"}\n', "utf-8")
    answers = [
        json.loads(line) for line in crossquote("find", "--queries", queries, "--in", collection).out.splitlines()
    ]
    assert [(answer["query"], len(answer["hits"])) for answer in answers] == [("one", 2), (2, 2)]


def test_queries_may_begin_with_a_byte_order_mark(crossquote: Command, collection: Path, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"query": 1, "text": "closed"}\n', "utf-8-sig")
    assert crossquote("find", "--queries", tmp_path / "q.jsonl", "--in", collection).code == 0


@pytest.mark.parametrize("line", ["[", '{"query": 1}', '{"query": 1, "text": " "}', "5"])
def test_find_names_a_bad_query(crossquote: Command, collection: Path, tmp_path: Path, line: str) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text(f'{{"query": 1, "text": "x"}}\n{line}\n', "utf-8")
    result = crossquote("find", "--queries", queries, "--in", collection)
    assert (result.code, len(result.out.splitlines())) == (1, 1)
    assert f"{queries}:2" in result.err


@pytest.mark.parametrize(
    "options", [("--quotes", "--format", "csv"), ("--editions", "--lines"), ("--editions", "--translate")]
)
def test_a_collection_is_aligned_as_it_is(crossquote: Command, collection: Path, options: tuple[str, ...]) -> None:
    assert crossquote("align", *options, "--in", collection).code == 2
    assert crossquote("align", "--quotes", "--in", collection, "--format", "jsonl").code == 0


def test_there_is_no_evidence_from_shards(crossquote: Command, tmp_path: Path) -> None:
    (tmp_path / "shards.json").write_text("{}", "utf-8")
    result = crossquote("export", "--what", "evidence", "--statement", "s-1", "--in", tmp_path)
    assert (result.code, "stays in shards" in result.err) == (2, True)


def test_find_wants_one_kind_of_query(crossquote: Command, collection: Path) -> None:
    assert crossquote("find", "--in", collection).code == 2


def test_find_needs_letters(crossquote: Command, collection: Path) -> None:
    result = crossquote("find", "… !!", "--in", collection)
    assert (result.code, len(result.err.splitlines())) == (2, 2)


def test_two_inputs_never_become_one_file(crossquote: Command, story: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "story.txt").write_text(STORM, "utf-8")
    result = crossquote("translate", story, tmp_path / "other", "--to", "uk", "--out", tmp_path / "out")
    assert result.code == 2
    assert "would both become story.LANG.txt" in result.err


def test_a_folder_does_not_read_what_its_own_run_wrote(
    crossquote: Command, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(story.parent)
    for _ in range(2):
        result = crossquote("run", story.parent, "--into", story.parent / "made")
        assert "1 article (" in result.err


def test_duplicates(crossquote: Command, collection: Path) -> None:
    (statement,) = map(json.loads, crossquote("duplicates", "--in", collection, "--jsonl").out.splitlines())
    assert statement in [json.loads(line) for line in (collection / "statements.jsonl").read_text("utf-8").splitlines()]
    assert statement["outlets"] == 2
    assert "Vira Zahaiska" in crossquote("duplicates", "--in", collection).out
    for options in (["--min-outlets", "3"], ["--languages", "en,uk"], ["--altered"], ["--speaker", "Threlwick"]):
        assert crossquote("duplicates", "--in", collection, "--jsonl", *options).out == ""


def test_why_and_what_is_doubtful(crossquote: Command, collection: Path) -> None:
    (statement,) = map(
        json.loads, crossquote("duplicates", "--in", collection, "--doubtful", "--why", "--jsonl").out.splitlines()
    )
    (join,) = statement["joins"].values()
    assert 0 < join["probability"] <= 1
    assert join["why"]["same speaker"] == 1
    assert "same speaker 1" in crossquote("duplicates", "--in", collection, "--why").out
    asked = ("find", "The harbour stays closed until the storm is over", "--in", collection, "-k", "1", "--why")
    (hit,) = map(json.loads, crossquote(*asked, "--jsonl").out.splitlines())
    assert hit["confidence"] > 0.5
    assert hit["why"]["cosine"] == 1
    assert "sure: cosine 1" in crossquote(*asked).out


class TestJudge:
    """Two outlets carry one statement, a third has another."""

    @pytest.fixture
    def folder(self, crossquote: Command, collection: Path) -> Path:
        source = collection.parent / "c.jsonl"
        other = "“My cat eats nothing but smoked herring,” said Edmund Threlwick, a baker."
        source.write_text(json.dumps({"id": "c", "outlet": "Post", "text": other}), "utf-8")
        assert crossquote("run", source, "--into", collection, "--quiet").code == 0
        return collection

    @staticmethod
    def statements(folder: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (folder / "statements.jsonl").read_text("utf-8").splitlines()]

    def sizes(self, folder: Path) -> list[int]:
        return [len(statement["members"]) for statement in self.statements(folder)]

    def test_accept(self, crossquote: Command, folder: Path) -> None:
        before, _ = self.statements(folder)
        account = json.loads((folder / "run.json").read_text("utf-8"))
        result = crossquote("judge", "--in", folder, before["id"][:6], "accept", "--who", "Olena", "--jsonl")
        assert result.code == 0
        assert json.loads(result.out) == before | {"confidence": 1.0} == self.statements(folder)[0]
        after = json.loads((folder / "run.json").read_text("utf-8"))
        assert after == account | {"changed": after["changed"]}

    def test_split_lives_through_a_run_and_a_rebuild(self, crossquote: Command, folder: Path, tmp_path: Path) -> None:
        joined, _ = self.statements(folder)
        memory = (folder / "pairs.tmx").read_bytes()
        shown = crossquote("judge", "--in", folder, joined["id"], "split", 2)
        assert (shown.code, shown.out.count("confidence")) == (0, 2)
        assert self.sizes(folder) == [1, 1, 1]
        assert (folder / "pairs.tmx").read_bytes() == memory
        assert json.loads((folder / "run.json").read_text("utf-8"))["counts"]["statements"] == 3
        sources = (tmp_path / "a.jsonl", tmp_path / "c.jsonl")
        assert "up to date" in crossquote("run", *sources, "--into", folder).err
        assert crossquote("run", *sources, "--into", tmp_path / "again", "--to", "uk").code == 0
        assert self.sizes(tmp_path / "again") == [2, 1]
        result = crossquote("judge", "--in", tmp_path / "again", "import", folder / "verdicts.jsonl")
        assert (result.code, result.out) == (0, "")
        assert "1 verdicts, 1 of them new or newer; 0 wait" in result.err
        for name in ("statements.jsonl", "verdicts.jsonl"):
            assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()

    def test_merge_and_list(self, crossquote: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not (folder / "verdicts.jsonl").exists()
        assert crossquote("judge", "--in", folder, "list").out == ""
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        monkeypatch.setenv("LOGNAME", "petro")
        one, other = (statement["id"] for statement in self.statements(folder))
        assert crossquote("judge", "--in", folder, one, "merge", other).code == 0
        assert self.sizes(folder) == [3]
        shown = crossquote("judge", "--in", folder, "list").out
        assert "2023-11-14T22:13:20+00:00 · petro" in shown
        assert (shown.count("together with"), shown.count("smoked herring")) == (1, 1)
        listed = crossquote("judge", "--in", folder, "list", "--jsonl").out
        assert listed == (folder / "verdicts.jsonl").read_text("utf-8")
        assert listed == crossquote("export", "--in", folder, "--what", "verdicts", "--format", "jsonl").out
        first = json.loads(listed.splitlines()[0])
        assert list(first) == ["one", "other", "verdict", "who", "at"]

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["s-0000", "accept"], "no statement 's-0000'"),
            (["s-", "accept"], "2 statements begin with 's-': s-"),
            (["ONE", "split", "3"], "no member 3"),
            (["ONE", "split", "0"], "no member 0"),
            (["ONE", "split", "q-1"], "q-1 is no member"),
            (["ONE", "split", "1", "2"], "nothing would be left"),
            (["ONE", "split"], "not a verdict"),
            (["ONE", "merge", "ONE"], "itself"),
            (["ONE", "forget"], "not a verdict"),
            (["ONE", "accept", "--who", " "], "who decides"),
            (["import", "absent.jsonl"], "absent.jsonl cannot be read"),
        ],
    )
    def test_what_cannot_be_judged(self, crossquote: Command, folder: Path, words: list[str], message: str) -> None:
        one = self.statements(folder)[0]["id"]
        result = crossquote("judge", "--in", folder, *(one if word == "ONE" else word for word in words))
        assert (result.code, result.out, len(result.err.splitlines())) == (2, "", 2)
        assert message in result.err
        assert "hint" in result.err
        assert crossquote("judge", "--in", folder, "list").out == ""

    def test_bad_lines_are_named_and_the_others_taken(self, crossquote: Command, folder: Path, tmp_path: Path) -> None:
        verdict = {"one": "q-1", "other": "q-2", "verdict": "apart", "who": "Olena", "at": "2026-11-26T12:00"}
        path = tmp_path / "v.jsonl"
        path.write_text(f"{json.dumps(verdict | {'at': None})}\n{json.dumps(verdict)}\n", "utf-8")
        result = crossquote("judge", "--in", folder, "import", path)
        assert result.code == 1
        assert f"{path}:1: at" in result.err
        assert "1 wait for quotations" in result.err
        assert "not in this collection" in crossquote("judge", "--in", folder, "list").out

    def test_statements_must_be_up_to_date(self, crossquote: Command, folder: Path) -> None:
        one = self.statements(folder)[0]["id"]
        with Collection.open(folder) as opened, opened.transaction():
            opened.put_article(Article(id="c", text="Nobody argued.", language="en"))
        result = crossquote("judge", "--in", folder, one, "accept")
        assert (result.code, len(result.err.splitlines())) == (2, 2)
        assert "crossquote run" in result.err

    def test_a_verdict_of_a_command_that_was_killed_holds(self, crossquote: Command, folder: Path) -> None:
        one, other = self.statements(folder)
        ids = [statement["members"][0]["quote_id"] for statement in (one, other)]
        with Collection.open(folder) as opened:
            joined = Verdict(one=ids[0], other=ids[1], together=True, who="Olena", at="2026-11-26T12:00:00+00:00")
            verdicts.put(opened, [joined])
        assert crossquote("judge", "--in", folder, one["id"], "split", other["members"][0]["quote_id"]).code == 0
        assert self.sizes(folder) == [2, 1]


def test_align_lines_gives_line_numbers(crossquote: Command, tmp_path: Path) -> None:
    lines = [
        "The storm over the harbour is over.",
        "A gull laughed at the empty nets on the quay.",
        "",
        "Nobody argued with the harbour master.",
        "Six ships sail with wheat at noon.",
    ]
    theirs = [WORD.sub(lambda word: f"{word[0]}_ru", lines[number]) for number in (0, 3, 4)]
    (tmp_path / "l.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "r.txt").write_text("\n".join(theirs) + "\n", "utf-8")
    result = crossquote("align", tmp_path / "l.txt", tmp_path / "r.txt", "--lines", "--format", "ladder")
    assert result.out == "0:0\n1:\n2:\n3:1\n4:2\n"


def test_align_wants_single_articles(crossquote: Command, story: Path, collection: Path) -> None:
    result = crossquote("align", story, collection.parent / "a.jsonl")
    assert result.code == 2
    assert "3 articles" in result.err


SENTENCES = (
    "The storm over the harbour is over and the ferries sail again.",
    "A gull laughed at the empty nets on the quay all morning.",
    "Nobody argued with the harbour master about the closed gates.",
    "Six ships sail with wheat and barley at noon on Friday.",
)


def _edition(path: Path, language: str, numbers: tuple[int, ...]) -> Path:
    """The sentences of that number as an article in a file of the path's kind; other languages have their words marked."""
    mark = "" if language == "en" else f"_{language}"
    texts = [WORD.sub(lambda word: f"{word[0]}{mark}", SENTENCES[number]) for number in numbers]
    text = " ".join(texts)
    page = "".join(f"<p>{one}</p>" for one in texts)
    content = {
        ".txt": text,
        ".jsonl": json.dumps({"id": language, "language": language, "text": text}),
        ".html": f"<html lang={language}><title>T</title><body><article><h1>T</h1>{page}</article></body></html>",
    }
    path.write_text(content[path.suffix], "utf-8")
    return path


@pytest.mark.parametrize("kind", ["jsonl", "html"])
def test_align_takes_articles_and_saved_pages(crossquote: Command, tmp_path: Path, kind: str) -> None:
    left = _edition(tmp_path / f"l.{kind}", "en", (0, 1, 2, 3))
    right = _edition(tmp_path / f"r.{kind}", "ru", (0, 2, 3))
    result = crossquote("align", left, right, "--format", "jsonl")
    assert result.code == 0, result.err
    found = [json.loads(line) for line in result.out.splitlines()]
    assert [pair["kind"] for pair in found] == ["1-1", "1-0", "1-1", "1-1"]
    assert [pair["left"]["text"] for pair in found] == list(SENTENCES)


def test_align_compares_a_translation_when_it_is_asked_to(
    crossquote: Command, tmp_path: Path, translator: FakeTranslator
) -> None:
    left = _edition(tmp_path / "l.jsonl", "en", (0, 1, 2, 3))
    right = _edition(tmp_path / "r.jsonl", "ru", (0, 2, 3))
    result = crossquote("align", left, right, "--translate", "--format", "ladder")
    assert result.out == "0:0\n1:\n2:1\n3:2\n"
    assert set(translator.asked) == set(SENTENCES)


def test_align_shows_all_editions_of_a_collection(crossquote: Command, collection: Path, tmp_path: Path) -> None:
    result = crossquote("align", "--editions", "--in", collection, "--format", "jsonl")
    assert result.code == 0, result.err
    rows = [json.loads(line) for line in result.out.splitlines()]
    (row,) = [
        row for row in rows if row["en"] and row["en"]["article_id"] == "a" and row["en"]["text"] == "Nobody argued."
    ]
    assert [row[language]["text"] for language in ("ru", "uk")] == ["Nobody_ru argued_ru.", "Nobody_uk argued_uk."]
    assert crossquote("align", "--editions", "--in", collection, "--out", tmp_path / "e.tsv").code == 0
    lines = (tmp_path / "e.tsv").read_text("utf-8").splitlines()
    assert (lines[0].split("\t")[:3], len(lines)) == (["en", "ru", "uk"], len(rows) + 1)


def test_align_says_where_quotations_stand_in_other_editions(crossquote: Command, collection: Path) -> None:
    result = crossquote("align", "--quotes", "--in", collection)
    assert result.code == 0, result.err
    found = [json.loads(line) for line in result.out.splitlines()]
    assert {(one["article_id"], one["language"], one["origin"]) for one in found} >= {("a.uk", "uk", "machine")}


@pytest.mark.parametrize("options", [["--editions"], ["l.txt"], ["--editions", "--in", "x", "--format", "tmx"]])
def test_align_wants_two_editions_or_a_collection(crossquote: Command, options: list[str]) -> None:
    result = crossquote("align", *options)
    assert (result.code, len(result.err.splitlines())) == (2, 2)


def test_export_and_its_filters(crossquote: Command, collection: Path, tmp_path: Path) -> None:
    def origins(*options: str) -> set[str]:
        result = crossquote("export", "--in", collection, "--format", "jsonl", *options)
        return {json.loads(line)["origin"] for line in result.out.splitlines()}

    assert origins() == {"human", "machine"}
    assert origins("--only", "human") == {"human"}
    close = crossquote("export", "--in", collection, "--format", "jsonl", "--min-similarity", "0.9").out.splitlines()
    assert all(json.loads(line)["similarity"] >= 0.9 for line in close)
    assert 0 < len(close) < len(crossquote("export", "--in", collection, "--format", "jsonl").out.splitlines())
    assert crossquote("export", "--in", collection, "--format", "tmx", "--out", tmp_path / "x.tmx").out == ""
    assert (tmp_path / "x.tmx").read_bytes() == (collection / "pairs.tmx").read_bytes()


@pytest.mark.parametrize("what", ["pairs", "quotes", "statements"])
def test_export_of_records(crossquote: Command, collection: Path, what: str) -> None:
    result = crossquote("export", "--in", collection, "--what", what, "--format", "jsonl")
    assert result.out == (collection / f"{what}.jsonl").read_text("utf-8")
    assert crossquote("export", "--in", collection, "--what", "quotes", "--format", "tmx").code == 2


def test_report(crossquote: Command, collection: Path, tmp_path: Path) -> None:
    assert crossquote("report", "--in", collection, "--out", tmp_path / "x.html").code == 0
    assert (tmp_path / "x.html").read_bytes() == (collection / "report.html").read_bytes()


def test_report_with_translations(crossquote: Command, collection: Path, tmp_path: Path) -> None:
    assert crossquote("report", "--in", collection, "--to", "ru").code == 2
    before = (collection / "report.html").read_bytes()
    told = crossquote("report", "--in", collection, "--translate", "--to", "ru").err
    assert told.split("\n")[:2] == ["2 translations made", f"written: {collection / 'report.html'}"]
    after = (collection / "report.html").read_bytes()
    assert after != before
    # It is an output like those of a run, and stays as long as nothing else changes.
    assert "up to date" in crossquote("run", tmp_path / "a.jsonl", "--into", collection, "--to", "uk").err
    assert (collection / "report.html").read_bytes() == after
    assert crossquote("report", "--in", collection, "--translate", "--to", "ru").err.startswith("0 translations made")
    assert crossquote("report", "--in", collection, "--translate").err.startswith("0 translations made")


def test_report_without_names_has_a_file_of_its_own(crossquote: Command, collection: Path, tmp_path: Path) -> None:
    before = (collection / "report.html").read_bytes()
    (tmp_path / "names.txt").write_text("Vira Zahaiska\n", "utf-8")
    crossquote("report", "--in", collection, "--translate", "--to", "ru", "--redact", tmp_path / "names.txt")
    assert (collection / "report.html").read_bytes() == before
    assert (collection / "report.redacted.html").is_file()


def test_no_collection(crossquote: Command, tmp_path: Path) -> None:
    result = crossquote("duplicates", "--in", tmp_path)
    assert result.code == 2
    assert "crossquote run" in result.err


@pytest.fixture
def no_translator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relations are judged without the starter, which takes long to load."""
    monkeypatch.setattr("pipeline.engines.find_expectation", lambda: None)


@pytest.mark.usefixtures("no_translator")
def test_compare_two_texts(crossquote: Command) -> None:
    texts = ("The harbour stays closed for nine days", "The harbour stays closed for six days")
    shown = crossquote("compare", *texts)
    assert shown.code == 0
    assert "[-nine-] {+six+}" in shown.out
    record = json.loads(crossquote("compare", *texts, "--jsonl").out)
    assert {"relation", "altered", "similarity", "why"} <= record.keys()
    assert record["why"]["numbers apart"] == [["nine"], ["six"]]
    across = crossquote("compare", texts[0], "Порт закрыт на шесть дней").out
    assert "[-nine-] {+шесть+}" in across


@pytest.mark.usefixtures("no_translator")
def test_compare_pairs_names_bad_lines_and_does_the_rest(crossquote: Command, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    good = "en\tNobody argued\tuk\tНіхто не сперечався"
    pairs.write_text(f"{good}\nen\tNobody argued\n\nxx\tWhat\ten\tWhat\nen\t…\ten\tWhat\n{good}\r\n", "utf-8")
    result = crossquote("compare", "--pairs", pairs)
    assert result.code == 1
    assert len(result.out.splitlines()) == 2
    assert len({*result.out.splitlines()}) == 1
    assert all(f"{pairs}:{line}" in result.err for line in (2, 4, 5))
    assert f"{pairs}:3" not in result.err


@pytest.mark.parametrize("arguments", [[], ["one text"], ["a", "b", "--pairs", "f"], ["a", "--pairs", "f"]])
def test_compare_takes_two_texts_or_a_file(crossquote: Command, arguments: list[str]) -> None:
    result = crossquote("compare", *arguments)
    assert result.code == 2
    assert "hint" in result.err


@pytest.mark.usefixtures("no_translator")
def test_compare_with_nothing_to_compare(crossquote: Command, tmp_path: Path) -> None:
    empty = tmp_path / "empty.tsv"
    empty.write_text("\n", "utf-8")
    assert crossquote("compare", "--pairs", empty).code == 2
    assert crossquote("compare", "--pairs", tmp_path / "none.tsv").code == 2
    assert (
        crossquote(
            "compare", "Das ist ein ziemlich langer deutscher Satz, der hier ganz bestimmt nichts verloren hat", "Go"
        ).code
        == 2
    )


def test_interrupted(crossquote: Command, story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.articles.inputs", interrupt)
    monkeypatch.setattr("os._exit", sys.exit)
    result = crossquote("quotes", story)
    assert result.code == 130
    assert len(result.err.splitlines()) == 1


def test_doctor(crossquote: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pipeline.diagnosis.PROBE", 0.01)
    assert crossquote("doctor").code == 0
    monkeypatch.setenv("CROSSQUOTE_MODELS", str(tmp_path))
    result = crossquote("doctor")
    assert result.code == 1
    assert "BAD  model starter" in result.out


def test_models(crossquote: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "starter" in crossquote("models", "list").out
    assert crossquote("models", "path", "embedder").out.strip().endswith("embedder")
    assert "are right" in crossquote("models", "verify", "embedder").out
    assert crossquote("models", "path", "nope").code == 2
    monkeypatch.setenv("CROSSQUOTE_MODELS", str(tmp_path))
    result = crossquote("models", "path", "embedder")
    assert result.code == 2
    assert "crossquote models install embedder" in result.err


def test_the_default_engines_are_not_loaded_before_they_have_work() -> None:
    made = engines.default()
    assert made.embedder.signature == made.matcher.embedder
    assert "torch" not in vars(made.embedder)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[" * 100_000, "recursion"),
        ('{"query": NaN, "text": "x"}', "NaN"),
        ('{"query": 1, "text": "\\ud800"}', "not text"),
        ('{"query": 1, "text": 5}', "not a string"),
    ],
)
def test_a_query_that_is_none_is_named(
    crossquote: Command, collection: Path, tmp_path: Path, line: str, reason: str
) -> None:
    (tmp_path / "q.jsonl").write_text(f'{line}\n{{"query": "\\ud800", "text": "Nobody argued"}}\n', "utf-8")
    result = crossquote("find", "--queries", tmp_path / "q.jsonl", "--in", collection)
    assert result.code == 1
    assert reason in result.err
    assert json.loads(result.out)["query"] == "\ud800"


@pytest.mark.parametrize(
    "command", [["find"], ["compare", "We wait"], ["duplicates", "--speaker"], ["judge", "s", "accept", "--who"]]
)
def test_bytes_that_are_no_text_are_refused(crossquote: Command, collection: Path, command: list[str]) -> None:
    result = crossquote(*command, "\udcff", *([] if command[0] == "compare" else ["--in", collection]))
    assert (result.code, "UTF-8" in result.err) == (2, True)


def test_a_name_that_no_file_can_have_is_one_line(crossquote: Command, collection: Path, tmp_path: Path) -> None:
    for arguments in (
        ("export", "--in", collection, "--out", tmp_path / ("x" * 300)),
        ("tm", "export", tmp_path / ("x" * 300), "--in", collection),
        ("translate", tmp_path / "a.jsonl", "--to", "uk", "--out", tmp_path / ("x" * 300)),
        ("find", "x", "--in", tmp_path / ("x" * 300)),
    ):
        result = crossquote(*arguments)
        assert result.code == 2
        assert "too long" in result.err
