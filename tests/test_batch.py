"""Files into files: killed at any moment, a batch goes on where it stopped, and no half output is ever seen."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FakeTranslator

from pipeline import batch
from pipeline.collection import Collection
from pipeline.errors import InputError, ModelMissing
from pipeline.memory import HUMAN, Notebook
from pipeline.ports import Translator
from pipeline.progress import Silent
from pipeline.records import Language
from pipeline.translations import Bureau

ROOT = Path(__file__).parents[1]
SLOW = """
import sys, time
from pipeline import cli, engines, translations

class Slow:
    signature = "slow-1"

    def supports(self, source, target):
        return True

    def translate(self, sentences, source, target):
        time.sleep(0.05)
        print(len(sentences), file=sys.stderr, flush=True)
        return [sentence.replace("Ship", "Корабель_") for sentence in sentences]

    def retry(self, sentences, source, target):
        return [[] for _ in sentences]

translator = Slow()
translations.BATCH = translations.LARGEST_BATCH = 4
engines.translator = lambda *_, **__: translator
cli.main()
"""
LINES = 60


def start(cache: Path, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SLOW, *map(str, arguments)],
        env={**os.environ, "CROSSQUOTE_CACHE": str(cache), "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def translated(process: "subprocess.Popen[str]") -> int:
    """How many segments a process that has ended had translated."""
    _, told = process.communicate(timeout=60)
    return sum(int(line) for line in told.splitlines() if line.isdigit())


def test_killed_at_any_moment_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    source, out, cache = tmp_path / "a.txt", tmp_path / "out", tmp_path / "cache"
    source.write_text("".join(f"Ship_ 1{n}_ left_ the_ harbour_.\n" for n in range(LINES)), "utf-8")
    job = ("translate", source, "--to", "uk", "--from", "en", "--out", out)
    for batches in (1, 6):
        process = start(cache, *job)
        assert process.stderr
        for _ in range(batches):
            process.stderr.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert not (out / "a.uk.txt").exists()
    last = start(cache, *job)
    remaining = translated(last)
    assert last.returncode == 0
    assert remaining <= LINES - 4 * 5, "but for the last batch of each, what the killed runs had translated is known"
    expected = source.read_text("utf-8").replace("Ship", "Корабель_")
    assert (out / "a.uk.txt").read_text("utf-8") == expected


class OnlyUkrainian:
    """Translates from one language only."""

    def __init__(self, *sources: Language) -> None:
        self.sources, self.translator = sources, FakeTranslator()

    def __call__(self, source: Language, target: Language) -> Translator:
        if source not in self.sources:
            raise ModelMissing(f"no model translates {source} into {target}", "install one")
        return self.translator


def written(path: Path, *records: dict[str, str]) -> str:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
    return str(path)


def test_files_with_the_same_text_are_all_translated(tmp_path: Path) -> None:
    sources = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for source in sources:
        source.write_text("One came to the pier.\n", "utf-8")
    bureau = Bureau(OnlyUkrainian("en"), Notebook())
    tally = batch.translate([*map(str, sources)], ["uk"], bureau, Silent(), out=tmp_path / "out")
    first, second = ((tmp_path / "out" / name).read_text("utf-8") for name in ("a.uk.txt", "b.uk.txt"))
    assert first == second
    assert (tally.articles, tally.refused) == (2, [])


def test_nothing_is_written_over_what_is_to_be_read(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "story.txt", tmp_path / "story.uk.txt"
    ours.write_text("One came to the pier.", "utf-8")
    theirs.write_text("На причал прийшов один.", "utf-8")
    bureau = Bureau(OnlyUkrainian("en"), Notebook())
    with pytest.raises(InputError, match=r"story\.txt would be written over .*story\.uk\.txt"):
        batch.translate([str(ours), str(theirs)], ["uk"], bureau, Silent(), out=tmp_path)
    assert theirs.read_text("utf-8") == "На причал прийшов один."


def test_articles_that_nothing_translates_are_refused_and_the_rest_is_done(tmp_path: Path) -> None:
    source = written(
        tmp_path / "a.jsonl",
        {"id": "e", "language": "en", "text": "One came."},
        {"id": "r", "language": "ru", "text": "Пришёл один."},
        {"id": "u", "language": "uk", "text": "Прийшов один."},
    )
    tally = batch.translate([source], ["uk"], Bureau(OnlyUkrainian("en"), Notebook()), Silent(), out=tmp_path / "out")
    assert [json.loads(line)["id"] for line in (tmp_path / "out" / "a.uk.jsonl").read_text("utf-8").splitlines()] == [
        "e.uk"
    ]
    assert tally.articles == 1
    assert [refusal.reason for refusal in tally.refused] == [
        "r: no model translates ru into uk",
        "u is in uk already",
    ]


@pytest.mark.parametrize(("sources", "given"), [((), None), (("ru",), "en")])
def test_a_pair_without_a_model_is_said_before_anything_is_read(
    tmp_path: Path, sources: tuple[Language, ...], given: Language | None
) -> None:
    with pytest.raises(ModelMissing):
        batch.translate(
            [str(tmp_path / "absent.jsonl")],
            ["uk"],
            Bureau(OnlyUkrainian(*sources), Notebook()),
            Silent(),
            source=given,
            out=tmp_path / "out",
        )
    assert not (tmp_path / "out").exists()


def test_segments_one_by_one(tmp_path: Path) -> None:
    source = written(
        tmp_path / "a.jsonl",
        {"id": "e", "language": "en", "title": "Storm", "text": "One came.\n\n12–14\nЧекали всі інші."},
    )
    tally = batch.Tally()
    lines = list(batch.segments([source], ["uk", "ru"], Bureau(OnlyUkrainian("en", "uk"), Notebook()), Silent(), tally))
    assert [(line["index"], line["from"], line["to"], line["target"]) for line in lines] == [
        (0, "en", "uk", "Storm_uk"),
        (1, "en", "uk", "One_uk came_uk."),
        (2, "uk", "uk", "Чекали всі інші."),
        (0, "en", "ru", "Storm_ru"),
        (1, "en", "ru", "One_ru came_ru."),
        (2, "uk", "ru", "Чекали_ru всі_ru інші_ru."),
    ]
    assert list(lines[0]) == ["article_id", "index", "source", "target", "from", "to", "flags"]
    assert (tally.articles, tally.segments) == (1, 6)


def test_people_outrank_the_engine_for_whole_sentences_and_parts(tmp_path: Path) -> None:
    long = "“We waited at the pier until the evening came, and the sea was grey as iron. Then the bell rang twice, and all of us ran down.”"
    source = written(tmp_path / "a.jsonl", {"id": "e", "language": "en", "text": f"One came. {long}"})
    engine = OnlyUkrainian("en")
    with Collection.open(tmp_path / "memory", create=True) as memory:
        memory.keep_translations({"One came.": 'Хтось "прийшов"', long: "«Ми чекали»."}, "en", "uk", HUMAN)
        lines = list(batch.segments([source], ["uk"], Bureau(engine, memory), Silent(), batch.Tally()))
    assert [line["target"] for line in lines] == ['Хтось "прийшов"', "«Ми чекали»."]
    assert engine.translator.asked == []


def test_thousands_of_articles_take_the_memory_of_one_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "CHUNK", 10)
    source = written(
        tmp_path / "a.jsonl", *({"id": str(n), "language": "en", "text": f"One {n % 7} came."} for n in range(95))
    )
    engine, told = OnlyUkrainian("en"), list[int | None]()

    class Telling(Silent):
        def stage(self, name: str, total: int | None):  # type: ignore[no-untyped-def]
            from contextlib import nullcontext

            def advance(count: int, total: int | None = None) -> None:
                told.append(total)

            return nullcontext(advance)

    batch.translate([source], ["uk"], Bureau(engine, Notebook()), Telling(), out=tmp_path / "out")
    assert len(engine.translator.asked) == 7
    assert {total for total in told if total} == {95}
    assert len((tmp_path / "out" / "a.uk.jsonl").read_text("utf-8").splitlines()) == 95
