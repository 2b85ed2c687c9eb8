"""Writes what a collection holds into its folder: records, parallel text, the report, the account of the run.

Each file is replaced whole, and only when the collection or the program has changed since it was written. None but
run.json holds a clock time: the same collection gives the same bytes.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline import exports, files, report
from pipeline.collection import Collection
from pipeline.records import json_line, pair_json, quote_json

NAMES = ("quotes.jsonl", "statements.jsonl", "pairs.jsonl", "pairs.tmx", "report.html", "run.json")


def write(collection: Collection, signature: str, account: Callable[[], dict[str, Any]]) -> bool:
    """Bring all files of the collection's folder up to date; whether anything had to be written.

    `signature` names the models and settings; `account` gives the content of run.json.
    """
    state = f"{collection.revision}|{signature}"
    if collection.meta("outputs") == state and all((collection.folder / name).is_file() for name in NAMES):
        return False
    _lines(collection.folder / "quotes.jsonl", map(quote_json, collection.quotes()))
    _lines(collection.folder / "statements.jsonl", map(asdict, collection.statements()))
    _lines(collection.folder / "pairs.jsonl", map(pair_json, collection.pairs()))
    exports.write(collection.pairs(), collection.folder / "pairs.tmx", "tmx", signature=signature)
    write_report(collection, collection.folder / "report.html", signature)
    with files.atomic(collection.folder / "run.json") as file:
        json.dump(account(), file, ensure_ascii=False, indent=2)
        file.write("\n")
    with collection.transaction():
        collection.remember("outputs", state)
        collection.remember("signature", signature)
    return True


def write_report(collection: Collection, path: Path, signature: str) -> None:
    """The report page of a collection."""
    report.write(
        path,
        title=collection.folder.resolve().name,
        statements=list(collection.statements()),
        articles={article.id: article for article in collection.articles()},
        quotes={quote.id: quote for quote in collection.quotes()},
        signature=signature,
    )


def _lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    with files.atomic(path) as file:
        file.writelines(map(json_line, records))
