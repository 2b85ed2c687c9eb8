"""What a collection holds as tables: the columns that TSV, CSV and Parquet share, one row a pair, quotation or member."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline.exports.about import About, Articles
from pipeline.filters import length_ratio
from pipeline.records import AlignedPair, Quote, Statement

Value = str | int | float | bool | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are made when they are asked for; `columns` are their names with the type of their values."""

    columns: Mapping[str, type]
    rows: Iterable[Row]


PAIR = {
    "left_language": str,
    "right_language": str,
    "left_text": str,
    "right_text": str,
    "kind": str,
    "moved": bool,
    "similarity": float,
    "length_ratio": float,
    "origin": str,
    **{
        f"{side}_{name}": kind
        for side in ("left", "right")
        for name, kind in (("article", str), ("start", int), ("end", int), ("outlet", str), ("url", str))
    },
}


def of_pairs(pairs: Iterable[AlignedPair], about: About) -> Table:
    """Pairs, omissions too, with what is known of the two articles."""
    source = _remembered(about.article)

    def rows() -> Iterator[Row]:
        for pair in pairs:
            left, right = pair.left, pair.right
            yield (
                pair.left_language, pair.right_language, left.text, right.text,
                pair.kind, pair.moved, pair.similarity, length_ratio(pair), pair.origin,
                left.article_id, left.start, left.end, *source(left.article_id),
                right.article_id, right.start, right.end, *source(right.article_id),
            )  # fmt: skip

    return Table(PAIR, rows())


QUOTE = {
    "id": str,
    "language": str,
    "kind": str,
    "text": str,
    "speaker": str,
    "cue": str,
    "confidence": float,
    "article": str,
    "start": int,
    "end": int,
    "outlet": str,
    "url": str,
}


def of_quotes(quotes: Iterable[Quote], article: Articles) -> Table:
    """Quotations with what is known of their articles."""
    source = _remembered(article)
    return Table(
        QUOTE,
        (
            (
                q.id,
                q.language,
                q.kind,
                q.text,
                q.speaker,
                q.cue,
                q.confidence,
                q.article_id,
                q.start,
                q.end,
                *source(q.article_id),
            )
            for q in quotes
        ),
    )


MEMBER = {
    "statement": str,
    "speaker_en": str,
    "speaker_ru": str,
    "speaker_uk": str,
    "outlets": int,
    "independent_outlets": int,
    "confidence": float,
    "member": int,
    "relation": str,
    "altered": str,
    "language": str,
    "text": str,
    "quote": str,
    "article": str,
    "start": int,
    "end": int,
    "outlet": str,
    "published": str,
    "retracted": bool,
}


def of_statements(statements: Iterable[Statement]) -> Table:
    """Statements, a row for each member; the fullest has number 1. `altered` lists what was altered, with spaces between."""
    return Table(
        MEMBER,
        (
            (
                s.id, s.speaker["en"], s.speaker["ru"], s.speaker["uk"], s.outlets, s.independent_outlets, s.confidence,
                number, m.relation, " ".join(m.altered), m.language, m.text, m.quote_id, m.article_id, m.start, m.end,
                m.outlet, m.published, m.retracted,
            )
            for s in statements
            for number, m in enumerate(s.members, 1)
        ),
    )  # fmt: skip


def _remembered(article: Articles) -> Callable[[str], tuple[str | None, str | None]]:
    """(outlet, URL) of an article; rows of one article stand together, so that few have to be remembered."""

    @lru_cache(maxsize=4)
    def source(article_id: str) -> tuple[str | None, str | None]:
        known = article(article_id)
        return (None, None) if known is None else (known.outlet, known.url)

    return source
