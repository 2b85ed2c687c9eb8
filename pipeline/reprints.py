"""Finds reprints: articles in which another outlet's text stands again, whole or shortened.

    narration -> shingles -> signature -> bands -> candidates -> links -> originals

What is quoted does not count, for reports of their own share it. Shingles are runs of words (Broder, "On the resemblance
and containment of documents", 1997); MinHash and bands of it name the articles that are worth comparing (Leskovec,
Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3), and the shingles themselves decide. The collection keeps
shingles, bands and links, so that an added article costs its own signature and the comparisons with its candidates.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline import editions, statements
from pipeline.collection import Collection
from pipeline.progress import Progress
from pipeline.records import Article, Quote, Source

Shingles = NDArray[np.uint32]
"""Hashes of the shingles of an article, sorted, each once."""

SIGNATURE = "reprints:1"
"""Changes whenever other articles would count as reprints."""

WORDS = 4  # of a shingle
MOST = 0.4
"""Share of the shorter article's shingles from which it is the same text. One exchanged word spoils four shingles; reports of
their own about one event share at most 0.12 in the newsroom's development files and the sample (docs/quality.md)."""

FEW = 16
"""Fewest shingles that two articles must share: a sentence; those reports share at most 8. An article with less around its
quotations is only found where it stands again from the first word to the last."""

BANDS, ROWS = 64, 2
"""A pair with a Jaccard similarity of s becomes a candidate with a probability of 1 - (1 - s ** ROWS) ** BANDS: of a fifth,
0.93, of a third, 0.999, and of a thousandth, 0.00006."""

TOGETHER = 512  # articles between two writes: what a killed run can lose

WORD = re.compile(r"[^\W_]+")
ALIKE = str.maketrans({"ё": "е", "\u0301": None, "\u00ad": None})  # stress marks and soft hyphens tear words apart


def signature(quotes_state: str) -> str:
    """Everything that reprints depend on beside the articles; `quotes_state` says how quotations are found."""
    return f"{SIGNATURE}|{quotes_state}"


def find(collection: Collection, state: str, progress: Progress) -> None:
    """Bring the reprints up to date with the articles and their quotations; `state` is their `signature`.

    Statements out of articles that have become a reprint, or are one no longer, are to be made anew.
    """
    kept = Reprints(collection)
    todo = collection.undone("reprints", state)
    gone = kept.orphans()
    if not todo and not gone and not kept.unsettled:
        return
    with collection.transaction():
        kept.forget(gone)
    with progress.stage("Looking for reprints", len(todo)) as advance:
        for start in range(0, len(todo), TOGETHER):
            ids = todo[start : start + TOGETHER]
            with collection.transaction():
                _link(collection, kept, ids)
                for article_id in ids:
                    collection.mark_done(article_id, "reprints", state)
            advance(len(ids))
    with collection.transaction():
        kept.settle()


def _link(collection: Collection, kept: "Reprints", ids: Sequence[str]) -> None:
    """Look for the texts of some articles among all others."""
    kept.forget(ids)
    said: dict[str, list[Quote]] = defaultdict(list)
    for quote in collection.quotes_of(ids):
        said[quote.article_id].append(quote)
    written = [article for id_ in ids if (article := collection.article(id_)) and article.translator is None]
    made = {article.id: shingles(article, said[article.id]) for article in written}
    kept.put(made)
    for article in written:
        kept.link(article, made[article.id])


def shingles(article: Article, quotes: Sequence[Quote]) -> Shingles:
    """What an article tells in its own words. Of one that tells too little, a single hash of everything that it says."""
    words = WORD.findall(" ".join(_narration(article, quotes)).translate(ALIKE))
    runs = {" ".join(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1)}
    if len(runs) < FEW:
        runs = {" ".join(WORD.findall(article.text.lower().translate(ALIKE)))}
    return np.unique(np.array([zlib.crc32(run.encode()) for run in runs], np.uint32))


def _narration(article: Article, quotes: Sequence[Quote]) -> Iterator[str]:
    """The stretches of a text outside of quoted words, in small letters."""
    at = 0
    for start, end in sorted(piece for quote in quotes if quote.kind != "indirect" for piece in quote.pieces):
        yield article.text[at:start].lower()
        at = max(at, end)
    yield article.text[at:].lower()


def bands(some: Iterable[Shingles]) -> list[list[int]]:
    """For each article the keys of its bands: who shares one is worth comparing."""
    from datasketch import MinHash  # imports half of scipy

    signatures = MinHash.generator(
        (hashes.tolist() for hashes in some), num_perm=BANDS * ROWS, scheme="affine32", hashfunc=int
    )
    return [one.hashvalues.astype("<u4").view("<i8").tolist() for one in signatures]  # two rows of 32 bits are a key


