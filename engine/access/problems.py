"""The problems of rights: of their definitions, and the refusals."""

from typing import Final

from engine.names import Text, nearest
from engine.problems import Problem, Problems, one

_MAY_NOT: Final = {
    "read": "access.may_not_read",
    "create": "access.may_not_create",
    "change": "access.may_not_change",
    "delete": "access.may_not_delete",
}


def unknown_name(kind: str, name: str, known: tuple[str, ...]) -> Problem:
    """A grant on something the pack does not have."""
    return Problem("access.unknown_name", "", {"kind": kind, "name": name}, ways=nearest(name, known))


def unknown_field(name: str, known: tuple[str, ...]) -> Problem:
    """A grant on a field that the form does not have."""
    return Problem("access.unknown_field", "", {"name": name}, ways=nearest(name, known))


def unknown_action(name: str, known: tuple[str, ...]) -> Problem:
    """A grant on a state action that the form does not have."""
    return Problem("access.unknown_action", "", {"name": name}, ways=nearest(name, known))


def rows_not_in_sql() -> Problem:
    """A row right that the database cannot work out."""
    return Problem("access.rows_not_in_sql")


def not_allowed(what: str, label: Text) -> Problems:
    """No role of the actor grants this on this form."""
    return one(_MAY_NOT[what], form=label)


def action_not_allowed(action: Text, label: Text) -> Problems:
    """No role of the actor grants this state action."""
    return one("access.action_not_allowed", action=action, form=label)


def field_not_allowed(place: str, label: Text) -> Problem:
    """No role of the actor grants writing this field."""
    return Problem("access.field_not_allowed", place, {"field": label})


def only_with_a_register(part: str) -> Problem:
    """A right on registers in a grant that names none."""
    return Problem("access.only_with_a_register", "", {"name": part})
