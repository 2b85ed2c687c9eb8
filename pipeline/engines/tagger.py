"""Tags the words of reported speech with a small encoder in a folder: the `Tagger` of `pipeline.ports`."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import bert, labels, windows
from pipeline.engines.batches import equal
from pipeline.engines.windows import Window
from pipeline.errors import ModelMissing
from pipeline.records import Span
from pipeline.tagging import Passage, Tag

if TYPE_CHECKING:
    import ctranslate2
    from tokenizers import Tokenizer

INSTALL = "crossquote models install tagger"
WORDS = "encoder/embeddings_0"  # what CTranslate2 calls the word table
PIECES = 512  # of one computation: more fall out of the processor's second cache

Floats = NDArray[np.float32]
Variables = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class _Place:
    """A window of an article, and the sentences, counted in the window, whose tags are taken from it."""

    article: int
    window: Window
    asked: range


class EncoderTagger:
    """The layers come from the tagger's folder, the word table and the tokenizer from the embedder's.

    Nothing is read before the first passage is tagged. Windows are computed with others of exactly their length, so
    that nothing is padded; products of 8-bit integers are exact, and every row of a batch goes through the same
    additions: the tags of a passage do not depend on its companions.
    """

    def __init__(self, folder: Path, embedder: Path, *, threads: int) -> None:
        """`ModelMissing` when `folder` holds no tagger."""
        self._folder, self._embedder, self._threads = folder, embedder, threads
        try:
            self._config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._signature = str(self._config["signature"])
        except (OSError, ValueError, KeyError) as problem:
            raise ModelMissing(f"no tagger in {folder}", INSTALL) from problem

    @property
    def signature(self) -> str:
        """Model and version, as the model's own `config.json` gives them."""
        return self._signature

    def tag(self, passages: Sequence[Passage]) -> list[list[Tag]]:
        """The tags of every passage, in reading order; no passages give an empty list."""
        if not passages:
            return []
        places = [place for number, passage in enumerate(passages) for place in self._places(number, passage)]
        found: list[list[Tag]] = [[] for _ in passages]
        hidden = self._hidden([place.window for place in places])
        for place, rows in zip(places, hidden, strict=True):
            scores = rows @ self._head[0] + self._head[1]
            window, passage = place.window, passages[place.article]
            for k in place.asked:
                number = window.first + k
                hinted = _clauses(passage, number)
                found[place.article] += labels.tags(scores[window.heads[k]], window.words[k], number, hinted)
        return found

    def _places(self, article: int, passage: Passage) -> Iterator[_Place]:
        sentences = windows.pieces(passage, self._tokenizer)
        for first, stop, begin, end in windows.ranges(sentences):
            yield _Place(article, windows.window(passage, sentences, first, stop), range(begin - first, end - first))

    def _hidden(self, given: list[Window]) -> list[Floats]:
        """What the encoder makes of every window, (pieces, width)."""
        encoder = self._encoder  # read here, not by several threads at once

        def compute(batch: list[int]) -> Floats:
            ids, types = [given[n].ids for n in batch], [given[n].types for n in batch]
            return np.array(encoder.forward_batch(ids, token_type_ids=types).last_hidden_state)

        batches = list(equal([len(window.ids) for window in given], room=PIECES))
        found: dict[int, Floats] = {}
        with ThreadPoolExecutor(self._threads) as pool:
            for batch, rows in zip(batches, pool.map(compute, batches), strict=True):
                found.update(zip(batch, rows, strict=True))
        return [found[n] for n in range(len(given))]

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._embedder / "tokenizer.json"))

    @cached_property
    def _head(self) -> tuple[Floats, Floats]:
        """Weight (width, columns) and bias (columns,)."""
        return np.ascontiguousarray(self._tensors["head/weight"].T), self._tensors["head/bias"]

    @cached_property
    def _tensors(self) -> Variables:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            return load_file(self._folder / "model.safetensors")
        except (OSError, SafetensorError) as problem:
            raise ModelMissing(f"the tagger in {self._folder} cannot be read: {problem}", INSTALL) from problem

    @cached_property
    def _encoder(self) -> "ctranslate2.Encoder":
        import ctranslate2

        try:
            table = word_table(self._embedder)
        except (OSError, ValueError, KeyError) as problem:
            raise ModelMissing(f"no word table in {self._embedder}: {problem}", INSTALL) from problem
        if fingerprint(table) != self._config["words"]:
            raise ModelMissing(f"the tagger in {self._folder} belongs to another embedder", INSTALL)
        own = {name: value for name, value in self._tensors.items() if name.startswith("encoder/")}
        rows = len(table[f"{WORDS}/weight"])
        files = {
            "model.bin": bert.serialized({**own, **table}),
            "config.json": json.dumps({**bert.TOKENS, "layer_norm_epsilon": self._config["epsilon"]}).encode(),
            "vocabulary.json": json.dumps([str(number) for number in range(rows)]).encode(),
        }
        return ctranslate2.Encoder(
            str(self._folder), compute_type="int8", inter_threads=self._threads, intra_threads=1, files=files
        )


def _clauses(passage: Passage, number: int) -> list[Span]:
    """The clauses that the rules see in a sentence."""
    start, end = passage.sentences[number]
    return [(hint.start, hint.end) for hint in passage.hints if hint.kind == "clause" and start <= hint.start < end]


def word_table(embedder: Path) -> Variables:
    """The embedder's vectors of word pieces, as CTranslate2 takes them: 8-bit rows with a scale each."""
    weight, scale = bert.quantized(bert.stored(embedder / "model.safetensors"), "embeddings.word_embeddings")
    return {f"{WORDS}/weight": weight, f"{WORDS}/weight_scale": scale}


def fingerprint(table: Variables) -> str:
    """By what a tagger knows the word table that it was trained with."""
    digest = hashlib.sha256()
    for name in sorted(table):
        digest.update(table[name].tobytes())
    return digest.hexdigest()[:16]
