"""Environment variables."""

from pathlib import Path

import pytest

from pipeline import settings
from pipeline.errors import PipelineError


def test_a_named_models_folder_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSQUOTE_MODELS", "/somewhere")
    assert settings.models_folders() == [Path("/somewhere")]
    monkeypatch.delenv("CROSSQUOTE_MODELS")
    assert settings.models_folders()[0] == settings.CHECKOUT / "models"


@pytest.mark.parametrize("value", ["0", "-1", "two", "²", "٣", "9" * 30, "9" * 5_000])
def test_threads_must_be_a_number(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CROSSQUOTE_THREADS", value)
    with pytest.raises(PipelineError, match="CROSSQUOTE_THREADS"):
        settings.threads()


def test_now_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert settings.now().isoformat() == "1970-01-01T00:00:00+00:00"
    for value in ("yesterday", "²", "999999999999"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
        with pytest.raises(PipelineError, match="SOURCE_DATE_EPOCH"):
            settings.now()


def test_limits_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.limit("article") == settings.LIMITS["article"]
    monkeypatch.setenv("CROSSQUOTE_MAX_ARTICLE", "12")
    assert settings.limit("article") == 12
    monkeypatch.setenv("CROSSQUOTE_MAX_ARTICLE", "none")
    with pytest.raises(PipelineError, match="CROSSQUOTE_MAX_ARTICLE"):
        settings.limit("article")
