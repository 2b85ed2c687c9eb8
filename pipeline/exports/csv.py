"""CSV for spreadsheet programs (RFC 4180), with the mark by which they know UTF-8.

A program takes a cell for a formula when it begins with ``=``, ``+``, ``-`` or ``@``, and articles are written by
strangers. An apostrophe in front makes a text of it (OWASP, "CSV injection"). It stands behind semicolons and line breaks
inside a text, too: where a program takes semicolons for the ends of cells, as in Ukrainian settings, a cell begins there. Characters that no spreadsheet can hold, as none that is kept as XML can, become U+FFFD.
"""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import chain

from pipeline.exports.markup import printable
from pipeline.exports.tables import Table, Value

BYTE_ORDER_MARK = "\ufeff"
_FORMULA = re.compile(r"(\A|[;\t\r\n])(?=[\s\ufeff]*[=+\-@＝＋－＠])")


def lines(table: Table) -> Iterator[str]:
    """A header line with the columns, then a line a row, every cell in quotation marks; what is not known is empty."""
    line = StringIO(newline="")
    writer = csv.writer(line, quoting=csv.QUOTE_ALL)
    yield BYTE_ORDER_MARK
    for row in chain([tuple(table.columns)], table.rows):
        writer.writerow([_cell(value) for value in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _cell(value: Value) -> Value:
    if isinstance(value, str):
        return _FORMULA.sub(r"\1'", printable(value))
    return str(value).lower() if isinstance(value, bool) else value
