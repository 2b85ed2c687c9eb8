"""What people have decided about quotations: that two are one statement, or are not.

A verdict speaks of quotations and not of statements, because their ids are the same in every collection of the same
articles. So it outlives a statement that is grouped anew, goes along into another collection, and waits there for
quotations that have not come yet.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipeline import utterances
from pipeline.collection import Collection
from pipeline.errors import InputError
from pipeline.grouping import components
from pipeline.records import Quote, Refusal, Statement
from pipeline.utterances import Utterances


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Two quotations, by id, belong `together` or do not, as somebody decided; `at` is the time, ISO 8601, UTC."""

    one: str
    other: str
    together: bool
    who: str
    at: str

    @property
    def quotes(self) -> tuple[str, str]:
        """Both, the smaller id first: a later verdict about the same two takes the place of this one."""
        return (min(self.one, self.other), max(self.one, self.other))


# What a person says of a statement


def accept(statement: Statement, *, who: str, at: str) -> list[Verdict]:
    """Its members belong together. InputError when it has only one."""
    if len(statement.members) < 2:
        raise InputError(
            f"{statement.id} has one member: there is no join to accept", "choose one with several members"
        )
    return _together(_ids(statement), who, at)


def split(
    statement: Statement, named: Sequence[str], quotes: Mapping[str, Quote], *, who: str, at: str
) -> list[Verdict]:
    """The `named` members are one statement and the others another.

    A fragment and the clause around it are one utterance, so they go the same way; `quotes` are the members by id.
    InputError when a named one is no member, or nothing would be left.
    """
    ids = _ids(statement)
    if strangers := sorted({*named} - {*ids}):
        raise InputError(f"{strangers[0]} is no member of {statement.id}", "its members stand in statements.jsonl")
    gone: set[str] = set()
    for utterance in utterances.overlapping([quotes[id_] for id_ in ids]):
        inside = {quote.id for quote in utterance}
        gone |= inside if inside & {*named} else set()
    taken = [id_ for id_ in ids if id_ in gone]
    left = [id_ for id_ in ids if id_ not in gone]
    if not left:
        raise InputError(
            f"nothing would be left of {statement.id}", "name only the quotations that do not belong to it"
        )
    apart = [Verdict(one=one, other=other, together=False, who=who, at=at) for one in taken for other in left]
    return [*_together(taken, who, at), *_together(left, who, at), *apart]


def merge(one: Statement, other: Statement, known: Iterable[Verdict], *, who: str, at: str) -> list[Verdict]:
    """All members of both belong together, whatever is `known` to the contrary. InputError when it is one statement."""
    if one.id == other.id:
        raise InputError(f"{one.id} cannot be merged with itself", "name two statements")
    ours, theirs = {*_ids(one)}, {*_ids(other)}
    opposed = [v for v in known if not v.together and {v.one, v.other} & ours and {v.one, v.other} & theirs]
    joined = _together([*_ids(one), *_ids(other)], who, at)
    return [*joined, *(Verdict(one=v.one, other=v.other, together=True, who=who, at=at) for v in opposed)]


def _ids(statement: Statement) -> list[str]:
    return [member.quote_id for member in statement.members]


def _together(ids: Sequence[str], who: str, at: str) -> list[Verdict]:
    """Each with the first, which is the fullest."""
    return [Verdict(one=ids[0], other=other, together=True, who=who, at=at) for other in ids[1:]]


# What a collection remembers


def all_of(collection: Collection) -> list[Verdict]:
    """All verdicts, oldest first."""
    rows = collection.database.execute("SELECT one, other, together, who, at FROM verdicts ORDER BY at, one, other")
    return [Verdict(one=one, other=other, together=bool(so), who=who, at=at) for one, other, so, who, at in rows]


def put(collection: Collection, verdicts: Sequence[Verdict]) -> None:
    """Keep verdicts, of those about the same two the last, and take apart what they change, in a transaction of its own.

    `matching.regroup` then groups it anew.
    """
    if not verdicts:
        return
    with collection.transaction():
        collection.database.executemany(
            "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)",
            [(*v.quotes, v.together, v.who, v.at) for v in verdicts],
        )
        # all that was ever decided: by way of quotations that are not here, a verdict reaches others than its own
        decided = [id_ for verdict in all_of(collection) for id_ in verdict.quotes]
        collection.loosen(Utterances(collection).components_of_quotes(decided))
        collection.touch()


