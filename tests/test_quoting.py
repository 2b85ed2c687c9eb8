"""`crossquote quotes` with a tagger, without one, and where none is installed."""

import json
import sys
from pathlib import Path

import pytest
from conftest import FakeTagger

from pipeline import cli
from pipeline.errors import ModelMissing

TEXT = "Vira Zahaiska, the harbour master, was of one mind with the captains: the storm would pass."
TAGGER = FakeTagger(
    ("reported", "the storm would pass"), ("attribution", "Vira Zahaiska"), ("speaker", "Vira Zahaiska")
)


def found(
    *options: str, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[list[str], str]:
    """(the words of the quotations, what went to standard error)."""
    (path / "a.txt").write_text(TEXT, "utf-8")
    monkeypatch.setattr(sys, "argv", ["crossquote", "quotes", str(path / "a.txt"), "--jsonl", *options])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert not stop.value.code
    captured = capsys.readouterr()
    return [json.loads(line)["text"] for line in captured.out.splitlines()], captured.err


def test_the_tagger_is_taken_unless_it_is_declined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("pipeline.engines.find_tagger", lambda: TAGGER)
    assert found(path=tmp_path, monkeypatch=monkeypatch, capsys=capsys) == (["the storm would pass"], "")
    assert found("--no-tagger", path=tmp_path, monkeypatch=monkeypatch, capsys=capsys) == ([], "")


def test_without_a_tagger_the_rules_work_alone_and_it_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def missing() -> None:
        raise ModelMissing("there is no tagger", "install it")

    monkeypatch.setattr("pipeline.engines.find_tagger", missing)
    words, said = found(path=tmp_path, monkeypatch=monkeypatch, capsys=capsys)
    assert not words
    assert said.splitlines() == ["crossquote: quotations by rules alone: there is no tagger; install it"]
