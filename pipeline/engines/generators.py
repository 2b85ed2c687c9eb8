"""Decoder-only models that CTranslate2 runs, asked by a prompt: the starter, or a larger one that a user drops in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.engines.batches import AGAIN, CANDIDATES, finished, windows
from pipeline.engines.blemishes import blemishes
from pipeline.engines.descriptions import TEXT, Description
from pipeline.engines.repetition import loops
from pipeline.errors import ModelMissing
from pipeline.languages import ENGLISH_NAMES
from pipeline.records import Language

ROOM = 1024  # pieces of the prompts of a batch, all beams counted: reading one takes 0.3 MB while it lasts
WINDOW = 8  # pieces
SHARED = 8  # pieces before the text from which on reading them once pays

Prompt = list[str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    ended: bool

    def sound(self, source: str) -> bool:
        return self.ended and bool(self.text) and not loops(self.text, source)


class Prompts:
    """Writes prompts as a description has them. ModelMissing when the folder's tokenizer cannot be used."""

    def __init__(self, description: Description) -> None:
        self._description = description

    def around(self, source: str, target: str) -> tuple[Prompt, Prompt]:
        """What stands before and after the pieces of a text that is to be translated."""
        filling = {
            "source": source,
            "target": target,
            "source_name": ENGLISH_NAMES.get(source, source),
            "target_name": ENGLISH_NAMES.get(target, target),
        }
        template = self._description.prompt
        for name, value in filling.items():
            template = template.replace(f"{{{name}}}", value)
        self.tokenizer.encode_special_tokens = False
        before, after = (
            list(self.tokenizer.encode(part, add_special_tokens=False).tokens) if part else []
            for part in template.split(TEXT)
        )
        return before, after

    def encoded(self, texts: Sequence[str]) -> list[Any]:
        """The `tokens` and `offsets` of each text; what looks like a special piece in it is text."""
        self.tokenizer.encode_special_tokens = True
        return list(self.tokenizer.encode_batch(list(texts), add_special_tokens=False))

    def text(self, pieces: Sequence[str]) -> str:
        """The text of pieces that the model wrote."""
        numbers = [self.tokenizer.token_to_id(piece) for piece in pieces]
        return str(self.tokenizer.decode([number for number in numbers if number is not None])).strip()

    @cached_property
    def tokenizer(self) -> Any:
        """That of the folder."""
        from tokenizers import Tokenizer

        try:
            return Tokenizer.from_file(str(self._description.folder / "tokenizer.json"))
        except Exception as error:  # the library raises nothing narrower
            raise _unusable(self._description.folder, error) from error


class GeneratorTranslator:
    """The `Translator` port over one generator; the model is loaded when the first sentence comes.

    CTranslate2 reads as many pieces at once as the shortest prompt of a batch has, and the rest one by one, which rounds
    differently. So that the translation of a sentence does not depend on its companions, that number is the same for
    all batches of a window of lengths.
    """

    def __init__(self, description: Description, *, beam: int, threads: int) -> None:
        self._description = description
        self._beam = beam
        self._threads = threads
        self._prompts = Prompts(description)
        self.signature = f"{description.signature}/beam{beam}"

    def supports(self, source: Language, target: Language) -> bool:
        """The pairs of the description."""
        return (source, target) in self._description.pairs

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        """See the port. ModelMissing when the folder's files cannot be used."""
        found = self._decode(sentences, source, target, self._beam)
        return [_best(candidates, text, target) for candidates, text in zip(found, sentences, strict=True)]

    def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
        """See the port: the hypotheses of a beam that must not repeat itself; `translate` has looked through the others."""
        found = self._decode(sentences, source, target, max(self._beam, CANDIDATES), **AGAIN)
        return [list(dict.fromkeys(one.text for one in some if one.ended and one.text)) for some in found]

    def _decode(
        self, sentences: Sequence[str], source: Language, target: Language, beam: int, **settings: Any
    ) -> list[list[_Candidate]]:
        """The candidates for each sentence, the most probable first."""
        if not self.supports(source, target):
            raise ValueError(f"{self.signature} does not translate {source} into {target}")
        if not sentences:
            return []
        before, after = self._prompts.around(source, target)
        shared = before if len(before) >= SHARED else []
        prompts = [[*before[len(shared) :], *one.tokens, *after] for one in self._prompts.encoded(sentences)]
        waiting: list[tuple[int, Any]] = []
        for begin, positions in windows([*map(len, prompts)], width=WINDOW, room=ROOM // beam):
            batch = [prompts[position] for position in positions]
            results = self._generator.generate_batch(
                [*batch, _shortened(batch[-1], begin)],
                static_prompt=shared or None,
                beam_size=beam,
                num_hypotheses=beam,
                max_length=_limit(begin + WINDOW),
                end_token=self._description.end,
                return_end_token=True,
                include_prompt_in_result=False,
                asynchronous=True,
                **settings,
            )
            waiting += zip(positions, results, strict=False)  # without the shortened one
        candidates: list[list[_Candidate]] = [[] for _ in prompts]
        for position, result in waiting:
            candidates[position] = [self._candidate(pieces) for pieces in finished(result).sequences]
        return candidates

    def _candidate(self, pieces: list[str]) -> _Candidate:
        ended = pieces[-1:] == [self._description.end]
        return _Candidate(self._prompts.text(pieces[:-1] if ended else pieces), ended)

    @cached_property
    def _generator(self) -> Any:
        return load(self._description, self._threads)


def load(description: Description, threads: int) -> Any:
    """CTranslate2's generator; ModelMissing when the files cannot be used."""
    import ctranslate2

    try:
        # One batch a thread: two threads inside one batch wait for each other at every layer.
        return ctranslate2.Generator(
            str(description.weights), compute_type="int8", inter_threads=threads, intra_threads=1
        )
    except (RuntimeError, ValueError) as error:
        raise _unusable(description.folder, error) from error


def _shortened(prompt: Prompt, length: int) -> Prompt:
    """A prompt of the length that a window begins with; without a text, so that the answer, which nobody reads, is short."""
    return [prompt[0], *[prompt[-1]] * (max(length, 2) - 1)]


def _limit(pieces: int) -> int:
    """How many pieces a translation may have, by those of its source: twice as many, and room for short ones."""
    return 2 * pieces + 20


def _best(candidates: list[_Candidate], source: str, target: Language) -> str:
    """The sound candidate with the fewest blemishes, the more probable of two; without a sound one, one that ended."""
    return min(
        candidates, key=lambda one: (not one.sound(source), not one.ended, blemishes(one.text, source, target))
    ).text


def _unusable(folder: Path, error: Exception) -> ModelMissing:
    return ModelMissing(f"the model in {folder} cannot be used: {error}", "run: crossquote models verify")
