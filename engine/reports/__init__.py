"""reports: datasets over forms and registers, and their presentations. Executes no SQL."""

from engine.reports.compile import compile_dashboards, compile_datasets
from engine.reports.definition import Dashboard, Dataset, Tile
from engine.reports.query import DatasetQuery, Sources, dataset_query

__all__ = [
    "Dashboard",
    "Dataset",
    "DatasetQuery",
    "Sources",
    "Tile",
    "compile_dashboards",
    "compile_datasets",
    "dataset_query",
]
