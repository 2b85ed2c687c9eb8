"""Counts over all statements of a collection: what the page's heading, its filters and its charts are made of."""

import heapq
import json
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from pipeline.collection import Collection
from pipeline.records import LANGUAGES, Article, Language, Statement
from pipeline.report.views import Json, timestamp

BEST = 10
"""How many statements the lists of the most repeated and the most altered hold."""

SHARING = 16
"""How many outlets the matrix of shared statements shows: more do not fit on a screen."""

WHOLE = "whole"  # under which a collection that is a part of another one remembers the counts of that


class Overview:
    """Counts statements one by one, so that a collection need not be in memory."""

    def __init__(self) -> None:
        self._statements = self._repeated = self._altered = self._widest = 0
        self._spoken: Counter[Language] = Counter()
        self._outlets: Counter[str | None] = Counter()
        self._cells: Counter[tuple[str | None, Language]] = Counter()
        self._shared: Counter[tuple[str | None, str | None]] = Counter()
        self._most_repeated: list[tuple[tuple[int, int, int], Json]] = []
        self._most_altered: list[tuple[tuple[int, int, int], Json]] = []

    def add(self, statement: Statement) -> None:
        """Count a statement."""
        self._statements += 1
        altered = sum(bool(member.altered) for member in statement.members)
        self._repeated += statement.outlets > 1
        self._altered += altered > 0
        self._widest = max(self._widest, statement.outlets)
        self._spoken.update(statement.languages)
        standing = [member for member in statement.members if not member.retracted]
        outlets = sorted({member.outlet or None for member in standing}, key=_by_name)
        self._outlets.update(outlets)
        self._cells.update({(member.outlet or None, member.language) for member in standing})
        self._shared.update(combinations(outlets, 2))
        if statement.outlets > 1:
            self._keep(self._most_repeated, (statement.outlets, len(statement.members)), statement, altered)
        if altered:
            self._keep(self._most_altered, (altered, statement.outlets), statement, altered)

    def _keep(
        self, best: list[tuple[tuple[int, int, int], Json]], rank: tuple[int, int], one: Statement, altered: int
    ) -> None:
        """Put a statement among the `BEST` unless it ranks below them; between equals the earlier one counts more."""
        key = (*rank, -self._statements)
        if len(best) == BEST and key < best[0][0]:
            return
        fullest = one.members[0]
        shown = {
            "id": one.id,
            "speaker": one.speaker,
            "text": fullest.text,
            "language": fullest.language,
            "outlets": one.outlets,
            "members": len(one.members),
            "altered": altered,
        }
        heapq.heappush(best, (key, shown))
        if len(best) > BEST:
            heapq.heappop(best)

    def result(self, title: str, signature: str, articles: Iterable[Article]) -> Json:
        """What the page shows. Editions that a machine made are no articles of an outlet and are not counted."""
        published = [article for article in articles if article.translator is None]
        return {
            "title": title,
            "signature": signature,
            "coverage": _coverage(published),
            "figures": self._figures(published),
            "languages": {language: self._spoken[language] for language in LANGUAGES if self._spoken[language]},
            "outlets": [
                {
                    "name": outlet,
                    "statements": self._outlets[outlet],
                    "languages": {language: self._cells[outlet, language] for language in LANGUAGES},
                }
                for outlet in sorted(self._outlets, key=_by_name)
            ],
            "shared": self._matrix(),
            "repeated": _best_first(self._most_repeated),
            "altered": _best_first(self._most_altered),
            "thresholds": [n for n in (1, 2, 3, 4, 5, 10, 20, 50) if n == 1 or n <= self._widest],
        }

    def _figures(self, published: list[Article]) -> dict[str, int]:
        named = {article.outlet for article in published if article.outlet}
        return {
            "articles": len(published),
            "outlets": len(named) + sum(not article.outlet for article in published),
            "languages": len({article.language for article in published}),
            "statements": self._statements,
            "repeated": self._repeated,
            "altered": self._altered,
        }

    def _matrix(self) -> Json:
        """The outlets that share most, and how many statements each two of them have in common."""
        sharing: Counter[str | None] = Counter()
        for (one, other), n in self._shared.items():
            sharing[one] += n
            sharing[other] += n
        ranked = sorted(sharing, key=lambda outlet: (-sharing[outlet], _by_name(outlet)))[:SHARING]
        outlets = sorted(ranked, key=_by_name)
        counts = [[self._shared[one, other] + self._shared[other, one] for other in outlets] for one in outlets]
        return {"outlets": outlets, "counts": counts}


def of_whole(collection: Collection) -> Json:
    """What an overview says instead of its own counts, where the collection is a part of another one."""
    found: Json = json.loads(collection.meta(WHOLE) or "{}")
    return found


def named(pairs: Iterable[tuple[Language, Language]]) -> list[str]:
    """Pairs that can be translated, as the page knows them: ``uk-ru``."""
    return [f"{source}-{target}" for source, target in pairs]


def _by_name(outlet: str | None) -> tuple[bool, str, str]:
    """By name, those without one last."""
    return outlet is None, (outlet or "").casefold(), outlet or ""


def _best_first(best: list[tuple[tuple[int, int, int], Json]]) -> list[Json]:
    return [shown for _, shown in sorted(best, key=lambda entry: entry[0], reverse=True)]


def _coverage(published: list[Article]) -> list[Any] | None:
    """The first and the last time of publication; None when no article says."""
    dated = sorted(
        (when, article.published) for article in published if (when := timestamp(article.published)) is not None
    )
    return [dated[0][1], dated[-1][1]] if dated else None
