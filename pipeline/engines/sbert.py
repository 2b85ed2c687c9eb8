"""Sentence vectors by a SentenceTransformer model in a folder: the `Embedder` of `pipeline.ports`."""

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import ModelMissing
from pipeline.ports import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32  # texts of one length that are computed together


class SentenceEmbedder:
    """The model is read when the first text is encoded, so that a run whose vectors are all cached never loads torch.

    A text shares a batch only with texts of exactly as many tokens. Nothing is padded, and every row is computed by the
    same operations as if it were alone: its vector is the same to the last bit, whatever its companions.
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
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        rows = defaultdict(list)
        for row, text in enumerate(texts):
            rows[text].append(row)
        for group in self._same_length(list(rows)):
            found = self._model.encode(group, batch_size=BATCH, show_progress_bar=False)
            for text, vector in zip(group, found, strict=True):
                vectors[rows[text]] = vector
        return vectors

    def _same_length(self, texts: list[str]) -> list[list[str]]:
        """The texts in groups of equal token count, short ones first."""
        model = self._model
        prompt = model.prompts[model.default_prompt_name] if model.default_prompt_name else ""
        prompted = [prompt + text for text in texts]
        tokens = model.tokenizer(prompted, truncation=True, max_length=model.max_seq_length)["input_ids"]
        groups = defaultdict(list)
        for text, pieces in zip(texts, tokens, strict=True):
            groups[len(pieces)].append(text)
        return [groups[length] for length in sorted(groups)]

    @cached_property
    def _model(self) -> "SentenceTransformer":
        # These libraries report on standard error what is no news here: bars, prompts, missing optional parts.
        for library in ("sentence_transformers", "transformers"):
            logging.getLogger(library).setLevel(logging.ERROR)
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        try:
            return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, RuntimeError) as problem:
            raise ModelMissing(f"the embedding model in {self._folder} cannot be read: {problem}", INSTALL) from problem


INSTALL = "crossquote models install embedder"
