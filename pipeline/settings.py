"""Environment variables and folders; nothing else reads them.

CROSSQUOTE_MODELS    folder with the models, instead of the checkout's or the user's own
CROSSQUOTE_CACHE     folder where `translate` remembers what it has translated
ARGOS_PACKAGES_DIR   folder of installed Argos packages, as argostranslate reads it
ARGOS_PACKAGE_INDEX  URL of the folder with the list of Argos packages, as argostranslate reads it
CROSSQUOTE_THREADS   threads that the engines use (default: one a core)
CROSSQUOTE_MAX_…     limits of what is read, by the names in LIMITS: CROSSQUOTE_MAX_ARTICLE …
CROSSQUOTE_IN_ONE_FILE   quotations above which a run on Ray leaves the collection in shards
SOURCE_DATE_EPOCH    seconds since 1970 to use as "now", for reproducible collections
"""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from pipeline.errors import PipelineError

CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder that holds `pipeline`: the project's own when it runs from a checkout."""


LIMITS = {
    "article": 5_000_000,  # characters of an article's text
    "sentence": 20_000,  # characters of one sentence: what is longer is none, and costs more with the square of it
    "field": 10_000,  # characters of any other field
    "record": 16 << 20,  # bytes of a line of JSON Lines, and of a page in a web archive, before and after unpacking
    "page": 32 << 20,  # bytes of a file that is one article, and of a feed
    "elements": 50_000,  # elements of a page: a tenth of a millisecond each
    "members": 10_000,  # files in a .wacz, parts of an .mhtml
    "evidence": 256 << 20,  # bytes of all files of the evidence for a statement
    "nesting": 100,  # levels of JSON; of HTML and XML the parser takes 256
}
"""What is larger is refused by name: nothing that a newspaper wrote is."""


def limit(name: str) -> int:
    """One of `LIMITS`, or what CROSSQUOTE_MAX_<NAME> says instead."""
    return _whole_number(_limit_variable(name)) or LIMITS[name]


def over_limit(name: str, told: str) -> str:
    """Why something is refused, with what would allow it: `told` is e.g. ``more than {} files``."""
    return f"{told.format(f'{limit(name):,}')} ({_limit_variable(name)})"


_DIGITS = re.compile("[0-9]{1,15}")
_LAST_SECOND = 253_402_300_799  # of the year 9999, after which dates have no digits


def _limit_variable(name: str) -> str:
    return f"CROSSQUOTE_MAX_{name.upper()}"


def _whole_number(variable: str) -> int | None:
    """What an environment variable says, at least 1; None when it is not set."""
    named = os.environ.get(variable, "")
    if not named:
        return None
    if not _DIGITS.fullmatch(named) or int(named) < 1:
        raise PipelineError(f"{variable} is {named[:40]!r}", "give a whole number of at least 1")
    return int(named)


def models_folders() -> list[Path]:
    """Where models are looked for, first match wins."""
    named = os.environ.get("CROSSQUOTE_MODELS")
    if named:
        return [Path(named)]
    return [CHECKOUT / "models", user_models_folder()]


def user_models_folder() -> Path:
    """Where `crossquote models install` puts models when CROSSQUOTE_MODELS names no other place."""
    named = os.environ.get("CROSSQUOTE_MODELS")
    return Path(named) if named else platformdirs.user_data_path("crossquote", appauthor=False) / "models"


def cache_folder() -> Path:
    """Where `crossquote translate` remembers what it has translated."""
    named = os.environ.get("CROSSQUOTE_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("crossquote", appauthor=False)


def argos_packages_folder() -> Path:
    """Where `argostranslate` installs packages: ARGOS_PACKAGES_DIR, its settings.json, or its data folder."""
    named = _argos_setting("ARGOS_PACKAGES_DIR")
    data = Path(os.environ.get("XDG_DATA_HOME") or _argos_home() / ".local" / "share")
    return Path(named) if named else data / "argos-translate" / "packages"


def argos_package_index() -> str:
    """The URL, with a slash at its end, below which `argostranslate` finds the list of packages."""
    named = _argos_setting("ARGOS_PACKAGE_INDEX")
    return (named or "https://raw.githubusercontent.com/argosopentech/argospm-index/main").rstrip("/") + "/"


def _argos_setting(name: str) -> str | None:
    """What the environment, or else the settings.json of `argostranslate`, says."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or _argos_home() / ".config") / "argos-translate" / "settings.json"
    try:
        written = json.loads(config.read_text("utf-8")).get(name)
    except (OSError, ValueError, AttributeError, RecursionError):
        written = None  # no settings, or none that can be read
    return os.environ.get(name) or written


def _argos_home() -> Path:
    return Path(os.environ.get("SNAP_USER_DATA") or Path.home())


def threads() -> int:
    """Threads for the engines."""
    return _whole_number("CROSSQUOTE_THREADS") or os.cpu_count() or 1


IN_ONE_FILE = 2_000_000


def in_one_file() -> int:
    """Quotations up to which a run on Ray makes one file of SQLite; what has more stays in shards."""
    return _whole_number("CROSSQUOTE_IN_ONE_FILE") or IN_ONE_FILE


def now() -> datetime:
    """The time of a change, in UTC, to the second."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and (not _DIGITS.fullmatch(epoch) or int(epoch) > _LAST_SECOND):
        raise PipelineError(f"SOURCE_DATE_EPOCH is {epoch[:40]!r}", "give whole seconds since 1970")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)
