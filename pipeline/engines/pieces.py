"""Cuts sentences into the pieces that encoder-decoder models read, and joins those that they write."""

from pathlib import Path
from typing import Any, Protocol

from pipeline.errors import ModelMissing

ONE = ("sentencepiece.model", "vocab.spm", "spm.model")  # names under which converters leave a model for both languages
TWO = (("source.spm", "target.spm"), ("srcvocab*.spm", "trgvocab*.spm"))


class Pieces(Protocol):
    """Between text and pieces."""

    def encode(self, sentence: str) -> list[str]:
        """The pieces of a sentence in the source language."""

    def decode(self, pieces: list[str]) -> str:
        """The text of pieces in the target language."""


def find(folder: Path, source: str, target: str) -> Pieces:
    """What lies beside a model for `source` and `target`; ModelMissing when it is damaged or not there."""
    if (folder / "bpe.model").is_file():
        return Bpe(folder / "bpe.model", source, target)
    for left, right in TWO:
        paths = [next(iter(sorted(folder.glob(name))), None) for name in (left, right)]
        if paths[0] and paths[1]:
            return SentencePiece(paths[0], paths[1])
    named = [folder / name for name in ONE if (folder / name).is_file()]
    path = next(iter([*named, *sorted(folder.glob("*.spm"))]), None)
    if path is None:
        raise ModelMissing(
            f"the model in {folder} cannot be used: it has neither sentencepiece.model nor bpe.model, nor any .spm",
            "copy the SentencePiece model of its makers there",
        )
    return SentencePiece(path, path)


class SentencePiece:
    """One model for both languages, or one for each."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = _processor(source)
        self._target = self._source if target == source else _processor(target)

    def encode(self, sentence: str) -> list[str]:
        """See `Pieces`."""
        return list(self._source.encode(sentence, out_type=str))

    def decode(self, pieces: list[str]) -> str:
        """See `Pieces`. Not as argostranslate does it, which turns every "_" of an address into a space."""
        return str(self._target.decode_pieces(pieces)).replace("▁", " ").strip()


def _processor(path: Path) -> Any:
    from sentencepiece import SentencePieceProcessor

    try:
        return SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise _unusable(path, error) from error


class Bpe:
    """Moses tokens cut by byte-pair codes, as in the Argos packages made before SentencePiece."""

    def __init__(self, path: Path, source: str, target: str) -> None:
        from argostranslate.apply_bpe import BPE  # this module alone touches no folder
        from sacremoses import (  # type: ignore[import-untyped]
            MosesDetokenizer,
            MosesPunctNormalizer,
            MosesTokenizer,
        )

        try:
            with path.open(encoding="utf-8") as codes:
                self._bpe = BPE(codes)
        except (OSError, ValueError, SystemExit) as error:
            raise _unusable(path, error) from error
        self._normalizer = MosesPunctNormalizer(source)
        self._splitter = MosesTokenizer(source)
        self._joiner = MosesDetokenizer(target)

    def encode(self, sentence: str) -> list[str]:
        """See `Pieces`."""
        words = self._splitter.tokenize(self._normalizer.normalize(sentence))
        return list(self._bpe.segment_tokens(words))

    def decode(self, pieces: list[str]) -> str:
        """See `Pieces`."""
        return str(self._joiner.detokenize(" ".join(pieces).replace("@@ ", "").split(" ")))


def _unusable(path: Path, reason: object) -> ModelMissing:
    return ModelMissing(
        f"the model in {path.parent} cannot be used: {path.name}: {reason}",
        "install it again, or use --model starter",
    )
