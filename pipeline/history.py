"""What articles said before they were changed, and what was changed in their texts and quotations.

A run that reads other fields under a known id keeps what the article said until then (`Collection.put_article`): its text,
its quotations with their speakers and statements, where it was read and when it was replaced. The last version is what
the collection holds now.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Literal

from rapidfuzz import fuzz, process

from pipeline import relations
from pipeline.collection import Collection
from pipeline.records import Article, Change, Diff, Provenance, Quote, Relation, quote_json
from pipeline.relations import differences

ALIKE = 50
"""Likeness by letters, in a hundred, from which a quotation is taken for another one changed."""

MANY = 5_000
"""Words from which those that stand everywhere begin no common stretch: or comparing would take the square of the time."""

WORD = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quotation, and the id of the statement that it was a member of."""

    quote: Quote
    statement_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an article said, until `replaced_at` (UTC, ISO 8601; None for what it says now).

    `quotes` in the order of the text; None when nobody had looked for them yet. `provenance` is None for what was read by
    a version of the program that did not note it.
    """

    article: Article
    digest: str
    quotes: tuple[Quoted, ...] | None
    provenance: Provenance | None
    replaced_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteChange:
    """What became of a quotation from one version to the next. A changed one has `before` and `after`.

    `relation`, `altered` and `diff` as for members of a statement, for changed ones in one language: a number, a name or a
    denial that the correction changed stands in `altered`.
    """

    change: Literal["added", "dropped", "changed"]
    before: Quoted | None = None
    after: Quoted | None = None
    relation: Relation | None = None
    altered: tuple[Change, ...] = ()
    diff: Diff | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one version has otherwise than the one before: fields as (name, before, after), the text word by word.

    Joined, "=" and "+" of the text give the later one, "=" and "-" the earlier one; None when the text is the same. `quotes`
    are None where in one of the two nobody had looked for them.
    """

    fields: tuple[tuple[str, str | None, str | None], ...]
    text: Diff | None
    quotes: tuple[QuoteChange, ...] | None


def versions(collection: Collection, article_id: str) -> list[Version]:
    """All versions of an article, oldest first; none of one that is not in the collection."""
    article = collection.article(article_id)
    if article is None:
        return []
    columns = "article, digest, quotes, provenance, replaced_at"
    rows = collection.database.execute(
        f"SELECT {columns} FROM history WHERE article_id = ? ORDER BY version", (article_id,)
    )
    return [*map(_version, rows), _present(collection, article)]


def changes(before: Version, after: Version) -> Changes:
    """What changed from one version to the next."""
    old, new = asdict(before.article), asdict(after.article)
    return Changes(
        fields=tuple(
            (name, old[name], new[name]) for name in old if name not in ("id", "text") and old[name] != new[name]
        ),
        text=word_diff(before.article.text, after.article.text) if old["text"] != new["text"] else None,
        quotes=None if before.quotes is None or after.quotes is None else tuple(_changed(before.quotes, after.quotes)),
    )


def records(collection: Collection, article_id: str) -> Iterator[dict[str, Any]]:
    """The versions as the public interface writes them, each with what the next one changed."""
    found = versions(collection, article_id)
    changed = [_changes_json(changes(one, other)) for one, other in pairwise(found)]
    for number, (version, change) in enumerate(zip(found, [*changed, None], strict=True), 1):
        yield {
            "article_id": article_id,
            "version": number,
            "replaced_at": version.replaced_at,
            "read_at": version.provenance.read_at if version.provenance else None,
            "sha256": version.provenance.sha256 if version.provenance else None,
            "where": version.provenance.where if version.provenance else None,
            "digest": version.digest,
            **{name: value for name, value in asdict(version.article).items() if name != "id"},
            "quotes": None if version.quotes is None else list(map(_quoted_json, version.quotes)),
            "changes": change,
        }


def word_diff(before: str, after: str) -> Diff:
    """What became of a text: lines that stayed first, then words within the others. Every character is in it."""
    found = list[tuple[str, str]]()
    ours, theirs = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for kind, a, b, c, d in SequenceMatcher(None, ours, theirs).get_opcodes():
        left, right = "".join(ours[a:b]), "".join(theirs[c:d])
        found += [("=", right)] if kind == "equal" else _words(left, right)
    return tuple(_joined(found))


def _words(before: str, after: str) -> Iterator[tuple[str, str]]:
    ours, theirs = WORD.findall(before), WORD.findall(after)
    matcher = SequenceMatcher(None, ours, theirs, autojunk=max(len(ours), len(theirs)) > MANY)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield "=", "".join(theirs[c:d])
        else:
            yield "-", "".join(ours[a:b])
            yield "+", "".join(theirs[c:d])


