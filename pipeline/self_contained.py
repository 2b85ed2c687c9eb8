"""HTML pages that need nothing but themselves: how their templates are filled in, and what such a page may do.

Nothing out of an article may run or reach the network: what is filled in is escaped, the policy of a page admits its style
and its script by their hashes, and only http and https become links.
"""

import hashlib
import re
from base64 import b64encode
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that no HTML text may hold (HTML standard, 3.2.5); they are shown as U+FFFD."""


def environment(package: str) -> Environment:
    """What fills in the templates of a package; they may include ``head.html``, the beginning of every page."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("pipeline")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _printable(value: Any) -> Any:
    return _FORBIDDEN.sub("\ufffd", value) if isinstance(value, str) and not isinstance(value, Markup) else value


def asset(package: str, name: str) -> Markup:
    """A style or script of ours, which the template sets in as it is."""
    return Markup(files(package).joinpath("assets", name).read_text("utf-8"))


def integrity(asset: str) -> str:
    """The source expression that admits exactly this inline style or script (Content Security Policy, level 2)."""
    return f"'sha256-{b64encode(hashlib.sha256(asset.encode()).digest()).decode()}'"


def link(url: str | None) -> str | None:
    """The address when it is plain http or https to some host; other schemes can run code or read files."""
    if not re.match(r"https?://", url or "", re.I):
        return None
    try:
        return url if urlsplit(url or "").hostname else None
    except ValueError:
        return None
