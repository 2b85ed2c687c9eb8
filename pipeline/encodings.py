"""Which encoding a file of text is in: UTF-8, UTF-16, Windows-1251, KOI8-U or KOI8-R."""

import codecs
import re

SAMPLE = 1 << 20
"""Bytes that are looked at: more would not change the answer."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ORDINARY = re.compile(r"[\n\r\t -~\u00a0-\u024f\u0400-\u052f\u2010-\u2122]")
"""Characters that news in the three languages is made of."""

EIGHT_BIT = ("cp1251", "koi8_u", "koi8_r", "cp1252")
DECLARED = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})|<\?xml[^>]{0,100}encoding=["']([\w-]{2,20})""", re.I
)


def detect(data: bytes) -> str | None:
    """Name of the codec that reads `data`, the beginning of a file or all of it; None when it is not text."""
    data = data[:SAMPLE]
    for mark, name in BOMS:
        if data.startswith(mark):
            return name
    if b"\0" in data:  # before UTF-8: every byte of Russian in UTF-16 is an ASCII byte
        even = data[: len(data) // 2 * 2]
        return next((name for name in ("utf-16-le", "utf-16-be") if _ordinary(even, name) > 0.95), None)
    if is_utf8(data):
        return "utf-8"
    return _eight_bit(data)


def is_utf8(data: bytes) -> bool:
    """Whether `data` is UTF-8, give or take a character cut off at the end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def declared(page: bytes) -> str | None:
    """The codec that an HTML or XML page claims to be in, when Python knows it."""
    found = DECLARED.search(page[:4096])
    try:
        return codecs.lookup((found[1] or found[2]).decode("ascii")).name if found else None
    except LookupError:
        return None


def _ordinary(data: bytes, codec: str) -> float:
    """Share of ordinary characters in `data` when read as `codec`."""
    text = data.decode(codec, errors="replace")
    return len(ORDINARY.findall(text)) / max(1, len(text))


def _eight_bit(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=list(EIGHT_BIT)).best()
    return best.encoding if best else None
