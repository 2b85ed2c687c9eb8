"""What the letters say: the n-grams of an edition and of a translation of the other one, as more columns of the vectors.

A machine translation that exists anyway is a second signal beside the vectors (Sennrich & Volk 2010, Bleualign, compare
whole words with it). Letters are compared by sound, so that a translation into Russian serves for Ukrainian too.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from pipeline.ports import Vectors
from pipeline.transliteration import readings

WORD = re.compile(r"[^\W\d_]+|\d+")
SIZE = 4
"""Letters of an n-gram."""
COLUMNS = 512
"""Into which n-grams are hashed: two sentences without a common one are some 0.04 alike by chance."""
SHARE = 0.4
"""How long the columns of the letters are beside those of the meaning, which have length 1."""


def columns(left: Sequence[str], right: Sequence[str]) -> tuple[Vectors, Vectors]:
    """(n, COLUMNS) and (m, COLUMNS), rows of length `SHARE`; those of empty texts are zeros."""
    sides = [[Counter(_grams(text)) for text in texts] for texts in (left, right)]
    seen = Counter(gram for bags in sides for bag in bags for gram in bag)
    total = len(left) + len(right)
    ours, theirs = ([_row(bag, seen, total) for bag in bags] for bags in sides)
    return np.array(ours, np.float32).reshape(-1, COLUMNS), np.array(theirs, np.float32).reshape(-1, COLUMNS)


def _grams(text: str) -> list[int]:
    """Hashes of the n-grams of the words, and of the numbers as a whole."""
    return [number for word in WORD.findall(text.lower()) for number in _of_word(word)]


@lru_cache(maxsize=100_000)
def _of_word(word: str) -> tuple[int, ...]:
    sound = word if word.isdigit() else f"^{readings(word)[0]}$"
    pieces = [sound] if word.isdigit() else [sound[at : at + SIZE] for at in range(max(len(sound) - SIZE + 1, 1))]
    return tuple(zlib.crc32(piece.encode()) for piece in pieces)


def _row(bag: Counter[int], seen: Counter[int], total: int) -> Vectors:
    """An n-gram weighs the more the fewer sentences have it."""
    row = np.zeros(COLUMNS, np.float32)
    for gram in bag:
        row[gram % COLUMNS] += math.log(1 + total / seen[gram]) * (1 if gram & (1 << 20) else -1)
    length = float(np.linalg.norm(row))
    return row * (SHARE / length) if length else row
