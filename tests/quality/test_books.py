"""Long editions, found in a corridor."""

import books
import pytest
import scoring

from pipeline import pairs
from pipeline.alignment import corridor, path

SENTENCES = 1_800


def test_a_book_is_aligned_without_comparing_each_sentence_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = books.editions(SENTENCES)
    assert corridor.is_needed(len(left.sentences), len(right.sentences))
    cells: list[int] = []
    best = path.best

    def counted(*given: object) -> object:
        cells.append(sum((w.rows[1] - w.rows[0]) * (w.columns[1] - w.columns[0]) for w in given[2]))  # type: ignore[attr-defined]
        return best(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(path, "best", counted)
    beads = pairs.align(left.sentences, right.sentences, left.vectors, right.vectors)
    f1 = scoring.alignment([(books.alignment(left, right), [(bead.left, bead.right) for bead in beads])])
    assert f1 > 97
    assert max(cells) < len(left.sentences) * len(right.sentences) / 3
