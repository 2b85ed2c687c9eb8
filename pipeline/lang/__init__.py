"""What is known about each language, as text files that a linguist can read: `<language>/<name>.txt`."""

from functools import cache
from importlib.resources import files

from pipeline.records import Language


@cache
def entries(language: Language, name: str) -> tuple[str, ...]:
    """The entries of ``<language>/<name>.txt``: one a line, `#` starts a comment, in the order of the file.

    A file that does not exist has no entries: a language need not have every list.
    """
    path = files(__name__) / language / f"{name}.txt"
    if not path.is_file():
        return ()
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)


@cache
def listed(language: Language, name: str) -> frozenset[str]:
    """The entries of a list as a set, to ask whether it holds a word."""
    return frozenset(entries(language, name))
