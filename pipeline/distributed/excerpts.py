"""Parts of a collection that stays in shards, as ordinary collections: what is repeated most, one statement, one article.

The report shows no more of any collection than what is repeated most. DuckDB chooses, and brings what belongs to it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from pipeline.collection import Collection
from pipeline.distributed import shards
from pipeline.distributed.crews import chunks
from pipeline.distributed.finding import connected, reading
from pipeline.distributed.lots import Decisions
from pipeline.distributed.opened import manifest, present
from pipeline.records import Statement
from pipeline.report.overview import WHOLE
from pipeline.search import Filters, Wanted
from pipeline.utterances import SPOKEN

What = Literal["repeated", "statements", "statement", "article", "quotation"]
Which = int | str | Sequence[str]

BESIDE = {
    "pair": "FROM pairs WHERE left_id IN (FROM quoted) OR right_id IN (FROM quoted)",
    "article": "FROM articles WHERE id IN ("
    "FROM quoted UNION SELECT left_id FROM pair UNION SELECT right_id FROM pair"
    " UNION SELECT first_article_id FROM statements WHERE id IN (SELECT statement_id FROM member))",
}
OF_MEMBERS = "FROM quotes WHERE id IN (SELECT quote_id FROM member)"
OF_QUOTES = "FROM members WHERE quote_id IN (SELECT id FROM quote)"
QUOTED = "SELECT DISTINCT article_id FROM quote"
CHOICES: dict[What, dict[str, str]] = {
    "repeated": {
        "member": "SELECT members.* FROM members JOIN (SELECT id FROM statements"
        " ORDER BY outlets DESC, size DESC, id LIMIT getvariable('which')) AS chosen ON chosen.id = statement_id",
        "quoted": f"SELECT DISTINCT article_id {OF_MEMBERS}",
        **BESIDE,
        "quote": "FROM quotes WHERE article_id IN (SELECT id FROM article)",
    },
    "statements": {
        "member": "FROM members WHERE statement_id IN (SELECT unnest(getvariable('which')))",
        "quote": OF_MEMBERS,
        "quoted": QUOTED,
        **BESIDE,
        "pair": "FROM pairs LIMIT 0",
    },
    "statement": {
        "member": "FROM members WHERE statement_id = getvariable('which')",
        "quote": OF_MEMBERS,
        "quoted": QUOTED,
        **BESIDE,
    },
    "article": {
        "quote": "FROM quotes WHERE article_id = getvariable('which')",
        "member": OF_QUOTES,
        "quoted": "SELECT getvariable('which')",
        **BESIDE,
    },
    "quotation": {
        "quote": "FROM quotes WHERE id = getvariable('which')",
        "member": OF_QUOTES,
        "quoted": QUOTED,
        **BESIDE,
    },
}
"""How it is chosen, step by step; `which` is how many, the ids of `statements`, or an id. Of the articles that are `quoted` all
editions are wanted, but for `statements`, which are read without what stands beside them.

Each step reads through a column of the shards, so there are to be few; what the report shows has all quotations of its articles.
"""

TABLES = {
    "articles": "FROM article",
    "quotes": "FROM quote",
    "statements": "FROM statements WHERE id IN (SELECT statement_id FROM member)",
    "members": "FROM member",
    "pairs": "FROM pair",
}

FIGURES = """
SELECT count(*) AS articles,
    count(DISTINCT nullif(outlet, '')) + count(*) FILTER (coalesce(outlet, '') = '') AS outlets,
    count(DISTINCT language) AS languages,
    (SELECT count(*) FROM statements) AS statements,
    (SELECT count(*) FROM statements WHERE outlets > 1) AS repeated,
    (SELECT count(DISTINCT statement_id) FROM members WHERE altered <> '') AS altered
FROM articles WHERE translator IS NULL
"""
COVERAGE = "SELECT min(published), max(published) FROM articles WHERE translator IS NULL"
"""Of dates in ISO 8601, which begin with the day."""

WANTED = """
SELECT id FROM statements JOIN (
    SELECT statement_id, min(probability) FILTER (why IS NOT NULL) AS least, bool_or(altered <> '') AS altered,
        bool_or(fitting.id IS NOT NULL) AS fits
    FROM members LEFT JOIN fitting ON fitting.id = quote_id GROUP BY statement_id
) AS found ON statement_id = statements.id
WHERE {counted} >= $least AND list_has_all(string_split(languages, ' '), $spoken::VARCHAR[])
    AND (found.altered OR NOT $altered) AND (fits OR NOT $filtered)
