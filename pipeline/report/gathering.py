"""What a page shows beside some statements, read from a collection for these alone."""

from collections.abc import Sequence

from pipeline.collection import Collection
from pipeline.records import Statement
from pipeline.report.views import Records, facing


def gathered(collection: Collection, statements: Sequence[Statement]) -> Records:
    """The quotations of some statements, their articles with the editions beside these, and their translations."""
    members = [member for one in statements for member in one.members]
    quote_ids = [member.quote_id for member in members]
    article_ids = list(dict.fromkeys(member.article_id for member in members))
    rows = facing(collection.pairs_beside(article_ids))
    beside = {other for id_ in article_ids for other in rows.get(id_, ())}
    return Records(
        articles=collection.some_articles(sorted({*article_ids, *beside})),
        quotes=collection.some_quotes(quote_ids),
        joins=collection.some_joins(quote_ids),
        facing=rows,
        rendered=collection.renderings(quote_ids),
    )
