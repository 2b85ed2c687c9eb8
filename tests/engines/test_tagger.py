"""The bundled tagger, as the pipeline uses it."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.tagger import EncoderTagger, fingerprint, word_table
from pipeline.errors import ModelMissing
from pipeline.quotes import passage
from pipeline.records import Article, Language
from pipeline.tagging import Tag

MODELS = Path(__file__).parents[2] / "models"
TEXTS: list[tuple[Language, str, str]] = [
    (
        "en",
        "The depot was empty. Mayor Olha Stets said that the buses would return in March. Nobody clapped.",
        "the buses would return in March",
    ),
    (
        "ru",
        "Депо опустело. Мэр Ольга Стец сообщила, что автобусы вернутся в марте. Никто не хлопал.",
        "автобусы вернутся в марте",
    ),
    (
        "uk",
        "Депо спорожніло. Мерка Ольга Стець повідомила, що автобуси повернуться в березні. Ніхто не плескав.",
        "автобуси повернуться в березні",
    ),
    ("en", "“We stay,” said Ann Lee. The rain went on for days, and the river rose by two metres.", ""),
    ("en", "No.", ""),
]
PASSAGES = [passage(Article(id=str(n), text=text, language=language)) for n, (language, text, _) in enumerate(TEXTS)]


def bundled() -> EncoderTagger:
    return EncoderTagger(MODELS / "tagger", MODELS / "embedder", threads=2)


TAGGER = bundled()


@pytest.fixture(scope="module")
def alone() -> list[list[Tag]]:
    """The tags of each passage, computed without companions."""
    return [TAGGER.tag([one])[0] for one in PASSAGES]


def test_the_signature_is_known_before_the_model_is_read():
    made = bundled()
    assert made.signature.startswith("tagger-")
    assert made.tag([]) == []
    assert "_encoder" not in vars(made)


def test_reported_words_and_speaker_are_found_in_every_language(alone: list[list[Tag]]):
    for (_, text, clause), tags in zip(TEXTS, alone, strict=True):
        reported = [text[tag.start : tag.end] for tag in tags if tag.kind == "reported"]
        assert [words for words in reported if clause and clause in words] or not clause
        assert len(reported) == bool(clause)
    speaker = next(tag for tag in alone[0] if tag.kind == "speaker")
    assert "Olha Stets" in TEXTS[0][1][speaker.start : speaker.end]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, len(TEXTS) - 1), min_size=1, max_size=12))
def test_tags_do_not_depend_on_companions(alone: list[list[Tag]], chosen: list[int]):
    assert TAGGER.tag([PASSAGES[n] for n in chosen]) == [alone[n] for n in chosen]


def test_tags_keep_the_contract(alone: list[list[Tag]]):
    for one, tags in zip(PASSAGES, alone, strict=True):
        attributions = [tag for tag in tags if tag.kind == "attribution"]
        for tag in tags:
            start, end = one.sentences[tag.sentence]
            assert start <= tag.start < tag.end <= end
            assert 0 <= tag.confidence <= 1
            if tag.kind in ("speaker", "cue"):
                assert any(around.start <= tag.start and tag.end <= around.end for around in attributions)


def test_a_folder_without_a_model_is_refused(tmp_path: Path):
    with pytest.raises(ModelMissing):
        EncoderTagger(tmp_path, MODELS / "embedder", threads=1)


def test_the_word_table_of_another_embedder_is_refused(tmp_path: Path):
    for file in (MODELS / "tagger").iterdir():
        if file.name.endswith((".json", ".safetensors")):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"words": "0" * 16}))
    with pytest.raises(ModelMissing, match="another embedder"):
        EncoderTagger(tmp_path, MODELS / "embedder", threads=1).tag(PASSAGES[:1])


def test_the_model_knows_the_word_table_of_the_bundled_embedder():
    config = json.loads((MODELS / "tagger" / "config.json").read_text())
    assert config["words"] == fingerprint(word_table(MODELS / "embedder"))
