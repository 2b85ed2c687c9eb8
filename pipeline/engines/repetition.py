"""Recognises a translation that went into a loop."""

import re

WORD = re.compile(r"\w+")
LONGEST = 12  # words in a repeated phrase
TIMES = {1: 4, 2: 3, 3: 3}  # so often, one after the other, is a loop for a phrase of that many words
LONG_TIMES = 2
LETTERS = re.compile(r"([^\W\d_]{2,12}?)\1{3,}|([^\w\s.…_*=~—–-]\s)\2{3,}", re.IGNORECASE)
"""The same letters four times in one word, or a sign between blanks again and again."""


def loops(translation: str, source: str = "") -> bool:
    """Whether a phrase stands in `translation` again and again, one after the other, and does not so in `source`."""
    return _repeats(translation) and not _repeats(source)


def _repeats(text: str) -> bool:
    if LETTERS.search(text + " "):
        return True
    words = WORD.findall(text.lower())
    return any(_repeats_phrase(words, length) for length in range(1, min(LONGEST, len(words) // 2) + 1))


def _repeats_phrase(words: list[str], length: int) -> bool:
    """A phrase of `length` words follows itself at once: `same` counts words equal to the one `length` before."""
    same = 0
    for now, before in zip(words[length:], words, strict=False):
        same = same + 1 if now == before else 0
        if same >= length * (TIMES.get(length, LONG_TIMES) - 1):
            return True
    return False
