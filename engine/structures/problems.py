"""The problems of structures."""

from engine.names import Text, nearest
from engine.problems import Problem, Problems, one


def unknown_form(name: str, known: tuple[str, ...]) -> Problem:
    """A structure over a form that is not there."""
    return Problem("structures.unknown_form", "", {"name": name}, ways=nearest(name, known))


def unknown_field(name: str, known: tuple[str, ...]) -> Problem:
    """A part of the structure names a field that the form does not have."""
    return Problem("structures.unknown_field", "", {"name": name}, ways=nearest(name, known))


def wrong_field(name: str, wanted: str) -> Problem:
    """A part of the structure names a field of another kind than it needs; `wanted` are the kinds."""
    return Problem("structures.wrong_field", "", {"name": name, "wanted": wanted})


def not_the_same_form() -> Problem:
    """Parent and component must be references to the same form, or there are no levels."""
    return Problem("structures.not_the_same_form")


def name_taken(name: str) -> Problem:
    """A parameter or measure has a name that is used already: by another, or by a field of the lines."""
    return Problem("structures.name_taken", "", {"name": name})


def bad_parameter(name: str, kind: str, place: str) -> Problem:
    """A value given for a parameter is not of its type, or a sample is not."""
    return Problem("structures.bad_parameter", place, {"name": name, "type": kind})


def unknown_parameter(name: str, known: tuple[str, ...]) -> Problem:
    """A demand gives a parameter that the structure does not have."""
    return Problem(
        "structures.unknown_parameter", f"/parameters/{name}", {"name": name[:40]}, ways=nearest(name, known) or known
    )


def parameter_missing(name: str) -> Problem:
    """A demand leaves out a parameter that has no default."""
    return Problem("structures.parameter_missing", f"/parameters/{name}", {"name": name})


def active_reads_more(path: str) -> Problem:
    """What makes a version active may only be in the record itself, or saving others could close a circle unseen."""
    return Problem("structures.active_reads_more", "", {"name": path})


def circle(structure: Text, path: str, place: str) -> Problem:
    """Something would be a part of itself."""
    return Problem("structures.circle", place, {"structure": structure, "path": path})


def circle_found(structure: Text, path: str) -> Problems:
    """Something that is stored is a part of itself, and cannot be multiplied out."""
    return one("structures.circle_found", structure=structure, path=path)


def too_many_levels(structure: Text, most: int) -> Problems:
    """The structure is deeper than what is multiplied out."""
    return one("structures.too_many_levels", structure=structure, most=most)


def too_many_rows(structure: Text, most: int) -> Problems:
    """The answer has more rows than the limit; summed up it may have fewer."""
    return Problems(
        (Problem("structures.too_many_rows", "", {"structure": structure, "most": most}, ways=("summarised",)),)
    )


def too_many_lines(structure: Text, most: int) -> Problems:
    """There are more lines in all than are read at once."""
    return one("structures.too_many_lines", structure=structure, most=most)


def line_failed(structure: Text, parent: str, line: int, reason: str) -> Problem:
    """A line that is needed cannot be worked out: its number in the record of `parent`, and the code of what went wrong."""
    return Problem(
        "structures.line_failed", "", {"structure": structure, "parent": parent, "line": line, "reason": reason}
    )


def line_wrong(reason: str, place: str) -> Problem:
    """A line comes to nothing, or to less than nothing, with the sample values."""
    return Problem("structures.line_wrong", place, {"reason": reason})


def no_quantity(place: str) -> Problem:
    """A line says in no way how much of its component there is."""
    return Problem("structures.no_quantity", place)


def no_such_measure(name: str, known: tuple[str, ...]) -> Problems:
    """A roll-up of a measure that the structure does not have."""
    return Problems((Problem("structures.no_such_measure", "/measure", {"name": name[:40]}, ways=known),))


def measure_not_readable(field: Text) -> Problems:
    """A roll-up would tell of a field that the actor may not read."""
    return one("structures.measure_not_readable", field=field)


def no_such_version(structure: Text) -> Problems:
    """The record named is no version of this structure, or not of this parent."""
    return one("structures.no_such_version", "/version", structure=structure)


def not_the_same_parent() -> Problems:
    """Two versions are compared that are of different parents."""
    return one("structures.not_the_same_parent", "/with")
