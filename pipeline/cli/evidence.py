"""`crossquote verify`, and what `crossquote export --what evidence` does."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.terminal import DONE, FINISHED_WITH_REFUSALS, Quiet, say, show
from pipeline.errors import InputError
from pipeline.records import counted

if TYPE_CHECKING:
    from pipeline.collection import Collection


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.zip", help="What `export --what evidence` wrote.", show_default=False)
    ],
    quiet: Quiet = False,
) -> None:
    """Check evidence, without a network: name every file that was changed, added or taken away since it was exported.

    Inputs are read again, and compared with the texts. The zip's own SHA-256 is printed: compare it with the one that was
    published when it was made, since whoever has a zip can make another.

    **Example:** `crossquote verify evidence.zip`
    """
    from pipeline.evidence import verifying

    examined = verifying.verify(file)
    manifest = examined.manifest
    if manifest is not None:
        told = {"member": manifest.statement.members, "article": manifest.exhibits}
        counts = ", ".join(counted(len(some), what) for what, some in told.items())
        show(
            f"statement {manifest.statement.id}: {counts}, {counted(examined.inputs, 'input')}{', redacted' if manifest.redacted else ''}"
        )
    show(f"sha256 {examined.sha256}")
    if not quiet:
        for note in examined.notes:
            say(f"note: {note}")
    for fault in examined.faults:
        say(f"fault: {fault}")
    if not examined.faults:
        show("nothing was changed since it was exported" + ("; see the notes" if examined.notes else ""))
    raise typer.Exit(FINISHED_WITH_REFUSALS if examined.faults else DONE)


def export(collection: "Collection", statement: str | None, out: Path | None, *, redacted: bool, quiet: bool) -> None:
    """Write the evidence for a statement, and say what is lacking in it."""
    from pipeline.evidence import gathering, packing

    if statement is None:
        raise InputError(
            "evidence is for one statement", "name it: --statement ID, as crossquote duplicates --jsonl tells it"
        )
    found = collection.statement_named(statement)
    with collection.snapshot():
        files, lacking = gathering.gather(collection, found)
    path = out or packing.default_name(found, redacted=redacted)
    digest = packing.pack(files, path)
    for told in lacking:
        say(f"left out: {told}")
    if not quiet:
        say(f"written: {path}")
        say(f"sha256 {digest}")
