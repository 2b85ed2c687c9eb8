"""The Argos engine on small packages made here: their weights are random, but how they are read and run is real."""

import json
import random
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import sentencepiece
from ctranslate2.specs import transformer_spec

from pipeline import settings
from pipeline.engines import argos
from pipeline.engines.argos import Argos, Package
from pipeline.errors import ModelMissing

WIDTH = 16
TEXTS = [
    "The mill by the river opened again.",
    "A baker sold forty loaves before noon.",
    "Nobody on the bridge asked who had painted it green, and the painter kept silent.",
    "Rain.",
    "The tram was late again, said the driver_of_the_tram.",
    "Forty loaves were sold by a baker.",
]


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    return tmp_path / "packages"


def make_package(packages: Path, source: str, target: str, *, bpe: bool = False, **metadata: str) -> Package:
    """Install a package with random weights; the same pair always gets the same weights."""
    folder = packages / f"translate-{source}_{target}"
    folder.mkdir(parents=True)
    pieces = _bpe(folder) if bpe else _sentencepiece(folder)
    _model(folder / "model", [*pieces, *metadata.values()], seed=f"{source}{target}")
    fields = {"package_version": "1.9", "from_code": source, "to_code": target, **metadata}
    (folder / "metadata.json").write_text(json.dumps(fields), "utf-8")
    return next(package for package in argos.installed(packages) if package.folder == folder)


def _sentencepiece(folder: Path) -> list[str]:
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(TEXTS),
        model_prefix=str(folder / "sentencepiece"),
        vocab_size=50,
        minloglevel=2,
        user_defined_symbols=["_"],
    )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    return [processor.id_to_piece(number) for number in range(processor.get_piece_size())]


def _bpe(folder: Path) -> list[str]:
    (folder / "bpe.model").write_text("#version: 0.2\nt h\nth e</w>\no a\n", "utf-8")
    letters = sorted(set("".join(TEXTS)) - {" "})
    return ["<unk>", "<s>", "</s>", "the", "th@@", "oa@@", *letters, *(f"{letter}@@" for letter in letters)]


def _model(folder: Path, vocabulary: list[str], *, seed: str) -> None:
    words = list(dict.fromkeys(vocabulary))
    spec = transformer_spec.TransformerSpec.from_config((1, 1), 2)
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    dice = np.random.default_rng(random.Random(seed).getrandbits(32))
    _fill(spec, len(words), dice)
    spec.validate()
    folder.mkdir()
    spec.save(str(folder))


def _fill(spec: transformer_spec.TransformerSpec, size: int, dice: np.random.Generator) -> None:
    def weights(*shape: int) -> np.ndarray:
        return dice.normal(0, 0.4, shape).astype(np.float32)

    def linear(layer: object, inner: int, outer: int) -> None:
        layer.weight, layer.bias = weights(outer, inner), weights(outer)

    def norm(layer: object) -> None:
        layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    spec.encoder.embeddings[0].weight = weights(size, WIDTH)
    spec.decoder.embeddings.weight = weights(size, WIDTH)
    linear(spec.decoder.projection, WIDTH, size)
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = weights(256, WIDTH)
        norm(side.layer_norm)
        for layer in side.layer:
            linear(layer.self_attention.linear[0], WIDTH, 3 * WIDTH)
            linear(layer.self_attention.linear[1], WIDTH, WIDTH)
            linear(layer.ffn.linear_0, WIDTH, 2 * WIDTH)
            linear(layer.ffn.linear_1, 2 * WIDTH, WIDTH)
            norm(layer.self_attention.layer_norm)
            norm(layer.ffn.layer_norm)
            if side is spec.decoder:
                linear(layer.attention.linear[0], WIDTH, WIDTH)
                linear(layer.attention.linear[1], WIDTH, 2 * WIDTH)
                linear(layer.attention.linear[2], WIDTH, WIDTH)
                norm(layer.attention.layer_norm)


@pytest.mark.parametrize("bpe", [False, True], ids=["sentencepiece", "bpe"])
def test_translation_is_that_of_the_package_and_depends_on_no_companion(packages: Path, bpe: bool) -> None:
    engine = Argos([make_package(packages, "en", "uk", bpe=bpe)])
    together = engine.translate(TEXTS, "en", "uk")
    assert together == [engine.translate([text], "en", "uk")[0] for text in TEXTS]
    assert together[::-1] == engine.translate(TEXTS[::-1], "en", "uk")
    assert len(set(together)) > 1
    assert engine.translate([], "en", "uk") == []


