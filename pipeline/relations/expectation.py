"""How much the words of one wording are what a translation of the other would say: a translator as a judge.

A translator gives every word of a text a probability, given the text that it should translate. Words that the source
does not suggest, and places where the source suggests other words, stand out; how probable a word is without any
source tells rare words from wrong ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.errors import ModelMissing
from pipeline.records import Language

BEGIN, END = "<bos>", "<eos>"
TARGETS: tuple[Language, ...] = ("ru", "uk")
"""Into what the starter translates."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A word of a text, its natural logarithm of probability given the other text, and without it."""

    start: int
    end: int
    given: float
    alone: float


class Expectation:
    """Over the folder of the starter; the model is loaded with the first question. Texts are judged one at a time, so
    that a judgement does not depend on companions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def words(self, source: str, target: str, language: Language) -> tuple[list[Expected], float]:
        """The words of `target`, in `language`, expected of a translation of `source`; and how expected its end is."""
        if language not in TARGETS:
            raise ValueError(f"the starter does not translate into {language}")
        pieces = self._tokenizer.encode(target, add_special_tokens=False)
        given, alone = (self._logarithms(text, pieces.tokens, language) for text in (source, ""))
        return _joined(target, pieces.offsets, given, alone), given[-1]

    def _logarithms(self, source: str, pieces: Sequence[str], language: Language) -> list[float]:
        before = self._tokenizer.encode(source, add_special_tokens=False).tokens if source else []
        prompt = [BEGIN, *before, f"<2{language}>"]
        [result] = self._generator.score_batch([[*prompt, *pieces, END]])
        return [float(value) for value in result.log_probs[-len(pieces) - 1 :]]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        try:
            return Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        except Exception as error:  # the library raises nothing narrower
            raise _unusable(self._folder) from error

    @cached_property
    def _generator(self) -> Any:
        import ctranslate2

        try:
            return ctranslate2.Generator(str(self._folder), compute_type="int8", inter_threads=1, intra_threads=1)
        except (RuntimeError, ValueError) as error:
            raise _unusable(self._folder) from error


def _joined(
    text: str, spans: Sequence[tuple[int, int]], given: Sequence[float], alone: Sequence[float]
) -> list[Expected]:
    """Pieces joined to words at blanks."""
    words: list[Expected] = []
    for (start, end), with_source, without in zip(spans, given, alone, strict=False):
        begins = not words or text[start : start + 1].isspace() or text[start - 1 : start].isspace()
        if begins:
            words.append(Expected(start, end, with_source, without))
        else:
            last = words[-1]
            words[-1] = Expected(last.start, end, last.given + with_source, last.alone + without)
    return words


def _unusable(folder: Path) -> ModelMissing:
    return ModelMissing(f"the model in {folder} cannot be used", "run: crossquote models verify")
