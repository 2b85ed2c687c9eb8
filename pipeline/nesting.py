"""JSON from outside, that is not nested more deeply than it may be."""

import json
from typing import Any

from pipeline import settings


class TooDeep(ValueError):
    """Lists and objects stand too deep in one another; the message says which setting allows more."""

    def __init__(self) -> None:
        super().__init__(settings.over_limit("nesting", "nested more than {} deep"))


def json_value(text: str) -> Any:
    """What a JSON text says; TooDeep, or the ValueError of `json` for what is none."""
    limit = settings.limit("nesting")
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise TooDeep from error
    if text.count("[") + text.count("{") > limit and _depth(value) > limit:
        raise TooDeep
    return value


def _depth(value: object) -> int:
    """How deep lists and objects stand in one another."""
    depth, level = 0, [value]
    while level:
        level = [
            inner
            for outer in level
            if isinstance(outer, (list, dict))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        depth += 1
    return depth - 1
