"""How quickly a report opens, and how it goes on, as the number of its statements grows.

The records are those of the sample, over and over: each time with other ids and speakers, and with random words in every
article, so that the copies are not compressed away.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

from browsers import chromium

from pipeline import editions, report
from pipeline.collection import Collection
from pipeline.records import AlignedPair, Article, Join, Quote, Statement

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = (2_000, 50_000)
TIMES = 5
RANDOM_WORDS = 12
PERSONS = 500  # copies after which speakers come again
WORDS = [
    "river",
    "bridge",
    "harbour",
    "station",
    "forest",
    "мост",
    "берег",
    "вокзал",
    "лес",
    "гавань",
    "міст",
    "станція",
    "ліс",
    "порт",
]

FIRST_ITEM = """
new MutationObserver((_, observer) => {
  if (!document.querySelector(".item")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => (window.painted = performance.now())));
}).observe(document, { childList: true, subtree: true });
"""

ACTIONS = {
    "filter": "ask('altered', 'any'); await change('.item');",
    "first_search": "ask('altered', ''); ask('text', 'автобус 4'); await change('.item');",
    "next_search": "ask('text', 'light 7'); await change('.item');",
    "statement": "location.hash = document.querySelector('.item .open').hash; await change('.member');",
    "article": "location.hash = document.querySelector('.member .origin a:not([target])').hash; await change('.reading');",
}
"""What a reader does, in turn; each ends when what was asked for is on the page."""

TIMED = """async () => {
  const ask = (name, value) => {
    document.querySelector(`.filters [name=${name}]`).value = value;
    document.querySelector(".filters form").dispatchEvent(new Event("input", { bubbles: true }));
  };
  const change = async (selector) => {
    const before = document.querySelector(selector);
    while (!document.querySelector(selector) || document.querySelector(selector) === before) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const began = performance.now();
  %s
  return performance.now() - began;
}"""


@dataclass(slots=True)
class Multiplied:
    """Records of a collection several times over."""

    statements: list[Statement] = field(default_factory=list)
    articles: dict[str, Article] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    joins: dict[str, Join] = field(default_factory=dict)
    pairs: list[AlignedPair] = field(default_factory=list)

    def add(self, source: "Multiplied", copy: int, random: Random) -> None:
        """Add a copy of everything in `source`."""
        mark, person = f"~{copy}", f" {copy % PERSONS}"
        for one in source.articles.values():
            more = " ".join(random.choices(WORDS, k=RANDOM_WORDS))
            original = one.translation_of and one.translation_of + mark
            self.articles[one.id + mark] = replace(
                one, id=one.id + mark, text=f"{one.text} {more}", translation_of=original
            )
        for quote in source.quotes.values():
            speaker = quote.speaker and quote.speaker + person
            self.quotes[quote.id + mark] = replace(
                quote, id=quote.id + mark, article_id=quote.article_id + mark, speaker=speaker
            )
        self.joins |= {id_ + mark: join for id_, join in source.joins.items()}
        self.statements += [_copied(one, copy, mark, person) for one in source.statements]
        self.pairs += [
            replace(
                one,
                left=replace(one.left, article_id=one.left.article_id + mark),
                right=replace(one.right, article_id=one.right.article_id + mark),
            )
            for one in source.pairs
        ]

    def content(self, statements: int) -> report.Content:
        """A page of the first statements."""
        records = report.Records(self.articles, self.quotes, self.joins, report.facing(self.pairs))
        return report.Content("", "", self.statements[:statements], records, published=list(self.articles.values()))


def _copied(one: Statement, copy: int, mark: str, person: str) -> Statement:
    members = tuple(
        replace(
            member, quote_id=member.quote_id + mark, article_id=member.article_id + mark, text=f"{member.text} {copy}"
        )
        for member in one.members
    )
    speaker = {language: name and name + person for language, name in one.speaker.items()}
    first = replace(one.first, article_id=one.first.article_id + mark)
    return replace(one, id=one.id + mark, members=members, speaker=speaker, first=first)


def multiplied(folder: Path, statements: int) -> Multiplied:
    """The collection in `folder`, without machine editions, as often as gives that many statements."""
    with Collection.open(folder) as collection:
        families = editions.families(collection.articles(machine=False))
        source = Multiplied(
            list(collection.statements()),
            {article.id: article for family in families for article in family},
            {quote.id: quote for quote in collection.quotes()},
            collection.joins(),
            [pair for pair in collection.pairs() if pair.origin == "human"],
        )
    made, random, copy = Multiplied(), Random(0), 0
    while len(made.statements) < statements:
        made.add(source, copy, random)
        copy += 1
    return made


def lines(folder: Path) -> Iterator[dict[str, object]]:
    """Figures for each of `SIZES`, made of the collection in `folder`: milliseconds, the median of `TIMES`."""
    with chromium() as browser:
        empty = folder / "empty.html"
        empty.write_text('<!DOCTYPE html><main><p class="item">nothing</p></main>')
        baseline = _median([_opened(browser, empty) for _ in range(TIMES)])
        for statements in SIZES:
            made = multiplied(folder, statements)
            path = folder / "many.html"
            began = perf_counter()
            report.write(path, made.content(statements))
            written = round(perf_counter() - began, 1)
            found = [_used(browser, path) for _ in range(TIMES)]
            yield {
                "statements": statements,
                "articles": len(made.articles),
                "quotes": len(made.quotes),
                "megabytes": round(path.stat().st_size / 1e6, 1),
                "written_seconds": written,
                **{f"{name}_ms": _median([one[name] for one in found]) for name in found[0]},
                "empty_page_ms": baseline,
            }


def _opened(browser: "Browser", path: Path) -> float:
    page = browser.new_page()
    took = _painted(page, path)
    page.close()
    return took


def _used(browser: "Browser", path: Path) -> dict[str, float]:
    page = browser.new_page()
    took = {"open": _painted(page, path)}
    page.wait_for_load_state("load")
    for name, action in ACTIONS.items():
        took[name] = page.evaluate(TIMED % action)
    page.close()
    return took


def _painted(page: "Page", path: Path) -> float:
    """Milliseconds from the start of the navigation until the first statement was on the screen."""
    page.add_init_script(FIRST_ITEM)
    page.goto(path.as_uri(), wait_until="commit")
    waiting = "async () => { while (!window.painted) await new Promise((resolve) => setTimeout(resolve, 5)); return painted; }"
    painted: float = page.evaluate(waiting)
    return painted


def _median(values: list[float]) -> int:
    return round(sorted(values)[len(values) // 2])
