"""Fetches files that a user named, and no larger than they may be."""

import urllib.error
import urllib.request
from pathlib import Path

from pipeline.errors import InputError

CHUNK = 1 << 20
LARGEST = 4 << 30  # bytes
TIMEOUT = 60  # seconds


def fetch(url: str, target: Path) -> Path:
    """Download a file of at most `LARGEST` bytes to `target`; InputError in one line when that fails."""
    if not url.startswith(("http://", "https://", "file://")):
        raise InputError(f"cannot fetch {url}", "give a path, or an http(s) or file URL")
    request = urllib.request.Request(url, headers={"User-Agent": "crossquote"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer, target.open("wb") as file:
            left = LARGEST
            while chunk := answer.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise InputError(f"{url} is larger than {LARGEST >> 30} GB", "nothing was installed")
                file.write(chunk)
    except urllib.error.HTTPError as error:
        error.close()
        raise InputError(f"cannot fetch {url}: {error}", "is the address right?") from error
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise InputError(f"cannot fetch {url}: {reason}", "download it by other means and give the path") from error
    return target
