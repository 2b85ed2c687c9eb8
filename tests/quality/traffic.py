"""Readers of a big served collection: what 16 of them, who never pause, wait for.

The collection is made of the newsroom's events, again and again: articles whole, statements as people marked them, each
copy with a name of its own at the end of what is quoted. Nothing is embedded or matched.
"""

import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote as quoted
from urllib.parse import urlencode

import multiplied

from corpora.newsroom import reader
from corpora.newsroom.reader import Event, Report
from pipeline.collection import FILE, Collection
from pipeline.likeness import FEATURES
from pipeline.records import (
    LANGUAGES,
    AlignedPair,
    Article,
    First,
    Join,
    Member,
    Passage,
    Quote,
    Span,
    Statement,
    content_id,
    join_pieces,
)

Line = dict[str, object]

CLIENTS = 16
ASKED = 60  # pages that each client asks for, of each kind
TOGETHER = 50  # copies of events that are written in one transaction
PAGE = 30
MB = 1 << 20
WORD = re.compile(r"[^\W\d_]{5,}")
SYLLABLES = multiplied.SYLLABLES["en"].split()


def lines(folder: Path, quotes: int) -> Iterator[Line]:
    """A collection of that many quotations is made, served and asked by one client, then by all."""
    events = [event for path in reader.development_files() for event in reader.read(path)]
    began = time.perf_counter()
    with Collection.open(folder, create=True) as collection:
        fill(collection, events, quotes)
        made = {table: collection.count(table) for table in ("quotes", "statements", "articles")}
    size = (folder / FILE).stat().st_size // MB
    yield {"made": made, "seconds": round(time.perf_counter() - began, 1), "file_mb": size}
    began = time.perf_counter()
    with server(folder) as (port, used):
        shelf = (folder / "search.sqlite").stat().st_size // MB
        yield {"first_start_seconds": round(time.perf_counter() - began, 1), "search_mb": shelf}
        questions = Questions(events, port)
        alone = {kind: visit(port, ask, clients=1) for kind, ask in questions.kinds.items()}
        for kind, ask in questions.kinds.items():
            before = used().seconds
            taken = visit(port, ask, clients=CLIENTS)
            spent = used().seconds - before
            yield {
                "page": kind,
                "quotes": made["quotes"],
                "clients": CLIENTS,
                "answers": len(taken),
                "processor_ms_an_answer": round(1000 * spent / len(taken), 2),
                "median_ms": _share(taken, 0.5),
                "95th_percentile_ms": _share(taken, 0.95),
                "baseline_one_client_95th_percentile_ms": _share(alone[kind], 0.95),
            }
        yield {"server_mb": used().megabytes}
    began = time.perf_counter()
    with server(folder):
        yield {"later_start_seconds": round(time.perf_counter() - began, 1)}


def _share(taken: Sequence[float], share: float) -> float:
    return round(1000 * sorted(taken)[int(share * (len(taken) - 1))], 1)


# The collection -----------------------------------------------------------------------------------------------------


