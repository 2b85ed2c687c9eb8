"""`crossquote translate` and `crossquote tm`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.terminal import Code, JsonLines, Quiet, chosen, exit_code, print_json, progress, say
from pipeline.records import Language

if TYPE_CHECKING:
    from pipeline.batch import Tally

tm = typer.Typer(help="The translation memory: export it, and import what people translated.", no_args_is_help=True)

Memory = Annotated[
    Path | None,
    typer.Option("--in", metavar="DIR", help="Collection.", show_default="the memory of `crossquote translate`"),
]


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
            metavar="NAME|FILE|DIR",
            help="starter, argos, an .argosmodel file, or the folder of a CTranslate2 model.",
            show_default="an installed Argos package, else the starter",
        ),
    ] = None,
    glossary: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.tsv",
            help="Terms: source, translation, language of the translation. An empty translation keeps a term as it is.",
            show_default="none",
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
    threads: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Threads of the engine.", show_default="one a core")
    ] = None,
    jsonl: JsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Translate articles: .txt line by line, everything else as JSON Lines; or with --jsonl segment by segment, with flags.

    **Example:** `crossquote translate story.txt --to uk`
    """
    from functools import partial

    from pipeline import articles, batch, engines, settings
    from pipeline.collection import Collection
    from pipeline.errors import InputError
    from pipeline.glossary import read
    from pipeline.translations import Bureau

    if jsonl and out is not None:
        raise InputError("--jsonl writes to standard output, not into a folder", "leave out --jsonl or --out")
    terms = read(glossary) if glossary else None
    found = articles.inputs(paths)
    with Collection.open(settings.cache_folder(), create=True) as memory:
        bureau = Bureau(partial(engines.translator, model, beam=beam, threads=threads), memory, terms)
        if jsonl:
            tally = batch.Tally()
            for line in batch.segments(found.files, chosen(to), bureau, progress(quiet), tally, source=source):
                print_json(line)
        else:
            tally = batch.translate(found.files, chosen(to), bureau, progress(quiet), source=source, out=out)
    if not quiet:
        _summarize(tally, out)
    raise typer.Exit(exit_code([*found.refused, *tally.refused], tally.articles))


def _summarize(tally: "Tally", out: Path | None) -> None:
    if out is not None:
        say(f"{tally.articles} articles translated into {out}")
    if tally.doubtful:
        kinds = ", ".join(f"{flag} {count}" for flag, count in sorted(tally.flags.items()))
        say(f"{tally.doubtful} of {tally.segments} segments are doubtful ({kinds}); --jsonl shows which")


@tm.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.tmx", help="File to write.", show_default=False)],
    folder: Memory = None,
    quiet: Quiet = False,
) -> None:
    """Write all remembered translations as TMX, each with the model that made it.

    **Example:** `crossquote tm export --in aligned/sample memory.tmx`
    """
    from pipeline import exchange, settings
    from pipeline.collection import Collection

    with Collection.open(folder or settings.cache_folder()) as known:
        count = exchange.export(known, file)
    if not quiet:
        say(f"{count} translations written to {file}")


@tm.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.tmx", help="File to read.", show_default=False)],
    folder: Memory = None,
    quiet: Quiet = False,
) -> None:
    """Take in the translations of a TMX file; those that no machine made outrank every model from now on.

    **Example:** `crossquote tm import --in aligned/sample translators.tmx`
    """
    from pipeline import exchange, settings
    from pipeline.collection import Collection

    with Collection.open(folder or settings.cache_folder(), create=folder is None) as known:
        done = exchange.import_(known, file)
    if not quiet:
        passed = f"; {done.passed_over} units passed over" if done.passed_over else ""
        say(f"{done.human} translations by people, {done.machine} by machines{passed}")
