"""Encoder-decoder models that CTranslate2 runs: Argos packages, OPUS-MT, Firefox, and whatever else has pieces beside it."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from pipeline.engines import pieces
from pipeline.engines.batches import AGAIN, CANDIDATES, finished, windows
from pipeline.engines.descriptions import Description
from pipeline.errors import ModelMissing
from pipeline.records import Language

ROOM = 8192  # pieces of the sentences of a batch, all beams counted
LENGTH_PENALTY = 0.2  # what argostranslate uses
LONGEST = 1024  # pieces that are read or written, unless the model has places for fewer
POSITIONS = re.compile(r"No position encodings are defined for positions >= (\d+)")


class SequenceTranslator:
    """The `Translator` port over one encoder-decoder model, which is loaded when the first sentence comes."""

    def __init__(self, description: Description, *, beam: int, threads: int) -> None:
        self._description = description
        self._beam = beam
        self._threads = threads
        self.signature = f"{description.signature}/beam{beam}"
        self._positions = LONGEST
        self._pieces: dict[tuple[Language, Language], pieces.Pieces] = {}

    def supports(self, source: Language, target: Language) -> bool:
        """The pairs of the description."""
        return (source, target) in self._description.pairs

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        """See the port. ModelMissing when the model's files cannot be used."""
        return [texts[0] for texts in self._decode(sentences, source, target, self._beam)]

    def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
        """See the port: the hypotheses of a beam, then those of one that must not repeat itself."""
        beam = max(self._beam, CANDIDATES)
        plain, again = (
            self._decode(sentences, source, target, beam, num_hypotheses=CANDIDATES, **settings)
            for settings in ({}, AGAIN)
        )
        return [list(dict.fromkeys(filter(None, [*a, *b]))) for a, b in zip(plain, again, strict=True)]

    def _decode(
        self, sentences: Sequence[str], source: Language, target: Language, beam: int, **settings: Any
    ) -> list[list[str]]:
        """The hypotheses for each sentence."""
        if not self.supports(source, target):
            raise ValueError(f"{self.signature} does not translate {source} into {target}")
        if not sentences:
            return []
        cutter = self._cutter(source, target)
        sources = [self._framed(cutter.encode(sentence), target) for sentence in sentences]
        prefix = self._description.target_prefix.replace("{target}", target)
        try:
            results = self._results(sources, prefix, beam, settings)
        except RuntimeError as error:
            limit = POSITIONS.search(str(error))
            if limit is None:
                raise
            self._positions = int(limit[1]) - 1
            results = self._results(sources, prefix, beam, settings)
        return [
            [cutter.decode(found[1:] if prefix and found[:1] == [prefix] else found) for found in result.hypotheses]
            for result in results
        ]

    def _results(self, sources: Sequence[list[str]], prefix: str, beam: int, settings: dict[str, Any]) -> list[Any]:
        """CTranslate2's results for each source, in order."""
        waiting: dict[int, Any] = {}
        # Only sentences of equal length share a batch: padding changes the rounding, and with it results.
        for length, positions in windows([*map(len, sources)], width=1, room=ROOM // beam):
            asked = self._translator.translate_batch(
                [sources[position] for position in positions],
                target_prefix=[[prefix]] * len(positions) if prefix else None,
                beam_size=beam,
                length_penalty=LENGTH_PENALTY,
                max_input_length=self._positions,
                max_decoding_length=min(2 * length + 20, self._positions),
                replace_unknowns=True,
                asynchronous=True,
                **settings,
            )
            waiting |= zip(positions, asked, strict=True)
        return [finished(waiting[position]) for position in range(len(sources))]

    def _framed(self, found: list[str], target: Language) -> list[str]:
        before, after = self._description.source_prefix.replace("{target}", target), self._description.source_end
        return [*filter(None, [before]), *found, *filter(None, [after])]

    def _cutter(self, source: Language, target: Language) -> pieces.Pieces:
        pair = (source, target)
        if pair not in self._pieces:
            self._pieces[pair] = pieces.find(self._description.folder, source, target)
        return self._pieces[pair]

    @cached_property
    def _translator(self) -> Any:
        import ctranslate2

        try:
            # One batch a thread: two threads inside one batch wait for each other at every layer.
            return ctranslate2.Translator(
                str(self._description.weights), compute_type="auto", inter_threads=self._threads, intra_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise ModelMissing(
                f"the model in {self._description.folder} cannot be used: {error}",
                "install it again, or use --model starter",
            ) from error
