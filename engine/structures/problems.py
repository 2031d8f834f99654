"""The problems of structures."""

from engine.names import Text, nearest
from engine.problems import Problem


def unknown_form(name: str, known: tuple[str, ...]) -> Problem:
    """A structure over a form that is not there."""
    return Problem("structures.unknown_form", "", {"name": name}, ways=nearest(name, known))


def unknown_field(name: str, known: tuple[str, ...]) -> Problem:
    """A part of the structure names a field that the form does not have."""
    return Problem("structures.unknown_field", "", {"name": name}, ways=nearest(name, known))


def not_the_same_form() -> Problem:
    """Parent and component must be references to the same form, or there are no levels."""
    return Problem("structures.not_the_same_form")


def circle(structure: Text, path: str, place: str) -> Problem:
    """Something would be a part of itself."""
    return Problem("structures.circle", place, {"structure": structure, "path": path})
