"""What is repeated most widely in a collection that stays in shards, as an ordinary collection in memory.

The report shows no more of any collection. DuckDB chooses the statements, and brings what belongs to them.
"""

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

from pipeline.collection import Collection
from pipeline.distributed import shards
from pipeline.distributed.finding import views
from pipeline.distributed.lots import Decisions
from pipeline.distributed.opened import manifest

CHOSEN = """
CREATE TEMP TABLE chosen AS SELECT id FROM statements ORDER BY outlets DESC, size DESC, id LIMIT ?;
CREATE TEMP TABLE member AS SELECT members.* FROM members JOIN chosen ON chosen.id = statement_id;
CREATE TEMP TABLE pair AS WITH quoted AS (
    SELECT DISTINCT article_id AS id FROM quotes JOIN member ON quotes.id = quote_id
) SELECT pairs.* FROM pairs WHERE left_id IN (FROM quoted) OR right_id IN (FROM quoted);
CREATE TEMP TABLE article AS SELECT * FROM articles WHERE id IN (
    SELECT article_id FROM quotes JOIN member ON quotes.id = quote_id
    UNION SELECT first_article_id FROM statements JOIN chosen ON chosen.id = statements.id
    UNION SELECT left_id FROM pair UNION SELECT right_id FROM pair
);
"""
TABLES = {
    "articles": "SELECT * FROM article",
    "quotes": "SELECT quotes.* FROM quotes WHERE article_id IN (SELECT id FROM article)",
    "statements": "SELECT statements.* FROM statements JOIN chosen USING (id)",
    "members": "SELECT * FROM member",
    "pairs": "SELECT * FROM pair",
}


def excerpt(folder: Path, statements: int) -> Collection:
    """The so many most widely repeated statements of the collection in `folder`, with their articles. Use it in a `with` block."""
    kept = manifest(folder)
    memory = sqlite3.connect(":memory:", isolation_level=None)
    opened = ExitStack()
    opened.callback(memory.close)
    made = Collection.within(memory, folder, opened)
    with closing(views(folder)) as database:
        first, *rest = (part for part in CHOSEN.split(";") if part.strip())
        database.execute(first, [statements])
        for statement in rest:
            database.execute(statement)
        for table, query in TABLES.items():
            shards.insert(made, table, database.sql(query).to_arrow_table())
    Decisions.read(kept["decided"]).put(made)
    made.remember("signature", kept["signature"])
    return made
