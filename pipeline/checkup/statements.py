"""Whether statements are those that follow from their members, and hold every quotation that was grouped."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from pipeline import statements
from pipeline.checkup.findings import Finding, Patient, named
from pipeline.records import counted

TOGETHER = 500  # components that are looked at at once


def check(patient: Patient) -> Iterator[Finding]:
    """Whether every component has the statements of its quotations, and these say what their members say."""
    database = patient.collection.database
    components = database.execute(
        "SELECT DISTINCT component FROM utterances WHERE component IS NOT NULL UNION SELECT component FROM statements"
    )
    wrong: list[str] = []
    while some := [row[0] for row in components.fetchmany(TOGETHER)]:
        wrong += _wrong(patient, some)
    if wrong:
        yield Finding(
            "statements",
            f"those of {counted(len(wrong), 'component')} do not follow from their quotations{named(wrong, len(wrong))}",
            "grouped anew",
            partial(patient.loosen, wrong),
        )
    if patient.unfinished or patient.touched:
        return
    loose = database.execute("SELECT quote_id FROM utterances WHERE component IS NULL").fetchall()
    if loose:
        ids = [row[0] for row in loose]
        wrong_with = f"{counted(len(ids), 'utterance')} in none{named(ids, len(ids))}"
        yield Finding("statements", wrong_with, "grouped", patient.redo)


def _wrong(patient: Patient, components: Sequence[str]) -> Iterator[str]:
    collection = patient.collection
    said, members = defaultdict[str, list[str]](list), defaultdict[str, list[tuple[Any, ...]]](list)
    for component, quotes in collection.rows(
        "SELECT component, quotes FROM utterances WHERE component IN ({})", components
    ):
        said[component] += quotes.split()
    made = list(collection.rows("SELECT component, id, size FROM statements WHERE component IN ({})", components))
    kept = "SELECT statement_id, number, quote_id, relation FROM members WHERE statement_id IN ({}) ORDER BY 1, 2"
    for statement_id, *member in collection.rows(kept, [id_ for _, id_, _ in made]):
        members[statement_id].append(tuple(member))
    told = defaultdict[str, list[str]](list)
    for component, id_, _ in made:
        told[component].append(id_)
    torn = {component for component, id_, size in made if size != len(members[id_])}
    for component in components:
        held = [quote_id for id_ in told[component] for _, quote_id, _ in members[id_]]
        if (
            component in torn
            or sorted(held) != sorted(said[component])
            or not all(_follows(patient, id_, members[id_]) for id_ in told[component])
        ):
            yield component


def _follows(patient: Patient, id_: str, members: Sequence[tuple[Any, ...]]) -> bool:
    ids = [quote_id for _, quote_id, _ in members]
    if not members or [number for number, _, _ in members] != list(range(len(members))):
        return False
    try:
        quotes = patient.collection.some_quotes(ids)
        sources = patient.collection.sources(sorted({quote.article_id for quote in quotes.values()}))
        if len(quotes) != len(ids) or {quote.article_id for quote in quotes.values()} != sources.keys():
            return False
        statement = patient.collection.statement(id_)
    except (TypeError, ValueError):  # what was kept as JSON is none
        return False
    return statement is not None and statements.follow(statement, [quotes[one] for one in ids], sources)
