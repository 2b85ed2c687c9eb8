"""`crossquote report`, and what the commands that write for publication share: `--redact`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.aligning import Directory
from pipeline.cli.terminal import Code, Quiet, chosen, progress, say
from pipeline.errors import InputError
from pipeline.records import LANGUAGES, Language, counted

if TYPE_CHECKING:
    from pipeline.collection import Collection
    from pipeline.progress import Progress
    from pipeline.translations import Engine

Redact = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Replace these names, one a line, by pseudonyms, in every spelling and case.",
        show_default=False,
    ),
]


@contextmanager
def opened(folder: Path, redact: Path | None) -> "Iterator[Collection]":
    """A collection as it is to be shown; when it has been, how many places were changed is said.

    Of one that stays in shards it is what is repeated most widely.
    """
    from pipeline.cli.opening import to_show

    with to_show(folder) as collection, _published(collection, redact) as published:
        yield published


@contextmanager
def opened_to_export(folder: Path, redact: Path | None) -> "Iterator[Collection]":
    """As `opened`; all of it."""
    from pipeline.cli.opening import to_export

    with (
        to_export(folder, redacted=redact is not None) as collection,
        _published(collection, redact) as published,
    ):
        yield published


@contextmanager
def opened_to_prove(folder: Path, redact: Path | None) -> "Iterator[Collection]":
    """As `opened`; with what its articles were read from."""
    from pipeline.cli.opening import to_prove

    with to_prove(folder) as collection, _published(collection, redact) as published:
        yield published


@contextmanager
def _published(collection: "Collection", redact: Path | None) -> "Iterator[Collection]":
    """The collection with other names for those on the list."""
    if redact is None:
        yield collection
        return
    from pipeline import redaction
    from pipeline.publication import Published

    published = Published(collection, redaction.Redactor(redaction.read(redact)))
    yield published
    say(f"redacted: {counted(published.places, 'place')}")
    if published.linked:
        say(f"  links that lead to articles that name somebody on the list: {len(published.linked):,}")


def report(
    folder: Directory,
    translate: Annotated[
        bool,
        typer.Option("--translate", help="First translate the quotations of statements, widely repeated ones first."),
    ] = False,
    to: Annotated[
        list[Code] | None,
        typer.Option(
            metavar="LANG",
            help="With --translate: for readers of this language; may be given twice.",
            show_default="every language that a model translates into",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where to write.",
            show_default="report.html in DIR; with --redact, report.redacted.html",
        ),
    ] = None,
    redact: Redact = None,
    quiet: Quiet = False,
) -> None:
    """Write the report page of a collection anew; it shows the translations that the collection holds.

    Translating may be stopped at any time: what was made is kept, is in the next report, and the same command goes on.

    **Example:** `crossquote report --in aligned/sample --translate --to ru`

    **Example:** `crossquote report --in aligned/sample --redact names.txt --out public.html`
    """
    from functools import partial

    from pipeline import engines, outputs, renderings
    from pipeline.collection import Collection

    if to and not translate:
        raise InputError("--to names languages to translate into", "add --translate")
    engine = partial(engines.translator, None)
    if translate:
        with Collection.open(folder) as collection:
            _translate(collection, chosen(to), engine, progress(quiet), quiet=quiet)
    own = folder / ("report.html" if redact is None else "report.redacted.html")
    offered = renderings.offered(engine)
    with opened(folder, redact) as collection:
        is_output = out is None and redact is None and outputs.are_current(collection)
        if not (is_output and outputs.renew(collection, offered)):
            outputs.write_report(collection, out or own, collection.meta("signature") or "", offered)
    if not quiet:
        say(f"written: {out or own}")


def _translate(
    collection: "Collection", targets: tuple[Language, ...], engine: "Engine", drawn: "Progress", *, quiet: bool
) -> None:
    """Make the translations that are lacking, and say what cannot be made. Without `targets`, for all who can be served."""
    from itertools import islice

    from pipeline import renderings
    from pipeline import report as page
    from pipeline.translations import Bureau

    into = targets or [target for target in LANGUAGES if any(pair[1] == target for pair in renderings.offered(engine))]
    shown = islice(collection.statements(), page.MOST)
    tally = renderings.make(collection, shown, into or LANGUAGES, Bureau(engine, collection), drawn)
    if not quiet:
        say(f"{counted(tally.made, 'translation')} made")
        for (source, target), count in sorted(tally.beyond.items()):
            say(f"  no model translates {source} into {target}: {counted(count, 'quotation')} left")
