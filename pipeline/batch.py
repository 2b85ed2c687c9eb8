"""Translates files into files: text line by line, everything else article by article; or tells its segments one by one."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import asdict, dataclass, field, replace
from itertools import islice, product
from pathlib import Path
from typing import Any, TextIO

from pipeline import articles, files, translations
from pipeline.checks import Flag
from pipeline.errors import InputError
from pipeline.progress import Progress
from pipeline.records import Article, Language, Refusal, json_line
from pipeline.translations import Bureau

CHUNK = 1000  # articles whose sentences are sorted together: what bounds memory
COUNTED = 1 << 20  # bytes that are looked at together when lines are counted

Item = tuple[str, Article | Refusal]


@dataclass(slots=True)
class Tally:
    """What a batch has done so far."""

    articles: int = 0
    segments: int = 0
    doubtful: int = 0  # segments with a flag
    flags: Counter[Flag] = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)


def translate(
    inputs: Sequence[str],
    targets: Sequence[Language],
    bureau: Bureau,
    progress: Progress,
    *,
    source: Language | None = None,
    out: Path | None = None,
) -> Tally:
    """Translate the articles of the files `inputs` into each of `targets`.

    A file is written whole or not at all: ``STEM.LANG.txt`` with the lines of a text file, ``STEM.LANG.jsonl`` for any
    other. Without `out` there must be one file and one target, and standard output takes the result.
    """
    if out is None and (len(inputs) > 1 or len(targets) > 1):
        raise InputError("several results do not fit on standard output", "name a folder: --out DIR")
    bureau.check(targets, source)
    if out is not None:
        _check_names(inputs, targets, out)
        out.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    with ExitStack() as written:
        at: str | None = None
        open_files: dict[Language, TextIO] = {}
        for name, article, target in _translated(inputs, targets, bureau, progress, tally, source):
            if name != at:
                written.close()
                at, open_files = name, {}
            if target not in open_files:
                open_files[target] = written.enter_context(_opened(name, target, out))
            made, _ = bureau.edition(article, target)
            open_files[target].write(_written(article, made, name))
            _count(bureau.segments(article, target), tally)
    return tally


def segments(
    inputs: Sequence[str],
    targets: Sequence[Language],
    bureau: Bureau,
    progress: Progress,
    tally: Tally,
    *,
    source: Language | None = None,
) -> Iterator[dict[str, Any]]:
    """As `translate`, but segment by segment, as the public interface writes one: in order of input, titles first.

    `tally` is kept up to date.
    """
    bureau.check(targets, source)
    for _, article, target in _translated(inputs, targets, bureau, progress, tally, source):
        found = bureau.segments(article, target)
        _count(found, tally)
        for index, segment in enumerate(found):
            yield {
                "article_id": article.id,
                "index": index,
                "source": segment.source,
                "target": segment.target,
                "from": segment.source_language,
                "to": target,
                "flags": list(segment.flags),
            }


def _translated(
    inputs: Sequence[str],
    targets: Sequence[Language],
    bureau: Bureau,
    progress: Progress,
    tally: Tally,
    source: Language | None,
) -> Iterator[tuple[str, Article, Language]]:
    """(file, article, target) of everything that has been translated and can be written now."""
    stream: Iterator[Item] = articles.read_with_file(inputs)
    count, read, jobs_so_far = _articles_in(inputs), 0, 0
    with progress.stage("Translating", None) as advance:
        while chunk := list(islice(stream, CHUNK)):
            ready = [(name, *one) for name, item in chunk for one in _ready(name, item, targets, bureau, tally, source)]
            jobs = [
                (text, article.language, target)
                for _, article, target in ready
                for text in translations.sentences(article)
            ]
            read += len(chunk)
            jobs_so_far += len(jobs)
            advance(0, total=jobs_so_far if count is None else max(jobs_so_far, round(jobs_so_far * count / read)))
            bureau.translate(jobs, advance)
            yield from ready


def _ready(
    name: str,
    item: Article | Refusal,
    targets: Sequence[Language],
    bureau: Bureau,
    tally: Tally,
    source: Language | None,
) -> Iterator[tuple[Article, Language]]:
    """An article with each target that it can be translated into; what cannot is refused."""
    if isinstance(item, Refusal):
        tally.refused.append(item)
        return
    article = replace(item, language=source) if source else item
    done = 0
    for target in targets:
        if article.language == target:
            reason = f"{article.id} is in {target} already"
        elif missing := bureau.missing(article.language, target):
            reason = f"{article.id}: {missing.message}"
        else:
            done += 1
            yield article, target
            continue
        tally.refused.append(Refusal(where=name, field="language", reason=reason))
    tally.articles += bool(done)


def _count(found: Iterable[translations.Segment], tally: Tally) -> None:
    for segment in found:
        tally.segments += 1
        tally.doubtful += bool(segment.flags)
        tally.flags.update(segment.flags)


def _articles_in(inputs: Sequence[str]) -> int | None:
    """About how many articles there are: the lines of JSON Lines, one in any other file. None for standard input."""
    if "-" in inputs:
        return None
    count = 0
    for name in inputs:
        if Path(name).suffix.lower() != ".jsonl":
            count += 1
            continue
        try:
            with Path(name).open("rb") as file:
                while block := file.read(COUNTED):
                    count += block.count(b"\n")
        except OSError:
            continue  # it is refused when it is read
    return count


def _check_names(inputs: Sequence[str], targets: Sequence[Language], out: Path) -> None:
    """InputError when two inputs would be written to one file, or one over an input."""
    seen: dict[str, str] = {}
    for name in inputs:
        other = seen.setdefault(_output_name(name, "LANG"), name)
        if other != name:
            raise InputError(
                f"{other} and {name} would both become {_output_name(name, 'LANG')}", "translate them into two folders"
            )
    given = {Path(name).resolve(): name for name in inputs if name != "-"}
    for name, target in product(inputs, targets):
        if read := given.get((out / _output_name(name, target)).resolve()):
            raise InputError(
                f"the translation of {name} would be written over {read}, which is to be read",
                "name another folder: --out DIR",
            )


def _output_name(name: str, target: str) -> str:
    stem, suffix = ("stdin", ".jsonl") if name == "-" else (Path(name).stem, Path(name).suffix.lower())
    return f"{stem}.{target}{'.txt' if suffix == '.txt' else '.jsonl'}"


def _opened(name: str, target: Language, out: Path | None) -> AbstractContextManager[TextIO]:
    return nullcontext(sys.stdout) if out is None else files.atomic(out / _output_name(name, target))


def _written(article: Article, made: Article, name: str) -> str:
    """An edition as its file holds it."""
    return _front_matter(article, name) + made.text if Path(name).suffix.lower() == ".txt" else json_line(asdict(made))


def _front_matter(article: Article, name: str) -> str:
    """What stands before the text of a text file, as it is: as many lines go out as came in."""
    return (articles.decoded(Path(name).read_bytes()) or "").removesuffix(article.text)
