"""The command line: each command parses its options, makes one call into the library and prints the result."""

import errno
import os
import sqlite3
import sys
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli import (
    aligning,
    collecting,
    comparing,
    correcting,
    evidence,
    installing,
    judging,
    naming,
    publishing,
    quoting,
    searching,
    serving,
    translating,
)
from pipeline.cli.terminal import NOTHING_DONE, say
from pipeline.errors import PipelineError
from pipeline.interruption import INTERRUPTED, STOPPED, leave

app = typer.Typer(
    name="crossquote",
    help="Find the same quoted statement across languages and outlets: English, Russian, Ukrainian.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(collecting.run)
app.command()(translating.translate)
app.command()(quoting.quotes)
app.command()(searching.find)
app.command()(searching.duplicates)
app.command()(judging.judge)
app.command()(correcting.refused)
app.command()(correcting.history)
app.command()(correcting.retract)
app.command()(correcting.remove)
app.command()(comparing.compare)
app.command()(naming.names)
app.command()(aligning.align)
app.command()(collecting.export)
app.command()(evidence.verify)
app.command()(publishing.report)
app.command()(serving.serve)
app.add_typer(translating.tm, name="tm")
app.add_typer(installing.models, name="models")
app.command()(installing.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"crossquote {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command; a `PipelineError` becomes one line on standard error and a hint."""
    try:
        app()
    except PipelineError as error:
        say(f"crossquote: {error.message}")
        if error.hint:
            say(f"  hint: {error.hint}")
        sys.exit(NOTHING_DONE)
    except SystemExit as stop:
        if stop.code in (INTERRUPTED, STOPPED):  # the former is Typer's own way of saying so
            leave(stop.code)
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
        sys.exit(1)
    except OSError as error:
        _tell(error)
        sys.exit(NOTHING_DONE)
    except sqlite3.DatabaseError as error:
        say(f"crossquote: the collection cannot be read: {error}")
        say("  hint: crossquote doctor --in DIR says what is wrong, and mends what it can")
        sys.exit(NOTHING_DONE)


def _tell(error: OSError) -> None:
    """Say what is wrong with a file; an error without one is ours, and raised again."""
    if error.errno in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT):
        say(f"crossquote: {error.filename or 'a file'} cannot be written: {error.strerror}")
        say("  hint: make room, or choose another folder; the same command goes on from here")
    elif error.filename is not None:
        say(f"crossquote: {error.filename} cannot be used: {error.strerror}")
        say("  hint: is this its name, and is it of the right kind?")
    else:
        raise error
