"""The data of a page in parts: each a compressed piece of JSON that the browser unpacks when it is needed.

Base64 holds no character that HTML gives a meaning to, so nothing out of an article can end the element it stands in.
"""

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any, NamedTuple

LEVEL = 6  # 9 takes three times as long for a hundredth less
SURROGATE = re.compile("[\ud800-\udfff]")


class Part(NamedTuple):
    """A named piece of the data; `content` is JSON in UTF-8, compressed by gzip, in base64."""

    name: str
    content: str


def part(name: str, value: Any) -> Part:
    """`value` as a part."""
    return Part(name, b64encode(gzip.compress(json_text(value).encode(), LEVEL, mtime=0)).decode())


def json_text(value: Any) -> str:
    """JSON without spaces. Half a surrogate pair, which no encoding of Unicode can hold, becomes U+FFFD."""
    return SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def parts(name: str, values: Iterable[Any], size: int) -> Iterator[Part]:
    """`values` in parts of `size`, named by their number: ``statements-0``, ``statements-1`` …"""
    remaining = iter(values)
    for number in count():
        some = list(islice(remaining, size))
        if not some:
            return
        yield part(f"{name}-{number}", some)
