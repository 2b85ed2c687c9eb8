r"""Tab-separated columns with a header line, omissions too.

In texts and ids a tab is written ``\t``, a line feed ``\n``, a carriage return ``\r`` and a backslash ``\\``, as
PostgreSQL's COPY does: every pair is one line, every line has the same columns, and nothing is lost.
"""

from collections.abc import Iterable, Iterator

from pipeline.records import AlignedPair, Passage

COLUMNS = (
    "left_language",
    "right_language",
    "left_text",
    "right_text",
    "kind",
    "moved",
    "similarity",
    "origin",
    "left_article",
    "left_start",
    "left_end",
    "right_article",
    "right_start",
    "right_end",
)

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def lines(pairs: Iterable[AlignedPair], signature: str = "") -> Iterator[str]:
    """A header line with `COLUMNS`, then one line a pair; `signature` stands nowhere, so that tables can be joined."""
    yield "\t".join(COLUMNS) + "\n"
    for pair in pairs:
        fields = (
            pair.left_language,
            pair.right_language,
            pair.left.text,
            pair.right.text,
            pair.kind,
            "true" if pair.moved else "false",
            "" if pair.similarity is None else repr(pair.similarity),
            pair.origin,
            *_place(pair.left),
            *_place(pair.right),
        )
        yield "\t".join(field.translate(_ESCAPES) for field in fields) + "\n"


def _place(passage: Passage) -> tuple[str, str, str]:
    return passage.article_id, str(passage.start), str(passage.end)