def test_translation_is_what_ctranslate2_gives_for_the_pieces(packages: Path) -> None:
    package = make_package(packages, "en", "ru")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(package.folder / "sentencepiece.model"))
    model = ctranslate2.Translator(str(package.folder / "model"))
    source = pieces.encode(TEXTS[0], out_type=str)
    plain = model.translate_batch([source], beam_size=3, length_penalty=0.2, max_decoding_length=2 * len(source) + 20)
    best = pieces.decode_pieces(plain[0].hypotheses[0])
    engine = Argos([package], beam=3)
    assert argos.loops(best) or engine.translate([TEXTS[0]], "en", "ru") == [best]


def test_target_prefix_goes_in_and_does_not_come_out(packages: Path) -> None:
    plain = Argos([make_package(packages / "plain", "en", "ru")])
    prefixed = Argos([make_package(packages / "prefixed", "en", "ru", target_prefix=">>rus<<")])
    translations = prefixed.translate(TEXTS, "en", "ru")
    assert not any(">>rus<<" in text[:8] for text in translations)
    assert translations != plain.translate(TEXTS, "en", "ru")


def test_underscores_of_addresses_survive(packages: Path) -> None:
    package = make_package(packages, "en", "ru")
    tokenizer = argos._SentencePiece(package, package.folder / "sentencepiece.model")
    assert tokenizer.decode(tokenizer.encode("the driver_of_the_tram")) == "the driver_of_the_tram"


def test_direct_package_wins_over_pivot_and_newer_over_older(tmp_path: Path) -> None:
    def package(source: str, target: str, version: str) -> Package:
        return Package(folder=tmp_path, source=source, target=target, version=version, target_prefix="")

    legs = [package("ru", "en", "1.9"), package("en", "uk", "1.4")]
    assert argos.route(legs, "ru", "uk") == tuple(legs)
    direct = [package("ru", "uk", "1.9"), package("ru", "uk", "1.10")]
    assert argos.route([*legs, *direct], "ru", "uk") == (direct[1],)
    assert argos.route(legs, "uk", "ru") == ()


def test_pivot_goes_through_english_and_is_named(packages: Path) -> None:
    first, second = make_package(packages, "ru", "en"), make_package(packages, "en", "uk")
    engine = Argos(argos.route(argos.installed(packages), "ru", "uk"), beam=2)
    assert engine.signature == "argos-ru_en-1.9+en_uk-1.9/beam2"
    assert engine.supports("ru", "uk")
    assert not engine.supports("ru", "en")
    english = Argos([first], beam=2).translate(TEXTS, "ru", "en")
    assert engine.translate(TEXTS, "ru", "uk") == Argos([second], beam=2).translate(english, "en", "uk")


def test_pair_of_another_route_is_a_programmers_mistake(packages: Path) -> None:
    engine = Argos([make_package(packages, "en", "uk")])
    with pytest.raises(ValueError, match="does not translate uk into en"):
        engine.translate(["Дощ."], "uk", "en")


def test_packages_are_found_where_argostranslate_puts_them(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = make_package(packages, "en", "uk")
    (packages / "broken").mkdir()
    (packages / "broken" / "metadata.json").write_text("{", "utf-8")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(packages))
    assert argos.installed() == [package]
    monkeypatch.delenv("ARGOS_PACKAGES_DIR")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert settings.argos_packages_folder() == tmp_path / "data" / "argos-translate" / "packages"
    assert argos.installed() == []
    assert not (tmp_path / "data").exists(), "looking makes no folders"
    (tmp_path / "config" / "argos-translate").mkdir(parents=True)
    (tmp_path / "config" / "argos-translate" / "settings.json").write_text(
        json.dumps({"ARGOS_PACKAGES_DIR": str(packages)}), "utf-8"
    )
    assert argos.installed() == [package]


@pytest.mark.parametrize("lost", ["model/model.bin", "sentencepiece.model"])
def test_damaged_package_is_one_clear_error(packages: Path, lost: str) -> None:
    package = make_package(packages, "en", "uk")
    (package.folder / lost).write_bytes(b"nonsense")
    with pytest.raises(ModelMissing, match="translate-en_uk cannot be used"):
        Argos([package]).translate(["Rain."], "en", "uk")
