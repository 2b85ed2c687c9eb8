"""What quotations are compared by: utterances, points, vectors, lists of neighbours, indexes."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import indexes as files
from pipeline import neighbours as lists
from pipeline.checkup.findings import Finding, Patient, named
from pipeline.points import UNIT_BITS, UNITS, Numbers, units
from pipeline.records import LANGUAGES, counted
from pipeline.utterances import Utterances, of_quotes

TOGETHER = 10_000  # rows that are looked at at once
LENGTH = 0.01  # by which that of a vector may differ from 1: half precision rounds


def utterances(patient: Patient) -> Iterator[Finding]:
    """Whether utterances are what follows from the quotations of each article, and these are all there."""
    database = patient.collection.database
    seen = database.execute(
        "SELECT article_id FROM done WHERE stage = 'match' UNION SELECT article_id FROM utterances ORDER BY 1"
    )
    kept = "SELECT quote_id, quotes, text FROM utterances WHERE article_id = ?"
    wrong, lost = [], []
    for (article_id,) in seen:
        try:
            quotes = list(patient.collection.quotes_of([article_id]))
        except (TypeError, ValueError):  # they cannot be read, which has been said
            continue
        there = sorted(database.execute(kept, (article_id,)))
        if {id_ for _, ids, _ in there for id_ in ids.split()} - {quote.id for quote in quotes}:
            lost.append(article_id)
        elif there != sorted((one.id, " ".join(one.quotes), one.text) for one in of_quotes(quotes)):
            wrong.append(article_id)
    if lost:
        yield Finding(
            "quotes",
            f"quotations of {counted(len(lost), 'article')} are missing{named(lost, len(lost))}",
            "found anew",
            partial(patient.find_again, lost),
        )
    if wrong:
        yield Finding(
            "utterances",
            f"those of {counted(len(wrong), 'article')} do not follow from the quotations{named(wrong, len(wrong))}",
            "made anew",
            partial(_match_again, patient, wrong),
        )


def _match_again(patient: Patient, article_ids: Sequence[str]) -> None:
    patient.loosen_articles(article_ids)
    patient.execute("DELETE FROM utterances WHERE article_id = ?", ((id_,) for id_ in article_ids))
    patient.forget_stage(article_ids, "match")


def points(patient: Patient) -> Iterator[Finding]:
    """Whether every text has its points, of the right form, and no other text has any."""
    store = Utterances(patient.collection)
    rows = patient.collection.database.execute("SELECT text, rows FROM points ORDER BY text")
    wrong = [text for some in _chunks(rows) for text in _malformed(some, store.dimension)]
    wrong += _incomplete(patient, store.dimension, {*wrong})
    if wrong:
        yield Finding(
            "points",
            f"those of {counted(len(wrong), 'text')} are not what an embedder makes{named(wrong, len(wrong))}",
            "made anew",
            partial(patient.execute, "DELETE FROM points WHERE text = ?", [(text,) for text in wrong]),
        )
    if patient.unfinished or patient.touched:
        return
    if lacking := [text for text, _, _ in store.without_points()]:
        wrong_with = f"{counted(len(lacking), 'text')} without any{named(lacking, len(lacking))}"
        yield Finding("points", wrong_with, "made", patient.redo)
    if unsaid := store.unsaid():
        wrong_with = f"{counted(len(unsaid), 'text')} that nobody says{named(unsaid, len(unsaid))}"
        yield Finding("points", wrong_with, "taken out", patient.redo)


def _malformed(some: Sequence[tuple[int, bytes]], dimension: int) -> Iterator[int]:
    """The texts whose points have not the length that vectors have."""
    width = 2 * dimension
    sound = [(text, rows) for text, rows in some if width and rows and len(rows) % width == 0]
    yield from sorted({text for text, _ in some} - {text for text, _ in sound})
    if not sound:
        return
    counts = np.array([len(rows) // width for _, rows in sound])
    every = np.frombuffer(b"".join(rows for _, rows in sound), np.float16).reshape(-1, dimension)
    owners = np.repeat(np.arange(len(sound)), counts)
    yield from (sound[n][0] for n in np.unique(owners[~_of_length_one(every)]).tolist())


def _of_length_one(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Which vectors are of length 1; one that is not finite is not."""
    with np.errstate(all="ignore"):
        length = np.linalg.norm(rows.astype(np.float32), axis=1)
    return np.asarray(np.abs(length - 1) <= LENGTH)


def _incomplete(patient: Patient, dimension: int, known: set[int]) -> Iterator[int]:
    """The texts that have another number of points than parts."""
    rows = patient.collection.database.execute(
        "SELECT points.text, length(rows), quotes.text, quotes.language FROM points JOIN utterances"
        " ON utterances.text = points.text JOIN quotes ON quotes.id = quote_id GROUP BY points.text"
    )
    for text, size, said, language in rows:
        if text not in known and size != 2 * dimension * len(units(said, language)):
            yield text


def vectors(patient: Patient) -> Iterator[Finding]:
    """Whether remembered vectors are such."""
    rows = patient.collection.database.execute("SELECT text, model, vector FROM vectors")
    wrong = [key for some in _chunks(rows) for key in _unusable(some, _dimensions(patient))]
    if wrong:
        yield Finding(
            "vectors",
            f"{counted(len(wrong), 'vector')} not of length 1{named((text for text, _ in wrong), len(wrong))}",
            "made anew where they are needed",
            partial(patient.execute, "DELETE FROM vectors WHERE text = ? AND model = ?", wrong),
        )


