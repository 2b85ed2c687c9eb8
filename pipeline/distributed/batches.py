"""What is made of a batch of articles by itself: machine editions, quotations, aligned pairs, points.

The batch is a collection in memory, and the functions are those of a run on one machine. An article, or the editions of
one where they are looked at together, with which they fail is set aside: it takes no part in what follows.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from pipeline import counterparts, editions, matching, pairs, reprints, run
from pipeline.collection import Collection
from pipeline.distributed import shards
from pipeline.distributed.crews import Desk
from pipeline.distributed.earlier import Earlier
from pipeline.distributed.pieces import worked
from pipeline.distributed.reading import Batch, load
from pipeline.distributed.shards import Made, Making
from pipeline.memory import Notebook
from pipeline.progress import Silent
from pipeline.records import LANGUAGES, Language, Quote, Refusal
from pipeline.translations import Bureau
from pipeline.utterances import Utterances

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 by the golden ratio, odd

Ids = Sequence[str]
"""Articles that are worked on together: one, or the editions of one."""


def translate(
    targets: Sequence[Language], others: Sequence[Language], earlier: Earlier, desk: Desk, batch: Batch
) -> Made:
    """The machine editions that a batch lacks, with what people have translated in the earlier collection.

    What has been translated there into `others`, which are not asked for this time, stays so.
    """
    bureau = Bureau(desk.engines.translator, Notebook())
    there: dict[Language, list[str]] = {}
    if others:
        with Collection.in_memory() as some:
            load(batch, ["articles"], some)
            there = earlier.editions_of(some, others)
    pairs_ = [(source, target) for target in (*targets, *there) for source in LANGUAGES if source != target]
    models = [bureau.signature(*pair) for pair in pairs_ if not bureau.missing(*pair)]
    known: list[object] = [one for one in (earlier.people, there) if one]
    make = partial(_translate, desk, batch, targets, there, earlier)
    return shards.made(desk.shards, "translate", [batch.key, list(targets), models, *known], make)


def _translate(
    desk: Desk,
    batch: Batch,
    targets: Sequence[Language],
    there: Mapping[Language, Sequence[str]],
    earlier: Earlier,
    making: Making,
) -> None:
    def into(languages: Sequence[Language], some: Collection) -> list[tuple[str, pa.Table]]:
        outcome = run.Outcome()
        earlier.put_translations(some)
        run.translate(some, Bureau(desk.engines.translator, some), languages, outcome, Silent())
        for refusal in outcome.refused:
            making.refuse(refusal)
        made = "WHERE id IN (SELECT article_id FROM segments)"
        return [
            ("articles", shards.table_of(some, "articles", made)),
            *tables_of(some, "segments", "done", "translations"),
        ]

    def work(some: Collection) -> list[tuple[str, pa.Table]]:
        tables = []
        for language, ids in there.items():
            mine = [family for family in _families(some) if not {*ids}.isdisjoint(family)]
            with Collection.in_memory() as part:
                _copy(some, [id_ for family in mine for id_ in family], ["articles"], part)
                tables += into([language], part)
        return tables + into(targets, some)

    _by_pieces(desk, batch, [], _families, work, making)


def find_quotes(desk: Desk, batch: Batch) -> Made:
    """The quotations of a batch, its utterances, and the shingles by which reprints are found."""
    state = run.quotes_state(desk.engines)
    make = partial(_find_quotes, desk, batch, state)
    return shards.made(
        desk.shards, "quotes", [batch.key, state, matching.signature(desk.engines), reprints.SIGNATURE], make
    )


def _find_quotes(desk: Desk, batch: Batch, state: str, making: Making) -> None:
    def work(some: Collection) -> list[tuple[str, pa.Table]]:
        run.find_quotes(some, desk.engines.tagger, state, Silent())
        matching.note_utterances(some, Utterances(some), f"{state}|{matching.signature(desk.engines)}")
        for article in some.outlines():
            some.mark_done(article.id, "reprints", reprints.signature(state))
        tables = tables_of(some, "quotes", "done", "utterances")
        return [*tables, ("said", said(some)), *shingles(some)]

    _by_pieces(desk, batch, ["segments"], _articles, work, making)


def said(some: Collection) -> pa.Table:
    """By the number of its text the longest quotation of each utterance, which is what is compared, and its source."""
    columns = shards.columns_of(some, "quotes")
    beside = {"words": pa.int64(), "quotes": pa.string()} | dict.fromkeys(
        ("outlet", "published", "translation_of"), pa.string()
    )
    query = (
        "SELECT quotes.*, utterances.text, utterances.quotes, outlet, published, translation_of FROM utterances"
        " JOIN quotes ON quotes.id = quote_id JOIN articles ON articles.id = quotes.article_id ORDER BY utterances.text"
    )
    return shards.out_of(some, query, columns | beside)


def shingles(some: Collection) -> list[tuple[str, pa.Table]]:
    """What is compared of articles to find reprints; their bands by key."""
    written = list(some.articles(machine=False))
    quotes: dict[str, list[Quote]] = {article.id: [] for article in written}
    for quote in some.quotes_of(list(quotes)):
        quotes[quote.article_id].append(quote)
    hashes = [reprints.shingles(article, quotes[article.id]) for article in written]
    keys = [_spread(some_keys) for some_keys in reprints.bands(hashes)]
    ids = [article.id for article in written]
    found = pa.table(
        {
            "article_id": pa.array(ids, pa.string()),
            "hashes": pa.array([one.astype("<u4").tobytes() for one in hashes], pa.binary()),
            "keys": pa.array(keys, pa.list_(pa.int64())),
        }
    )
    rows = sorted(
        (
            (key, a.id, a.language, a.outlet)
            for a, some_keys in zip(written, keys, strict=True)
            for key in set(some_keys)
        ),
        key=lambda row: row[:2],
    )
    columns = {"key": pa.int64(), "article_id": pa.string(), "language": pa.string(), "outlet": pa.string()}
    return [("shingles", found), ("bands", shards.table(rows, columns))]


def _spread(keys: Sequence[int]) -> list[int]:
    """The keys of bands, evenly over all integers of 64 bits (Knuth 1973, 6.4): they are minima, and crowd together."""
    spread: list[int] = (np.array(keys, np.int64).view(np.uint64) * GOLDEN).view(np.int64).tolist()
    return spread


def align(desk: Desk, batch: Batch) -> Made:
    """The aligned pairs of the editions in a batch, and which of their quotations correspond."""
    parts = [batch.key, pairs.SIGNATURE, desk.engines.embedder.signature]
    return shards.made(desk.shards, "align", parts, partial(_align, desk, batch))


def _align(desk: Desk, batch: Batch, making: Making) -> None:
    def work(some: Collection) -> list[tuple[str, pa.Table]]:
        run.align(some, desk.engines.embedder, Silent())
        facing = (pair[:2] for pair in counterparts.correspondences(some))
        bound = shards.table(facing, {"one": pa.string(), "other": pa.string()})
        return [*tables_of(some, "pairs", "vectors", "done"), ("facing", bound)]

    def families(some: Collection) -> list[Ids]:
        return [family for family in _families(some) if len(family) > 1]

    _by_pieces(desk, batch, ["segments", "quotes"], families, work, making)


def embed(desk: Desk, batch: Batch) -> Made:
    """The points of the texts that a batch quotes."""
    parts = [batch.key, matching.signature(desk.engines)]
    return shards.made(desk.shards, "embed", parts, partial(_embed, desk, batch))


def _embed(desk: Desk, batch: Batch, making: Making) -> None:
    def work(some: Collection) -> list[tuple[str, pa.Table]]:
        some.remember("dimension", str(desk.engines.embedder.dimension))
        matching.embed(some, Utterances(some), desk.engines.embedder, desk.engines.matcher, Silent())
        return [("points", shards.table_of(some, "points", "ORDER BY text"))]

    _by_pieces(desk, batch, ["quotes", "utterances"], _articles, work, making)


# Piece by piece


def _by_pieces(
    desk: Desk,
    batch: Batch,
    tables: Sequence[str],
    pieces_of: Callable[[Collection], list[Ids]],
    work: Callable[[Collection], list[tuple[str, pa.Table]]],
    making: Making,
) -> None:
    """What `work` makes of a batch, of which it needs the articles and these tables."""
    with Collection.in_memory() as whole:
        load(batch, ["articles", *tables], whole)
        pieces = pieces_of(whole)

        def together(some: Sequence[Ids]) -> list[tuple[str, pa.Table]]:
            with Collection.in_memory() as chosen:
                _copy(whole, [id_ for ids in some for id_ in ids], ["articles", *tables], chosen)
                return work(chosen)

        def failed(ids: Ids, reason: str) -> None:
            for id_ in ids:
                making.refuse(Refusal(where=id_, reason=f"{making.stage}: {reason}"), article_id=id_)

        found = worked(desk, making.name, pieces, together, failed)
    for name in dict.fromkeys(name for made in found for name, _ in made):
        making.put(name, pa.concat_tables([table for made in found for each, table in made if each == name]))


def _articles(some: Collection) -> list[Ids]:
    return [[article.id] for article in some.outlines()]


def _families(some: Collection) -> list[Ids]:
    return [[article.id for article in family] for family in editions.families(some.outlines())]


def _copy(source: Collection, ids: Sequence[str], tables: Sequence[str], into: Collection) -> None:
    """Put what belongs to some articles into another collection."""
    for table in tables:
        columns = shards.columns_of(source, table)
        key = "id" if table == "articles" else "article_id"
        marks = ", ".join("?" * len(columns))
        for row in source.rows(f"SELECT * FROM {table} WHERE {key} IN ({{}})", ids):
            into.database.execute(f"INSERT INTO {table} VALUES ({marks})", row)


def tables_of(some: Collection, *names: str) -> list[tuple[str, pa.Table]]:
    """Tables of a collection, with their names."""
    return [(name, shards.table_of(some, name)) for name in names]
