"""`crossquote translate`."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.terminal import Code, Quiet, chosen, exit_code, progress, say
from pipeline.records import Language, Refusal


def translate(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH", help="Files, folders, or - for JSON Lines on standard input.", show_default=False
        ),
    ],
    to: Annotated[
        list[Code],
        typer.Option(metavar="LANG", help="Language to translate into; may be given twice.", show_default=False),
    ],
    source: Annotated[
        Language | None, typer.Option("--from", metavar="LANG", help="Language of the input.", show_default="detected")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for STEM.LANG.EXT.",
            show_default="standard output, for one file and one language",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="starter or argos.", show_default="an installed Argos package, else the starter"
        ),
    ] = None,
    beam: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=16,
            metavar="N",
            help="Beam size: bigger is slower and often better.",
            show_default="the engine's own",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Translate articles into Russian or Ukrainian: .txt line by line, everything else as JSON Lines.

    **Example:** `crossquote translate story.txt --to uk`
    """
    from functools import partial

    from pipeline import articles, batch, engines, settings
    from pipeline.collection import Collection

    found = articles.inputs(paths)
    refused, read = list(found.refused), 0
    with Collection.open(settings.cache_folder(), create=True) as memory:
        for item in batch.translate(
            found.files,
            chosen(to),
            partial(engines.translator, model, beam=beam),
            memory,
            progress(quiet),
            source=source,
            out=out,
        ):
            if isinstance(item, Refusal):
                refused.append(item)
            else:
                read += 1
    if out is not None and not quiet:
        say(f"{read} articles translated into {out}")
    raise typer.Exit(exit_code(refused, read))
