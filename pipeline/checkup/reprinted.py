"""What reprints are found by: shingles, bands, links, and the originals that follow from them."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from pipeline.checkup.findings import Finding, Patient, named
from pipeline.records import counted
from pipeline.reprints import BANDS, Reprints


def check(patient: Patient) -> Iterator[Finding]:
    """Whether the shingles of articles are whole, under the bands that they have, and reprints follow from the links."""
    database = patient.collection.database
    wrong = [
        article_id
        for number, article_id, size, kept in database.execute(
            "SELECT number, article_id, length(hashes), bands FROM shingles ORDER BY number"
        )
        if not size or size % 4 or len(kept) != 8 * BANDS or not _in_bands(patient, number, kept)
    ]
    wrong += [row[0] for row in database.execute(UNKNOWN)] if not patient.unfinished else []
    if gone := Reprints(patient.collection).orphans():
        again = partial(_look_at, patient, gone)
        yield Finding(
            "shingles", f"{counted(len(gone), 'article')} not there{named(gone, len(gone))}", "taken out", again
        )
    if wrong:
        yield Finding(
            "shingles",
            f"those of {counted(len(wrong), 'article')} are missing or not whole{named(wrong, len(wrong))}",
            "made anew",
            partial(_look_at, patient, wrong),
        )
    elif not patient.unfinished and not Reprints(patient.collection).follow:
        yield Finding("reprints", "they do not follow from the links", "looked for anew", partial(look_again, patient))


UNKNOWN = (
    "SELECT id FROM articles JOIN done ON article_id = id AND stage = 'reprints' WHERE translator IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM shingles WHERE shingles.article_id = id)"
)


def _in_bands(patient: Patient, number: int, kept: bytes) -> bool:
    keys = {*np.frombuffer(kept, "<i8").tolist()}
    query = f"SELECT count(*) FROM bands WHERE number = ? AND key IN ({', '.join('?' * len(keys))})"
    return bool(patient.collection.database.execute(query, (number, *keys)).fetchone()[0] == len(keys))


def _look_at(patient: Patient, article_ids: Sequence[str]) -> None:
    database = patient.collection.database
    numbers = list(patient.collection.rows("SELECT number FROM shingles WHERE article_id IN ({})", article_ids))
    database.executemany("DELETE FROM bands WHERE number = ?", numbers)  # their keys may not be those that are kept
    Reprints(patient.collection).forget(article_ids)
    patient.forget_stage(article_ids, "reprints")


def look_again(patient: Patient) -> None:
    """Have all reprints looked for anew: whether links or what follows from them went wrong cannot be told."""
    for table in ("reprints", "links", "bands", "shingles"):
        patient.execute(f"DELETE FROM {table}")
    patient.execute("DELETE FROM done WHERE stage = 'reprints'")
    patient.collection.remember("reprints", "unsettled")
