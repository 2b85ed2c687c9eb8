"""Articles that their outlets took back, as people noted it.

A retracted article stays in the collection, marked wherever it is quoted. It counts for no outlet, and the wording that
others are compared with is one that stands, where there is one. The mark stays when the article is changed, until somebody
lifts it: people outrank what is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.collection import Collection


@dataclass(frozen=True, slots=True)
class Retraction:
    """That an article was retracted, with the reason if one was given; `at` is when it was noted (UTC, ISO 8601)."""

    article_id: str
    reason: str | None
    at: str


def all_of(collection: Collection) -> list[Retraction]:
    """All of a collection, oldest first."""
    rows = collection.database.execute("SELECT article_id, reason, at FROM retractions ORDER BY at, article_id")
    return [Retraction(*row) for row in rows]


def put(collection: Collection, retractions: Sequence[Retraction]) -> None:
    """Mark articles, in a transaction of its own; their statements are to be grouped anew (`matching.regroup`).

    An article that is marked already stays as it is, unless a reason is given now.
    """
    with collection.transaction():
        collection.database.executemany(
            "INSERT INTO retractions VALUES (?, ?, ?) ON CONFLICT (article_id) DO UPDATE"
            " SET reason = excluded.reason, at = excluded.at WHERE excluded.reason IS NOT NULL",
            [(one.article_id, one.reason, one.at) for one in retractions],
        )
        _changed(collection, [one.article_id for one in retractions])


def lift(collection: Collection, article_ids: Sequence[str]) -> None:
    """Take marks off, as `put` sets them."""
    with collection.transaction():
        collection.database.executemany("DELETE FROM retractions WHERE article_id = ?", [(id_,) for id_ in article_ids])
        _changed(collection, article_ids)


def _changed(collection: Collection, article_ids: Sequence[str]) -> None:
    collection.loosen_articles(article_ids)
    collection.touch()
