"""Environment variables and folders; nothing else reads them.

CROSSQUOTE_MODELS    folder with the models, instead of the checkout's or the user's own
CROSSQUOTE_CACHE     folder where `translate` remembers what it has translated
ARGOS_PACKAGES_DIR   folder of installed Argos packages, as argostranslate reads it
CROSSQUOTE_THREADS   threads that the engines use (default: one a core)
SOURCE_DATE_EPOCH    seconds since 1970 to use as "now", for reproducible collections
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from pipeline.errors import PipelineError

CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder that holds `pipeline`: the project's own when it runs from a checkout."""


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
    home = Path(os.environ.get("SNAP_USER_DATA") or Path.home())
    named = os.environ.get("ARGOS_PACKAGES_DIR")
    if not named:
        config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "argos-translate" / "settings.json"
        try:
            named = json.loads(config.read_text("utf-8")).get("ARGOS_PACKAGES_DIR")
        except (OSError, ValueError, AttributeError):
            named = None  # no settings, or none that can be read
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return Path(named) if named else data / "argos-translate" / "packages"


def threads() -> int:
    """Threads for the engines."""
    named = os.environ.get("CROSSQUOTE_THREADS", "")
    if not named:
        return os.cpu_count() or 1
    if not named.isdigit() or int(named) < 1:
        raise PipelineError(f"CROSSQUOTE_THREADS is {named!r}", "give a whole number of at least 1")
    return int(named)


def now() -> datetime:
    """The time of a change, in UTC, to the second."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not epoch.isdigit():
        raise PipelineError(f"SOURCE_DATE_EPOCH is {epoch!r}", "give whole seconds since 1970")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)
