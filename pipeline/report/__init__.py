"""The page on which people read a collection: one HTML file that needs no network."""

from pipeline.report.page import write

__all__ = ["write"]
