"""Multilingual translation and quote alignment for news: English, Russian, Ukrainian."""

from importlib.metadata import version

__version__ = version("crossquote")