ORDER BY CASE WHEN $doubtful THEN coalesce(found.least, 1) END, {counted} DESC, outlets DESC, size DESC, id
"""
AT_ONCE = 1000  # statements that are put together: for each so many, columns of ids are read through


@dataclass(frozen=True, slots=True)
class Library:
    """A state of a collection that stays in shards, as DuckDB reads it; several threads may do so. Another one has another `key`."""

    folder: Path
    key: str
    database: Any
    decided: Decisions
    signature: str

    @classmethod
    def open(cls, folder: Path) -> "Library":
        """The present state; its shards are there until a later run has ended."""
        kept = manifest(folder)
        some = present(folder)
        names = [path.name for found in some.values() for path in found]
        key = shards.digest(kept, names)
        with reading(folder):
            database = connected(folder, some)
        return cls(folder, key, database, Decisions.read(kept["decided"]), kept["signature"])

    def copy(self, what: What, which: Which, into: Collection) -> None:
        """Put into a new collection what is chosen, with all that belongs to it: nothing where there is no such thing."""
        with reading(self.folder), self.database.cursor() as cursor, into.transaction():
            cursor.execute("SET VARIABLE which = ?", [which])
            for name, query in CHOICES[what].items():
                cursor.execute(f"CREATE TEMP TABLE {name} AS {query}")  # which this cursor alone sees
            for table, query in TABLES.items():
                for batch in cursor.sql(query).to_arrow_reader(shards.ROWS):
                    shards.insert(into, table, pa.Table.from_batches([batch]))
            self.decided.put(into)
            into.remember("signature", self.signature)
            if what == "repeated":
                into.remember(WHOLE, json.dumps(self._whole()))

    def excerpt(self, what: What, which: Which) -> Collection:
        """As `copy`, into a collection in memory. Use it in a `with` block."""
        made = Collection.in_memory(self.folder)
        self.copy(what, which, made)
        return made

    def duplicates(self, wanted: Wanted) -> Iterator[tuple[Statement, Collection]]:
        """See `search.duplicates`; each statement with an excerpt that it is in."""
        for ids in chunks(self._wanted(wanted), AT_ONCE):
            with self.excerpt("statements", ids) as part:
                for id_ in ids:
                    statement = part.statement(id_)
                    assert statement is not None  # it was chosen from the same shards
                    yield statement, part

    def _wanted(self, wanted: Wanted) -> list[str]:
        """The ids of the statements that are wanted, in their order."""
        with reading(self.folder), self.database.cursor() as cursor:
            cursor.register("fitting", pa.table({"id": pa.array(self._fitting(wanted.filters), pa.string())}))
            asked = {
                "least": wanted.min_outlets,
                "spoken": list(wanted.spoken),
                "altered": wanted.altered,
                "filtered": wanted.filters != Filters(),
                "doubtful": wanted.doubtful,
            }
            query = WANTED.format(counted="independent_outlets" if wanted.without_reprints else "outlets")
            return [id_ for (id_,) in cursor.execute(query, asked).fetchall()]

    def _fitting(self, filters: Filters) -> list[str]:
        """The quotations whose utterances pass the filters; none where there are no filters."""
        found = list[str]()
        if filters != Filters():
            with self.database.cursor() as cursor:
                rows = cursor.execute(SPOKEN)
                while some := rows.fetchmany(shards.ROWS):
                    found += (id_ for ids, _, _, *spoken in some if filters.fit(*spoken) for id_ in ids.split())
        return found

    def _whole(self) -> dict[str, Any]:
        """What an overview (`report.overview`) says of everything: its figures, and the first and last date."""
        with self.database.cursor() as cursor:
            (figures,) = cursor.sql(FIGURES).to_arrow_table().to_pylist()
            coverage = cursor.execute(COVERAGE).fetchone()
        return {"figures": figures, "coverage": list(coverage) if coverage[0] else None}

    def statement_of(self, quote_ids: Sequence[str]) -> dict[str, str]:
        """See `Collection.statement_of`."""
        with reading(self.folder), self.database.cursor() as cursor:
            query = "SELECT quote_id, statement_id FROM members WHERE quote_id IN (SELECT unnest($1))"
            return dict(cursor.execute(query, [list(quote_ids)]).fetchall())


def excerpt(folder: Path, statements: int) -> Collection:
    """The so many most widely repeated statements of the collection in `folder`, with their articles. Use it in a `with` block."""
    return Library.open(folder).excerpt("repeated", statements)
