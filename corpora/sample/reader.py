"""Reads the sample and its gold quotations in the form of the newsroom's, so that both are measured alike."""

import json
from pathlib import Path

from corpora.newsroom.reader import Event, Mention, Report
from pipeline.records import ELLIPSIS, Article, Language, Span

HERE = Path(__file__).resolve().parent


def articles() -> list[Article]:
    """The articles, in order."""
    return [Article(**json.loads(line)) for line in (HERE / "articles.jsonl").read_text("utf-8").splitlines()]


def read() -> Event:
    """All of the sample as one event. The gold tells no sentences, and not which words name the speaker."""
    gold = json.loads((HERE / "gold.json").read_text("utf-8"))
    texts = {article.id: article for article in articles()}
    mentions: dict[str, list[Mention]] = {article: [] for article in texts}
    speakers: dict[str, dict[Language, str]] = {}
    for statement in gold["statements"]:
        speakers[statement["id"]] = statement["speaker"]
        for member in statement["members"]:
            article = member["article_id"]
            pieces = _pieces(texts[article].text, member["quote"])
            mentions[article].append(Mention(statement["id"], member["kind"], pieces, ()))
    reports = tuple(Report("", article, (), tuple(mentions[article.id])) for article in texts.values())
    return Event("sample", reports, speakers, ())


def _pieces(text: str, quote: str) -> tuple[Span, ...]:
    """Where the pieces of a quotation stand; each occurs once (`check.py` sees to that)."""
    starts = [(text.index(piece), len(piece)) for piece in quote.split(ELLIPSIS)]
    return tuple((start, start + length) for start, length in starts)
