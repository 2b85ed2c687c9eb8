"""What of a collection is exported, and what becomes of the pairs that are left out."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from pipeline import exports, files, filters, outputs
from pipeline.collection import Collection
from pipeline.errors import InputError
from pipeline.exports import destinations, tables
from pipeline.exports.about import Languages
from pipeline.exports.tables import Table
from pipeline.records import AlignedPair, Origin, json_line, pair_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is asked for.

    `only` and `languages` say what is looked at, the first language on the left. Of that, `names` of `filters.chosen` and
    `min_similarity` leave out what is no good. With `split`, pairs below that similarity go to a second file; omissions stay in the first.
    """

    only: Origin | None = None
    languages: Languages | None = None
    names: tuple[str, ...] = ()
    min_similarity: float | None = None
    split: float | None = None

    def looks_at(self, pair: AlignedPair) -> bool:
        """Whether a pair is of the origin and the languages."""
        both = {pair.left_language, pair.right_language}
        return self.only in (None, pair.origin) and (self.languages is None or both == set(self.languages))

    def turned(self, pair: AlignedPair) -> AlignedPair:
        """The pair with its sides exchanged if the first language stands on the right."""
        if self.languages is None or self.languages[0] == pair.left_language:
            return pair
        left, _, right = pair.kind.partition("-")
        return replace(
            pair,
            left=pair.right,
            right=pair.left,
            left_language=pair.right_language,
            right_language=pair.left_language,
            kind=f"{right}-{left}",
        )

    def doubts(self, pair: AlignedPair) -> bool:
        """Whether a pair belongs into the second file."""
        return self.split is not None and pair.similarity is not None and pair.similarity < self.split


@dataclass(frozen=True, slots=True)
class Written:
    """What came of an export: its files, and how many pairs each filter took."""

    files: list[Path]
    left_out: Counter[str]


def pairs(
    collection: Collection, path: Path | None, form: str, choice: Choice, *, rejects: Path | None = None
) -> Written:
    """Write the chosen pairs to `path`, or to standard output; what filters took to `rejects` (JSON Lines), with the reason."""
    if choice.split is not None and path is None:
        raise InputError("two files cannot go to standard output", "name the first: --out FILE")
    languages = [choice.languages] if choice.languages else collection.pair_languages()
    with ExitStack() as stack:
        stack.enter_context(collection.snapshot())
        log = stack.enter_context(files.atomic(rejects)) if rejects else None
        left_out: Counter[str] = Counter()

        def write(to: Path | None, some: Iterator[AlignedPair]) -> list[Path]:
            return exports.write(
                some,
                to,
                form,
                languages=languages,
                signature=collection.meta("signature") or "",
                article=collection.article,
            )

        written = write(path, (pair for pair in _kept(collection, choice, log, left_out) if not choice.doubts(pair)))
        if choice.split is not None and path is not None:
            # A second pass: filters answer as in the first, and nothing has to be held in between.
            again = _kept(collection, choice, None, Counter())
            written += write(destinations.inserted(path, "doubtful"), (pair for pair in again if choice.doubts(pair)))
    return Written(written + ([rejects] if rejects else []), left_out)


def _kept(collection: Collection, choice: Choice, log: TextIO | None, left_out: Counter[str]) -> Iterator[AlignedPair]:
    """The chosen pairs; the others are counted in `left_out`, and written to `log`."""

    def reject(pair: AlignedPair, reason: str) -> None:
        left_out[reason] += 1
        if log is not None:
            languages = [pair.left_language, pair.right_language]
            log.write(json_line({"reason": reason, "languages": languages, **pair_json(pair)}))

    looked_at = (choice.turned(pair) for pair in collection.pairs() if choice.looks_at(pair))
    return filters.kept(looked_at, filters.chosen(choice.names, min_similarity=choice.min_similarity), reject)


TABLES: dict[str, Callable[[Collection], Table]] = {
    "quotes": lambda collection: tables.of_quotes(collection.quotes(), collection.article),
    "statements": lambda collection: tables.of_statements(collection.statements()),
}
"""What else a collection holds that fits a table."""


def records(collection: Collection, what: str, path: Path | None, form: str) -> list[Path]:
    """Write quotations, statements or verdicts: as the public interface has them in jsonl, or as a table."""
    with collection.snapshot():
        if form == "jsonl":
            with destinations.text(path) as file:
                file.writelines(outputs.lines(collection, what))
            return [path] if path else []
        if what not in TABLES or form not in exports.TABLES:
            raise InputError(f"{what} cannot be written as {form}", _instead(what, form))
        return exports.TABLES[form](TABLES[what](collection), path)


def _instead(what: str, form: str) -> str:
    if form == "html":
        return "the page of statements and quotations is the report: crossquote report"
    return f"use --format {' or '.join(['jsonl', *(exports.TABLES if what in TABLES else ())])}"
