"""`crossquote quotes`."""

from typing import Annotated

import typer

from pipeline.cli.terminal import JsonLines, Quiet, exit_code, print_json, progress
from pipeline.records import Article, Quote, Refusal, quote_json


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
    quiet: Quiet = False,
) -> None:
    """Find the quotations of articles, with their speakers and offsets.

    **Example:** `crossquote quotes corpora/sample/articles.jsonl --jsonl`
    """
    from pipeline import articles
    from pipeline.quotes import extract

    found = articles.inputs(paths)
    refused = list(found.refused)
    read = 0
    with progress(quiet).stage("Finding quotations", None) as advance:
        for item in articles.read(found.files):
            if isinstance(item, Refusal):
                refused.append(item)
                continue
            read += 1
            for quote in extract(item):
                if jsonl:
                    print_json(quote_json(quote))
                else:
                    _show(quote, item, context)
            advance(1)
    raise typer.Exit(exit_code(refused, read))


def _show(quote: Quote, article: Article, context: int) -> None:
    """A quotation for people: where, who, how, and the words."""
    where = typer.style(f"{article.id} {quote.start}-{quote.end}", dim=True)
    who = typer.style(quote.speaker or f"Unknown speaker ({quote.reason})", bold=True)
    cue = f" ({quote.cue})" if quote.cue else ""
    typer.echo(f"{where}  {who}{cue}, {quote.kind}")
    before = article.text[max(0, quote.start - context) : quote.start].replace("\n", " ") if context else ""
    after = article.text[quote.end : quote.end + context].replace("\n", " ") if context else ""
    words = typer.style(quote.text.replace("\n", " "), fg="green")
    typer.echo(f"    {before}{words}{after}\n")
