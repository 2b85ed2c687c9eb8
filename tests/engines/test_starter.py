"""The starter itself, on a few short sentences."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline import models
from pipeline.engines.starter import PAIRS, Starter, _best, _Candidate
from pipeline.errors import ModelMissing
from pipeline.records import Language

ENGLISH = [
    "Prices rose.",
    "The bridge is closed.",
    "Nobody came to the meeting on Tuesday.",
    "“We waited for three days,” said the mayor.",
    "The new tram runs every nine minutes.",
    "The baker sold 420 loaves of bread before noon.",
]


@pytest.fixture(scope="module")
def starter() -> Starter:
    return Starter(models.find("starter"), version="1", beam=2)


def test_signature_names_version_and_beam(starter: Starter) -> None:
    assert starter.signature == "starter-1/beam2"


def test_pairs(starter: Starter) -> None:
    assert {("en", "ru"), ("en", "uk"), ("ru", "uk"), ("uk", "ru")} == PAIRS
    assert not starter.supports("ru", "en")
    with pytest.raises(ValueError, match="does not translate uk into en"):
        starter.translate(["Дощ."], "uk", "en")


def test_no_sentences_need_no_model(tmp_path: Path) -> None:
    assert Starter(tmp_path, version="1").supports("en", "uk")


def test_no_sentences_give_no_translations(starter: Starter) -> None:
    assert starter.translate([], "en", "ru") == []


def test_translations_are_in_order_and_in_the_language_asked_for(starter: Starter) -> None:
    russian = starter.translate(ENGLISH, "en", "ru")
    assert "Цены" in russian[0]
    assert "мост" in russian[1].lower()
    assert "420" in russian[5]
    ukrainian = starter.translate(ENGLISH[:3], "en", "uk")
    assert "Ціни" in ukrainian[0]
    assert "закрит" in ukrainian[1]


def test_between_russian_and_ukrainian(starter: Starter) -> None:
    assert "Цін" in starter.translate(["Цены выросли."], "ru", "uk")[0]
    assert "Цены" in starter.translate(["Ціни зросли."], "uk", "ru")[0]


def test_translation_depends_on_no_companion(starter: Starter) -> None:
    together = starter.translate(ENGLISH, "en", "uk")
    assert together[::-1] == starter.translate(ENGLISH[::-1], "en", "uk")
    assert together == [starter.translate([text], "en", "uk")[0] for text in ENGLISH]


def test_translation_does_not_depend_on_threads(starter: Starter) -> None:
    alone = Starter(models.find("starter"), version="1", beam=2, threads=1)
    assert alone.translate(ENGLISH[:4], "en", "ru") == starter.translate(ENGLISH[:4], "en", "ru")


def test_sound_candidate_wins_over_a_loop_and_a_loop_over_one_without_end() -> None:
    loop, endless, sound = (
        _Candidate("и мост, и мост, и мост, и мост", True),
        _Candidate("мост закрыт и", False),
        _Candidate("мост закрыт", True),
    )
    blemished = _Candidate("мост closed", True)
    assert _best([loop, blemished, sound], "the bridge", "ru") == sound.text
    assert _best([loop, blemished], "the bridge", "ru") == blemished.text
    assert _best([endless, loop], "the bridge", "ru") == loop.text
    assert _best([endless, _Candidate("", True)], "the bridge", "ru") == ""


def test_only_what_went_into_a_loop_is_decoded_again(tmp_path: Path) -> None:
    class Looping(Starter):
        def _prompts(self, sentences: Sequence[str], target: Language) -> list[list[str]]:
            return [[sentence] for sentence in sentences]

        def _decode(self, prompts: Sequence[list[str]], **settings: Any) -> list[list[_Candidate]]:
            asked.append([prompt[0] for prompt in prompts])
            rain = _Candidate("Дождь шёл весь день" if settings else "Дождь, дождь, дождь, дождь, дождь", True)
            return [[rain if prompt == ["Rain."] else _Candidate("Цены выросли", True)] for prompt in prompts]

    asked: list[list[str]] = []
    translations = Looping(tmp_path, version="1").translate(["Prices rose.", "Rain."], "en", "ru")
    assert translations == ["Цены выросли", "Дождь шёл весь день"]
    assert asked == [["Prices rose.", "Rain."], ["Rain."]]


def test_damaged_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="cannot be used"):
        Starter(tmp_path, version="1").translate(["Rain."], "en", "uk")
    for name in ("tokenizer.json", "config.json", "vocabulary.json"):
        (tmp_path / name).symlink_to(models.find("starter") / name)
    (tmp_path / "model.bin").write_bytes(b"nonsense")
    with pytest.raises(ModelMissing, match="cannot be used"):
        Starter(tmp_path, version="1").translate(["Rain."], "en", "uk")
