"""Fakes that keep the contracts of the ports: quick, deterministic, and their results mean something."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines import Engines
from pipeline.likeness import FEATURES, Matcher
from pipeline.ports import Vectors
from pipeline.records import LANGUAGES, Language, Span
from pipeline.tagging import Passage, Tag, TagKind

DIMENSION = 64
WORD = re.compile(r"[^\W_]+(?:_(?:ru|uk))?")


class FakeTranslator:
    """Marks every word with the target language: "Go home" becomes "Go_ru home_ru"; remembers what it was asked."""

    signature = "fake-1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def supports(self, source: Language, target: Language) -> bool:
        """Every pair of two languages."""
        return source != target

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        """See the class."""
        self.asked += sentences
        return [WORD.sub(lambda word: f"{word[0].split('_')[0]}_{target}", sentence) for sentence in sentences]

    def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
        """The same words again, then in small letters."""
        found = self.translate(sentences, source, target)
        return [list(dict.fromkeys([text, text.lower()])) for text in found]


class FakeEmbedder:
    """Sums a random vector per word, whatever language it is marked with: same words, same vector."""

    signature = "fake-emb-1"
    dimension = DIMENSION

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See the class; a text without words gets a vector of its own."""
        self.asked += texts
        rows = [self._text(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, DIMENSION), np.float32)

    def _text(self, text: str) -> Vectors:
        words = [word.split("_")[0].lower() for word in WORD.findall(text)] or [text]
        vector = np.sum([_direction(word) for word in words], axis=0)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


class FakeTagger:
    """Tags the words that it is told to, wherever a sentence has them; remembers what it was asked."""

    signature = "fake-tagger-1"

    def __init__(self, *wanted: tuple[TagKind, str], sure: float = 0.95) -> None:
        self.wanted, self.sure = wanted, sure
        self.asked: list[Passage] = []

    def tag(self, passages: Sequence[Passage]) -> list[list[Tag]]:
        """See the class."""
        self.asked += passages
        return [[tag for n, span in enumerate(one.sentences) for tag in self._tags(one, n, span)] for one in passages]

    def _tags(self, passage: Passage, number: int, span: Span) -> list[Tag]:
        sentence = passage.text[slice(*span)]
        return [
            Tag(kind, number, span[0] + at, span[0] + at + len(words), self.sure)
            for kind, words in self.wanted
            if (at := sentence.find(words)) >= 0
        ]


def _direction(word: str) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)


def fake_matcher() -> Matcher:
    """Two quotations are one statement when their vectors are close and their speakers not different."""
    weights = dict.fromkeys(FEATURES, 0.0) | {"part": 20.0, "other speaker": -10.0}
    return Matcher(
        embedder=FakeEmbedder.signature,
        centres={language: np.zeros(DIMENSION, np.float32) for language in LANGUAGES},
        weights=weights,
        bias=-14.0,
        lonely=0.1,
        crowded=0.5,
    )


@pytest.fixture
def translator() -> FakeTranslator:
    return FakeTranslator()


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def engines(translator: FakeTranslator, embedder: FakeEmbedder) -> Engines:
    return Engines(embedder=embedder, translator=lambda source, target: translator, matcher=fake_matcher())


@pytest.fixture(autouse=True)
def _no_user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tests see neither the packages nor the memory of whoever runs them."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CROSSQUOTE_CACHE", str(home / "cache"))
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(home / "argos"))
    return home
