"""The problems of reports."""

from engine.names import nearest
from engine.problems import Problem


def unknown_source(name: str, known: tuple[str, ...]) -> Problem:
    """A dataset over something that is not there."""
    return Problem("reports.unknown_source", "", {"name": name}, ways=nearest(name, known))


def unknown_dataset(name: str, known: tuple[str, ...]) -> Problem:
    """A tile of a dataset that is not there."""
    return Problem("reports.unknown_dataset", "", {"name": name}, ways=nearest(name, known))


def unknown_column(name: str, known: tuple[str, ...]) -> Problem:
    """A column that the dataset does not give."""
    return Problem("reports.unknown_column", "", {"name": name}, ways=nearest(name, known))


def not_in_sql(name: str) -> Problem:
    """A column or condition that the database cannot work out."""
    return Problem("reports.not_in_sql", "", {"name": name})
