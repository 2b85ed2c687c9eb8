"""How much the words of one wording are what a translation of the other would say: the `Expectation` of `pipeline.ports`.

The starter gives every word of a text a probability, given the text that it should translate. Words that the source
does not suggest, and places where the source suggests other words, stand out; how probable a word is without any
source tells rare words from wrong ones.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.engines import descriptions, generators
from pipeline.engines.descriptions import Description
from pipeline.errors import ModelMissing
from pipeline.ports import Expected
from pipeline.records import Language


class StarterExpectation:
    """Over the folder of the starter; the model is loaded with the first question.

    Texts are judged one at a time, so that a judgement does not depend on companions.
    """

    targets: tuple[Language, ...] = ("ru", "uk")

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def words(self, source: str, target: str, language: Language) -> tuple[list[Expected], float]:
        """See the port. ModelMissing when the folder's files cannot be used."""
        if language not in self.targets:
            raise ValueError(f"the starter does not translate into {language}")
        [pieces] = self._prompts.encoded([target])
        given, alone = (self._logarithms(text, pieces.tokens, language) for text in (source, ""))
        return _joined(target, pieces.offsets, given, alone), given[-1]

    def _logarithms(self, source: str, pieces: Sequence[str], language: Language) -> list[float]:
        before, after = self._prompts.around("en", language)
        [asked] = self._prompts.encoded([source])
        scored = [*before, *asked.tokens, *after, *pieces, self._description.end]
        [result] = self._generator.score_batch([scored])
        return [float(value) for value in result.log_probs[-len(pieces) - 1 :]]

    @cached_property
    def _description(self) -> Description:
        found = descriptions.read(self._folder)
        if found is None:
            raise ModelMissing(f"there is no model in {self._folder}", "run: crossquote models verify starter")
        return found

    @cached_property
    def _prompts(self) -> generators.Prompts:
        return generators.Prompts(self._description)

    @cached_property
    def _generator(self) -> Any:
        return generators.load(self._description, threads=1)


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
