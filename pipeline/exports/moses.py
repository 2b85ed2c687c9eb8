"""Moses: two text files for each pair of languages, whose lines with the same number belong together.

They are named as in OPUS, ``NAME.en-uk.en`` and ``NAME.en-uk.uk``, and without the pair where there is but one. A line
break inside a text becomes a space, and so does every other character at which some program ends a line. Omissions are left out.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from pipeline.exports import destinations
from pipeline.exports.about import About, Languages
from pipeline.records import LANGUAGES, AlignedPair, Language


def write(pairs: Iterable[AlignedPair], path: Path | None, about: About) -> list[Path]:
    """The files, all of them or none; which of two editions is the original does not show."""
    names = _names(destinations.named(path, "Moses"), sorted({_in_order(both) for both in about.languages}))
    with ExitStack() as stack:
        files = {key: stack.enter_context(destinations.text(name)) for key, name in names.items()}
        for pair in pairs:
            both = _in_order((pair.left_language, pair.right_language))
            left, right = (" ".join(text.split()) for text in (pair.left.text, pair.right.text))
            if left and right:
                files[both, pair.left_language].write(left + "\n")
                files[both, pair.right_language].write(right + "\n")
    return list(names.values())


def _in_order(both: Languages) -> Languages:
    return both if LANGUAGES.index(both[0]) < LANGUAGES.index(both[1]) else (both[1], both[0])


def _names(path: Path, pairs: list[Languages]) -> dict[tuple[Languages, Language], Path]:
    """The path of each side."""
    return {
        (both, side): path.with_name(f"{path.name}{f'.{both[0]}-{both[1]}' if len(pairs) > 1 else ''}.{side}")
        for both in pairs
        for side in both
    }
