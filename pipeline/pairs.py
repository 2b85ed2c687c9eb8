"""Aligns two editions of an article sentence by sentence, whatever was merged, left out, added or moved.

The rooms behind it, in `pipeline.alignment`: `sides` sees an edition as vectors and lengths, `wording` adds what the
letters of a translation say, `corridor` and `anchors` bound where long editions are compared, `path` finds the sequence
of beads that gains most, `cost` estimates what an omission costs, and `moved` pairs what is left over on both sides.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.alignment import anchors, corridor, moved, sides, wording
from pipeline.alignment.path import Run, Step
from pipeline.alignment.sides import Side
from pipeline.ports import Vectors
from pipeline.records import AlignedPair, Article, Origin, Passage, Sentence

SIGNATURE = "pairs:2"
"""Changes whenever the same editions would be aligned differently."""

Wordings = tuple[Sequence[str], Sequence[str]]
"""The sentences of two editions in languages that can be compared by letters; "" for one that is not known in it."""


class Bead(NamedTuple):
    """Sentence numbers that belong together. One side is empty for an omission, and `similarity` (centred cosine) None."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    similarity: float | None
    moved: bool


def between(
    left: Article,
    right: Article,
    left_sentences: Sequence[Sentence],
    right_sentences: Sequence[Sentence],
    left_vectors: Vectors,
    right_vectors: Vectors,
    wordings: Wordings | None = None,
) -> list[AlignedPair]:
    """The aligned pairs of two editions in the order of the text, every sentence in one, omissions too.

    An omission's empty side stands where the missing sentences would. `wordings` as `align` takes them.
    """
    beads = align(
        [sentence.text for sentence in left_sentences],
        [sentence.text for sentence in right_sentences],
        left_vectors,
        right_vectors,
        wordings,
    )
    origin: Origin = "machine" if left.translator or right.translator else "human"
    found: list[AlignedPair] = []
    at_left = at_right = 0
    for bead in beads:
        left_passage = _passage(left, left_sentences, bead.left, at_left)
        right_passage = _passage(right, right_sentences, bead.right, at_right)
        if not bead.moved:
            at_left, at_right = left_passage.end, right_passage.end
        found.append(
            AlignedPair(
                left=left_passage,
                right=right_passage,
                left_language=left.language,
                right_language=right.language,
                kind=f"{len(bead.left)}-{len(bead.right)}",
                moved=bead.moved,
                similarity=bead.similarity,
                origin=origin,
            )
        )
    return found


def _passage(article: Article, sentences: Sequence[Sentence], run: tuple[int, ...], at: int) -> Passage:
    """The text of a run of sentences; nothing, at `at`, for an empty one."""
    start, end = (sentences[run[0]].start, sentences[run[-1]].end) if run else (at, at)
    return Passage(article_id=article.id, start=start, end=end, text=article.text[start:end])


def align(
    left: Sequence[str],
    right: Sequence[str],
    left_vectors: Vectors,
    right_vectors: Vectors,
    wordings: Wordings | None = None,
) -> list[Bead]:
    """Every sentence of two editions in one bead, in the order of the text; moved beads stand where their left side does.

    `left_vectors` and `right_vectors` have a row of length 1 per sentence. `wordings` are the sentences once more, both
    sides in one language or in related ones, "" where a sentence has no translation. Time and space grow with the
    number of sentences, once there are more than some 1,400.
    """
    if len(left) != len(left_vectors) or len(right) != len(right_vectors):
        raise ValueError("a vector per sentence is needed")
    if not left or not right:
        return [
            *(Bead((i,), (), None, False) for i in range(len(left))),
            *(Bead((), (j,), None, False) for j in range(len(right))),
        ]
    columns = wording.columns(*wordings) if wordings else (None, None)
    ours, theirs = sides.side(left, left_vectors, columns[0]), sides.side(right, right_vectors, columns[1])
    far = corridor.is_needed(len(left), len(right))
    steps = corridor.best(ours, theirs, anchors.shared(left, right) if far else ())
    elsewhere = moved.found(steps, ours, theirs)
    if wordings:  # a similarity is that of the vectors alone
        ours, theirs = sides.side(left, left_vectors), sides.side(right, right_vectors)
    return list(_beads(steps, elsewhere, ours, theirs))


def _beads(steps: Iterable[Step], elsewhere: Iterable[Step], left: Side, right: Side) -> Iterator[Bead]:
    """The steps with the moved ones in it, and how similar the two sides of each bead are."""
    starts = {run[0]: (run, other) for run, other in elsewhere}
    gone = (
        {i for run, _ in starts.values() for i in range(*run)},
        {j for _, run in starts.values() for j in range(*run)},
    )
    for (i, k), (j, m) in steps:
        if i < k and j < m:
            yield _bead((i, k), (j, m), left, right, moved=False)
        elif i < k and i in starts:
            yield _bead(*starts[i], left, right, moved=True)
        elif (i < k and i not in gone[0]) or (j < m and j not in gone[1]):
            yield Bead(tuple(range(i, k)), tuple(range(j, m)), None, False)


def _bead(run: Run, other: Run, left: Side, right: Side, *, moved: bool) -> Bead:
    cosine = float(left.run(*run) @ right.run(*other))
    return Bead(tuple(range(*run)), tuple(range(*other)), round(min(max(cosine, -1.0), 1.0), 4), moved)
