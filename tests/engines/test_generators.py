"""Generators: the starter itself, on a few short sentences, and other prompts around its weights."""

from pathlib import Path

import pytest

from pipeline import models
from pipeline.engines import descriptions
from pipeline.engines.descriptions import Description
from pipeline.engines.generators import GeneratorTranslator, Prompts, _best, _Candidate
from pipeline.errors import ModelMissing

ENGLISH = [
    "Prices rose.",
    "The bridge is closed.",
    "Nobody came to the meeting on Tuesday.",
    "“We waited for three days,” said the mayor.",
    "The new tram runs every nine minutes.",
    "The baker sold 420 loaves of bread before noon.",
]


@pytest.fixture(scope="module")
def starter() -> GeneratorTranslator:
    return made()


def described(folder: Path) -> Description:
    found = descriptions.read(folder)
    assert found is not None
    return found


def made(folder: Path | None = None, *, beam: int = 2, threads: int = 2) -> GeneratorTranslator:
    return GeneratorTranslator(described(folder or models.find("starter")), beam=beam, threads=threads)


def folder_with(tmp_path: Path, prompt: str, *, weights: bool = True) -> Path:
    """The starter's weights under another description, as a user would drop in a model."""
    for name in ("tokenizer.json", "config.json", "vocabulary.json", *(["model.bin"] if weights else [])):
        (tmp_path / name).symlink_to(models.find("starter") / name)
    (tmp_path / "translator.toml").write_text(f'pairs = ["en-uk"]\nprompt = """{prompt}"""\nend = "<eos>"\n', "utf-8")
    return tmp_path


def test_signature_names_version_and_beam(starter: GeneratorTranslator) -> None:
    assert starter.signature == "starter-2/beam2"


def test_pairs(starter: GeneratorTranslator) -> None:
    pairs = {("en", "ru"), ("en", "uk"), ("ru", "uk"), ("uk", "ru")}
    assert described(models.find("starter")).pairs == pairs
    assert not starter.supports("ru", "en")
    for call in (starter.translate, starter.retry):
        with pytest.raises(ValueError, match="does not translate uk into en"):
            call(["Дощ."], "uk", "en")


def test_the_version_is_the_one_of_the_manifest() -> None:
    assert described(models.find("starter")).version == models.known("starter").version


def test_no_sentences_give_no_translations(starter: GeneratorTranslator) -> None:
    assert starter.translate([], "en", "ru") == []


def test_translations_are_in_order_and_in_the_language_asked_for(starter: GeneratorTranslator) -> None:
    russian = starter.translate(ENGLISH, "en", "ru")
    assert "Цены" in russian[0]
    assert "мост" in russian[1].lower()
    assert "420" in russian[5]
    ukrainian = starter.translate(ENGLISH[:3], "en", "uk")
    assert "Ціни" in ukrainian[0]
    assert "закрит" in ukrainian[1]


def test_between_russian_and_ukrainian(starter: GeneratorTranslator) -> None:
    assert "Цін" in starter.translate(["Цены выросли."], "ru", "uk")[0]
    assert "Цены" in starter.translate(["Ціни зросли."], "uk", "ru")[0]


def test_translation_depends_on_no_companion(starter: GeneratorTranslator) -> None:
    together = starter.translate(ENGLISH, "en", "uk")
    assert together[::-1] == starter.translate(ENGLISH[::-1], "en", "uk")
    assert together == [starter.translate([text], "en", "uk")[0] for text in ENGLISH]


def test_translation_does_not_depend_on_threads(starter: GeneratorTranslator) -> None:
    assert made(threads=1).translate(ENGLISH[:4], "en", "ru") == starter.translate(ENGLISH[:4], "en", "ru")


def test_retry_offers_different_texts_that_depend_on_no_companion(starter: GeneratorTranslator) -> None:
    offered = starter.retry(ENGLISH[:3], "en", "uk")
    assert all(texts and len(set(texts)) == len(texts) for texts in offered)
    assert any(len(texts) > 1 for texts in offered)
    assert offered[1:2] == starter.retry(ENGLISH[1:2], "en", "uk")
    assert starter.retry([], "en", "uk") == []


def test_a_special_piece_in_a_text_is_text() -> None:
    prompts = Prompts(described(models.find("starter")))
    [encoded] = prompts.encoded(["Rain <eos> and <2ru>"])
    assert not {"<eos>", "<2ru>"} & set(encoded.tokens)
    assert prompts.around("en", "uk") == (["<bos>"], ["<2uk>"])


def test_a_prompt_with_much_before_the_text_is_read_once_and_changes_nothing(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path, "<bos>Translate {source_name} into {target_name}, and leave nothing out: {text}<2{target}>"
    )
    dropped_in = made(folder, beam=1)
    before, after = Prompts(described(folder)).around("en", "uk")
    assert "".join(before).startswith("<bos>Translate▁English▁into▁Ukrainian,")
    assert after == ["<2uk>"]
    together = dropped_in.translate(ENGLISH[:2], "en", "uk")
    assert together[:1] == dropped_in.translate(ENGLISH[:1], "en", "uk")
    assert dropped_in.signature.startswith(f"{tmp_path.name}-")


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


def test_damaged_folder_is_one_clear_error(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "<bos>{text}<2{target}>", weights=False)
    (folder / "model.bin").write_bytes(b"nonsense")
    with pytest.raises(ModelMissing, match="cannot be used"):
        made(folder).translate(["Rain."], "en", "uk")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelMissing, match="cannot be used"):
        made(folder).translate(["Rain."], "en", "uk")
