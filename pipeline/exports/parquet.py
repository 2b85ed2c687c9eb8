"""Parquet, what Hugging Face `datasets` reads: pairs with a column ``translation`` that holds a text for each language.

https://huggingface.co/docs/datasets/package_reference/main_classes#datasets.Translation. Where pairs have several pairs of
languages, a text in a language that a pair has not is null. Omissions are left out of pairs, for they are no translations.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline import files
from pipeline.exports import destinations, tables
from pipeline.exports.about import About
from pipeline.exports.tables import Table
from pipeline.records import LANGUAGES, AlignedPair

GROUP = 10_000  # rows that are held at a time, some 10 MB

_TYPES = {str: "string", int: "int64", float: "float64", bool: "bool"}
"""What Arrow and `datasets` both call them."""


def write(pairs: Iterable[AlignedPair], path: Path | None, about: About) -> list[Path]:
    """One file with ``translation`` first and the columns of `tables.PAIR` behind it, but for texts and languages."""
    name = destinations.named(path, "Parquet")
    import pyarrow as pa

    table = tables.of_pairs((pair for pair in pairs if pair.left.text and pair.right.text), about)
    occurring = {language for both in about.languages for language in both}
    languages = [language for language in LANGUAGES if language in occurring] or list(LANGUAGES)
    rest = dict(list(table.columns.items())[4:])
    texts = pa.struct([(language, pa.string()) for language in languages])
    rows = (({row[0]: row[2], row[1]: row[3]}, *row[4:]) for row in table.rows)
    feature = {"translation": {"languages": languages, "_type": "Translation"}}
    _write(name, [("translation", texts), *_fields(rest)], feature | _features(rest), rows)
    return [name]


def write_table(table: Table, path: Path | None) -> list[Path]:
    """One file with the columns of the table."""
    name = destinations.named(path, "Parquet")
    _write(name, _fields(table.columns), _features(table.columns), iter(table.rows))
    return [name]


def _fields(columns: Mapping[str, type]) -> list[tuple[str, Any]]:
    return [(name, _TYPES[kind]) for name, kind in columns.items()]


def _features(columns: Mapping[str, type]) -> dict[str, Any]:
    return {name: {"dtype": _TYPES[kind], "_type": "Value"} for name, kind in columns.items()}


def _write(path: Path, fields: list[tuple[str, Any]], features: dict[str, Any], rows: Iterator[Any]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    known = {"huggingface": json.dumps({"info": {"features": features}})}
    schema = pa.schema(fields, metadata=known)
    with files.atomic_bytes(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(rows, GROUP)):
            columns = zip(*group, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
