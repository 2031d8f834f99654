"""The problems of registers: of their definitions, of turning records into movements, and the refusal of a posting."""

from collections.abc import Mapping
from typing import Any

from engine.names import Text, nearest
from engine.problems import Problem
from engine.rules import Diagnostic


def unknown_dimension(name: str, known: tuple[str, ...]) -> Problem:
    """A dimension that the register does not have."""
    return Problem("registers.unknown_dimension", "", {"name": name}, ways=nearest(name, known))


def unknown_measure(name: str, known: tuple[str, ...]) -> Problem:
    """A measure that the register does not have."""
    return Problem("registers.unknown_measure", "", {"name": name}, ways=nearest(name, known))


def unknown_form(name: str, known: tuple[str, ...]) -> Problem:
    """A posting rule for a form that is not there."""
    return Problem("registers.unknown_form", "", {"name": name}, ways=nearest(name, known))


def unknown_rows(name: str, known: tuple[str, ...]) -> Problem:
    """A posting rule over a sub-table that the form does not have."""
    return Problem("registers.unknown_rows", "", {"name": name}, ways=nearest(name, known))


def unknown_event(name: str, known: tuple[str, ...]) -> Problem:
    """A posting rule for a state that the form does not have."""
    return Problem("registers.unknown_event", "", {"name": name}, ways=nearest(name, known))


def dimension_missing(name: str) -> Problem:
    """A posting rule that does not say where it posts."""
    return Problem("registers.dimension_missing", "", {"name": name})


def not_a_linear_comparison() -> Problem:
    """A constraint or figure that is more than adding and subtracting measures."""
    return Problem("registers.not_a_linear_comparison")


def scales_differ() -> Problem:
    """A constraint or figure that adds quantities and money."""
    return Problem("registers.scales_differ")


def no_reservations(name: str) -> Problem:
    """A posting rule reserves, but the register has no measure for it."""
    return Problem("registers.no_reservations", "", {"name": name})


def part_missing(name: str) -> Problem:
    """A posting rule lacks a part that its kind needs."""
    return Problem("registers.part_missing", "", {"name": name})


def posting_failed(register: Text, part: str, place: str, why: Diagnostic | None = None) -> Problem:
    """An expression of a posting rule came to nothing for a row; it is never taken for zero, nor a condition for false. `why` is told
    to those who may design."""
    if why is None:
        return Problem("registers.posting_failed", place, {"register": register, "part": part})
    return Problem("registers.posting_failed_at", place, {"register": register, "what": part, **why.told()})


def quantity_not_positive(register: Text, place: str) -> Problem:
    """A reservation or delivery of nothing or less."""
    return Problem("registers.quantity_not_positive", place, {"register": register})


def quantity_too_large(register: Text, place: str) -> Problem:
    """A number that the register cannot hold exactly."""
    return Problem("registers.quantity_too_large", place, {"register": register})


def reservation_exceeded(register: Text, requested: str, open_: str, place: str) -> Problem:
    """More is to be delivered than is reserved for this demand."""
    return Problem(
        "registers.reservation_exceeded", place, {"register": register, "requested": requested, "open": open_}
    )


def nothing_to_reverse(register: Text) -> Problem:
    """There is nothing (more) of this record to reverse."""
    return Problem("registers.nothing_to_reverse", "", {"register": register})


def constraint_broken(
    register: Text,
    constraint: Text,
    key: Mapping[str, Any],
    *,
    available: str,
    wanted: str,
    place: str,
    message: Text | None,
) -> Problem:
    """A balance would break a constraint of the register. `key` holds ids; who writes the message puts titles in."""
    return Problem(
        "registers.constraint_broken",
        place,
        {
            "register": register,
            "constraint": constraint,
            "key": dict(key),
            "what": ", ".join(str(v) for v in key.values()),
            "available": available,
            "wanted": wanted,
            "note": message or {},
        },
    )
