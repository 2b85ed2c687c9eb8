"""`crossquote run`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.terminal import Code, Quiet, chosen, exit_code, progress, say

if TYPE_CHECKING:
    from pipeline.run import Outcome


def run(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH", help="Files, folders, or - for JSON Lines on standard input.", show_default=False
        ),
    ],
    into: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the collection.", show_default="aligned/STEM of the first PATH"),
    ] = None,
    to: Annotated[
        list[Code] | None,
        typer.Option(
            metavar="LANG", help="Translate articles into ru or uk; may be given twice.", show_default="no translation"
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Make or extend a collection: read, translate, find quotations, match statements, align editions, report.

    Running again with more or changed articles does only the new work.

    **Example:** `crossquote run corpora/sample/articles.jsonl --to ru --to uk`
    """
    from pipeline import engines
    from pipeline.run import run as run_pipeline

    folder = into or Path("aligned") / ("stdin" if paths[0] == "-" else Path(paths[0]).resolve().stem)
    outcome = run_pipeline(paths, folder, engines.default(), targets=chosen(to), progress=progress(quiet))
    if not quiet:
        say(_summary(outcome, folder))
    raise typer.Exit(exit_code(outcome.refused, outcome.articles))


def _summary(outcome: "Outcome", folder: Path) -> str:
    """What a run did, in one line."""
    read = f"{outcome.articles} articles ({outcome.added} new, {outcome.updated} changed)"
    if outcome.passed_over:
        read += f", {outcome.passed_over} files of other kinds passed over"
    if not outcome.changed:
        return f"{read}: nothing to do, {folder} is up to date"
    counts = outcome.counts
    return f"{read}: {counts['quotes']} quotations, {counts['statements']} statements, {counts['pairs']} aligned pairs in {folder}"
