"""The browser that tests, measurements and pictures of the report use: Chromium as it is installed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "there is no Chromium on this machine: apt-get install chromium"


@contextmanager
def chromium() -> "Iterator[Browser]":
    """A running Chromium; LookupError when none is installed."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise LookupError(MISSING)
    with sync_playwright() as engine:
        # Root has no sandbox in a container; the pages that are opened here are our own.
        browser = engine.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