def fill(collection: Collection, events: Sequence[Event], quotes: int) -> None:
    """Write whole copies of events until there are at least so many quotations."""
    copies = ((n // len(events), events[n % len(events)]) for n in count())
    written = 0
    while written < quotes:
        with collection.transaction():
            for copy, event in islice(copies, TOGETHER):
                written += _write(collection, event, copy)
                if written >= quotes:
                    break
    with collection.transaction():
        collection.remember("signature", "traffic")


def _write(collection: Collection, event: Event, copy: int) -> int:
    chance = random.Random(f"{event.id} {copy}")
    name = _name(copy)
    articles, said = dict[str, Article](), dict[str, list[Quote]]()
    for report in event.reports:
        article, some = _grown(report, event, copy, name)
        articles[article.id] = article
        collection.put_article(article)
        collection.put_quotes(article.id, some)
        for mention, quote in zip(report.mentions, some, strict=True):
            said.setdefault(mention.statement, []).append(quote)
    for statement, some in said.items():
        made = _statement(event, statement, some, articles)
        joins = {quote.id: Join(chance.random(), {name: chance.random() for name in FEATURES}) for quote in some[1:]}
        collection.put_statements(f"{event.id}.{copy}", [made], joins)
    _pair(collection, event, articles, copy)
    return sum(map(len, said.values()))


def _name(copy: int) -> str:
    """Another name for each copy."""
    digits = (copy // 20**place % 20 for place in range(4))
    return "".join(SYLLABLES[digit] for digit in digits).capitalize()


def _grown(report: Report, event: Event, copy: int, name: str) -> tuple[Article, list[Quote]]:
    """An article with a name at the end of each quotation, and its quotations."""
    text, added = report.article.text, f", {name}"
    ends = sorted({mention.pieces[-1][1] for mention in report.mentions})
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]

    def moved(span: Span) -> Span:
        start, end = span
        return start + len(added) * bisect_right(ends, start), end + len(added) * bisect_right(ends, end)

    article = replace(
        report.article,
        id=f"{report.article.id}.{copy}",
        text=added.join(parts),
        outlet=f"{report.article.outlet or report.letter} {copy % 20}",
        title=f"{report.article.title or event.id}, {name}",
        published=f"20{10 + copy % 15}-0{1 + copy % 9}-1{copy % 10}T12:00:00Z",
        url=f"https://news.example/{event.id}/{copy}",
        translation_of=None,
    )
    made = []
    for number, mention in enumerate(report.mentions):
        pieces = tuple(map(moved, mention.pieces))
        made.append(
            Quote(
                id=content_id("q", article.id, number),
                article_id=article.id,
                language=article.language,
                kind=mention.kind,
                pieces=pieces,
                text=join_pieces(article.text, pieces),
                speaker=f"{event.speakers[mention.statement][article.language]} {name}",
                speaker_start=None,
                speaker_end=None,
                cue=None,
                confidence=0.9,
            )
        )
    return article, made


def _statement(event: Event, label: str, some: list[Quote], articles: dict[str, Article]) -> Statement:
    some.sort(key=lambda quote: -len(quote.text))
    fullest = some[0]

    def member(quote: Quote) -> Member:
        source = articles[quote.article_id]
        alike = quote is fullest
        relation = "same" if alike else "reworded" if quote.language == fullest.language else "translation"
        return Member(
            quote_id=quote.id, article_id=source.id, outlet=source.outlet, language=source.language,
            published=source.published, start=quote.start, end=quote.end, text=quote.text,
            relation="indirect" if quote.kind == "indirect" and not alike else relation,  # type: ignore[arg-type]
            altered=("number",) if label.endswith("1") and not alike else (),
            diff=None if alike else (("-", fullest.text), ("+", quote.text)),
        )  # fmt: skip

    members = tuple(map(member, some))
    first = min(members, key=lambda one: (one.published or "", one.article_id))
    outlets = len({one.outlet for one in members})
    languages = tuple(language for language in LANGUAGES if any(one.language == language for one in members))
    return Statement(
        id=content_id("s", fullest.id), speaker=dict.fromkeys(LANGUAGES) | {
            quote.language: quote.speaker for quote in reversed(some)
        },
        first=First(article_id=first.article_id, outlet=first.outlet, published=first.published),
        outlets=outlets, languages=languages, confidence=0.9, members=members, independent_outlets=outlets,
    )  # fmt: skip


def _pair(collection: Collection, event: Event, articles: dict[str, Article], copy: int) -> None:
    """The paragraphs of the English edition and of the Ukrainian one, as far as they go, side by side."""
    left, right = (articles[f"{event.editions[language].article.id}.{copy}"] for language in ("en", "uk"))
    pairs = [
        AlignedPair(
            left=ours, right=theirs, left_language="en", right_language="uk",
            kind="1-1", moved=False, similarity=0.75, origin="human",
        )
        for ours, theirs in zip(_passages(left), _passages(right), strict=False)
    ]  # fmt: skip
    collection.put_pairs(left.id, right.id, pairs)


def _passages(article: Article) -> Iterator[Passage]:
    for found in re.finditer(r"[^\n]+", article.text):
        yield Passage(article_id=article.id, start=found.start(), end=found.end(), text=found[0])


# The server and its readers ------------------------------------------------------------------------------------------


class Used(NamedTuple):
    """Processor seconds of a process so far, and its peak memory (Linux)."""

    seconds: float
    megabytes: int

    @classmethod
    def by(cls, pid: int) -> "Used":
        """What the system says of a process."""
        ticks = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]
        peak = re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))[0]
        return cls(sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), int(peak) // 1024)


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, Callable[[], Used]]]:
    """A process that serves the collection: its port, and what tells what it used."""
    command = [str(Path(sys.executable).with_name("crossquote")), "serve", "--in", str(folder), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    try:
        said = next((line for line in process.stderr if line.startswith("http")), "")
        found = re.search(r":(\d+)/", said)
        if not found:
            raise RuntimeError(f"{' '.join(command)} did not start")
        yield int(found[1]), lambda: Used.by(process.pid)
    finally:
        process.terminate()
        process.wait()


class Questions:
    """What readers ask for, by kind; chance decides, the same at every measurement."""

    def __init__(self, events: Sequence[Event], port: int) -> None:
        overview = json.loads(get(http.client.HTTPConnection("127.0.0.1", port), "/api/overview"))
        self._statements: int = overview["figures"]["statements"]
        self._outlets = [one["name"] for one in overview["outlets"]]
        texts = [report.article.text for event in events for report in event.reports]
        self._words = sorted({word for text in texts for word in WORD.findall(text)})
        self._names = [_name(copy) for copy in range(1 + self._statements // 200)]
        listed = json.loads(get(http.client.HTTPConnection("127.0.0.1", port), "/api/statements?limit=1"))
        assert listed["total"] == self._statements
        self._ids = list(self._some_ids(port))
        self.kinds: dict[str, Callable[[random.Random], str]] = {
            "list": self.list,
            "filtered list": self.filtered,
            "searched list": self.searched,
            "statement": self.statement,
            "article": self.article,
        }

    def _some_ids(self, port: int) -> Iterator[tuple[str, str]]:
        """Statements from everywhere in the list, each with an article that it stands in."""
        connection = http.client.HTTPConnection("127.0.0.1", port)
        chance = random.Random(3)
        for _ in range(100):
            offset = chance.randrange(max(self._statements - PAGE, 1))
            for one in json.loads(get(connection, f"/api/statements?offset={offset}&limit={PAGE}"))["items"]:
                yield one["id"], one["members"][0]["article_id"]

    def list(self, chance: random.Random) -> str:
        """A page of the plain list, most often near its beginning."""
        return self._page(chance, sort=chance.choice(["repeated", "earliest", "latest", "doubtful"]))

    def filtered(self, chance: random.Random) -> str:
        """Two filters, one of them with many values."""
        many = chance.choice([("outlet", chance.choice(self._outlets)), ("speaker", chance.choice(self._names))])
        few = chance.choice(
            [("language", chance.choice(LANGUAGES)), ("altered", "any"), ("least", chance.randint(2, 5))]
        )
        return self._page(chance, **dict([many, few]))

    def searched(self, chance: random.Random) -> str:
        """A word of the originals, which all copies share, or a name that one copy has."""
        return self._page(chance, text=chance.choice([chance.choice(self._words), chance.choice(self._names)]))

    def _page(self, chance: random.Random, **asked: object) -> str:
        offset = PAGE * min(int(chance.expovariate(0.3)), 50)
        return f"/api/statements?{urlencode({**asked, 'offset': offset, 'limit': PAGE})}"

    def statement(self, chance: random.Random) -> str:
        """Any statement."""
        return f"/api/statements/{chance.choice(self._ids)[0]}"

    def article(self, chance: random.Random) -> str:
        """Any article."""
        return f"/api/article?id={quoted(chance.choice(self._ids)[1], safe='')}"


def get(connection: http.client.HTTPConnection, address: str) -> bytes:
    """The body of an answer; RuntimeError unless it is one."""
    connection.request("GET", address)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{address}: {answer.status} {body[:200]!r}")
    return body


def visit(port: int, ask: Callable[[random.Random], str], *, clients: int) -> list[float]:
    """Seconds of each answer, of clients that ask one question after another on a connection of their own."""
    taken: list[float] = []

    def read(number: int) -> None:
        connection, chance = http.client.HTTPConnection("127.0.0.1", port), random.Random(f"{clients} {number}")
        for _ in range(ASKED):
            address = ask(chance)
            began = time.perf_counter()
            get(connection, address)
            taken.append(time.perf_counter() - began)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(clients)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    return taken
