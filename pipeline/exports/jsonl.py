"""JSON Lines, a pair a line, as the public interface describes it; omissions too."""

from collections.abc import Iterable, Iterator

from pipeline.exports.about import About
from pipeline.records import AlignedPair, json_line, pair_json


def lines(pairs: Iterable[AlignedPair], _: About) -> Iterator[str]:
    """One object a line; the format has no header, and articles are told by their ids."""
    return (json_line(pair_json(pair)) for pair in pairs)
