"""`crossquote names`."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.terminal import print_json


def names(
    match: Annotated[
        Path, typer.Option(metavar="FILE", help="Names to look for, one a line, in any spelling.", show_default=False)
    ],
    among: Annotated[Path, typer.Option(metavar="FILE", help="Names to choose from, one a line.", show_default=False)],
) -> None:
    """Find for each name the line of another list that names the same person or place, in any language and spelling.

    One line `{"name", "match", "confidence"}` for each line of the first file; the match is null when there is none.

    **Example:** `crossquote names --match bylines.txt --among people.txt`
    """
    from pipeline.names import NameIndex

    wanted, index = _lines(match), NameIndex(_lines(among))
    for name in wanted:
        found, confidence = index.best_match(name)
        print_json({"name": name, "match": found, "confidence": round(confidence, 3)})


def _lines(path: Path) -> list[str]:
    """The lines of a file, without blanks at their ends; an empty line stays, so that lines in are lines out."""
    from pipeline import encodings

    text = encodings.read(path, "give a file of names, one a line, best in UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [line.strip() for line in text.removesuffix("\n").split("\n")] if text else []
