"""Cuts an article into windows of word pieces, as the tagger reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Span
from pipeline.tagging import Passage

if TYPE_CHECKING:
    from tokenizers import Tokenizer

NARRATOR, QUOTED, CLAUSE, SOURCE, CUE, QUOTED_IN_CLAUSE = range(6)
"""What the rules say of a piece; the model adds a vector for each of them."""
TYPES = 6

BEGIN, SEPARATOR = 0, 2  # <s> and </s> of the vocabulary
LIMIT = 224  # pieces of a window
QUOTED_ENDS = 20  # pieces kept at each end of a long quotation: its middle says nothing about who speaks
WORD = re.compile(r"[^\W_]+(?:[-'’ʼ‑][^\W_]+)*|\S")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A sentence as the model reads it: `heads` is the place of the first piece of each word."""

    ids: list[int]
    types: list[int]
    words: list[Span]
    heads: list[int]


@dataclass(frozen=True, slots=True)
class Window:
    """Some sentences in a row, `first` being the number of the first one.

    `heads` are the places of the first piece of every word of every sentence, sentence by sentence.
    """

    ids: list[int]
    types: list[int]
    first: int
    words: list[list[Span]]
    heads: list[list[int]]


def kinds(passage: Passage) -> NDArray[np.uint8]:
    """The type of every character of the text, (length,)."""
    found = np.zeros(len(passage.text) + 1, dtype=np.uint8)
    for kind, value in (("clause", CLAUSE), ("source", SOURCE), ("cue", CUE)):
        for hint in passage.hints:
            if hint.kind == kind:
                found[hint.start : hint.end] = value
    for hint in passage.hints:
        if hint.kind == "stretch":
            here = found[hint.start : hint.end]
            here[:] = np.where(here == CLAUSE, QUOTED_IN_CLAUSE, QUOTED)
    return found


def pieces(passage: Passage, tokenizer: "Tokenizer") -> list[Pieces]:
    """Every sentence in pieces, the middle of long quotations left out."""
    types = kinds(passage)
    encoded = tokenizer.encode_batch([passage.text[a:b] for a, b in passage.sentences], add_special_tokens=False)
    return [
        _sentence(passage.text, span, encoding.ids, encoding.offsets, types)
        for span, encoding in zip(passage.sentences, encoded, strict=True)
    ]


def _sentence(text: str, span: Span, ids: list[int], offsets: list[Span], types: NDArray[np.uint8]) -> Pieces:
    start = span[0]
    middles = [start + (begin + max(begin, end - 1)) // 2 for begin, end in offsets]
    kept = _kept([int(types[middle]) for middle in middles])
    starts = [start + offsets[n][0] for n in kept]
    ends = [start + offsets[n][1] for n in kept]
    words, heads, at = list[Span](), list[int](), 0
    for match in WORD.finditer(text, *span):
        while at < len(kept) and ends[at] <= match.start():
            at += 1
        if at < len(kept) and starts[at] <= match.start():
            words.append(match.span())
            heads.append(at)
    return Pieces([ids[n] for n in kept], [int(types[middles[n]]) for n in kept], words, heads)


def _kept(types: list[int]) -> list[int]:
    """The places of the pieces that are read."""
    edges = [0, *(n for n in range(1, len(types)) if (types[n] in QUOTES) != (types[n - 1] in QUOTES)), len(types)]
    kept: list[int] = []
    for begin, end in pairwise(edges):
        if begin < end and types[begin] in QUOTES and end - begin > 2 * QUOTED_ENDS:
            kept += [*range(begin, begin + QUOTED_ENDS), *range(end - QUOTED_ENDS, end)]
        else:
            kept += range(begin, end)
    return kept


QUOTES = frozenset([QUOTED, QUOTED_IN_CLAUSE])


def window(passage: Passage, sentences: list[Pieces], first: int, stop: int) -> Window:
    """The sentences from `first` to before `stop` as one input; a paragraph ends with a separator."""
    ids, types = [BEGIN], [NARRATOR]
    words, heads = list[list[Span]](), list[list[int]]()
    for number in range(first, stop):
        one = sentences[number]
        room = LIMIT - 1 - len(ids)
        fits = [n for n, head in enumerate(one.heads) if head < room]
        words.append([one.words[n] for n in fits])
        heads.append([len(ids) + one.heads[n] for n in fits])
        ids += one.ids[:room]
        types += one.types[:room]
        if number + 1 == stop or passage.paragraphs[number + 1] != passage.paragraphs[number]:
            ids.append(SEPARATOR)
            types.append(NARRATOR)
    return Window(ids, types, first, words, heads)


def last(sentences: list[Pieces], first: int, limit: int = LIMIT) -> int:
    """The number after the last sentence that a window from `first` on has room for; at least one is taken."""
    size, stop = 2, first
    while stop < len(sentences) and (stop == first or size + len(sentences[stop].ids) + 1 <= limit):
        size += len(sentences[stop].ids) + 1
        stop += 1
    return stop


def ranges(sentences: list[Pieces], limit: int = LIMIT) -> Iterator[tuple[int, int, int, int]]:
    """(first, stop, begin, end): windows over all sentences, of which those from `begin` to `end` are asked for.

    A sentence is asked for where it has a neighbour on both sides, if a window has room for them.
    """
    done, first = 0, 0
    while done < len(sentences):
        stop = last(sentences, first, limit)
        end = stop if stop == len(sentences) else max(done + 1, stop - 1)
        if end > stop:  # the context left no room for the sentence itself
            first = done
            continue
        yield first, stop, done, end
        done, first = end, max(first + 1, end - 1)
