"""Argos packages that are installed for `argostranslate`, translated by CTranslate2 directly.

`argostranslate` itself stays out of it: importing it takes seconds, makes folders in the home directory, and its own
translation goes line by line through a sentence splitter that wants the network. A package is a folder with
`metadata.json`, a CTranslate2 model in `model/`, and `sentencepiece.model` or `bpe.model`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from pipeline import settings
from pipeline.engines.batches import finished, windows
from pipeline.engines.repetition import loops
from pipeline.errors import ModelMissing
from pipeline.records import Language

BEAM = 4  # what argostranslate uses
THREADS = 2
ROOM = 8192  # pieces of the sentences of a batch, all beams counted
LENGTH_PENALTY = 0.2  # what argostranslate uses
AGAIN = {"repetition_penalty": 1.2, "no_repeat_ngram_size": 4}  # for what went into a loop
PIVOT: Language = "en"


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package."""

    folder: Path
    source: str
    target: str
    version: str
    target_prefix: str

    @property
    def signature(self) -> str:
        """Languages and version, e.g. ``en_uk-1.4``."""
        return f"{self.source}_{self.target}-{self.version}"


def installed(folder: Path | None = None) -> list[Package]:
    """The translation packages in `folder` (default: `settings.argos_packages_folder()`), in order of their folders' names."""
    found = []
    for metadata in sorted((folder or settings.argos_packages_folder()).glob("*/metadata.json")):
        fields = _json(metadata)
        if fields.get("type", "translate") == "translate" and {"from_code", "to_code"} <= fields.keys():
            found.append(
                Package(
                    folder=metadata.parent,
                    source=fields["from_code"],
                    target=fields["to_code"],
                    version=str(fields.get("package_version", "0")),
                    target_prefix=fields.get("target_prefix", ""),
                )
            )
    return found


def route(packages: Sequence[Package], source: Language, target: Language) -> tuple[Package, ...]:
    """The package for a pair, or the two that lead there through English; empty when the pair cannot be reached.

    Of two packages for one pair the newer version is taken.
    """
    best: dict[tuple[str, str], Package] = {}
    for package in packages:
        known = best.get((package.source, package.target))
        if known is None or _numbers(known.version) < _numbers(package.version):
            best[package.source, package.target] = package
    if (source, target) in best:
        return (best[source, target],)
    legs = ((source, PIVOT), (PIVOT, target))
    return tuple(best[leg] for leg in legs) if all(leg in best for leg in legs) else ()


class Argos:
    """The `Translator` port over the packages of one route; a model is loaded when the first sentence comes."""

    def __init__(self, packages: Sequence[Package], *, beam: int = BEAM, threads: int = THREADS) -> None:
        if not packages:
            raise ValueError("a route has at least one package")
        self._pair = (packages[0].source, packages[-1].target)
        self._legs = [_Leg(package, beam, threads) for package in packages]
        self.signature = f"argos-{'+'.join(package.signature for package in packages)}/beam{beam}"

    def supports(self, source: Language, target: Language) -> bool:
        """The two ends of the route."""
        return (source, target) == self._pair

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        """See the port. ModelMissing when a package's files cannot be used."""
        if not self.supports(source, target):
            raise ValueError(f"{self.signature} does not translate {source} into {target}")
        found = list(sentences)
        for leg in self._legs:
            found = leg.translate(found)
        return found


class _Tokenizer(Protocol):
    def encode(self, sentence: str) -> list[str]: ...

    def decode(self, pieces: list[str]) -> str: ...


class _Leg:
    """One package."""

    def __init__(self, package: Package, beam: int, threads: int) -> None:
        self._package = package
        self._beam = beam
        self._threads = threads

    def translate(self, sentences: Sequence[str]) -> list[str]:
        pieces = [self._tokenizer.encode(sentence) for sentence in sentences]
        found = self._decode(pieces)
        looped = [n for n, text in enumerate(sentences) if loops(found[n], text)]
        for n, text in zip(looped, self._decode([pieces[n] for n in looped], **AGAIN), strict=True):
            if not loops(text, sentences[n]):
                found[n] = text
        return found

    def _decode(self, sources: Sequence[list[str]], **settings: Any) -> list[str]:
        prefix = self._package.target_prefix
        waiting: list[tuple[int, Any]] = []
        # Only sentences of equal length share a batch: padding changes the rounding, and with it results.
        for length, positions in windows([*map(len, sources)], width=1, room=ROOM // self._beam):
            results = self._translator.translate_batch(
                [sources[position] for position in positions],
                target_prefix=[[prefix]] * len(positions) if prefix else None,
                beam_size=self._beam,
                length_penalty=LENGTH_PENALTY,
                max_decoding_length=2 * length + 20,
                replace_unknowns=True,
                asynchronous=True,
                **settings,
            )
            waiting += zip(positions, results, strict=True)
        texts = [""] * len(sources)
        for position, result in waiting:
            pieces = finished(result).hypotheses[0]
            texts[position] = self._tokenizer.decode(pieces[1:] if prefix and pieces[:1] == [prefix] else pieces)
        return texts

    @cached_property
    def _translator(self) -> Any:
        import ctranslate2

        folder = self._package.folder / "model"
        try:
            return ctranslate2.Translator(
                str(folder), compute_type="auto", inter_threads=self._threads, intra_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise _unusable(self._package, error) from error

    @cached_property
    def _tokenizer(self) -> _Tokenizer:
        sentencepiece, bpe = (self._package.folder / name for name in ("sentencepiece.model", "bpe.model"))
        if sentencepiece.exists():
            return _SentencePiece(self._package, sentencepiece)
        if bpe.exists():
            return _Bpe(self._package, bpe)
        raise _unusable(self._package, "it has neither sentencepiece.model nor bpe.model")


class _SentencePiece:
    def __init__(self, package: Package, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        try:
            self._processor = SentencePieceProcessor(model_file=str(path))
        except (OSError, RuntimeError) as error:
            raise _unusable(package, error) from error

    def encode(self, sentence: str) -> list[str]:
        return list(self._processor.encode(sentence, out_type=str))

    def decode(self, pieces: list[str]) -> str:
        # Not as argostranslate does it, which turns every "_" of an address into a space.
        return str(self._processor.decode_pieces(pieces)).replace("▁", " ").strip()


class _Bpe:
    """Moses tokens cut by byte-pair codes, as in the packages made before SentencePiece."""

    def __init__(self, package: Package, path: Path) -> None:
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
            raise _unusable(package, error) from error
        self._normalizer = MosesPunctNormalizer(package.source)
        self._splitter = MosesTokenizer(package.source)
        self._joiner = MosesDetokenizer(package.target)

    def encode(self, sentence: str) -> list[str]:
        words = self._splitter.tokenize(self._normalizer.normalize(sentence))
        return list(self._bpe.segment_tokens(words))

    def decode(self, pieces: list[str]) -> str:
        return str(self._joiner.detokenize(" ".join(pieces).replace("@@ ", "").split(" ")))


def _json(path: Path) -> dict[str, Any]:
    """A JSON object, empty when the file is missing or holds none: a damaged package is as good as not installed."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _unusable(package: Package, reason: object) -> ModelMissing:
    return ModelMissing(
        f"the Argos package in {package.folder} cannot be used: {reason}", "install it again, or use --model starter"
    )
