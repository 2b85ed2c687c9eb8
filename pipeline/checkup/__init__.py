"""Checks a collection against itself, and mends what can be computed again.

    the file -> its tables -> texts and what points into them -> what is compared -> statements -> the folder

Every check finds faults; mending one takes away what is wrong, and the stages of a run then make anew what is lacking. So
there is one way in which anything is made. What only the input can give back is named, and a run from the input takes it.
"""

import sqlite3
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from pipeline import outputs, run, vectors
from pipeline.checkup import comparisons, folders, reprinted, statements, tables, texts
from pipeline.checkup.findings import LOST, Finding, Patient
from pipeline.collection import FILE, Collection
from pipeline.engines import Engines
from pipeline.errors import CollectionError, PipelineError
from pipeline.progress import Progress

CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    tables.rows,
    texts.lost,
    texts.articles,
    texts.editions,
    texts.quotes,
    texts.pairs,
    reprinted.check,
    comparisons.utterances,
    comparisons.points,
    comparisons.vectors,
    comparisons.aligned,
    comparisons.neighbours,
    comparisons.indexes,
    statements.check,
    texts.stages,
    tables.renderings,
)
"""In this order: what one mends, the next ones see mended."""


def check(folder: Path, *, mend: Callable[[], Engines] | None, progress: Progress) -> Iterator[Finding]:
    """What is wrong with the collection in `folder`, as it is found. `mend` gives the engines to mend it with, if it is to be.

    CollectionError when there is no collection, or another process writes to it.
    """
    if (folder / FILE).is_file() and (damage := tables.unreadable(folder)):
        yield Finding("the file", f"{FILE} cannot be read: {damage}", LOST)
        return
    with Collection.open(folder, alone=mend is not None) as collection:
        patient = Patient(collection)
        try:
            hopeless = yield from _mended(patient, tables.file(patient), mend=mend is not None)
            if not hopeless:
                yield from _contents(patient, mend, progress)
        except sqlite3.DatabaseError as error:
            yield Finding("the file", f"{FILE} cannot be read: {error}", LOST)


def _contents(patient: Patient, mend: Callable[[], Engines] | None, progress: Progress) -> Iterator[Finding]:
    for check in (_last_check, *CHECKS):
        yield from _mended(patient, check(patient), mend=mend is not None)
    if patient.unfinished:
        yield Finding(
            "the last run", "did not come to its end", "run again to finish: it goes on from there", note=True
        )
    if mend and patient.touched and not patient.unfinished:
        yield from _made_anew(patient, mend, progress)
    yield from _mended(patient, folders.check(patient), mend=mend is not None)
    if mend and patient.outdated and not patient.unfinished:
        with patient.collection.transaction():
            patient.collection.remember("outputs", "")
        outputs.renew(patient.collection)
        patient.note_end()


def _mended(patient: Patient, found: Iterator[Finding], *, mend: bool) -> Generator[Finding, None, bool]:
    """The findings, mended; whether one of them leaves nothing more to look at."""
    hopeless = False
    for finding in list(found):  # all of a check are found before the first is mended
        hopeless = hopeless or finding.hopeless
        if mend and finding.mend:
            with patient.collection.transaction():
                finding.mend()
                patient.note_what_was_touched()
        yield finding
    return hopeless


def _last_check(patient: Patient) -> Iterator[Finding]:
    if patient.mending:
        yield Finding("the last check", "did not come to its end", "what it took away is made anew", patient.redo)


def _made_anew(patient: Patient, mend: Callable[[], Engines], progress: Progress) -> Iterator[Finding]:
    """Let the stages of a run make what was taken away."""
    collection = patient.collection
    try:
        engines = mend()
        made_with, here = collection.meta("signature"), run.signature(engines)
        if made_with != here:
            raise CollectionError(f"it was made with {made_with}, and here is {here}", "run again from the articles")
        vectors.embed(patient.texts, engines.embedder, collection)
        run.resume(collection, engines, progress)
        patient.outdated = True
    except PipelineError as error:
        patient.unfinished = True
        yield Finding("making anew", error.message, error.hint or "run again from the articles")