def aligned(patient: Patient) -> Iterator[Finding]:
    """Whether the vectors of aligned sentences are remembered; after a removal they need not be."""
    if patient.unfinished or patient.collection.meta("vectors") == "dropped":
        return
    model = (patient.collection.meta("matched with") or "").partition("|emb:")[2]
    lacking = sorted({text for some in _chunks(_aligned(patient)) for text in _unknown(patient, some, model)})
    if lacking:
        yield Finding(
            "vectors",
            f"{counted(len(lacking), 'aligned sentence')} without one{named(lacking, len(lacking))}",
            "made anew",
            partial(patient.embed, lacking),
        )


def _dimensions(patient: Patient) -> dict[str, int]:
    """How long the vectors of each model are: as most of them."""
    rows = patient.collection.database.execute(
        "SELECT model, length(vector) FROM vectors GROUP BY 1, 2 ORDER BY count(*)"
    )
    return dict(rows.fetchall())


def _unusable(some: Sequence[tuple[str, str, bytes]], sizes: dict[str, int]) -> Iterator[tuple[str, str]]:
    for model, size in sizes.items():
        ours = [(text, vector) for text, of, vector in some if of == model]
        whole = [(text, vector) for text, vector in ours if len(vector) == size and size % 4 == 0 and size]
        yield from ((text, model) for text, vector in ours if len(vector) != size or size % 4 or not size)
        if whole:
            every = np.frombuffer(b"".join(vector for _, vector in whole), "<f4").reshape(len(whole), -1)
            yield from ((whole[n][0], model) for n in np.flatnonzero(~_of_length_one(every)).tolist())


def _aligned(patient: Patient) -> Iterator[str]:
    """The sentences that an aligned pair holds alone."""
    article = lru_cache(maxsize=64)(patient.collection.article)
    rows = patient.collection.database.execute(
        "SELECT left_id, right_id, kind, left_start, left_end, right_start, right_end FROM pairs"
    )
    for left_id, right_id, kind, a, b, c, d in rows:
        left, right = article(left_id), article(right_id)
        ours, _, theirs = kind.partition("-")
        if left and ours == "1":
            yield left.text[a:b]
        if right and theirs == "1":
            yield right.text[c:d]


def _unknown(patient: Patient, some: Sequence[str], model: str) -> set[str]:
    """Which of some texts have no vector."""
    texts = sorted({*some})
    rows = patient.collection.rows("SELECT text FROM vectors WHERE model = ? AND text IN ({})", texts, model)
    return {*texts} - {row[0] for row in rows}


def neighbours(patient: Patient) -> Iterator[Finding]:
    """Whether every text has its list, and lists name points that are there, nearest first."""
    store = Utterances(patient.collection)
    counts = _counts(patient, store.dimension)
    rows = patient.collection.database.execute("SELECT text, found FROM nearest ORDER BY text")
    wrong = [text for some in _chunks(rows) for text in _untrue(some, *counts)]
    if not patient.unfinished and not patient.touched:
        wrong += store.fresh()
    if wrong:
        yield Finding(
            "neighbours",
            f"lists of {counted(len(wrong), 'text')} are missing or name what is not there{named(wrong, len(wrong))}",
            "all are looked for anew",
            partial(_look_again, patient),
        )


def _counts(patient: Patient, dimension: int) -> tuple[Numbers, Numbers]:
    """The texts that have points, ascending, and how many."""
    width = max(2 * dimension, 1)
    rows = patient.collection.database.execute(f"SELECT text, length(rows) / {width} FROM points ORDER BY text")
    both = np.fromiter((value for row in rows for value in row), np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _untrue(some: Sequence[tuple[int, bytes]], texts: Numbers, counts: Numbers) -> Iterator[int]:
    """The texts whose lists are not of the right length, or name something that cannot be near."""
    size = len(LANGUAGES) * lists.KEPT * 12
    whole = [(text, found) for text, found in some if len(found) == size]
    yield from sorted({text for text, _ in some} - {text for text, _ in whole})
    if not whole:
        return
    numbers = np.array([text for text, _ in whole], np.int64)
    every = np.frombuffer(b"".join(found for _, found in whole), np.uint8).reshape(len(whole), size)
    ids = np.ascontiguousarray(every[:, : size // 3 * 2]).view(np.int64)
    close = np.ascontiguousarray(every[:, size // 3 * 2 :]).view(np.float32)
    place = np.searchsorted(texts, ids >> UNIT_BITS).clip(max=max(len(texts) - 1, 0))
    there = (texts[place] == ids >> UNIT_BITS) & (ids & (UNITS - 1) < counts[place]) if len(texts) else ids < ids
    there &= (np.abs(close) <= 1 + LENGTH) & (ids >> UNIT_BITS != numbers[:, None])
    empty = (ids == lists.NOBODY) & (close == lists.FAR)
    order = np.diff(close.reshape(len(whole), len(LANGUAGES), -1), axis=2) <= 0
    fine = (there | empty).all(axis=1) & order.all(axis=(1, 2))
    yield from numbers[~fine].tolist()


def _look_again(patient: Patient) -> None:
    """All at once: a text that came again into the lists of others would stand there twice."""
    for table in ("nearest", "statements", "members"):
        patient.execute(f"DELETE FROM {table}")
    patient.execute("UPDATE utterances SET component = NULL")


def indexes(patient: Patient) -> Iterator[Finding]:
    """Whether inverted files hold the points."""
    wrong = files.wrong(patient.collection)
    if wrong and not patient.touched:
        yield Finding(
            "indexes",
            f"{', '.join(wrong)}: not the points of the collection",
            "made anew",
            partial(files.remake, patient.collection),
        )


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Rows, many at a time."""
    rest = iter(rows)
    while some := list(islice(rest, TOGETHER)):
        yield some
