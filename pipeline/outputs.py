"""Writes what a collection holds into its folder: records, parallel text, the report, the account of the run.

Each file is replaced whole, and only when the collection or the program has changed since it was written. None but
run.json holds a clock time: the same collection gives the same bytes.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, permutations
from pathlib import Path
from typing import Any

from pipeline import editions, exports, files, report, verdicts
from pipeline.collection import Collection
from pipeline.records import LANGUAGES, json_line, pair_json, quote_json, refusal_json, statement_json
from pipeline.translations import Pair

NAMES = ("quotes.jsonl", "statements.jsonl", "pairs.jsonl", "pairs.tmx", "report.html", "run.json")
COUNTED = ("articles", "quotes", "statements", "pairs")


def write(
    collection: Collection, signature: str, account: Callable[[], dict[str, Any]], translates: Sequence[Pair]
) -> bool:
    """Bring all files of the collection's folder up to date; whether anything had to be written.

    `signature` names the models and settings; `account` gives the content of run.json; `translates` are the pairs that
    can be translated here.
    """
    pairs = " ".join(map("-".join, translates))
    state = f"{collection.revision}|{signature}|{pairs}|{collection.renderings_revision}"
    decided = ["verdicts"] if collection.count("verdicts") else []
    wanted = [*NAMES, *(f"{what}.jsonl" for what in decided)]
    if collection.meta("outputs") == state and all((collection.folder / name).is_file() for name in wanted):
        return False
    for what in ("quotes", "statements", "pairs", *decided):
        with files.atomic(collection.folder / f"{what}.jsonl") as file:
            file.writelines(lines(collection, what))
    memory = collection.folder / "pairs.tmx"
    exports.write(collection.pairs(), memory, "tmx", signature=signature, article=collection.article)
    write_report(collection, collection.folder / "report.html", signature, translates)
    told = json.dumps(account(), ensure_ascii=False, indent=2)
    with files.atomic(collection.folder / "run.json") as file:
        file.write(f"{told}\n")
    with collection.transaction():
        collection.remember("outputs", state)
        collection.remember("signature", signature)
        collection.remember("translates", pairs)
        collection.remember("account", told)
        collection.remember("files", json.dumps({name: files.sha256(collection.folder / name) for name in wanted}))
    return True


def are_current(collection: Collection) -> bool:
    """Whether the outputs were written when everything that follows from the articles had been made."""
    return (collection.meta("outputs") or "").startswith(f"{collection.revision}|")


def amiss(collection: Collection) -> dict[str, str]:
    """What is wrong with the outputs that were written last, by name."""
    written: dict[str, str] = json.loads(collection.meta("files") or "{}") or dict.fromkeys(NAMES, "")
    found = {}
    for name, digest in written.items():
        path = collection.folder / name
        if not path.is_file():
            found[name] = "is missing"
        elif digest and files.sha256(path) != digest:
            found[name] = "is not as it was written"
    return found


def renew(collection: Collection, translates: Sequence[Pair] | None = None) -> bool:
    """As `write`, for a change between two runs: models and settings that are not given stay those of the last one."""

    def account() -> dict[str, Any]:
        last = json.loads(collection.meta("account") or "{}")
        now = {table: collection.count(table) for table in COUNTED} | {"refused": collection.count("refusals")}
        return {
            **last,
            "counts": {**last.get("counts", {}), **now},
            "refusals": list(map(refusal_json, collection.refusals())),
            "changed": collection.meta("changed"),
        }

    if translates is None:
        known = (collection.meta("translates") or "").split()
        translates = [pair for pair in permutations(LANGUAGES, 2) if "-".join(pair) in known]
    return write(collection, collection.meta("signature") or "", account, translates)


def write_report(collection: Collection, path: Path, signature: str, translates: Sequence[Pair]) -> None:
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
        rendered=collection.renderings([member.quote_id for member in members]),
        retracted=collection.retracted(),
    )
    content = report.Content(
        collection.title,
        signature,
        shown,
        records,
        published=known,
        more=stream,
        pairs=translates,
        whole=report.of_whole(collection),
    )
    report.write(path, content)


RECORDS: dict[str, Callable[[Collection], Iterable[dict[str, Any]]]] = {
    "quotes": lambda collection: map(quote_json, collection.quotes()),
    "statements": lambda collection: map(statement_json, collection.statements()),
    "pairs": lambda collection: map(pair_json, collection.pairs()),
    "verdicts": lambda collection: map(verdicts.verdict_json, verdicts.all_of(collection)),
}
"""What a collection holds, as the public interface writes it."""


def lines(collection: Collection, what: str) -> Iterator[str]:
    """JSON Lines of the `RECORDS` of that name."""
    return map(json_line, RECORDS[what](collection))
