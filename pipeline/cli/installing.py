"""`crossquote models` and `crossquote doctor`."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.terminal import DONE, FINISHED_WITH_REFUSALS, Quiet, progress, say, show
from pipeline.errors import InputError, ModelMissing

models = typer.Typer(help="List, install and check the models.", no_args_is_help=True)


@models.command("list")
def list_models() -> None:
    """List the models that the project knows, and where they are installed; then Argos packages and others.

    **Example:** `crossquote models list`
    """
    from pipeline import engines
    from pipeline import models as library

    own = library.manifest()
    for model in own.values():
        try:
            place = str(library.find(model.name))
        except ModelMissing:
            place = "not installed"
        show(
            f"{model.name:<10} version {model.version}  {model.bytes / 1e6:6.1f} MB  {' '.join(model.languages):<10} {model.license}  {place}"
        )
    for one in engines.installed():
        if one.name not in own:
            pairs = " ".join(sorted(map("-".join, one.pairs)))
            show(f"{one.name:<10} version {one.version}  {pairs}  {one.folder}")


@models.command()
def install(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL|PAIR|NAME",
            help="An .argosmodel file or its URL; a pair such as en-uk, fetched as argostranslate does it; or, with "
            "--from, starter, embedder or tagger.",
            show_default=False,
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="PATH|URL", help="Folder or archive of a model of Crossquote's own.", show_default=False
        ),
    ] = None,
) -> None:
    """Install an Argos package where argostranslate finds it too, or one of Crossquote's own models.

    A package is unpacked only if no file in it leads outside its folder, and its SHA-256 is shown. Crossquote's own
    models are checked by the SHA-256 of each file.

    **Example:** `crossquote models install translate-en_uk.argosmodel`
    """
    from pipeline import models as library
    from pipeline import packages
    from pipeline.errors import InputError

    if source is not None:
        say(f"installed in {library.install(what, source)}")
        return
    if what in library.manifest():
        raise InputError(f"where is {what} to come from?", f"crossquote models install {what} --from PATH|URL")
    done = packages.install(what)
    say(f"sha256 {done.sha256}")
    say(f"installed in {done.folder}")


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
            show(f"{name}: all files of version {library.known(name).version} are right, in {folder}")
    raise typer.Exit(code)


@models.command()
def path(name: Annotated[str, typer.Argument(help="starter or embedder.", show_default=False)]) -> None:
    """Print the folder of an installed model.

    **Example:** `crossquote models path embedder`
    """
    from pipeline import models as library

    show(str(library.find(name)))


def doctor(
    folder: Annotated[
        Path | None,
        typer.Option("--in", metavar="DIR", help="Check this collection instead.", show_default="the installation"),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only look at the collection, and change nothing.")] = False,
    quiet: Quiet = False,
) -> None:
    """Tell what is installed, which models are found, where, and how fast they are here (a probe of seconds).

    With --in, check a collection: the file, digests, ids and offsets, what points at what, vectors, neighbours, statements,
    outputs. What can be computed again is mended; what cannot is named, with what to do. Exit code 1 when there were faults.

    **Examples:** `crossquote doctor` · `crossquote doctor --in aligned/sample --check`
    """
    if folder is None and check:
        raise InputError("--check is asked of a collection", "name it: --in DIR")
    raise typer.Exit(_check_installation() if folder is None else _check_collection(folder, not check, quiet=quiet))


def _check_installation() -> int:
    from pipeline import diagnosis

    code = DONE
    for finding in diagnosis.findings():
        show(f"{'ok ' if finding.good else 'BAD'}  {finding.what:<22} {finding.text}")
        if not finding.good:
            code = FINISHED_WITH_REFUSALS
    return code


def _check_collection(folder: Path, mend: bool, *, quiet: bool) -> int:
    from pipeline import checkup, engines

    faults = mended = 0
    for finding in checkup.check(folder, mend=engines.default if mend else None, progress=progress(quiet)):
        is_mended = mend and finding.mend is not None and not finding.lasting
        mended += is_mended
        faults += not finding.note
        if finding.note:
            remedy = finding.remedy
        elif finding.mend is None or finding.lasting:
            remedy = f"to do: {finding.remedy}"
        else:
            remedy = f"{'mended' if mend else 'doctor without --check mends it'}: {finding.remedy}"
        show(f"{'   ' if finding.note else 'BAD'}  {finding.what:<12} {finding.wrong}; {remedy}")
    if not faults:
        show(f"ok   {folder} is as it should be")
    elif mend and not quiet:
        say(f"{mended} of {faults} faults mended" + ("" if mended == faults else "; the others say what to do"))
    return FINISHED_WITH_REFUSALS if faults else DONE
