"""Translates files into files: text line by line, everything else article by article."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import TextIO

from pipeline import articles, files, translations
from pipeline.errors import InputError
from pipeline.ports import Translator
from pipeline.progress import Progress
from pipeline.records import Article, Language, Refusal, json_line
from pipeline.translations import TranslationMemory

CHUNK = 1000  # articles whose sentences are sorted together: what bounds memory

Item = tuple[str, Article | Refusal]
Engine = Callable[[Language, Language], Translator]


def translate(
    inputs: Sequence[str],
    targets: Sequence[Language],
    engine: Engine,
    memory: TranslationMemory,
    progress: Progress,
    *,
    source: Language | None = None,
    out: Path | None = None,
) -> Iterator[Article | Refusal]:
    """Translate the articles of the files `inputs` into each of `targets`; yields what was read, as it is done.

    `engine` gives the translator for a pair.

    A file is written whole or not at all: ``STEM.LANG.txt`` with the lines of a text file, ``STEM.LANG.jsonl`` for any
    other. Without `out` there must be one file and one target, and standard output takes the result.
    """
    if out is None and (len(inputs) > 1 or len(targets) > 1):
        raise InputError("several results do not fit on standard output", "name a folder: --out DIR")
    if out is not None:
        _check_names(inputs)
        out.mkdir(parents=True, exist_ok=True)
    stream: Iterator[Item] = articles.read_with_file(inputs)
    with ExitStack() as written:
        at: str | None = None
        open_files: dict[Language, TextIO] = {}
        while chunk := list(islice(stream, CHUNK)):
            chunk = [(name, _in_language(item, source)) for name, item in chunk]
            _translate_sentences(chunk, targets, engine, memory, progress)
            for name, item in chunk:
                if isinstance(item, Article):
                    if name != at:
                        written.close()
                        at, open_files = name, {}
                    for target in targets:
                        if item.language == target:
                            yield Refusal(where=name, field="language", reason=f"{item.id} is in {target} already")
                            continue
                        if target not in open_files:
                            open_files[target] = written.enter_context(_opened(name, target, out))
                        made, _ = translations.edition(item, target, engine(item.language, target), memory)
                        open_files[target].write(_written(item, made, name))
                yield item


def _in_language(item: Article | Refusal, language: Language | None) -> Article | Refusal:
    return replace(item, language=language) if language and isinstance(item, Article) else item


def _translate_sentences(
    chunk: Iterable[Item], targets: Sequence[Language], engine: Engine, memory: TranslationMemory, progress: Progress
) -> None:
    jobs = [
        (text, item.language, target)
        for _, item in chunk
        if isinstance(item, Article)
        for target in targets
        if item.language != target
        for text in translations.segments(item)
    ]
    with progress.stage("Translating", len(jobs)) as advance:
        translations.translate(jobs, engine, memory, advance)


def _check_names(inputs: Sequence[str]) -> None:
    """InputError when two inputs would be written to one file."""
    seen: dict[str, str] = {}
    for name in inputs:
        other = seen.setdefault(_output_name(name, "LANG"), name)
        if other != name:
            raise InputError(
                f"{other} and {name} would both become {_output_name(name, 'LANG')}", "translate them into two folders"
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
