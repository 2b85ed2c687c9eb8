"""How an article becomes windows of pieces, and a row of labels becomes spans."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from pipeline.engines import labels, windows
from pipeline.engines.labels import ATTRIBUTION, ATTRIBUTION_BEGINS, OUTSIDE, REPORTED, REPORTED_BEGINS, Run
from pipeline.engines.windows import Pieces
from pipeline.tagging import Hint, Passage

TOKENIZER = Tokenizer.from_file(str(Path(__file__).parents[2] / "models" / "embedder" / "tokenizer.json"))


def passage(*sentences: str, hints: tuple[Hint, ...] = ()) -> Passage:
    text, spans = "", []
    for sentence in sentences:
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + " "
    return Passage(text, "en", tuple(spans), tuple(range(len(spans))), hints)


@given(st.lists(st.integers(1, 120), min_size=1, max_size=40))
def test_every_sentence_is_asked_for_once_and_in_a_window_that_holds_it(lengths: list[int]):
    sentences = [Pieces([5] * length, [0] * length, [], []) for length in lengths]
    asked = []
    for first, stop, begin, end in windows.ranges(sentences, limit=100):
        assert first <= begin < end <= stop
        assert stop - first == 1 or sum(lengths[first:stop]) + 2 + stop - first <= 100
        asked += range(begin, end)
    assert asked == list(range(len(lengths)))


def test_a_sentence_has_its_neighbours_where_there_is_room():
    sentences = [Pieces([5] * 20, [0] * 20, [], []) for _ in range(9)]
    for first, stop, begin, end in windows.ranges(sentences, limit=100):
        assert begin == 0 or first < begin
        assert end == 9 or end < stop


@pytest.mark.parametrize(
    "sentence",
    ["“No,” said Ann Lee, 42, of St. Mary’s…", "«Нет», — сказал  п’ятий.", "Ціна — 4,5 %, тобто ½.", "ﬁve™ Ⅳ"],
)
def test_the_head_of_a_word_is_its_first_piece(sentence: str):
    (one,) = windows.pieces(passage(sentence), TOKENIZER)
    assert len(one.words) == len(one.heads)
    assert one.heads == sorted(one.heads)
    for word, head in zip(one.words, one.heads, strict=True):
        first = TOKENIZER.id_to_token(one.ids[head]).strip("▁")
        assert not first or sentence[word[0]].lower() in first.lower() or not sentence[word[0]].isascii()


def test_the_middle_of_a_long_quotation_is_not_read():
    words = " ".join(f"word{n}" for n in range(200))
    sentence = f"“{words},” said Ann."
    stretch = Hint("stretch", 0, len(words) + 3)
    (one,) = windows.pieces(passage(sentence, hints=(stretch,)), TOKENIZER)
    assert len(one.ids) < 60
    read = [sentence[a:b] for a, b in one.words]
    assert {"Ann", "word0", "word199"} <= set(read)
    assert "word100" not in read


def test_hints_become_types_and_words_between_marks_stay_quoted_within_a_clause():
    sentence = "Ann said that “stale bread” is cheap."
    hints = (Hint("source", 0, 3), Hint("cue", 4, 8), Hint("clause", 14, 36), Hint("stretch", 14, 27))
    given_passage = passage(sentence, hints=hints)
    types = windows.kinds(given_passage)
    assert [int(types[sentence.index(word)]) for word in ("Ann", "said", "that", "stale", "cheap")] == [
        windows.SOURCE,
        windows.CUE,
        windows.NARRATOR,
        windows.QUOTED_IN_CLAUSE,
        windows.CLAUSE,
    ]


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.floats(-5, 5), min_size=8 * n, max_size=8 * n)))
def test_no_span_goes_on_that_has_not_begun(numbers: list[float]):
    row = labels.best(np.array(numbers, np.float32).reshape(-1, 8)[:, : labels.LABELS])
    for before, label in zip([OUTSIDE, *row], row, strict=False):
        if label == REPORTED:
            assert before in (REPORTED, REPORTED_BEGINS)
        if label == ATTRIBUTION:
            assert before in (ATTRIBUTION, ATTRIBUTION_BEGINS)


def test_a_beginning_within_a_span_begins_another():
    row = [OUTSIDE, REPORTED_BEGINS, REPORTED, REPORTED_BEGINS, ATTRIBUTION_BEGINS, ATTRIBUTION]
    assert labels.runs(row) == [Run(OUTSIDE, 0, 1), Run(REPORTED, 1, 3), Run(REPORTED, 3, 4), Run(ATTRIBUTION, 4, 6)]


def test_a_doubtful_word_alone_makes_no_clause_but_many_do():
    doubtful = np.zeros((30, labels.COLUMNS), np.float32)
    doubtful[0, REPORTED_BEGINS] = doubtful[1:, REPORTED] = 1.0
    words = [(n, n + 1) for n in range(30)]
    assert not labels.tags(doubtful[:2], words[:2], 0)
    assert [tag.kind for tag in labels.tags(doubtful, words, 0)] == ["reported"]


def test_logits_become_spans_with_the_parts_of_an_attribution():
    words = [(0, 3), (4, 8), (9, 12), (13, 15)]
    scores = np.full((4, labels.COLUMNS), -9, np.float32)
    for place, label in enumerate([ATTRIBUTION_BEGINS, ATTRIBUTION, REPORTED_BEGINS, REPORTED]):
        scores[place, label] = 9
    scores[0, labels.SPEAKER] = scores[1, labels.CUE] = 9
    found = labels.tags(scores, words, 7)
    assert [(tag.kind, tag.sentence, tag.start, tag.end) for tag in found] == [
        ("attribution", 7, 0, 8),
        ("speaker", 7, 0, 3),
        ("cue", 7, 4, 8),
        ("reported", 7, 9, 15),
    ]
    assert all(0.99 < tag.confidence <= 1 for tag in found)
