"""`crossquote quotes`."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.terminal import JsonLines, Quiet, exit_code, print_json, progress, say, show
from pipeline.records import Article, Quote, Refusal, quote_json

if TYPE_CHECKING:
    from pipeline.ports import Tagger


def quotes(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH", help="Files, folders, or - for JSON Lines on standard input.", show_default=False
        ),
    ],
    jsonl: JsonLines = False,
    context: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show N characters of the article on each side of a quotation.")
    ] = 0,
    no_tagger: Annotated[
        bool, typer.Option("--no-tagger", help="By rules alone: quicker, and reported speech is found less well.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Find the quotations of articles, with their speakers and offsets.

    **Example:** `crossquote quotes corpora/sample/articles.jsonl --jsonl`
    """
    from pipeline import articles
    from pipeline.quotes import TOGETHER, extract_all

    found = articles.inputs(paths)
    refused = list(found.refused)
    tagger = None if no_tagger else _tagger()
    read = 0
    stream = _articles(articles.read(found.files), refused)
    with progress(quiet).stage("Finding quotations", None) as advance:
        while some := list(islice(stream, TOGETHER)):
            for article, quotations in zip(some, extract_all(some, tagger), strict=True):
                for quote in quotations:
                    if jsonl:
                        print_json(quote_json(quote))
                    else:
                        _show(quote, article, context)
            read += len(some)
            advance(len(some))
    raise typer.Exit(exit_code(refused, read))


def _tagger() -> "Tagger | None":
    """The tagger; where it is not installed, a word about that."""
    from pipeline import engines
    from pipeline.errors import ModelMissing

    try:
        return engines.find_tagger()
    except ModelMissing as missing:
        say(f"crossquote: quotations by rules alone: {missing.message}; {missing.hint}")
        return None


def _articles(items: Iterator[Article | Refusal], refused: list[Refusal]) -> Iterator[Article]:
    """The articles of a stream; refusals go to `refused`."""
    for item in items:
        if isinstance(item, Refusal):
            refused.append(item)
        else:
            yield item


def _show(quote: Quote, article: Article, context: int) -> None:
    """A quotation for people: where, who, how, and the words."""
    where = typer.style(f"{article.id} {quote.start}-{quote.end}", dim=True)
    who = typer.style(quote.speaker or f"Unknown speaker ({quote.reason})", bold=True)
    cue = f" ({quote.cue})" if quote.cue else ""
    show(f"{where}  {who}{cue}, {quote.kind}")
    before = article.text[max(0, quote.start - context) : quote.start].replace("\n", " ") if context else ""
    after = article.text[quote.end : quote.end + context].replace("\n", " ") if context else ""
    words = typer.style(quote.text.replace("\n", " "), fg="green")
    show(f"    {before}{words}{after}\n")
