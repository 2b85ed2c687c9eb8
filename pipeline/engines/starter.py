"""The translation model that comes with the project: a CTranslate2 generator made from Gemma 3 270M."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.engines.batches import finished, windows
from pipeline.engines.blemishes import blemishes
from pipeline.engines.repetition import loops
from pipeline.errors import ModelMissing
from pipeline.records import Language

PAIRS: frozenset[tuple[Language, Language]] = frozenset([("en", "ru"), ("en", "uk"), ("ru", "uk"), ("uk", "ru")])
BEAM = 4
THREADS = 2
ROOM = 1024  # pieces of the prompts of a batch, all beams counted: reading one takes 0.3 MB while it lasts
WINDOW = 8  # pieces
AGAIN = {"repetition_penalty": 1.2, "no_repeat_ngram_size": 4}  # for what went into a loop or did not end
BEGIN, END = "<bos>", "<eos>"

Prompt = list[str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    ended: bool

    def sound(self, source: str) -> bool:
        return self.ended and bool(self.text) and not loops(self.text, source)


class Starter:
    """The `Translator` port over the starter's folder; the model is loaded when the first sentence comes.

    A prompt is the source's pieces and a tag for the target language. CTranslate2 reads as many pieces at once as the
    shortest prompt of a batch has, and the rest one by one, which rounds differently. So that the translation of a
    sentence does not depend on its companions, that number is the same for all batches of a window of lengths.
    """

    def __init__(self, folder: Path, *, version: str, beam: int = BEAM, threads: int = THREADS) -> None:
        self._folder = folder
        self._beam = beam
        self._threads = threads
        self.signature = f"starter-{version}/beam{beam}"

    def supports(self, source: Language, target: Language) -> bool:
        """Everything but translation into English."""
        return (source, target) in PAIRS

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        """See the port. ModelMissing when the folder's files cannot be used."""
        if not self.supports(source, target):
            raise ValueError(f"the starter does not translate {source} into {target}")
        prompts = self._prompts(sentences, target)
        found = self._decode(prompts)
        faulty = [n for n, text in enumerate(sentences) if not any(one.sound(text) for one in found[n])]
        for n, candidates in zip(faulty, self._decode([prompts[n] for n in faulty], **AGAIN), strict=True):
            found[n] += candidates
        return [_best(candidates, text, target) for candidates, text in zip(found, sentences, strict=True)]

    def _prompts(self, sentences: Sequence[str], target: Language) -> list[Prompt]:
        encodings = self._tokenizer.encode_batch(list(sentences), add_special_tokens=False)
        return [prompt(encoding.tokens, target) for encoding in encodings]

    def _decode(self, prompts: Sequence[Prompt], **settings: Any) -> list[list[_Candidate]]:
        """The candidates for each prompt, the most probable first."""
        waiting: list[tuple[int, Any]] = []
        for begin, positions in windows([*map(len, prompts)], width=WINDOW, room=ROOM // self._beam):
            batch = [prompts[position] for position in positions]
            results = self._generator.generate_batch(
                [*batch, _shortened(batch[-1], begin)],
                beam_size=self._beam,
                num_hypotheses=self._beam,
                max_length=_limit(begin + WINDOW),
                end_token=END,
                return_end_token=True,
                include_prompt_in_result=False,
                asynchronous=True,
                **settings,
            )
            waiting += zip(positions, results, strict=False)  # without the shortened one
        candidates: list[list[_Candidate]] = [[] for _ in prompts]
        for position, result in waiting:
            candidates[position] = [self._candidate(pieces) for pieces in finished(result).sequences_ids]
        return candidates

    def _candidate(self, pieces: list[int]) -> _Candidate:
        return _Candidate(self._tokenizer.decode(pieces).strip(), pieces[-1:] == [self._end])

    @cached_property
    def _end(self) -> int:
        return int(self._tokenizer.token_to_id(END))

    @cached_property
    def _tokenizer(self) -> Any:
        return tokenizer(self._folder)

    @cached_property
    def _generator(self) -> Any:
        return generator(self._folder, self._threads)


def prompt(pieces: Sequence[str], target: Language) -> Prompt:
    """What the model is given to translate."""
    return [BEGIN, *pieces, f"<2{target}>"]


def tokenizer(folder: Path) -> Any:
    """That of the starter's folder; ModelMissing when it cannot be used."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises nothing narrower
        raise _unusable(folder, error) from error


def generator(folder: Path, threads: int) -> Any:
    """The model of the starter's folder; ModelMissing when it cannot be used."""
    import ctranslate2

    try:
        # One sentence batch a thread: two threads inside one batch wait for each other at every layer.
        return ctranslate2.Generator(str(folder), compute_type="int8", inter_threads=threads, intra_threads=1)
    except (RuntimeError, ValueError) as error:
        raise _unusable(folder, error) from error


def _shortened(prompt: Prompt, length: int) -> Prompt:
    """A prompt of the length that a window begins with: nobody reads what comes of it."""
    return [*prompt[: max(length, 2) - 1], prompt[-1]]


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
