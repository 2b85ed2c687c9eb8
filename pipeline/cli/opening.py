"""The two forms of a collection, one file or shards: what commands read that can read both. To be imported when one runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import engines
from pipeline.collection import Collection, stays_in_shards
from pipeline.errors import InputError

if TYPE_CHECKING:
    from pipeline.records import Statement
    from pipeline.search import Filters, Wanted
    from pipeline.serving.holdings import Finding, Holdings


def to_show(folder: Path) -> Collection:
    """The collection; of one that stays in shards what is repeated most widely."""
    if not stays_in_shards(folder):
        return Collection.open(folder)
    from pipeline.distributed.excerpts import excerpt
    from pipeline.report import MOST

    return excerpt(folder, MOST)


def to_export(folder: Path, *, redacted: bool) -> Collection:
    """The collection, to be read from end to end."""
    if not stays_in_shards(folder):
        return Collection.open(folder)
    from pipeline.distributed.opened import InShards

    if redacted:
        raise InputError(f"names cannot be replaced in {folder}, which stays in shards", "leave out --redact")
    return InShards.read(folder)


def to_prove(folder: Path) -> Collection:
    """The collection, with what its articles were read from."""
    if stays_in_shards(folder):
        raise InputError(
            f"there is no evidence yet from {folder}, which stays in shards",
            "collect the articles of the statement in a folder of their own: crossquote run FILES --into DIR",
        )
    return Collection.open(folder)


@contextmanager
def to_find(folder: Path, filters: "Filters") -> "Iterator[Finding]":
    """What answers from the collection by meaning."""
    if stays_in_shards(folder):
        from pipeline.distributed.finding import ShardFinder

        yield ShardFinder(folder, engines.default(), filters)
        return
    from pipeline.search import Finder

    with Collection.open(folder) as collection:
        yield Finder(collection, engines.default(), filters)


def to_list(folder: Path, wanted: "Wanted") -> "Iterator[tuple[Statement, Collection]]":
    """The statements that are wanted, each with a collection that it is in."""
    if stays_in_shards(folder):
        from pipeline.distributed.excerpts import Library

        yield from Library.open(folder).duplicates(wanted)
        return
    from pipeline.search import duplicates

    with Collection.open(folder) as collection:
        for statement in duplicates(collection, wanted):
            yield statement, collection


def to_serve(folder: Path, beside: Path | None) -> "Holdings":
    """What a server reads; what it makes of it is put `beside`, or else into the folder."""
    if stays_in_shards(folder):
        from pipeline.serving.in_shards import Shards

        return Shards(folder, beside)
    from pipeline.serving.holdings import OneFile

    return OneFile(folder, beside)
