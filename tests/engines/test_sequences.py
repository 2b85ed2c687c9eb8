"""Encoder-decoder models: how packages and folders are read, cut, batched and put together again."""

import json
from pathlib import Path

import ctranslate2
import pytest
import sentencepiece
from toys import TEXTS, make_directory, make_package

from pipeline.engines import descriptions, pieces
from pipeline.engines.descriptions import Description
from pipeline.engines.sequences import SequenceTranslator
from pipeline.errors import ModelMissing


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    return tmp_path / "packages"


def engine(description: Description, *, beam: int = 4) -> SequenceTranslator:
    return SequenceTranslator(description, beam=beam, threads=2)


@pytest.mark.parametrize("bpe", [False, True], ids=["sentencepiece", "bpe"])
def test_translation_is_that_of_the_package_and_depends_on_no_companion(packages: Path, bpe: bool) -> None:
    made = engine(make_package(packages, "en", "uk", bpe=bpe))
    together = made.translate(TEXTS, "en", "uk")
    assert together == [made.translate([text], "en", "uk")[0] for text in TEXTS]
    assert together[::-1] == made.translate(TEXTS[::-1], "en", "uk")
    assert len(set(together)) > 1
    assert made.translate([], "en", "uk") == []


def test_translation_is_what_ctranslate2_gives_for_the_pieces(packages: Path) -> None:
    package = make_package(packages, "en", "ru")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(package.folder / "sentencepiece.model"))
    model = ctranslate2.Translator(str(package.folder / "model"), compute_type="auto")
    source = processor.encode(TEXTS[0], out_type=str)
    plain = model.translate_batch([source], beam_size=3, length_penalty=0.2, max_decoding_length=2 * len(source) + 20)
    best = processor.decode_pieces(plain[0].hypotheses[0])
    assert engine(package, beam=3).translate([TEXTS[0]], "en", "ru") == [best]


@pytest.mark.parametrize("kind", ["txt", "json"])
def test_old_and_new_vocabulary_files(packages: Path, kind: str) -> None:
    package = make_package(packages, "en", "uk")
    wanted = engine(package).translate(TEXTS[:2], "en", "uk")
    [path] = (package.folder / "model").glob("shared_vocabulary.*")
    words = json.loads(path.read_text("utf-8"))
    path.unlink()
    for name in ("source", "target"):
        written = json.dumps(words) if kind == "json" else "".join(f"{word}\n" for word in words)
        (package.folder / "model" / f"{name}_vocabulary.{kind}").write_text(written, "utf-8")
    assert engine(package).translate(TEXTS[:2], "en", "uk") == wanted


def test_target_prefix_goes_in_and_does_not_come_out(packages: Path) -> None:
    plain = engine(make_package(packages / "plain", "en", "ru"))
    prefixed = engine(make_package(packages / "prefixed", "en", "ru", target_prefix=">>rus<<"))
    translations = prefixed.translate(TEXTS, "en", "ru")
    assert not any(">>rus<<" in text[:8] for text in translations)
    assert translations != plain.translate(TEXTS, "en", "ru")


def test_retry_offers_different_texts_that_depend_on_no_companion(packages: Path) -> None:
    made = engine(make_package(packages, "en", "uk"), beam=1)
    offered = made.retry(TEXTS, "en", "uk")
    assert all(len(set(texts)) == len(texts) for texts in offered)
    assert any(len(texts) > 1 for texts in offered)
    assert offered == [made.retry([text], "en", "uk")[0] for text in TEXTS]
    assert made.retry([], "en", "uk") == []


def test_underscores_of_addresses_survive(packages: Path) -> None:
    found = pieces.find(make_package(packages, "en", "ru").folder, "en", "ru")
    assert found.decode(found.encode("the driver_of_the_tram")) == "the driver_of_the_tram"


@pytest.mark.parametrize("by_itself", [False, True])
def test_a_folder_of_a_converter_ends_its_sources(tmp_path: Path, by_itself: bool) -> None:
    folder = make_directory(tmp_path / "opus-mt-en-uk", add_source_eos=by_itself)
    description = descriptions.read(folder)
    assert description is not None
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    source = processor.encode(TEXTS[2], out_type=str)
    model = ctranslate2.Translator(str(folder), compute_type="auto")
    plain = model.translate_batch(
        [source if by_itself else [*source, "</s>"]],
        beam_size=2,
        length_penalty=0.2,
        max_decoding_length=2 * len(source) + 20 + 2 * (not by_itself),
    )
    best = processor.decode_pieces(plain[0].hypotheses[0])
    assert engine(description, beam=2).translate([TEXTS[2]], "en", "uk") == [best]


def test_one_vocabulary_of_firefox(tmp_path: Path) -> None:
    folder = make_directory(tmp_path / "base")
    (folder / "source.spm").rename(folder / "vocab.enuk.spm")
    (folder / "target.spm").unlink()
    description = descriptions.read(folder)
    assert description is not None
    assert description.pairs == {("en", "uk")}
    assert len(engine(description, beam=1).translate(TEXTS, "en", "uk")) == len(TEXTS)


def test_a_sentence_longer_than_the_model_has_places_for_does_not_end_the_run(packages: Path) -> None:
    made = engine(make_package(packages, "en", "uk"), beam=1)
    long = " ".join(TEXTS[2] for _ in range(20))
    short, cut = made.translate([TEXTS[0], long], "en", "uk")
    assert short == engine(make_package(packages / "again", "en", "uk"), beam=1).translate(TEXTS[:1], "en", "uk")[0]
    assert cut


def test_pair_of_another_model_is_a_programmers_mistake(packages: Path) -> None:
    made = engine(make_package(packages, "en", "uk"))
    for call in (made.translate, made.retry):
        with pytest.raises(ValueError, match="does not translate uk into en"):
            call(["Дощ."], "uk", "en")


@pytest.mark.parametrize("lost", ["model/model.bin", "sentencepiece.model"])
def test_damaged_package_is_one_clear_error(packages: Path, lost: str) -> None:
    package = make_package(packages, "en", "uk")
    (package.folder / lost).write_bytes(b"nonsense")
    with pytest.raises(ModelMissing, match="translate-en_uk cannot be used"):
        engine(package).translate(["Rain."], "en", "uk")
    (package.folder / "sentencepiece.model").unlink()
    with pytest.raises(ModelMissing, match="neither"):
        engine(package).translate(["Rain."], "en", "uk")
