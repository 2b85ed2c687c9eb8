"""What a search should not tell apart."""

import re
import unicodedata

WORD = re.compile(r"[\w\u0300-\u036f]+")
_DROPPED = re.compile("['\u2018\u2019\u02bc`\u00b4\u0301\u00ad]")
_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """Case, ё and е, stress, spaces, as in assets/source.js; apostrophes, which would cut words, are left out too."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("ё", "е")
    return _SPACE.sub(" ", _DROPPED.sub("", plain)).strip()


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return WORD.findall(fold(text))