def newer(collection: Collection, verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those, oldest first, that the collection does not know, or in which it knows only something older."""
    known = {verdict.quotes: verdict.at for verdict in all_of(collection)}
    return sorted((v for v in verdicts if v.at > known.get(v.quotes, "")), key=lambda verdict: verdict.at)


def strangers(collection: Collection, verdicts: Sequence[Verdict]) -> int:
    """How many of the verdicts speak of a quotation that the collection does not have."""
    known = collection.some_quotes(sorted({id_ for verdict in verdicts for id_ in verdict.quotes}))
    return sum(not known.keys() >= {*verdict.quotes} for verdict in verdicts)


def bridged(decided: Iterable[Verdict], here: Container[str]) -> Iterator[tuple[str, str]]:
    """Pairs of quotations that are `here`, and belong together by way of others that are not.

    So what somebody joined stays joined when the article of a quotation in between is changed or taken out.
    """
    beside = defaultdict[str, list[str]](list)
    for verdict in decided:
        for one, other in (verdict.quotes, verdict.quotes[::-1]):
            if verdict.together and one not in here:
                beside[one].append(other)
    absent = {id_: number for number, id_ in enumerate(sorted(beside))}
    links = [(absent[id_], absent[other]) for id_ in absent for other in beside[id_] if other in absent]
    names = list(absent)
    for part in components(len(absent), links):
        yield from pairwise(sorted({id_ for number in part for id_ in beside[names[number]] if id_ in here}))


def can_be_judged(collection: Collection, made_with: str) -> bool:
    """Whether every article has gone through a whole run whose statements were `made_with` the present matcher."""
    behind = collection.database.execute(
        "SELECT 1 FROM articles LEFT JOIN done AS found ON found.article_id = articles.id AND found.stage = 'quotes'"
        " LEFT JOIN done AS matched ON matched.article_id = articles.id AND matched.stage = 'match'"
        " WHERE matched.signature IS NOT found.signature || '|' || ? OR matched.signature IS NULL LIMIT 1",
        (made_with,),
    ).fetchone()
    store = Utterances(collection)
    unready = store.without_points() or store.fresh()
    return collection.meta("signature") is not None and behind is None and not unready


# As JSON Lines


class _Fields(BaseModel):
    """A verdict as a line gives it."""

    model_config = ConfigDict(strict=True, str_strip_whitespace=True)

    one: str = Field(min_length=1)
    other: str = Field(min_length=1)
    verdict: Literal["together", "apart"]
    who: str = Field(min_length=1)
    at: datetime

    @field_validator("at")
    @classmethod
    def _utc(cls, value: datetime) -> datetime:
        """A time without a zone counts as UTC."""
        try:
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        except OverflowError as error:
            raise ValueError("no time that a calendar has") from error


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the public interface writes it."""
    one, other = verdict.quotes
    decided = "together" if verdict.together else "apart"
    return {"one": one, "other": other, "verdict": decided, "who": verdict.who, "at": verdict.at}


def read(path: Path) -> tuple[list[Verdict], list[Refusal]]:
    """The verdicts of a file, and a refusal for each line that is none. InputError when the file cannot be read."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", "give a verdicts.jsonl, as a run writes it") from error
    found: list[Verdict] = []
    refused: list[Refusal] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            verdict = _verdict(line, f"{path}:{number}")
            if isinstance(verdict, Refusal):
                refused.append(verdict)
            else:
                found.append(verdict)
    return found, refused


def _verdict(line: str, where: str) -> Verdict | Refusal:
    try:
        fields = _Fields.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return Refusal(
            where=where,
            field=".".join(map(str, first["loc"])) or None,
            reason=first["msg"].removeprefix("Value error, "),
        )
    if fields.one == fields.other:
        return Refusal(where=where, field="other", reason="the same quotation twice")
    return Verdict(
        one=fields.one,
        other=fields.other,
        together=fields.verdict == "together",
        who=fields.who,
        at=fields.at.isoformat(),
    )
