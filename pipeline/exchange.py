"""Exchanges a translation memory with other tools, as TMX."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.exports import tmx
from pipeline.memory import HUMAN, Archive, Remembered, TranslationMemory
from pipeline.records import Language
from pipeline.tmx_reading import Unit, read

TOGETHER = 1000  # units that an import writes in one transaction


def export(memory: Archive, path: Path) -> int:
    """Write a memory to a TMX file, in constant memory; the number of its translations."""
    count = 0

    def lines() -> Iterator[str]:
        nonlocal count
        yield tmx.begin("")
        for one in memory.remembered():
            count += 1
            yield _unit(one)
        yield tmx.END

    with files.atomic(path) as file:
        file.writelines(lines())
    return count


def _unit(one: Remembered) -> str:
    origin = "human" if one.model == HUMAN else "machine"
    model = "" if one.model == HUMAN else tmx.prop("model", one.model)
    variants = "".join(
        f'<tuv xml:lang="{language}"><seg>{tmx.content(text)}</seg></tuv>\n'
        for language, text in ((one.from_language, one.source), (one.to_language, one.target))
    )
    return f'<tu srclang="{one.from_language}">\n{tmx.prop("origin", origin)}{model}{variants}</tu>\n'


@dataclass(slots=True)
class Imported:
    """What an import did; `passed_over` counts units without two of the three languages, and machine's without a model."""

    human: int = 0
    machine: int = 0
    passed_over: int = 0


def import_(memory: TranslationMemory, path: Path) -> Imported:
    """Take the translations of a TMX file into a memory, in constant memory.

    A unit that names no machine was translated by people. Its source is the language that the unit or the header names;
    where none is named, every language of the unit is one. InputError, with the line, when it is no TMX or declares
    entities; what stood before the fault is kept, and importing again changes nothing.
    """
    done = Imported()
    waiting: dict[tuple[Language, Language, str], dict[str, str]] = {}
    try:
        for number, unit in enumerate(read(path), 1):
            found = _translations(unit)
            done.passed_over += not found
            for one in found:
                waiting.setdefault((one.from_language, one.to_language, one.model), {})[one.source] = one.target
                done.human += one.model == HUMAN
                done.machine += one.model != HUMAN
            if number % TOGETHER == 0:
                _keep(memory, waiting)
    finally:
        _keep(memory, waiting)
    return done


def _keep(memory: TranslationMemory, waiting: dict[tuple[Language, Language, str], dict[str, str]]) -> None:
    for (source, target, model), made in waiting.items():
        memory.keep_translations(made, source, target, model)
    waiting.clear()


def _translations(unit: Unit) -> list[Remembered]:
    model = unit.props.get("x-model") or ("" if unit.props.get("x-origin") == "machine" else HUMAN)
    if not model:
        return []
    return [
        Remembered(text, other, source, target, model)
        for source, text in unit.texts.items()
        if unit.source in (None, source)
        for target, other in unit.texts.items()
        if target != source
    ]
