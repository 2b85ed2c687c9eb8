"""`crossquote align`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli.terminal import Quiet, progress, say
from pipeline.errors import InputError

Format = Literal["csv", "html", "jsonl", "ladder", "moses", "parquet", "tmx", "tsv", "xliff"]
"""The names of `exports.FORMATS`."""

Directory = Annotated[Path, typer.Option("--in", metavar="DIR", help="Folder of the collection.", show_default=False)]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write.", show_default="standard output")
]


def align(
    left: Annotated[
        Path | None, typer.Argument(help="One edition: a file of any kind that `run` reads.", show_default=False)
    ] = None,
    right: Annotated[
        Path | None, typer.Argument(help="The other edition, in another language.", show_default=False)
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Every line already is a sentence.")] = False,
    translate: Annotated[
        bool, typer.Option("--translate", help="Compare a translation too: slow, and better on free editions.")
    ] = False,
    editions: Annotated[
        bool, typer.Option("--editions", help="All editions of a collection in one table: tsv, csv, jsonl, parquet.")
    ] = False,
    quotes: Annotated[
        bool, typer.Option("--quotes", help="Where the quotations of a collection stand in other editions, as jsonl.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--in", metavar="DIR", help="Folder of the collection.", show_default=False)
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", "-f", help="What to write.", show_default="tsv; jsonl for --quotes")
    ] = None,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Align two editions of a text sentence by sentence, with what one of them leaves out.

    **Example:** `crossquote align story.en.txt story.uk.txt --format tmx --out story.tmx`

    **All editions of a collection:** `crossquote align --editions --in aligned/sample --out editions.tsv`
    """
    if editions or quotes:
        if folder is None or left or right or (editions and quotes):
            raise InputError("--editions and --quotes, one of them, are asked of a collection", "name it: --in DIR")
        if lines or translate:
            raise InputError(
                "--lines and --translate are for two files", "a collection has its alignment: leave them out"
            )
        form = form or ("jsonl" if quotes else "tsv")
        if quotes and form != "jsonl":
            raise InputError(
                f"quotations in other editions cannot be written as {form}", "leave out --format: it is jsonl"
            )
        _align_collection(folder, form, out, quotes=quotes)
        return
    if left is None or right is None or folder:
        raise InputError("`align` takes two editions", "name two files, or a collection: --editions --in DIR")
    with progress(quiet).stage("Aligning", None):
        _align_files(left, right, form or "tsv", out, lines=lines, translate=translate)


def _align_files(left: Path, right: Path, form: Format, out: Path | None, *, lines: bool, translate: bool) -> None:
    from pipeline import editions, engines, exports
    from pipeline.pairs import SIGNATURE

    used = engines.default()
    pairs = editions.align_files(
        left, right, used.embedder, lines=lines, translator=used.translator if translate else None
    )
    for path in exports.write(pairs, out, form, signature=f"{SIGNATURE}|emb:{used.embedder.signature}"):
        say(f"written: {path}")


def _align_collection(folder: Path, form: Format, out: Path | None, *, quotes: bool) -> None:
    from pipeline import counterparts, exports, parallels
    from pipeline.collection import Collection
    from pipeline.exports import destinations
    from pipeline.records import json_line

    if form != "jsonl" and form not in exports.TABLES:
        raise InputError(f"editions side by side cannot be written as {form}", "use tsv, csv, parquet or jsonl")
    with Collection.open(folder) as collection, collection.snapshot():
        if form in exports.TABLES:
            exports.TABLES[form](parallels.table(parallels.of_collection(collection)), out)
        else:
            records = (
                map(counterparts.counterpart_json, counterparts.of_collection(collection))
                if quotes
                else map(parallels.row_json, parallels.of_collection(collection))
            )
            with destinations.text(out) as file:
                file.writelines(map(json_line, records))
    if out:
        say(f"written: {out}")