def _joined(parts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same without empty parts, and with neighbours of one kind as one."""
    kind, text = "=", ""
    for next_kind, more in parts:
        if more and next_kind != kind:
            if text:
                yield kind, text
            kind, text = next_kind, ""
        text += more
    if text:
        yield kind, text


def _changed(before: Sequence[Quoted], after: Sequence[Quoted]) -> Iterator[QuoteChange]:
    """What became of the quotations: those that say the same of the same speaker are unchanged, wherever they stand."""
    old, new = _without(before, after), _without(after, before)
    partners = _partners(old, new)
    for n, one in enumerate(old):
        if n not in partners:
            yield QuoteChange(change="dropped", before=one)
            continue
        other = new[partners[n]]
        yield QuoteChange(change="changed", before=one, after=other, **_compared(one.quote, other.quote))
    taken = {*partners.values()}
    yield from (QuoteChange(change="added", after=other) for n, other in enumerate(new) if n not in taken)


def _said(one: Quoted) -> tuple[object, ...]:
    return one.quote.text, one.quote.speaker, one.quote.kind, one.quote.language


def _without(some: Sequence[Quoted], others: Sequence[Quoted]) -> list[Quoted]:
    """Those that are not among the others; of equal ones as many as there are more of."""
    there = Counter(map(_said, others))
    left = []
    for one in some:
        if there[_said(one)]:
            there[_said(one)] -= 1
        else:
            left.append(one)
    return left


def _partners(old: Sequence[Quoted], new: Sequence[Quoted]) -> dict[int, int]:
    """Which new quotation an old one became, by their numbers: the likest first, each once."""
    if not old or not new:
        return {}
    likeness = process.cdist([one.quote.text for one in old], [one.quote.text for one in new], scorer=fuzz.ratio)
    pairs = [(-float(likeness[n, m]), abs(n - m), n, m) for n in range(len(old)) for m in range(len(new))]
    found: dict[int, int] = {}
    for unlike, _, n, m in sorted(pairs):
        if -unlike >= ALIKE and n not in found and m not in found.values():
            found[n] = m
    return found


def _compared(one: Quote, other: Quote) -> dict[str, Any]:
    if one.language != other.language:
        return {}
    relation, altered = relations.between(one.text, one.language, other.text, other.language)
    diff = differences.difference(one.text, one.language, other.text, other.language)
    return {"relation": relation, "altered": altered, "diff": diff}


def _in_order(some: Iterable[Quoted]) -> tuple[Quoted, ...]:
    return tuple(sorted(some, key=lambda one: (one.quote.start, -one.quote.end, one.quote.id)))


def _version(row: tuple[Any, ...]) -> Version:
    article, digest, quotes, provenance, replaced_at = row
    return Version(
        article=Article(**json.loads(article)),
        digest=digest,
        quotes=None if quotes is None else _in_order(map(_quoted, json.loads(quotes))),
        provenance=Provenance(**json.loads(provenance)) if provenance else None,
        replaced_at=replaced_at,
    )


def _present(collection: Collection, article: Article) -> Version:
    quotes = list(collection.quotes_of([article.id]))
    statements = collection.statement_of([quote.id for quote in quotes])
    found = _in_order(Quoted(quote, statements.get(quote.id)) for quote in quotes)
    return Version(
        article=article,
        digest=article.digest,
        quotes=found if collection.is_read(article.id) else None,
        provenance=collection.provenance(article.id),
        replaced_at=None,
    )


def _quoted(record: dict[str, Any]) -> Quoted:
    fields = {name: record[name] for name in Quote.__slots__}
    return Quoted(Quote(**fields | {"pieces": tuple((a, b) for a, b in record["pieces"])}), record["statement_id"])


def _quoted_json(one: Quoted) -> dict[str, Any]:
    return quote_json(one.quote) | {"statement_id": one.statement_id}


def _changes_json(found: Changes) -> dict[str, Any]:
    return {
        "fields": {name: {"before": before, "after": after} for name, before, after in found.fields},
        "text": found.text,
        "quotes": None if found.quotes is None else list(map(_quote_change_json, found.quotes)),
    }


def _quote_change_json(one: QuoteChange) -> dict[str, Any]:
    return {
        "change": one.change,
        "before": _quoted_json(one.before) if one.before else None,
        "after": _quoted_json(one.after) if one.after else None,
        "relation": one.relation,
        "altered": one.altered,
        "diff": one.diff,
    }
