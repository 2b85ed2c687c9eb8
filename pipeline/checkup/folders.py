"""What lies beside the database: outputs, what killed processes left, the shelf of a served collection."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from pipeline import files, outputs
from pipeline.checkup.findings import Finding, Patient
from pipeline.collection import SHELF
from pipeline.serving import shelf


def check(patient: Patient) -> Iterator[Finding]:
    """Whether the outputs are those that were written, and nothing lies there that nobody needs."""
    folder = patient.collection.folder
    if not patient.unfinished and not patient.outdated:
        for name, wrong in outputs.amiss(patient.collection).items():
            yield Finding("outputs", f"{name} {wrong}", "written anew", patient.write_outputs)
    for part in files.leftovers(folder):
        yield Finding("leftovers", f"{part.name} was never finished", "taken away", partial(files.sweep, folder))
    beside = folder / SHELF
    if beside.is_file() and not _is_whole(beside):
        yield Finding(
            "the shelf",
            f"{beside.name} is damaged",
            "taken away: the next `serve` makes it",
            partial(beside.unlink, missing_ok=True),
        )
    elif beside.is_file() and shelf.state_of(beside) != shelf.state(patient.collection):
        yield Finding("the shelf", f"{beside.name} is of an earlier state", "the next `serve` makes it anew", note=True)


def _is_whole(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            return bool(database.execute("PRAGMA integrity_check").fetchall() == [("ok",)])
    except sqlite3.DatabaseError:
        return False