def shared(one: Shingles, other: Shingles) -> int:
    """How many shingles two articles share; 0 when that is not enough for one text."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    shorter = min(len(one), len(other))
    return common if common >= max(MOST * shorter, min(FEW, shorter)) else 0


def originals(
    sources: Mapping[str, Source], links: Iterable[tuple[str, str, int]], translation_of: Mapping[str, str]
) -> dict[str, str]:
    """For each reprint the id of its original.

    `links` are pairs of articles with the number of shingles that they `shared`, `sources` is by id, and `translation_of`
    names what articles are editions of. A reprint follows the earlier article that it shares most with, and that one
    those before it; so two texts that a third one brings together are not taken for one another. What an outlet says
    again itself is no reprint, nor are editions of one article, in whatever way the text came back.
    """
    order = sorted(sources.values(), key=statements.appeared)
    place = {source.article_id: number for number, source in enumerate(order)}
    follows: dict[str, tuple[int, int]] = {}
    for one, other, common in links:
        earlier, later = sorted((one, other), key=place.__getitem__)
        if not _are_editions(one, other, translation_of):
            follows[later] = max(follows.get(later, (0, 0)), (common, -place[earlier]))
    found: dict[str, str] = {}
    for source in order:
        if source.article_id in follows:
            before = order[-follows[source.article_id][1]].article_id
            found[source.article_id] = found.get(before, before)
    return {
        reprint: original
        for reprint, original in found.items()
        if (sources[reprint].outlet is None or sources[reprint].outlet != sources[original].outlet)
        and not _are_editions(reprint, original, translation_of)
    }


def _are_editions(one: str, other: str, translation_of: Mapping[str, str]) -> bool:
    return editions.root(one, translation_of) == editions.root(other, translation_of)


class Reprints:
    """What a collection remembers of reprints; every method that writes needs a transaction of it around."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._db = collection.database

    @property
    def unsettled(self) -> bool:
        """Whether links have changed since originals were chosen."""
        return self._collection.meta("reprints") == "unsettled"

    def all(self) -> dict[str, str]:
        """For each reprint the id of its original."""
        return dict(self._db.execute("SELECT article_id, original_id FROM reprints"))

    def orphans(self) -> list[str]:
        """Ids of articles that are gone."""
        query = (
            "SELECT article_id FROM shingles LEFT JOIN articles ON articles.id = article_id WHERE articles.id IS NULL"
        )
        return [row[0] for row in self._db.execute(query)]

    def forget(self, ids: Sequence[str]) -> None:
        """Drop everything about articles that have changed or are gone."""
        known = list(self._collection.rows("SELECT number, bands FROM shingles WHERE article_id IN ({})", ids))
        if not known:
            return
        self._collection.remember("reprints", "unsettled")
        self._unmark(ids)
        for number, kept in known:
            keys = np.frombuffer(kept, "<i8").tolist()
            self._db.executemany("DELETE FROM bands WHERE key = ? AND number = ?", [(key, number) for key in keys])
            self._db.execute("DELETE FROM links WHERE one = ? OR other = ?", (number, number))
            self._db.execute("DELETE FROM shingles WHERE number = ?", (number,))

    def _unmark(self, ids: Sequence[str]) -> None:
        """Take articles out of the groups of reprints that they are in, as original or reprint."""
        touched = {
            row[0] for row in self._collection.rows("SELECT article_id FROM reprints WHERE article_id IN ({})", ids)
        }
        touched |= {
            row[0] for row in self._collection.rows("SELECT article_id FROM reprints WHERE original_id IN ({})", ids)
        }
        self._collection.loosen_articles(sorted(touched))
        self._db.executemany("DELETE FROM reprints WHERE article_id = ?", [(id_,) for id_ in sorted(touched)])

    def put(self, made: Mapping[str, Shingles]) -> None:
        """Keep the shingles of new articles, by id, and their bands."""
        rows = []
        for (article_id, hashes), keys in zip(made.items(), bands(made.values()), strict=True):
            kept = np.array(keys, "<i8").tobytes()
            number = self._db.execute(
                "INSERT INTO shingles (article_id, hashes, bands) VALUES (?, ?, ?)",
                (article_id, hashes.astype("<u4").tobytes(), kept),
            ).lastrowid
            rows += [(key, number) for key in set(keys)]
        self._db.executemany("INSERT INTO bands VALUES (?, ?)", sorted(rows))  # in order: pages are written once

    def link(self, article: Article, hashes: Shingles) -> None:
        """Compare an article with those that were kept before it, share a band, and are not the same outlet's."""
        (number, keys), *_ = self._collection.rows(
            "SELECT number, bands FROM shingles WHERE article_id IN ({})", [article.id]
        )
        candidates = self._db.execute(
            "SELECT number, hashes FROM shingles JOIN articles ON articles.id = article_id WHERE number IN"
            f" (SELECT number FROM bands WHERE key IN ({', '.join('?' * BANDS)}) AND number < ?)"
            " AND language = ? AND (outlet = ?) IS NOT TRUE",
            (*np.frombuffer(keys, "<i8").tolist(), number, article.language, article.outlet),
        )
        found = [
            (other, common) for other, kept in candidates if (common := shared(hashes, np.frombuffer(kept, "<u4")))
        ]
        if found:
            self._collection.remember("reprints", "unsettled")
            self._db.executemany(
                "INSERT INTO links VALUES (?, ?, ?)", [(other, number, common) for other, common in found]
            )

    @property
    def follow(self) -> bool:
        """Whether the originals are those that follow from the links."""
        return self.all() == self._chosen()

    def _chosen(self) -> dict[str, str]:
        """For each reprint the id of the original that follows from the links."""
        links = list(
            self._db.execute(
                "SELECT one.article_id, other.article_id, shared FROM links"
                " JOIN shingles AS one ON one.number = links.one JOIN shingles AS other ON other.number = links.other"
            )
        )
        sources = self._collection.sources(sorted({id_ for link in links for id_ in link[:2]}))
        edited = dict(self._db.execute("SELECT id, translation_of FROM articles WHERE translation_of IS NOT NULL"))
        return originals(sources, links, edited)

    def settle(self) -> None:
        """Choose the originals anew; statements out of articles for which another one was chosen are to be made anew."""
        before, now = self.all(), self._chosen()
        changed = {id_ for id_, _ in before.items() ^ now.items()}
        self._collection.loosen_articles(sorted(changed))
        self._db.executemany("DELETE FROM reprints WHERE article_id = ?", [(id_,) for id_ in changed])
        self._db.executemany("INSERT INTO reprints VALUES (?, ?)", [(id_, now[id_]) for id_ in changed if id_ in now])
        self._collection.remember("reprints", "settled")
        if changed:
            self._collection.touch()
