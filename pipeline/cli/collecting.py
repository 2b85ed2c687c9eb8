"""`crossquote run`, `crossquote export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from pipeline.cli import evidence
from pipeline.cli.aligning import Directory, Out
from pipeline.cli.publishing import Redact, opened_to_export, opened_to_prove
from pipeline.cli.terminal import Code, Quiet, chosen, exit_code, progress, say
from pipeline.errors import InputError
from pipeline.records import LANGUAGES, Origin, counted

if TYPE_CHECKING:
    from pipeline.exports.about import Languages
    from pipeline.run import Outcome

Exported = Literal["csv", "html", "jsonl", "moses", "parquet", "tmx", "tsv", "xliff", "zip"]
"""The names of `exports.FORMATS`, but for the ladder, which does not say which edition a pair is of; zip is for evidence."""

What = Literal["pairs", "quotes", "statements", "verdicts", "evidence"]


def run(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH", help="Files, folders, or - for JSON Lines on standard input.", show_default=False
        ),
    ],
    into: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the collection.", show_default="aligned/STEM of the first PATH"),
    ] = None,
    to: Annotated[
        list[Code] | None,
        typer.Option(
            metavar="LANG", help="Translate articles into ru or uk; may be given twice.", show_default="no translation"
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="auto|ADDRESS",
            help="Let a Ray cluster do it: auto is this machine's, or this machine alone. All PATHs are named each time.",
            show_default=False,
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Make or extend a collection: read, translate, find quotations, match statements, align editions, report.

    Running again with more or changed articles does only the new work.

    **Example:** `crossquote run corpora/sample/articles.jsonl --to ru --to uk`
    """
    folder = into or Path("aligned") / ("stdin" if paths[0] == "-" else Path(paths[0]).resolve().stem)
    if ray is not None:
        from pipeline.distributed.crews import unheard
        from pipeline.distributed.run import run as run_on_ray

        outcome = run_on_ray(
            paths, folder, ray, targets=chosen(to), progress=progress(quiet), tell=unheard if quiet else say
        )
    else:
        from pipeline import engines
        from pipeline.run import run as run_pipeline

        outcome = run_pipeline(paths, folder, engines.default(), targets=chosen(to), progress=progress(quiet))
    if not quiet:
        say(_summary(outcome, folder))
    raise typer.Exit(exit_code(outcome.refused, outcome.articles))


def _summary(outcome: "Outcome", folder: Path) -> str:
    """What a run did, in one line."""
    read = f"{counted(outcome.articles, 'article')} ({outcome.added:,} new, {outcome.updated:,} changed)"
    if outcome.passed_over:
        read += f", {counted(outcome.passed_over, 'file')} of other kinds passed over"
    if not outcome.changed:
        return f"{read}: nothing to do, {folder} is up to date"
    nouns = {"quotes": "quotation", "statements": "statement", "pairs": "aligned pair"}
    made = ", ".join(counted(outcome.counts[table], noun) for table, noun in nouns.items())
    return f"{read}: {made} in {folder}"


def export(
    folder: Directory,
    form: Annotated[
        Exported | None,
        typer.Option("--format", "-f", help="What to write.", show_default="tmx; zip for evidence"),
    ] = None,
    what: Annotated[
        What,
        typer.Option(
            help="Quotes and statements go into jsonl and tables, verdicts into jsonl; evidence is a zip for one statement."
        ),
    ] = "pairs",
    statement: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="With --what evidence: the statement, or the beginning of its id.", show_default=False
        ),
    ] = None,
    only: Annotated[Origin | None, typer.Option(help="Pairs of one origin.", show_default=False)] = None,
    languages: Annotated[
        str | None,
        typer.Option(
            metavar="XX-YY", help="Pairs of two languages, as en-uk, the first on the left.", show_default=False
        ),
    ] = None,
    min_similarity: Annotated[
        float | None,
        typer.Option(
            min=-1, max=1, metavar="X", help="Leave out pairs below this cosine, and omissions.", show_default=False
        ),
    ] = None,
    named: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="NAME[=LIMIT]",
            help="Leave out pairs that harm a corpus; may be given twice. omission, too-short=2 (words), length-ratio=2, "
            "wrong-language, copy, duplicate; all for all of them.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        float | None,
        typer.Option(
            min=-1,
            max=1,
            metavar="X",
            help="Pairs below this cosine go to a second file, STEM.doubtful.EXT, for somebody to look at.",
            show_default=False,
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to keep what was left out, with the reason.",
            show_default="FILE of --out with .rejects.jsonl",
        ),
    ] = None,
    redact: Redact = None,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Export the aligned parallel text of a collection, its quotations, statements or verdicts, or evidence for a statement.

    Moses makes two files, FILE.en and FILE.uk. It and XLIFF hold two languages; where there are more, files are named after them.

    **Example:** `crossquote export --in aligned/sample --format tmx --only human --filter all --out sample.tmx`

    **Example:** `crossquote export --in aligned/sample --what evidence --statement s-e113af`
    """
    from pipeline.exports import from_collection

    if redact is not None and what == "verdicts":
        raise InputError("verdicts name those who gave them", "leave out --redact: they are not for publication")
    form = _form(what, form, statement)
    pairs_only = (only, languages, named, min_similarity, split, rejects)
    with (opened_to_prove if what == "evidence" else opened_to_export)(folder, redact) as collection:
        if what != "pairs":
            if any(option is not None for option in pairs_only):
                raise InputError(f"{what} are not chosen as pairs are", "use --what, --format and --out alone")
            if what == "evidence":
                evidence.export(collection, statement, out, redacted=redact is not None, quiet=quiet)
            else:
                _tell(from_collection.records(collection, what, out, form), quiet)
            return
        choice = from_collection.Choice(
            only=only,
            languages=_two(languages),
            names=tuple(named or ()),
            min_similarity=min_similarity,
            split=split,
        )
        if rejects is None and out is not None and (named or min_similarity is not None):
            rejects = out.with_name(f"{out.name}.rejects.jsonl")
        written = from_collection.pairs(collection, out, form, choice, rejects=rejects)
        _tell(written.files, quiet)
        if written.left_out and not quiet:
            say("left out: " + ", ".join(f"{reason} {count:,}" for reason, count in written.left_out.items()))


def _form(what: What, form: Exported | None, statement: str | None) -> Exported:
    """The format that is meant; InputError when it does not hold what is exported."""
    if what == "evidence":
        if form not in (None, "zip"):
            raise InputError(f"evidence cannot be written as {form}", "leave out --format: it is a zip")
        return "zip"
    if form == "zip" or statement is not None:
        raise InputError(f"--{'format zip' if form == 'zip' else 'statement'} is for evidence", "add --what evidence")
    return form or "tmx"


def _two(languages: str | None) -> "Languages | None":
    """(left, right) of an option like en-uk."""
    if languages is None:
        return None
    left, _, right = languages.partition("-")
    if {left, right} <= set(LANGUAGES) and left != right:
        return cast("Languages", (left, right))
    raise InputError(f"--languages {languages}: no two languages", f"two of {', '.join(LANGUAGES)}, as en-uk")


def _tell(files: list[Path], quiet: bool) -> None:
    for file in files:
        if not quiet:
            say(f"written: {file}")
