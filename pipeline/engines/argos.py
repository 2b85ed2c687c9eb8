"""Argos packages that are installed for `argostranslate`.

`argostranslate` itself stays out of it: importing it takes seconds, makes folders in the home directory, and its own
translation goes line by line through a sentence splitter that wants the network. A package is a folder with
`metadata.json`, a CTranslate2 model in `model/`, and `sentencepiece.model` or `bpe.model`.
"""

from pathlib import Path

from pipeline import settings
from pipeline.engines import descriptions
from pipeline.engines.descriptions import Description
from pipeline.packages import numbers_of


def installed(folder: Path | None = None) -> list[Description]:
    """The translation packages in `folder` (default: `settings.argos_packages_folder()`), newer ones of a pair first."""
    folders = sorted(path.parent for path in (folder or settings.argos_packages_folder()).glob("*/metadata.json"))
    found = [package for one in folders if (package := descriptions.read(one)) is not None]
    return sorted(found, key=lambda package: numbers_of(package.version), reverse=True)
