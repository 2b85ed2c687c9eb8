"""Speakers in the order in which a reader looks for them."""

from collections.abc import Sequence

from pipeline.records import LANGUAGES, Language
from pipeline.report.views import Json
from pipeline.serving.folding import fold

ALPHABET = {letter: place for place, letter in enumerate("абвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюя")}


def places(speakers: Sequence[Json], reader: Language) -> list[int]:
    """The place of each speaker of a catalogue, as the reader's language spells and orders names."""
    keys = [_alphabetical(_shown(one, reader)) for one in speakers]
    found = [0] * len(keys)
    for place, number in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
        found[number] = place
    return found


def _shown(speaker: Json, reader: Language) -> str:
    """The name as the reader's language spells it, else the first spelling that is known."""
    spelt = speaker["speaker"]
    known = (spelt.get(language) for language in (reader, *LANGUAGES))
    return str(next(filter(None, known), None) or speaker["spellings"][0])


def _alphabetical(name: str) -> list[tuple[int, int]]:
    """Where a name stands among others: Cyrillic in the order of both alphabets together, and before Latin."""
    return [_place(letter) for letter in fold(name)]


def _place(letter: str) -> tuple[int, int]:
    place = ALPHABET.get(letter)
    return (0, place) if place is not None else (1 if letter.isalpha() else -1, ord(letter))
