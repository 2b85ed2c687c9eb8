"""The page on which people read a collection: one HTML file that needs no network."""

from pipeline.report.overview import of_whole
from pipeline.report.page import MOST, Content, write
from pipeline.report.views import Records, facing

__all__ = ["MOST", "Content", "Records", "facing", "of_whole", "write"]
