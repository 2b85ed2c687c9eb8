"""`crossquote judge`."""

import getpass
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.aligning import Directory
from pipeline.cli.terminal import JsonLines, Quiet, exit_code, print_json, progress, say, show, well_formed
from pipeline.errors import InputError
from pipeline.records import counted, statement_json

if TYPE_CHECKING:
    from pipeline.collection import Collection
    from pipeline.progress import Progress
    from pipeline.records import Quote, Statement
    from pipeline.verdicts import Verdict

FORMS = "STATEMENT accept | STATEMENT split QUOTE... | STATEMENT merge STATEMENT | list | import FILE"
SHORT = 90  # characters of a text in a list


def judge(
    folder: Directory,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT...",
            help=f"{FORMS}. STATEMENT: an id, or its beginning. QUOTE: an id, or a member's number, from 1.",
            show_default=False,
        ),
    ],
    who: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose verdict it is.", show_default="the user's name")
    ] = None,
    jsonl: JsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Say that a join is right, or split and merge statements. Verdicts hold in all later runs.

    **Examples:** `crossquote judge --in aligned/sample s-62439a accept` · `crossquote judge --in aligned/sample s-62439a
    split 2 5` · `crossquote judge --in aligned/sample list`
    """
    from pipeline.collection import Collection

    with Collection.open(folder, alone=words != ["list"]) as collection:
        match words:
            case ["list"]:
                _list(collection, jsonl=jsonl)
            case ["import", path]:
                raise typer.Exit(_import(collection, Path(path), progress(quiet), quiet=quiet))
            case _:
                _decide(collection, words, _name(who), progress(quiet), jsonl=jsonl)


def _name(given: str | None) -> str:
    """Who decides."""
    try:
        name = (getpass.getuser() if given is None else given).strip()
    except (ImportError, KeyError, OSError):  # nobody is known by that number here
        name = ""
    if not well_formed(name):
        raise InputError("it is not known who decides", "give --who NAME")
    return name


def _decide(collection: "Collection", words: Sequence[str], who: str, drawn: "Progress", *, jsonl: bool) -> None:
    """Record one verdict, and show the statements that it leads to."""
    from pipeline import corrections, engines

    judged_by = engines.default()
    corrections.judge(collection, [], judged_by, drawn)  # a command that was killed may have left some to be grouped
    made = _verdicts(collection, words, who)
    corrections.judge(collection, made, judged_by, drawn)
    touched = {id_ for verdict in made for id_ in verdict.quotes}
    for statement in collection.statements():
        if any(member.quote_id in touched for member in statement.members):
            if jsonl:
                print_json(statement_json(statement))
            else:
                _show(statement)


def _verdicts(collection: "Collection", words: Sequence[str], who: str) -> list["Verdict"]:
    from pipeline import settings, verdicts

    at = settings.now().isoformat()
    match words:
        case [one, "accept"]:
            return verdicts.accept(collection.statement_named(one), who=who, at=at)
        case [one, "split", *named] if named:
            statement = collection.statement_named(one)
            quotes = collection.some_quotes([member.quote_id for member in statement.members])
            return verdicts.split(statement, [_quote(statement, each) for each in named], quotes, who=who, at=at)
        case [one, "merge", other]:
            ours, theirs = collection.statement_named(one), collection.statement_named(other)
            return verdicts.merge(ours, theirs, verdicts.all_of(collection), who=who, at=at)
    raise InputError(f"not a verdict: {' '.join(words)}", f"give one of: {FORMS}")


def _quote(statement: "Statement", named: str) -> str:
    """The id of a member that is named by it or by its number."""
    if not re.fullmatch("[0-9]{1,9}", named):
        return named
    if not 1 <= int(named) <= len(statement.members):
        raise InputError(
            f"{statement.id} has no member {named}", f"its members are numbered from 1 to {len(statement.members)}"
        )
    return statement.members[int(named) - 1].quote_id


def _show(statement: "Statement") -> None:
    """A statement with all by which its members can be named."""
    name = next((name for name in statement.speaker.values() if name), "unknown speaker")
    how = f"{counted(statement.outlets, 'outlet')} · confidence {statement.confidence:g} · {statement.id}"
    show(f"{typer.style(name, bold=True)} · {how}")
    for number, member in enumerate(statement.members, 1):
        text = typer.style(member.text, fg="green")
        retracted = " retracted" if member.retracted else ""
        where = typer.style(f"{member.outlet or member.article_id} {member.quote_id}{retracted}", dim=True)
        show(f"  {number:>3}  {member.language}  {member.relation:<11}  {text}  {where}")
    show()


def _list(collection: "Collection", *, jsonl: bool) -> None:
    """All verdicts, oldest first."""
    from pipeline import verdicts

    found = verdicts.all_of(collection)
    if jsonl:
        for verdict in found:
            print_json(verdicts.verdict_json(verdict))
        return
    quotes = collection.some_quotes(sorted({id_ for verdict in found for id_ in verdict.quotes}))
    for (at, who, together), some in groupby(sorted(found, key=_occasion), key=_occasion):
        for one, others in _stars([verdict.quotes for verdict in some]):
            show(f"{at} · {who}\n    {one}  {_shortened(quotes.get(one))}")
            show(typer.style(f"  {'together with' if together else 'apart from'}", bold=True))
            for other in others:
                show(f"    {other}  {_shortened(quotes.get(other))}")


def _occasion(verdict: "Verdict") -> tuple[str, str, bool]:
    return (verdict.at, verdict.who, verdict.together)


def _stars(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Each pair once: one quotation with all its partners, then of the pairs that are left again the commonest."""
    while pairs:
        count = Counter(id_ for pair in pairs for id_ in pair)
        hub = min(count, key=lambda id_: (-count[id_], id_))
        yield hub, [one if other == hub else other for one, other in pairs if hub in (one, other)]
        pairs = [pair for pair in pairs if hub not in pair]


def _shortened(quote: "Quote | None") -> str:
    if quote is None:
        return typer.style("not in this collection", dim=True)
    return f"{quote.language}  {typer.style(textwrap.shorten(quote.text, SHORT, placeholder=' …'), fg='green')}"


def _import(collection: "Collection", path: Path, drawn: "Progress", *, quiet: bool) -> int:
    """Take over the verdicts of a file; the exit code."""
    from pipeline import corrections, engines, verdicts

    found, refused = verdicts.read(path)
    new = verdicts.newer(collection, found)
    corrections.judge(collection, new, engines.default(), drawn)
    if not quiet:
        waiting = verdicts.strangers(collection, found)
        say(
            f"{len(found)} verdicts, {len(new)} of them new or newer; {waiting} wait for quotations that are not here yet"
        )
    return exit_code(refused, len(found), "verdict")
