r"""Tab-separated columns with a header line.

In texts and ids a tab is written ``\t``, a line feed ``\n``, a carriage return ``\r`` and a backslash ``\\``, as
PostgreSQL's COPY does: every row is one line, every line has the same columns, and nothing is lost.
"""

from collections.abc import Iterator

from pipeline.exports.tables import Table, Value

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def lines(table: Table) -> Iterator[str]:
    """A header line with the columns, then one line a row; what is not known is empty."""
    yield "\t".join(table.columns) + "\n"
    for row in table.rows:
        yield "\t".join(map(_field, row)) + "\n"


def _field(value: Value) -> str:
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
