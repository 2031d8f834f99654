"""The problems of forms: of their definitions (a pack's author reads them) and of records (a person filling a form does)."""

from engine.names import Text, nearest
from engine.problems import Problem
from engine.rules import Diagnostic


def bad_name(name: str) -> Problem:
    """A name with other characters than letters, digits and _, too long, or a word of the rule language."""
    return Problem("forms.bad_name", "", {"name": name[:60]})


def name_taken(name: str, first: str) -> Problem:
    """Two names that differ at most in capitals."""
    return Problem("forms.name_taken", "", {"name": name, "first": first})


def name_reserved(name: str) -> Problem:
    """A name that every record has already."""
    return Problem("forms.name_reserved", "", {"name": name})


def unknown_field_type(name: str, known: tuple[str, ...]) -> Problem:
    """No field type of this name."""
    return Problem("forms.unknown_field_type", "", {"name": name}, ways=nearest(name, known))


def unknown_form(name: str, known: tuple[str, ...]) -> Problem:
    """A reference to a form that the pack does not have."""
    return Problem("forms.unknown_form", "", {"name": name}, ways=nearest(name, known))


def unknown_field(name: str, known: tuple[str, ...]) -> Problem:
    """A field that the form does not have."""
    return Problem("forms.unknown_field", "", {"name": name[:60]}, ways=nearest(name, known))


def unknown_state(name: str, known: tuple[str, ...]) -> Problem:
    """A state that the form does not have."""
    return Problem("forms.unknown_state", "", {"name": name}, ways=nearest(name, known))


def key_not_unique(name: str) -> Problem:
    """The key of a form must tell its records apart."""
    return Problem("forms.key_not_unique", "", {"name": name})


def computed_in_a_circle(path: tuple[str, ...]) -> Problem:
    """Computed fields that need each other."""
    return Problem("forms.computed_in_a_circle", "", {"path": " → ".join(path)})


def field_not_writable(label: Text, place: str) -> Problem:
    """A value for a field that the engine writes itself."""
    return Problem("forms.field_not_writable", place, {"field": label})


def required_field_empty(label: Text, place: str) -> Problem:
    """A field that must have a value has none."""
    return Problem("forms.required_field_empty", place, {"field": label})


def reference_unknown(label: Text, target: Text, found: str, place: str) -> Problem:
    """No such record, or none the actor may see."""
    return Problem("forms.reference_unknown", place, {"field": label, "form": target, "found": found[:60]})


def value_taken(label: Text, found: str, place: str) -> Problem:
    """Another record has this value already."""
    return Problem("forms.value_taken", place, {"field": label, "found": found[:60]})


def check_failed(message: Text, place: str) -> Problem:
    """A check of the form does not hold; its own words say why."""
    return Problem("forms.check_failed", place, {}, text=message or None)


def expression_failed(label: Text, why: Diagnostic, place: str, *, may_design: bool) -> Problem:
    """A rule came to nothing; who may design is told which part of it, and its values."""
    if not may_design:
        return Problem("forms.expression_failed", place, {"field": label, "reason": why.code})
    return Problem("forms.expression_failed_at", place, {"field": label, **why.told()})


def too_few_lines(label: Text, least: int, place: str) -> Problem:
    """A sub-table has fewer rows than it must."""
    return Problem("forms.too_few_lines", place, {"field": label, "least": least})


def too_many_lines(label: Text, most: int, place: str) -> Problem:
    """A sub-table has more rows than it may."""
    return Problem("forms.too_many_lines", place, {"field": label, "most": most})


def lines_not_a_list(label: Text, place: str) -> Problem:
    """A sub-table was given something else than a list of rows."""
    return Problem("forms.lines_not_a_list", place, {"field": label})


def line_unknown(label: Text, place: str) -> Problem:
    """A row with an id that this record does not have."""
    return Problem("forms.line_unknown", place, {"field": label})


def unit_unknown(label: Text, found: str, place: str) -> Problem:
    """A quantity in a unit that is not there or has no ratio."""
    return Problem("forms.unit_unknown", place, {"field": label, "found": found[:60]})


def cannot_sort(name: str) -> Problem:
    """A list cannot be sorted by this."""
    return Problem("forms.cannot_sort", "/sort", {"name": name[:60]})


def cursor_unreadable() -> Problem:
    """A page cursor that this list cannot continue from."""
    return Problem("forms.cursor_unreadable", "/after")
