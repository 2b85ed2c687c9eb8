"""JSON Lines, a pair a line, as the public interface describes it; omissions too."""

from collections.abc import Iterable, Iterator

from pipeline.records import AlignedPair, json_line, pair_json


def lines(pairs: Iterable[AlignedPair], signature: str = "") -> Iterator[str]:
    """One object a line; the format has no header, so `signature` stands nowhere."""
    return (json_line(pair_json(pair)) for pair in pairs)
