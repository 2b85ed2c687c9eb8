"""`crossquote models` and `crossquote doctor`."""

from typing import Annotated

import typer

from pipeline.cli.terminal import DONE, FINISHED_WITH_REFUSALS, say
from pipeline.errors import ModelMissing

models = typer.Typer(help="List, install and check the models.", no_args_is_help=True)


@models.command("list")
def list_models() -> None:
    """List the models that the project knows, and where they are installed.

    **Example:** `crossquote models list`
    """
    from pipeline import models as library

    for model in library.manifest().values():
        try:
            place = str(library.find(model.name))
        except ModelMissing:
            place = "not installed"
        typer.echo(
            f"{model.name:<10} version {model.version}  {model.bytes / 1e6:6.1f} MB  {' '.join(model.languages):<10} {model.license}  {place}"
        )


@models.command()
def install(
    name: Annotated[str, typer.Argument(help="starter or embedder.", show_default=False)],
    source: Annotated[
        str, typer.Option("--from", metavar="PATH|URL", help="Folder or archive of the model.", show_default=False)
    ],
) -> None:
    """Install a model for a Crossquote that has none of its own; every file is checked by SHA-256.

    **Example:** `crossquote models install starter --from Downloads/starter.zip`
    """
    from pipeline import models as library

    say(f"installed in {library.install(name, source)}")


@models.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="All installed ones by default.", show_default=False)
    ] = None,
) -> None:
    """Check the files of installed models against their SHA-256.

    **Example:** `crossquote models verify starter`
    """
    from pipeline import models as library

    code = DONE
    for name in names or list(library.manifest()):
        try:
            folder = library.find(name)
            found = library.faults(library.known(name), folder)
        except ModelMissing as error:
            found = [error.message]
        for fault in found:
            say(fault)
            code = FINISHED_WITH_REFUSALS
        if not found:
            typer.echo(f"{name}: all files of version {library.known(name).version} are right, in {folder}")
    raise typer.Exit(code)


@models.command()
def path(name: Annotated[str, typer.Argument(help="starter or embedder.", show_default=False)]) -> None:
    """Print the folder of an installed model.

    **Example:** `crossquote models path embedder`
    """
    from pipeline import models as library

    typer.echo(str(library.find(name)))


def doctor() -> None:
    """Tell what is installed, which models are found, where, and how fast they are here (a probe of seconds).

    **Example:** `crossquote doctor`
    """
    from pipeline import diagnosis

    code = DONE
    for finding in diagnosis.findings():
        typer.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.what:<22} {finding.text}")
        if not finding.good:
            code = FINISHED_WITH_REFUSALS
    raise typer.Exit(code)
