"""Sentence vectors by a SentenceTransformer model in a folder: the `Embedder` of `pipeline.ports`."""

import json
import logging
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import ModelMissing
from pipeline.ports import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SLOTS = 4
"""Texts computed at once. Part of the model: another number may change the last bits of a vector."""

INSTALL = "crossquote models install embedder"

Tokens = tuple[int, ...]


class SentenceEmbedder:
    """The model is read when the first text is encoded, so that a run whose vectors are all cached never loads torch.

    Matrix libraries choose their kernel, and with it the order of additions, by the shape of the matrices and the
    number of threads. So every computation takes exactly `SLOTS` texts of one token count, on one thread: the shapes
    depend on the text alone, nothing is padded, and a vector is the same to the last bit whatever its companions and
    however many cores there are. Several such batches run side by side.
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
        tokens = self._tokens(texts)
        found: dict[Tokens, Vectors] = {}
        with ThreadPoolExecutor(os.cpu_count(), initializer=_compute_alone) as pool:
            for computed in pool.map(self._vectors, _batches(tokens)):
                found.update(computed)
        return np.stack([found[one] for one in tokens])

    def _tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """What the model reads of each text, its prompt included."""
        model = self._model
        name = model.default_prompt_name
        prompt = model.prompts[name] or "" if name else ""
        prompted = [prompt + text for text in texts]
        read = model.tokenizer(prompted, truncation=True, max_length=model.max_seq_length)["input_ids"]
        return [tuple(tokens) for tokens in read]

    def _vectors(self, batch: list[Tokens]) -> dict[Tokens, Vectors]:
        """The vectors of up to `SLOTS` texts of one length; free slots are filled with repetitions."""
        import torch

        full = torch.tensor((batch * SLOTS)[:SLOTS])
        with torch.inference_mode():
            output = self._model({"input_ids": full, "attention_mask": torch.ones_like(full)})
        return dict(zip(batch, output["sentence_embedding"].numpy(), strict=False))

    @cached_property
    def _model(self) -> "SentenceTransformer":
        # These libraries report on standard error what is no news here: bars, prompts, missing optional parts.
        for library in ("sentence_transformers", "transformers"):
            logging.getLogger(library).setLevel(logging.ERROR)
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, RuntimeError, SafetensorError) as problem:
            raise ModelMissing(f"the embedding model in {self._folder} cannot be read: {problem}", INSTALL) from problem


def _batches(texts: Sequence[Tokens]) -> Iterator[list[Tokens]]:
    """Every different text once, in batches of equal token count."""
    by_length = defaultdict(list)
    for tokens in dict.fromkeys(texts):
        by_length[len(tokens)].append(tokens)
    for equal in by_length.values():
        for start in range(0, len(equal), SLOTS):
            yield equal[start : start + SLOTS]


def _compute_alone() -> None:
    """Give the calling thread one core."""
    import torch

    torch.set_num_threads(1)
