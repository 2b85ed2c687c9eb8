"""Sentence vectors by a SentenceTransformer model in a folder: the `Embedder` of `pipeline.ports`."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pipeline import settings
from pipeline.engines.batches import equal
from pipeline.errors import ModelMissing
from pipeline.ports import Vectors

if TYPE_CHECKING:
    import ctranslate2
    from tokenizers import Tokenizer

ROOM = 512  # tokens of a batch; more fall out of the processor's second cache, fewer leave it waiting for weights
INSTALL = "crossquote models install embedder"

Tokens = tuple[int, ...]


class SentenceEmbedder:
    """Computes the vectors of a folder that `SentenceTransformer` reads too, in 8-bit integers and without torch.

    A batch holds texts of exactly one token count, so that nothing is padded. Products of matrices are sums of integers,
    which are exact in any order; what is left in floating point goes row by row, or by a shape that the length of
    the text gives. Hence a vector is the same to the last bit whatever its companions and however many threads there
    are, and differs from SentenceTransformer's only by the rounding to 8 bits (cosine above 0.99). The model is read when the
    first text is encoded.
    """

    def __init__(self, folder: Path) -> None:
        """`ModelMissing` when `folder` holds no model of this project."""
        self._folder = folder
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._signature = str(config["signature"])
            self._dimension = int(config["hidden_size"])
        except (OSError, ValueError, KeyError) as problem:
            raise ModelMissing(f"no embedding model in {folder}", INSTALL) from problem

    @property
    def signature(self) -> str:
        """Model and version, as the model's own `config.json` gives them."""
        return self._signature

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of length 1; of longer texts the first 512 tokens are read."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        tokens = [tuple(one.ids) for one in self._tokenizer.encode_batch([self._prompt + text for text in texts])]
        found: dict[Tokens, Vectors] = {}
        different = list(dict.fromkeys(tokens))
        batches = [[different[n] for n in some] for some in equal([*map(len, different)], room=ROOM)]
        assert self._encoder  # read now, by one thread
        with ThreadPoolExecutor(settings.threads()) as pool:
            for batch, vectors in zip(batches, pool.map(self._vectors, batches), strict=True):
                found.update(zip(batch, vectors, strict=True))
        return np.stack([found[one] for one in tokens])

    def _vectors(self, batch: list[Tokens]) -> Vectors:
        """(len(batch), dimension) of texts of one token count: the means of what their tokens became."""
        states = np.asarray(self._encoder.forward_batch([list(tokens) for tokens in batch]).last_hidden_state)
        means: Vectors = states.mean(axis=1)
        means /= np.sqrt((means * means).sum(axis=1, keepdims=True))
        return means

    @cached_property
    def _prompt(self) -> str:
        """What stands before every text."""
        config = self._configuration("config_sentence_transformers.json")
        name = config.get("default_prompt_name")
        return str(config["prompts"][name]) if name else ""

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        with self._reading(Exception):  # the library raises nothing narrower
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(int(self._configuration("sentence_bert_config.json")["max_seq_length"]))
        return tokenizer

    @cached_property
    def _encoder(self) -> "ctranslate2.Encoder":
        from pipeline.engines import bert

        with self._reading(OSError, ValueError, KeyError, RuntimeError):
            return bert.encoder(self._folder, settings.threads())

    def _configuration(self, name: str) -> dict[str, Any]:
        with self._reading(OSError, ValueError):
            return cast(dict[str, Any], json.loads((self._folder / name).read_text(encoding="utf-8")))

    @contextmanager
    def _reading(self, *problems: type[Exception]) -> Iterator[None]:
        """Turn what a damaged folder leads to into `ModelMissing`."""
        try:
            yield
        except problems as problem:
            raise ModelMissing(f"the embedding model in {self._folder} cannot be read: {problem}", INSTALL) from problem
