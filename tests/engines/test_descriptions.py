"""What a folder says of the model in it."""

import json
from pathlib import Path

import pytest

from pipeline.engines import descriptions
from pipeline.errors import InputError


def write(folder: Path, toml: str | None = None, **tokenizer: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.bin").write_bytes(b"weights")
    if toml is not None:
        (folder / "translator.toml").write_text(toml, "utf-8")
    if tokenizer:
        (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), "utf-8")
    return folder


@pytest.mark.parametrize("name", ["opus-mt-en-uk", "enuk", "firefox.en-uk.base", "en_uk", "OPUS-MT-EN-UK-int8"])
def test_languages_stand_in_the_name_of_a_folder(tmp_path: Path, name: str) -> None:
    found = descriptions.read(write(tmp_path / name))
    assert found is not None
    assert found.pairs == {("en", "uk")}
    assert found.signature == f"{name}-{descriptions.fingerprint(tmp_path / name)}"
    assert found.source_end == "</s>"
    assert not found.prompt


def test_languages_stand_in_a_tokenizers_file(tmp_path: Path) -> None:
    found = descriptions.read(write(tmp_path / "mine", source_lang="uk", target_lang="en"))
    assert found is not None
    assert found.pairs == {("uk", "en")}


@pytest.mark.parametrize("name", ["mine", "token-rules", "golden_ukulele", "en-en"])
def test_a_folder_without_languages_says_what_to_write(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot tell which languages") as caught:
        descriptions.read(write(tmp_path / name))
    assert "translator.toml" in caught.value.hint


def test_a_description_has_the_first_word(tmp_path: Path) -> None:
    toml = 'version = "3"\npairs = ["en-ru", "en-uk"]\nsource_prefix = ">>{target}<<"\nsource_end = ""\nbeam = 2\n'
    found = descriptions.read(write(tmp_path / "opus-mt-en-zle", toml))
    assert found is not None
    assert found.signature == "opus-mt-en-zle-3"
    assert found.pairs == {("en", "ru"), ("en", "uk")}
    assert (found.source_prefix, found.source_end, found.beam) == (">>{target}<<", "", 2)


@pytest.mark.parametrize(
    ("toml", "wrong"),
    [
        ("pairs = ", "translator.toml"),
        ('pairs = ["en"]', "pairs"),
        ("pairs = []", "pairs"),
        ('version = "1"', "pairs"),
        ('pairs = ["en-uk"]\nbeams = 2', "beams"),
        ('pairs = ["en-uk"]\nprompt = "<bos>{text}<2uk>"', "end"),
        ('pairs = ["en-uk"]\nprompt = "Translate"\nend = "<eos>"', "{text}"),
    ],
)
def test_a_description_that_is_wrong_is_named(tmp_path: Path, toml: str, wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        descriptions.read(write(tmp_path / "mine", toml))
    assert "translator.toml" in caught.value.message
    assert wrong in caught.value.message


def test_other_weights_are_another_version(tmp_path: Path) -> None:
    left, right = write(tmp_path / "a"), write(tmp_path / "b")
    assert descriptions.fingerprint(left) == descriptions.fingerprint(right)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "model.bin").write_bytes(b"other weights")
    assert descriptions.fingerprint(tmp_path / "c") != descriptions.fingerprint(left)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    assert descriptions.read(tmp_path) is None
    assert descriptions.read(tmp_path / "absent") is None
