"""What the commands that write for publication share: `--redact`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.terminal import say

if TYPE_CHECKING:
    from pipeline.collection import Collection

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
    """A collection as it is to be written; when it has been, how many places were changed is said."""
    from pipeline.collection import Collection

    if redact is None:
        with Collection.open(folder) as collection:
            yield collection
        return
    from pipeline import redaction
    from pipeline.publication import Published

    redactor = redaction.Redactor(redaction.read(redact))
    with Collection.open(folder) as collection:
        published = Published(collection, redactor)
        yield published
    say(f"redacted: {published.places:,} places")
    if published.linked:
        say(f"  {len(published.linked):,} addresses lead to articles that name somebody on the list")
