"""`crossquote refused`, `crossquote history`, `crossquote remove`, `crossquote retract`."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.aligning import Directory
from pipeline.cli.comparing import marked
from pipeline.cli.terminal import JsonLines, Quiet, exit_code, print_json, progress, say, show
from pipeline.errors import InputError, ModelMissing
from pipeline.records import Diff, Refusal, counted, refusal_json

if TYPE_CHECKING:
    from pipeline.collection import Collection
    from pipeline.engines import Engines
    from pipeline.history import QuoteChange, Quoted, Version
    from pipeline.removal import Removed

AROUND = 40  # characters that are shown before and behind what was changed in a text

Ids = Annotated[list[str], typer.Argument(metavar="ARTICLE...", help="Ids of articles.", show_default=False)]


def refused(folder: Directory, jsonl: JsonLines = False, quiet: Quiet = False) -> None:
    """List what was refused when it was last read, by file, line or record, and field, with the reason.

    What stands here leaves when the same file, or the folder that it was in, is read again without the fault.

    **Example:** `crossquote refused --in aligned/sample`
    """
    from pipeline.collection import Collection

    with Collection.open(folder) as collection:
        found = list(collection.refusals())
    for refusal in found:
        if jsonl:
            print_json(refusal_json(refusal))
        else:
            show(str(refusal))
    if not found and not quiet:
        say("nothing was refused")


def history(
    folder: Directory,
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Id of an article.", show_default=False)],
    jsonl: JsonLines = False,
) -> None:
    """Show what an article said before it was changed, and what each change did to its text and quotations.

    **Example:** `crossquote history --in aligned/sample cascade-uk`
    """
    from pipeline import history
    from pipeline.collection import Collection

    with Collection.open(folder) as collection:
        if collection.article(article) is None:
            raise _unknown(collection, article)
        if jsonl:
            for record in history.records(collection, article):
                print_json(record)
        else:
            _show_versions(history.versions(collection, article))


def remove(folder: Directory, articles: Ids, quiet: Quiet = False) -> None:
    """Take articles out of a collection and of all files of its folder, as if they had never been there.

    Their editions by people stay. A later run that reads a removed article again brings it back: take it out of the input, too.

    **Example:** `crossquote remove --in aligned/sample cascade-uk`
    """
    from pipeline import corrections, removal
    from pipeline.collection import Collection

    with Collection.open(folder, alone=True) as collection:
        known = [id_ for id_ in articles if collection.article(id_) is not None]
        unknown = [_unknown_refusal(id_) for id_ in articles if id_ not in known]
        pending = removal.unfinished(collection) is not None
        removed = corrections.remove(collection, known, _engines_if_installed(), progress(quiet))
        if not quiet:
            _tell_removed(removed)
            if pending:
                say("an earlier removal, which had been interrupted, was finished")
        for path in removal.strangers(collection) if removed else ():
            say(f"{path} was not written anew: does it still hold what was removed?")
    raise typer.Exit(exit_code(unknown, len(removed) + pending))


def retract(
    folder: Directory,
    articles: Annotated[
        list[str] | None, typer.Argument(metavar="ARTICLE...", help="Ids of articles.", show_default="list all marks")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why, as it is to be shown.", show_default=False)
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the mark off.")] = False,
    jsonl: JsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Mark articles that their outlets took back. They stay, are shown as retracted, and no longer count as an outlet.

    The mark holds in all later runs, also when the article is changed. Without ARTICLE all marks are listed.

    **Examples:** `crossquote retract --in aligned/sample cascade-uk --reason "the outlet corrected itself on 2 June"` ·
    `crossquote retract --in aligned/sample cascade-uk --undo` · `crossquote retract --in aligned/sample`
    """
    from pipeline import corrections, engines, retractions
    from pipeline.collection import Collection

    if not articles:
        if reason or undo:
            raise InputError("no article was named", "name one: crossquote retract --in DIR ARTICLE")
        _list_retractions(folder, jsonl=jsonl, quiet=quiet)
        return
    if reason and undo:
        raise InputError("a mark that is taken off has no reason", "leave out --reason or --undo")
    with Collection.open(folder, alone=True) as collection:
        marks = {one.article_id for one in retractions.all_of(collection)}
        known = [id_ for id_ in dict.fromkeys(articles) if collection.article(id_) is not None]
        strangers = [_unknown_refusal(id_) for id_ in articles if id_ not in known]
        if undo:
            strangers += [Refusal(where=id_, reason="is not marked as retracted") for id_ in known if id_ not in marks]
            known = [id_ for id_ in known if id_ in marks]
        if known and undo:
            corrections.reinstate(collection, known, engines.default(), progress(quiet))
        elif known:
            corrections.retract(collection, known, reason, engines.default(), progress(quiet))
    if not quiet:
        for id_ in known:
            say(f"{'no longer retracted' if undo else 'retracted'}: {id_}")
    raise typer.Exit(exit_code(strangers, len(known)))


