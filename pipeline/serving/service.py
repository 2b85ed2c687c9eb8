"""Answers what the page and the API ask about a collection, as JSON in UTF-8, while the collection may change.

A collection that changes is served as its shelf knew it until a new shelf is ready.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal

from pipeline import renderings
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.errors import InputError, PipelineError
from pipeline.progress import Progress, Silent
from pipeline.records import LANGUAGES, Article, Language
from pipeline.renderings import Translated
from pipeline.report import views
from pipeline.report.gathering import gathered
from pipeline.report.overview import named
from pipeline.report.parts import json_text
from pipeline.report.views import Records
from pipeline.search import Filters
from pipeline.serving.choosing import Asked, Choice
from pipeline.serving.holdings import Finding, Holdings
from pipeline.serving.interpreting import Interpreter
from pipeline.serving.shelf import Shelf
from pipeline.translations import Engine

KEPT = 1_000  # answers about one statement or article that are remembered, some 10 KB each, and translations
LONGEST = 2_000  # characters of a quotation that is translated while somebody waits: some ten seconds of the starter


@dataclass(frozen=True, slots=True)
class Served:
    """A state of the collection, with what was made of it."""

    shelf: Shelf
    choice: Choice
    overview: bytes
    tag: str


class Service:
    """The eight questions; every method may be called from several threads.

    `engines` are loaded by the first search by meaning, `translator` by the first translation, in a
    process of its own if it is to be `elsewhere`.
    """

    def __init__(
        self,
        holdings: Holdings,
        engines: Callable[[], Engines],
        progress: Progress,
        *,
        translator: Engine,
        elsewhere: bool = False,
    ) -> None:
        self._holdings, self._engines = holdings, engines
        self._interpreter = Interpreter(holdings.remembered, translator, elsewhere=elsewhere)
        self._translates = {pair: translator(*pair).signature for pair in renderings.offered(translator)}
        self._mine = threading.local()
        self._renewing, self._finding = threading.Lock(), threading.Lock()
        self._finder: tuple[str, Finding] | None = None
        self._served = self._serve(progress)
        self._one = lru_cache(maxsize=KEPT)(self._looked_up)
        self._rendered = lru_cache(maxsize=KEPT)(self._translated)

    def _serve(self, progress: Progress) -> Served:
        with self._holdings.listed(progress) as collection:
            shelf = Shelf.of(collection, progress, beside=self._holdings.beside)
        translates = named(self._translates)
        overview = json_text(json.loads(shelf.overview) | {"translates": translates}).encode()
        known = f"{shelf.state}|{self._translates}"
        return Served(shelf, Choice(shelf), overview, sha256(known.encode()).hexdigest()[:16])

    def tag(self) -> str:
        """A word for the state that is served; the collection is looked at, and prepared anew when it has changed."""
        if self._holdings.state() != self._served.shelf.state and self._renewing.acquire(blocking=False):
            threading.Thread(target=self._renew, daemon=True).start()
        return f"{self._served.tag}-{self._holdings.renderings_revision()}"

    def _renew(self) -> None:
        try:
            with suppress(PipelineError):  # a run may be writing; the next question tries again
                self._served = self._serve(Silent())
                self._one.cache_clear()
        finally:
            self._renewing.release()

    # What is asked of all statements

    def overview(self) -> bytes:
        """See `report.overview`."""
        return self._served.overview

    def statements(self, asked: Asked, offset: int, limit: int) -> bytes:
        """{total, items}: those that fit, as `views.heading` has them, with the fullest member only."""
        served = self._served
        database = self._shelf(served.shelf)
        found = served.choice.statements(asked, database)
        page = found[offset : offset + limit].tolist()
        marks = ", ".join("?" * len(page))
        rows = dict(database.execute(f"SELECT position, shown FROM statements WHERE position IN ({marks})", page))
        return _listed(len(found), [rows[position] for position in page])

    def articles(self, text: str, outlet: str | None, language: Language | None, offset: int, limit: int) -> bytes:
        """{total, items}: articles that fit, as `views.article_line` has them."""
        served = self._served
        found = served.choice.articles(text, outlet, language, self._shelf(served.shelf))
        page = found[offset : offset + limit].tolist()
        return _listed(len(found), [json_text(served.shelf.articles[at]) for at in page])

    # One statement, one article

    def statement(self, id_: str) -> bytes | None:
        """A statement in the shape of `views.statement`; None when there is none."""
        return self._one("statement", id_, self.tag())

    def article(self, id_: str) -> bytes | None:
        """An article in the shape of `views.article`; None when there is none."""
        return self._one("article", id_, self._served.tag)

    def _looked_up(self, what: Literal["statement", "article"], id_: str, tag: str) -> bytes | None:
        with self._holdings.around(what, id_) as collection:
            if what == "statement":
                one = collection.statement(id_)
                return json_text(views.statement(one, gathered(collection, [one]))).encode() if one else None
            found = collection.article(id_)
            return json_text(_article(found, collection)).encode() if found else None

    # What says the same

    def find(self, text: str, k: int, filters: Filters) -> bytes:
        """Quotations that say the same as a text, best first, with the statements that they are members of.

        InputError when the text is in none of the three languages, ModelMissing without an embedder.
        """
        with self._finding:
            if self._finder is None or self._finder[0] != self._served.tag:
                self._finder = (self._served.tag, self._holdings.finder(self._engines()))
            finder = self._finder[1]
            hits = (finder if filters == Filters() else finder.among(filters)).find(text, k)
        statements = self._holdings.statement_of([hit.quote_id for hit in hits])
        items = [{**asdict(hit), "statement": statements.get(hit.quote_id)} for hit in hits]
        return _listed(len(items), [json_text(item) for item in items])

    # What somebody reads in another language

    def rendering(self, quote_id: str, target: Language) -> bytes | None:
        """A quotation in another language, as `views.rendering` has it; None when there is no such quotation.

        InputError when it is in that language or too long, ModelMissing when nothing translates it.
        """
        with self._holdings.around("quotation", quote_id) as collection:
            quote = collection.some_quotes([quote_id]).get(quote_id)
            kept = collection.renderings([quote_id]).get(quote_id, ())
        if quote is None:
            return None
        if quote.language == target:
            raise InputError(f"{quote_id} is in {target} already", "ask for another language")
        if len(quote.text) > LONGEST:
            raise InputError(
                f"{quote_id} has more than {LONGEST:,} characters", f"crossquote report --translate --to {target}"
            )
        found = next(((one.text, one.translator, one.flags) for one in kept if one.language == target), None)
        found = found or self._rendered(quote.text, quote.language, target, self._served.tag)
        return json_text(views.rendering(target, *found)).encode()

    def _translated(self, text: str, language: Language, target: Language, _: str) -> Translated:
        """What the collection does not have is translated, and remembered as long as the server runs."""
        return self._interpreter.translate(text, language, target)

    def _shelf(self, shelf: Shelf) -> sqlite3.Connection:
        if getattr(self._mine, "of", None) is not shelf:
            self._mine.of, self._mine.shelf = shelf, shelf.connect()
        opened: sqlite3.Connection = self._mine.shelf
        return opened


def _listed(total: int, items: Sequence[str]) -> bytes:
    return f'{{"total":{total},"items":[{",".join(items)}]}}'.encode()


def _article(one: Article, collection: Collection) -> dict[str, Any]:
    quotes = views.in_order(collection.quotes_of([one.id]))
    facing = views.facing(collection.pairs_beside([one.id]))
    others = collection.some_articles(sorted(facing.get(one.id, ())))
    order = sorted(others.values(), key=lambda other: (LANGUAGES.index(other.language), other.id))
    rows = {one.id: {other.id: facing[one.id][other.id] for other in order}}
    records = Records(
        {one.id: one, **others}, {quote.id: quote for quote in quotes}, {}, rows, retracted=collection.retracted()
    )
    return views.article(one, quotes, collection.statement_of([quote.id for quote in quotes]), records)
