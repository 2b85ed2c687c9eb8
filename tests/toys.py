"""Translation models whose weights are random: how they are read and run is real, and quick."""

import json
import random
import shutil
from pathlib import Path

import numpy as np
import sentencepiece
from ctranslate2.specs import transformer_spec

from pipeline.engines import argos
from pipeline.engines.descriptions import Description

WIDTH = 16
TEXTS = [
    "The mill by the river opened again.",
    "A baker sold forty loaves before noon.",
    "Nobody on the bridge asked who had painted it green, and the painter kept silent.",
    "Rain.",
    "The tram was late again, said the driver_of_the_tram.",
    "Forty loaves were sold by a baker.",
]


def make_package(packages: Path, source: str, target: str, *, bpe: bool = False, **metadata: str) -> Description:
    """Install a package with random weights; the same pair always gets the same weights."""
    folder = packages / f"translate-{source}_{target}"
    folder.mkdir(parents=True)
    pieces = _bpe(folder) if bpe else _sentencepiece(folder)
    _model(folder / "model", [*pieces, *metadata.values()], seed=f"{source}{target}")
    fields = {"package_version": "1.9", "from_code": source, "to_code": target, **metadata}
    (folder / "metadata.json").write_text(json.dumps(fields), "utf-8")
    return next(package for package in argos.installed(packages) if package.folder == folder)


def make_directory(folder: Path, **config: object) -> Path:
    """A folder as the converters make it of an OPUS-MT model, with random weights."""
    folder.mkdir(parents=True)
    pieces = _sentencepiece(folder)
    for name in ("source.spm", "target.spm"):
        shutil.copy(folder / "sentencepiece.model", folder / name)
    (folder / "sentencepiece.model").unlink()
    _model(folder, pieces, seed=folder.name)
    known = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(known | config), "utf-8")
    return folder


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
    folder.mkdir(exist_ok=True)
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