def _list_retractions(folder: Directory, *, jsonl: bool, quiet: bool) -> None:
    from dataclasses import asdict

    from pipeline import retractions
    from pipeline.collection import Collection

    with Collection.open(folder) as collection:
        found = retractions.all_of(collection)
    for one in found:
        if jsonl:
            print_json(asdict(one))
        else:
            show(f"{one.at}  {one.article_id}" + (f"  {one.reason}" if one.reason else ""))
    if not found and not quiet:
        say("no article is marked as retracted")


def _engines_if_installed() -> "Engines | None":
    """A removal waits for no model."""
    from pipeline import engines

    try:
        return engines.default()
    except ModelMissing:
        return None


def _unknown_refusal(article_id: str) -> Refusal:
    return Refusal(where=article_id, reason="there is no article with this id")


def _unknown(collection: "Collection", article_id: str) -> InputError:
    """That there is no such article, with ids that are nearly the same."""
    from difflib import get_close_matches

    close = get_close_matches(article_id, [article.id for article in collection.outlines()], n=3)
    hint = f"did you mean {', '.join(close)}?" if close else "ids stand in quotes.jsonl, as article_id"
    return InputError(f"there is no article {article_id!r} in {collection.folder}", hint)


def _tell_removed(removed: Sequence["Removed"]) -> None:
    for one in removed:
        read = (
            f"; it was read from {one.where}: take it out there, too, or the next run brings it back"
            if one.where
            else ""
        )
        say(f"removed: {one.id}{read}")
        if one.editions:
            say(f"  editions of it stay: {', '.join(one.editions)}")


# History, for people


def _show_versions(versions: Sequence["Version"]) -> None:
    from pipeline import history

    last = versions[-1].article
    show(f"{typer.style(last.id, bold=True)} · {last.outlet or 'no outlet'} · {counted(len(versions), 'version')}")
    for number, (before, after) in enumerate(pairwise(versions), 1):
        changes = history.changes(before, after)
        read = f" (read {before.provenance.read_at})" if before.provenance else ""
        show(f"\nversion {number}{read} was replaced on {before.replaced_at}")
        for name, old, new in changes.fields:
            show(f"  {name}: {marked((('-', old or 'none'), ('+', new or 'none')))}")
        if changes.text is not None:
            for line in _around(changes.text):
                show(f"  text: {line}")
        for change in changes.quotes or ():
            show(f"  {_quote_change(change)}")
        if changes.quotes is None:
            show("  its quotations had not been looked for")


def _around(diff: Diff) -> list[str]:
    """The changed stretches of a text, with some of what stands around each."""
    lines, current = [], list[tuple[str, str]]()
    for n, (kind, words) in enumerate(diff):
        flat = re.sub(r"\s+", " ", words)
        inside = 0 < n < len(diff) - 1
        if kind != "=" or (inside and len(flat) <= 2 * AROUND):
            current.append((kind, flat))
        else:
            if n:
                lines.append([*current, ("=", _beginning(flat))])
            current = [("=", _ending(flat))] if n < len(diff) - 1 else []
    if any(kind != "=" for kind, _ in current):
        lines.append(current)
    return [marked(tuple((kind, words.strip()) for kind, words in line if words.strip())) for line in lines]


def _beginning(text: str) -> str:
    return text if len(text) <= AROUND else f"{text[:AROUND].rpartition(' ')[0]} …"


def _ending(text: str) -> str:
    return text if len(text) <= AROUND else f"… {text[-AROUND:].partition(' ')[2]}"


def _quote_change(one: "QuoteChange") -> str:
    told = f"quotation {one.change}"
    if one.altered:
        told += f" ({', '.join(one.altered)})"
    if one.before and one.after:
        if one.before.quote.speaker != one.after.quote.speaker:
            told += f", speaker {_speaker(one.before)} → {_speaker(one.after)}"
        words = marked(one.diff) if one.diff else typer.style(one.after.quote.text, fg="green")
        return f"{told}: {words}{_statement(one.before)}"
    there = one.before or one.after
    assert there is not None
    return f"{told}: {_speaker(there)}: {typer.style(there.quote.text, fg='green')}{_statement(there)}"


def _speaker(one: "Quoted") -> str:
    return one.quote.speaker or "nobody named"


def _statement(one: "Quoted") -> str:
    return typer.style(f"  {one.statement_id}", dim=True) if one.statement_id else ""
