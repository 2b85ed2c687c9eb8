"""`crossquote align`, `crossquote export`, `crossquote report`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline import files
from pipeline.cli.terminal import Quiet, progress, say
from pipeline.errors import InputError
from pipeline.exports import FORMATS
from pipeline.records import Origin

Format = Literal["jsonl", "ladder", "tmx", "tsv"]
"""The names of `exports.FORMATS`."""

Exported = Literal["jsonl", "tmx", "tsv"]
"""Those that say which edition a pair is of."""

What = Literal["pairs", "quotes", "statements", "verdicts"]

Directory = Annotated[Path, typer.Option("--in", metavar="DIR", help="Folder of the collection.", show_default=False)]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write.", show_default="standard output")
]


def align(
    left: Annotated[Path, typer.Argument(help="One edition: a file of any kind that `run` reads.", show_default=False)],
    right: Annotated[Path, typer.Argument(help="The other edition, in another language.", show_default=False)],
    lines: Annotated[bool, typer.Option("--lines", help="Every line already is a sentence.")] = False,
    form: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = "tsv",
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Align two editions of a text sentence by sentence, with what one of them leaves out.

    **Example:** `crossquote align story.en.txt story.uk.txt --format tmx --out story.tmx`
    """
    from pipeline import editions, engines
    from pipeline.pairs import SIGNATURE

    embedder = engines.default().embedder
    with progress(quiet).stage("Aligning", None):
        pairs = editions.align_files(left, right, embedder, lines=lines)
    _write(FORMATS[form](pairs, f"{SIGNATURE}|emb:{embedder.signature}"), out)


def export(
    folder: Directory,
    form: Annotated[Exported, typer.Option("--format", "-f", help="What to write.")] = "tmx",
    min_similarity: Annotated[
        float | None,
        typer.Option(
            min=-1, max=1, metavar="X", help="Leave out pairs below this cosine, and omissions.", show_default=False
        ),
    ] = None,
    what: Annotated[What, typer.Option(help="Pairs in any format; the others as jsonl.")] = "pairs",
    only: Annotated[Origin | None, typer.Option(help="Pairs of one origin.", show_default=False)] = None,
    out: Out = None,
) -> None:
    """Export the aligned parallel text of a collection, or its quotations, statements or verdicts.

    **Example:** `crossquote export --in aligned/sample --format tmx --only human --out sample.tmx`
    """
    from pipeline import outputs
    from pipeline.collection import Collection

    with Collection.open(folder) as collection:
        if what != "pairs":
            if form != "jsonl":
                raise InputError(f"{what} cannot be written as {form}", "use --format jsonl")
            _write(outputs.lines(collection, what), out)
            return
        chosen = (
            pair
            for pair in collection.pairs()
            if (only is None or pair.origin == only)
            and (min_similarity is None or (pair.similarity is not None and pair.similarity >= min_similarity))
        )
        _write(FORMATS[form](chosen, collection.meta("signature") or ""), out)


def _write(lines: Iterable[str], out: Path | None) -> None:
    """To standard output, or to a file that is there whole or not at all."""
    if out is None:
        sys.stdout.writelines(lines)
    else:
        with files.atomic(out) as file:
            file.writelines(lines)
        say(f"written: {out}")


def report(folder: Directory, out: Out = None) -> None:
    """Write the report page of a collection anew.

    **Example:** `crossquote report --in aligned/sample --out sample.html`
    """
    from pipeline import outputs
    from pipeline.collection import Collection

    with Collection.open(folder) as collection:
        path = out or folder / "report.html"
        outputs.write_report(collection, path, collection.meta("signature") or "")
    say(f"written: {path}")
