"""`crossquote compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.terminal import JsonLines, answer_lines, print_json, show, well_formed
from pipeline.errors import InputError
from pipeline.records import Diff

if TYPE_CHECKING:
    from pipeline.relations.comparison import Comparer, Comparison, Text

COLUMNS = 4
COLOURS = {"-": "red", "+": "green"}
HINT = "FILE has lines: lang1 TAB text1 TAB lang2 TAB text2, in UTF-8"


def compare(
    left: Annotated[
        str | None, typer.Argument(metavar="LEFT_TEXT", help="A quotation, in any language.", show_default=False)
    ] = None,
    right: Annotated[
        str | None, typer.Argument(metavar="RIGHT_TEXT", help="Another, in the same or another.", show_default=False)
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Many: lines lang1 TAB text1 TAB lang2 TAB text2.", show_default=False),
    ] = None,
    jsonl: JsonLines = False,
) -> None:
    """Tell how two quotations relate: same, reworded, translation, contained, altered (what), or different.

    With `--pairs` one JSON object a line of FILE.

    **Example:** `crossquote compare "We waited nine days" "Мы ждали шесть дней"`
    """
    if (pairs is None) == (right is None) or (pairs is not None and left is not None):
        raise InputError("give either two texts or --pairs FILE", 'crossquote compare "LEFT TEXT" "RIGHT TEXT"')
    if pairs is not None:
        raise typer.Exit(_answer(pairs))
    texts = _detected(left or ""), _detected(right or "")
    comparison = _comparer().compare(*texts)
    if jsonl:
        print_json(_record(comparison))
    else:
        _show(texts, comparison)


def _comparer() -> "Comparer":
    from pipeline import engines
    from pipeline.relations.comparison import Comparer

    found = engines.default()
    return Comparer(found.embedder, found.matcher, engines.find_expectation())


def _answer(path: Path) -> int:
    """Compare the pairs of a file; the exit code."""
    comparer = _comparer()
    return answer_lines(path, lambda line: _record(comparer.compare(*_pair(line))), "pair", hint=HINT)


def _pair(line: str) -> "tuple[Text, Text]":
    """The two texts of a line with their languages; InputError when it has none."""
    columns = line.removesuffix("\r").split("\t")
    if len(columns) != COLUMNS:
        raise InputError(f"{len(columns)} columns instead of {COLUMNS}", HINT)
    return _text(columns[1], columns[0]), _text(columns[3], columns[2])


def _text(text: str, code: str) -> "Text":
    from pipeline import languages

    if not any(map(str.isalnum, well_formed(text))):
        raise InputError("a text without words", HINT)
    try:
        return text, languages.named(code)
    except languages.UnknownLanguage as error:
        raise InputError(str(error), HINT) from error


def _detected(text: str) -> "Text":
    from pipeline import languages

    try:
        return well_formed(text), languages.detect(text)
    except languages.UnknownLanguage as error:
        raise InputError(f"cannot compare {text!r}: {error}", "give English, Russian or Ukrainian") from error


def _record(comparison: "Comparison") -> dict[str, object]:
    return {
        "relation": comparison.relation,
        "altered": list(comparison.altered),
        "similarity": comparison.similarity,
        "confidence": comparison.confidence,
        "why": dict(comparison.why),
    }


def _show(texts: "tuple[Text, Text]", comparison: "Comparison") -> None:
    from pipeline.relations import differences

    what = f"{comparison.relation}{': ' + ', '.join(comparison.altered) if comparison.altered else ''}"
    sure = f"confidence {comparison.confidence:.2f} · similarity {comparison.similarity:.2f}"
    show(f"{typer.style(what, bold=True)}  {typer.style(sure, dim=True)}")
    (left, ours), (right, theirs) = texts
    diff = differences.difference(left, ours, right, theirs)
    if ours == theirs:
        show(f"  {marked(diff or ())}")
    else:
        show(f"  {ours}  {left}\n  {theirs}  {right}")
        if diff:
            show(f"  {marked(diff)}")


def marked(diff: Diff) -> str:
    """A difference on one line, what is gone as [-words-], what is new as {+words+}, in colour on a terminal."""
    return " ".join(_marked(kind, words) for kind, words in diff)


def _marked(kind: str, words: str) -> str:
    if kind == "=":
        return words
    return typer.style(f"[-{words}-]" if kind == "-" else f"{{+{words}+}}", fg=COLOURS[kind])
