"""What people have decided about quotations: that two are one statement, or are not."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.collection import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Two quotations, by id, belong `together` or do not, as somebody decided; `at` is the time, ISO 8601."""

    one: str
    other: str
    together: bool
    who: str
    at: str


def all_of(collection: Collection) -> list[Verdict]:
    """All verdicts, oldest first."""
    rows = collection.database.execute("SELECT one, other, together, who, at FROM verdicts ORDER BY at, one, other")
    return [Verdict(one=one, other=other, together=bool(so), who=who, at=at) for one, other, so, who, at in rows]


def put(collection: Collection, verdicts: Iterable[Verdict]) -> None:
    """Keep verdicts; a later one about the same two takes the place of an earlier one."""
    collection.database.executemany(
        "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)",
        [(*sorted((v.one, v.other)), v.together, v.who, v.at) for v in verdicts],
    )
