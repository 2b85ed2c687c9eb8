"""The sample with the real models gives the golden run, and again the same in another order of work.

After a change that is meant: `crossquote run corpora/sample/articles.jsonl --into DIR`, look at the differences, and copy
DIR's quotes.jsonl, statements.jsonl and pairs.jsonl to tests/golden/sample.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import engines
from pipeline.run import run

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "sample"
SAMPLE = ROOT / "corpora" / "sample" / "articles.jsonl"
TOLERANCE = 0.005  # processors differ in the last bits of a vector


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("sample")
    run([str(SAMPLE)], into, engines.default())
    return into


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def without_figures(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in ("confidence", "similarity")}


@pytest.mark.parametrize("name", ["quotes.jsonl", "statements.jsonl", "pairs.jsonl"])
def test_the_sample_gives_the_golden_run(made: Path, name: str) -> None:
    found, wanted = records(made / name), records(GOLDEN / name)
    assert list(map(without_figures, found)) == list(map(without_figures, wanted))
    for figure in ("confidence", "similarity"):
        for one, other in zip(found, wanted, strict=True):
            assert one.get(figure) == pytest.approx(other.get(figure), abs=TOLERANCE)


def test_an_extended_collection_equals_a_rebuilt_one(made: Path, tmp_path: Path) -> None:
    lines = SAMPLE.read_text("utf-8").splitlines(keepends=True)
    for number, part in enumerate((lines[:20], lines[20:])):
        (tmp_path / f"{number}.jsonl").write_text("".join(part), "utf-8")
        run([str(tmp_path / f"{number}.jsonl")], tmp_path / "extended", engines.default())
    for name in ("quotes.jsonl", "statements.jsonl", "pairs.jsonl", "pairs.tmx"):
        assert (tmp_path / "extended" / name).read_bytes() == (made / name).read_bytes()


WIRE = {
    "en": "“We will not close the harbour before the winter storms are over,” said Vira Holub, the harbour master.",
    "ru": "«Мы не закроем гавань, пока не кончатся зимние штормы», — сказала начальник порта Вера Голуб.",
    "uk": "«Ми не закриємо гавань, доки не скінчаться зимові шторми», — сказала начальниця порту Віра Голуб.",
}


@pytest.mark.parametrize("outlets", [1, 6])
def test_one_wire_in_all_languages_is_one_statement(tmp_path: Path, outlets: int) -> None:
    lines = [
        {"id": f"{language}{number}", "outlet": f"{language}{number}", "text": f"{number}. {text}"}
        for language, text in WIRE.items()
        for number in range(outlets)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    run([str(tmp_path / "a.jsonl")], tmp_path / "made", engines.default())
    (statement,) = records(tmp_path / "made" / "statements.jsonl")
    assert (statement["outlets"], statement["languages"]) == (3 * outlets, ["en", "ru", "uk"])
