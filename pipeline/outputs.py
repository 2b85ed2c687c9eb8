"""Writes what a collection holds into its folder: records, parallel text, the report, the account of the run.

Each file is replaced whole, and only when the collection or the program has changed since it was written. None but
run.json holds a clock time: the same collection gives the same bytes.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline import editions, exports, files, report, verdicts
from pipeline.collection import Collection
from pipeline.records import json_line, pair_json, quote_json

NAMES = ("quotes.jsonl", "statements.jsonl", "pairs.jsonl", "pairs.tmx", "report.html", "run.json")


def write(collection: Collection, signature: str, account: Callable[[], dict[str, Any]]) -> bool:
    """Bring all files of the collection's folder up to date; whether anything had to be written.

    `signature` names the models and settings; `account` gives the content of run.json.
    """
    state = f"{collection.revision}|{signature}"
    decided = ["verdicts"] if collection.count("verdicts") else []
    wanted = [*NAMES, *(f"{what}.jsonl" for what in decided)]
    if collection.meta("outputs") == state and all((collection.folder / name).is_file() for name in wanted):
        return False
    for what in ("quotes", "statements", "pairs", *decided):
        with files.atomic(collection.folder / f"{what}.jsonl") as file:
            file.writelines(lines(collection, what))
    memory = collection.folder / "pairs.tmx"
    exports.write(collection.pairs(), memory, "tmx", signature=signature, article=collection.article)
    write_report(collection, collection.folder / "report.html", signature)
    with files.atomic(collection.folder / "run.json") as file:
        json.dump(account(), file, ensure_ascii=False, indent=2)
        file.write("\n")
    with collection.transaction():
        collection.remember("outputs", state)
        collection.remember("signature", signature)
    return True


def renew(collection: Collection) -> bool:
    """As `write`, for a change between two runs: models and settings stay those of the last one."""

    def account() -> dict[str, Any]:
        try:
            last = json.loads((collection.folder / "run.json").read_text("utf-8"))
        except (OSError, ValueError):
            last = {}  # somebody took it away; the next run that has something to do writes it whole
        counts = {**last.get("counts", {}), "statements": collection.count("statements")}
        return {**last, "counts": counts, "changed": collection.meta("changed")}

    return write(collection, collection.meta("signature") or "", account)


def write_report(collection: Collection, path: Path, signature: str) -> None:
    """The report page of a collection: all of it, or its most widely repeated statements with their articles."""
    stream = collection.statements()
    shown = list(islice(stream, report.MOST))
    members = [member for statement in shown for member in statement.members]
    quoted = {member.article_id for member in members}
    everything = collection.count("statements") <= report.MOST
    known = list(collection.articles())
    families = [
        family for family in editions.families(known) if everything or any(article.id in quoted for article in family)
    ]
    articles = {article.id: article for family in families for article in family}
    records = report.Records(
        articles=articles,
        quotes={quote.id: quote for quote in collection.quotes_of(list(articles))},
        joins=collection.some_joins([member.quote_id for member in members]),
        facing=report.facing(pair for pair in collection.pairs() if pair.left.article_id in articles),
    )
    report.write(path, report.Content(collection.title, signature, shown, records, published=known, more=stream))


RECORDS: dict[str, Callable[[Collection], Iterable[dict[str, Any]]]] = {
    "quotes": lambda collection: map(quote_json, collection.quotes()),
    "statements": lambda collection: map(asdict, collection.statements()),
    "pairs": lambda collection: map(pair_json, collection.pairs()),
    "verdicts": lambda collection: map(verdicts.verdict_json, verdicts.all_of(collection)),
}
"""What a collection holds, as the public interface writes it."""


def lines(collection: Collection, what: str) -> Iterator[str]:
    """JSON Lines of the `RECORDS` of that name."""
    return map(json_line, RECORDS[what](collection))
