"""`crossquote find` and `crossquote duplicates`."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from pipeline.cli.aligning import Directory
from pipeline.cli.comparing import marked
from pipeline.cli.terminal import JsonLines, answer_lines, print_json, show, well_formed
from pipeline.errors import InputError
from pipeline.records import LANGUAGES, Join, Language, Member, Statement, counted, statement_json

if TYPE_CHECKING:
    from pipeline.search import Filters, Hit
    from pipeline.serving.holdings import Finding

Speaker = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only this speaker, in any spelling.", show_default=False)
]
Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Published on this day or later.", show_default=False),
]
Until = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Published on this day or before.", show_default=False),
]


def find(
    folder: Directory,
    text: Annotated[
        str | None, typer.Argument(help="What was said, in any of the three languages.", show_default=False)
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='Many at once: lines {"query": ID, "text": TEXT}.', show_default=False),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, metavar="N", help="How many quotations.")] = 10,
    speaker: Speaker = None,
    since: Since = None,
    until: Until = None,
    why: Annotated[
        bool, typer.Option("--why", help="Add how sure each hit is, and from what that was judged.")
    ] = False,
    jsonl: JsonLines = False,
) -> None:
    """Find quotations that say the same as a text, in any language, best first.

    **Example:** `crossquote find "Do not get on the bus" --in aligned/sample`
    """
    if (text is None) == (queries is None):
        raise InputError("give either a TEXT or --queries FILE", 'crossquote find "Do not get on the bus" --in DIR')
    from pipeline.cli.opening import to_find

    with to_find(folder, _filters(speaker, since, until)) as finder:
        if queries is not None:
            raise typer.Exit(_answer(finder, queries, k, why=why))
        for hit in finder.find(well_formed(cast(str, text)), k):
            if jsonl:
                print_json(_record(hit, why=why))
            else:
                _show_hit(hit, why=why)


def _record(hit: "Hit", *, why: bool) -> dict[str, object]:
    """A hit as the public interface writes it."""
    record = {name: value for name, value in asdict(hit).items() if name != "retracted" or value}
    return record if why else {name: value for name, value in record.items() if name not in ("confidence", "why")}


def _filters(speaker: str | None, since: datetime | None, until: datetime | None) -> "Filters":
    from pipeline.search import Filters

    def day(moment: datetime | None) -> date | None:
        return moment.date() if moment else None

    return Filters(speaker=speaker and well_formed(speaker), since=day(since), until=day(until))


def _answer(finder: "Finding", path: Path, k: int, *, why: bool) -> int:
    """Answer the queries of a file; the exit code."""

    def respond(line: str) -> dict[str, object]:
        query, text = _query(line)
        return {"query": query, "hits": [_record(hit, why=why) for hit in finder.find(text, k)]}

    return answer_lines(path, respond, "query", hint="give a file of JSON Lines, UTF-8")


def _query(line: str) -> tuple[object, str]:
    """The name and the text of a query; InputError when the line has none."""
    try:
        record = json.loads(line, parse_constant=_no_constant)
        text = record["text"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"not a query: {error}", "") from error
    if not isinstance(text, str):
        raise InputError("text: not a string", "")
    return record.get("query"), well_formed(text)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _show_hit(hit: "Hit", *, why: bool) -> None:
    who = typer.style(hit.speaker or "unknown speaker", bold=True)
    retracted = ", retracted" if hit.retracted else ""
    where = typer.style(f"{hit.outlet or hit.article_id}, {hit.published or 'no date'}{retracted}", dim=True)
    show(f"{hit.similarity:.2f}  {hit.language}  {hit.relation:<11} {who} · {where}")
    show(f"      {typer.style(hit.text, fg='green')}\n      {hit.article_id} {hit.start}-{hit.end}")
    if why:
        show(f"      {_reason(hit.confidence, hit.why)}")
    show()


def duplicates(
    folder: Directory,
    min_outlets: Annotated[int, typer.Option(min=1, metavar="N", help="Least number of outlets.")] = 2,
    languages: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANG", help="Quoted in all of these: en, ru, uk; repeat, or join by commas.", show_default=False
        ),
    ] = None,
    speaker: Speaker = None,
    since: Since = None,
    until: Until = None,
    altered: Annotated[bool, typer.Option("--altered", help="Only statements that some outlet changed.")] = False,
    without_reprints: Annotated[
        bool, typer.Option("--without-reprints", help="Count outlets that carry the same agency text as one.")
    ] = False,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="Those first whose least certain member is the least certain.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Add how sure each member is, and from what that was judged.")
    ] = False,
    jsonl: JsonLines = False,
) -> None:
    """List statements that several outlets carry, most widely repeated first.

    **Example:** `crossquote duplicates --in aligned/sample --min-outlets 3 --languages en,uk`

    **Example:** `crossquote duplicates --in aligned/sample --doubtful --why`
    """
    from pipeline.cli.opening import to_list
    from pipeline.search import Wanted

    wanted = Wanted(
        min_outlets=min_outlets,
        spoken=_languages(languages or []),
        filters=_filters(speaker, since, until),
        altered=altered,
        without_reprints=without_reprints,
        doubtful=doubtful,
    )
    for statement, collection in to_list(folder, wanted):
        joins = collection.some_joins([member.quote_id for member in statement.members]) if why else {}
        if jsonl:
            reasons = {m.quote_id: asdict(joins[m.quote_id]) for m in statement.members if m.quote_id in joins}
            print_json(statement_json(statement) | ({"joins": reasons} if why else {}))
        else:
            _show_statement(statement, joins)


def _languages(given: list[str]) -> list[Language]:
    codes = [code.strip() for codes in given for code in codes.split(",") if code.strip()]
    unknown = [code for code in codes if code not in LANGUAGES]
    if unknown:
        raise InputError(f"--languages: {', '.join(unknown)}", f"the languages are {', '.join(LANGUAGES)}")
    return cast(list[Language], codes)


def _show_statement(statement: Statement, joins: Mapping[str, Join]) -> None:
    name = next((name for name in statement.speaker.values() if name), "unknown speaker")
    outlets = counted(statement.outlets, "outlet")
    if statement.independent_outlets < statement.outlets:
        outlets += f" ({statement.independent_outlets} without reprints)"
    show(f"{typer.style(name, bold=True)} · {outlets} · {' '.join(statement.languages)} · {statement.id}")
    for member in statement.members:
        what = f"{member.relation}{': ' + ', '.join(member.altered) if member.altered else ''}"
        retracted = " retracted" if member.retracted else ""
        where = typer.style(f"{member.outlet or member.article_id} {member.start}-{member.end}{retracted}", dim=True)
        text = _with_changes(member, statement.members[0].language)
        show(f"    {member.language}  {what:<18} {text}  {where}")
        if member.quote_id in joins:
            join = joins[member.quote_id]
            show(f"        {_reason(join.probability, join.why)}")
    show()


def _reason(probability: float, why: Mapping[str, float]) -> str:
    return f"{probability:.2f} sure: " + ", ".join(f"{name} {value:g}" for name, value in why.items() if value)


def _with_changes(member: Member, fullest: Language) -> str:
    """The text of a member; of an altered one with the changed words marked, or behind it what differs in another language."""
    text = typer.style(member.text, fg="green")
    if not member.altered or not member.diff:
        return text
    return marked(member.diff) if member.language == fullest else f"{text}  {marked(member.diff)}"
