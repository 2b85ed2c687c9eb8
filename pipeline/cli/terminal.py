"""What the commands share: progress bars, messages, JSON lines, the exit codes."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import InputError
from pipeline.progress import Advance, Progress, Silent
from pipeline.records import Language, Refusal, json_line

DONE, FINISHED_WITH_REFUSALS, NOTHING_DONE = 0, 1, 2

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary; errors still show.")]
JsonLines = Annotated[bool, typer.Option("--jsonl", help="One JSON object a line on standard output.")]


class Code(StrEnum):
    """A language as an option that may be given twice: Typer takes no list of literals."""

    en = "en"
    ru = "ru"
    uk = "uk"


def chosen(codes: Sequence[Code] | None) -> tuple[Language, ...]:
    """The languages of an option, each once, in the order given."""
    return tuple(dict.fromkeys(code.value for code in codes or ()))


def say(message: str) -> None:
    """A line for people, on standard error."""
    print(visible(message), file=sys.stderr)  # noqa: T201


def show(line: str = "") -> None:
    """A line for people, on standard output; what `typer.style` made of its parts shows on a terminal."""
    typer.echo(visible(line))


def visible(text: str) -> str:
    r"""Text that commands no terminal: but for our own styles, ``\x1b`` and its like stand where the characters did.

    Files, ids and addresses are named by strangers, who could set the clipboard (OSC 52), hide or reorder what is said.
    """
    return _COMMANDS.sub(lambda one: one["style"] or _escaped(ord(one[0])), text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


_COMMANDS = re.compile(
    r"(?P<style>\x1b\[(?:0|1|2|3[12])m)|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Reset, bold, faint, red and green are what the commands use. Other control characters, and those that turn text around."""


def exit_code(refused: Sequence[Refusal], read: int, what: str = "article") -> int:
    """Name every refused input; the exit code of a command that processed `read` inputs beside them."""
    for refusal in refused:
        say(f"refused: {refusal}")
    if not read:
        say(f"crossquote: there was no {what} to work on")
        return NOTHING_DONE
    return FINISHED_WITH_REFUSALS if refused else DONE


def print_json(record: dict[str, Any]) -> None:
    """One line of JSON Lines on standard output."""
    sys.stdout.write(json_line(record))


def answer_lines(path: Path, respond: Callable[[str], dict[str, Any]], what: str, *, hint: str) -> int:
    """Print what `respond` makes of each line of a UTF-8 file that holds something; the exit code.

    A line for which it raises InputError is named, and the others are answered.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", hint) from error
    refused: list[Refusal] = []
    answered = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = respond(line)
        except InputError as error:
            refused.append(Refusal(where=f"{path}:{number}", reason=error.message))
            continue
        print_json(record)
        answered += 1
    return exit_code(refused, answered, what)


def well_formed(text: str) -> str:
    """A text from the command line or a file of ours; InputError when it holds what is no character."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InputError(f"{text[:40]!a}: not text", "give it in UTF-8")
    return text


def progress(quiet: bool) -> Progress:
    """Bars on a terminal, silence elsewhere."""
    return Silent() if quiet or not sys.stderr.isatty() else Bars()


class Bars:
    """Draws a bar per stage with what is done, the rate and the time left."""

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        """Show the bar while the stage runs, and leave it standing when it is done."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Drawn

        columns = (
            TextColumn("{task.description:<24}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        with Drawn(*columns, console=Console(stderr=True)) as drawn:
            task = drawn.add_task(name, total=total, rate="")

            def advance(count: int, total: int | None = None) -> None:
                drawn.advance(task, count)
                if total is not None:
                    drawn.update(task, total=total)
                speed = drawn.tasks[0].speed
                drawn.update(task, rate=f"{speed:.1f}/s" if speed else "")

            yield advance
            if total is None:
                drawn.update(task, total=drawn.tasks[0].completed)
