"""The problems of registers: of their definitions, of turning records into movements, and the refusal of a posting."""

from collections.abc import Mapping
from typing import Any, Protocol

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


def only_for_reservations(name: str) -> Problem:
    """A posting rule has a part that only `reserve` knows."""
    return Problem("registers.only_for_reservations", "", {"name": name})


def nothing_limits() -> Problem:
    """A reservation is to be picked, but no constraint says how much of the reserved measure there may be."""
    return Problem("registers.nothing_limits")


def pick_short(
    register: "Named", constraint: "Constrained", key: Mapping[str, Any], told: Mapping[str, str], place: str
) -> Problem:
    """A line wants more reserved than can be found for it: `told` are the `available` and `wanted` numbers. `key` is what it named."""
    return Problem("registers.pick_short", place, {**_broken(register, constraint, key), **told, "note": {}})


def picked_in_part(
    register: "Named", constraint: "Constrained", key: Mapping[str, Any], told: Mapping[str, str], place: str
) -> Problem:
    """A warning: a line got less reserved than it wanted."""
    return Problem("registers.picked_in_part", place, {**_broken(register, constraint, key), **told, "note": {}})


def line_not_picked(
    register: "Named", constraint: "Constrained", key: Mapping[str, Any], told: Mapping[str, str], place: str
) -> Problem:
    """A warning: a line was left without a reservation, because it could not be had in full."""
    return Problem("registers.line_not_picked", place, {**_broken(register, constraint, key), **told, "note": {}})


def reservation_exceeded(register: Text, requested: str, open_: str, place: str) -> Problem:
    """More is to be delivered than is reserved for this demand."""
    return Problem(
        "registers.reservation_exceeded", place, {"register": register, "requested": requested, "open": open_}
    )


def reservation_used(register: Text, requested: str, open_: str) -> Problem:
    """What a record reserved is to be reversed, but something of it was delivered or given free since."""
    return Problem("registers.reservation_used", "", {"register": register, "requested": requested, "open": open_})


def nothing_to_reverse(register: Text) -> Problem:
    """There is nothing (more) of this record to reverse."""
    return Problem("registers.nothing_to_reverse", "", {"register": register})


def counted_twice(register: Text, place: str) -> Problem:
    """Two lines of one record say what balance was found at the same key."""
    return Problem("registers.counted_twice", place, {"register": register})


def no_planning(name: str) -> Problem:
    """A posting rule plans, but the register has no measure for it."""
    return Problem("registers.no_planning", "", {"name": name})


def period_closed(register: Text, day: str, until: str) -> Problem:
    """A posting would take effect in a closed period."""
    return Problem("registers.period_closed", "", {"register": register, "date": day, "until": until})


def backdating_not_allowed(register: Text, days: int, allowed: int) -> Problem:
    """A posting would take effect longer ago than any role of the actor allows."""
    return Problem("registers.backdating_not_allowed", "", {"register": register, "days": days, "allowed": allowed})


def forward_dating_not_allowed(register: Text, days: int, allowed: int) -> Problem:
    """A posting would take effect further ahead than any role of the actor allows."""
    return Problem("registers.forward_dating_not_allowed", "", {"register": register, "days": days, "allowed": allowed})


def closing_not_allowed(register: Text) -> Problem:
    """No role of the actor may close periods of this register."""
    return Problem("registers.closing_not_allowed", "", {"register": register})


def reopening_not_allowed(register: Text) -> Problem:
    """No role of the actor may reopen periods of this register."""
    return Problem("registers.reopening_not_allowed", "", {"register": register})


def period_not_over(register: Text) -> Problem:
    """A period that is not over cannot be closed."""
    return Problem("registers.period_not_over", "/until", {"register": register})


def period_closed_already(register: Text, until: str) -> Problem:
    """The register is closed beyond that day already."""
    return Problem("registers.period_closed_already", "/until", {"register": register, "until": until})


def period_open_already(register: Text) -> Problem:
    """There is nothing closed after that day."""
    return Problem("registers.period_open_already", "/until", {"register": register})


def reason_missing() -> Problem:
    """Reopening a period needs a reason."""
    return Problem("registers.reason_missing", "/reason")


def costs_waiting(register: Text, count: int) -> Problem:
    """Costs wait to be valued again, so the period cannot be closed yet."""
    return Problem("registers.costs_waiting", "", {"register": register, "count": count})


def value_is_no_money(name: str) -> Problem:
    """The value of a valued register must be a measure of money, its quantity one of quantity."""
    return Problem("registers.value_is_no_money", "", {"name": name})


def not_valued() -> Problem:
    """A posting says where its cost comes from, but the register is not valued."""
    return Problem("registers.not_valued")


def unknown_posting(name: str, known: tuple[str, ...]) -> Problem:
    """A cost taken from a posting that is not listed before."""
    return Problem("registers.unknown_posting", "", {"name": name}, ways=nearest(name, known))


def method_unknown(register: Text, method: str, place: str) -> Problem:
    """The method by which something is to be valued is none that there is."""
    return Problem("registers.method_unknown", place, {"register": register, "method": method})


def standard_missing(register: Text, place: str) -> Problem:
    """Something is to be valued at a standard cost, but there is none."""
    return Problem("registers.standard_missing", place, {"register": register})


def nothing_to_return(register: Text, available: str, wanted: str, place: str) -> Problem:
    """More comes back than the record it comes back from had taken."""
    return Problem(
        "registers.nothing_to_return", place, {"register": register, "available": available, "wanted": wanted}
    )


def quantities_differ(register: Text, place: str) -> Problem:
    """What arrives is not as much as what left."""
    return Problem("registers.quantities_differ", place, {"register": register})


def nothing_received(register: Text, place: str) -> Problem:
    """A value onto what a record brought in, but it brought in nothing that agrees."""
    return Problem("registers.nothing_received", place, {"register": register})


def not_in_the_database() -> Problem:
    """A constraint that only Python could work out; it must be judged where the balances are locked."""
    return Problem("registers.not_in_the_database")


def when_without_sum() -> Problem:
    """A condition beside a constraint that is itself a condition."""
    return Problem("registers.when_without_sum")


class Constrained(Protocol):
    """A constraint or guard, as far as its refusal tells."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> Text: ...
    @property
    def message(self) -> Text | None: ...


class Named(Protocol):
    """A register, as far as its refusal tells."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> Text: ...


def constraint_broken(
    register: Named, constraint: Constrained, key: Mapping[str, Any], told: Mapping[str, str], place: str
) -> Problem:
    """A balance would break a constraint of the register: `told` are the `available` and `wanted` numbers. `key` holds ids; who writes
    the message puts titles in."""
    return Problem("registers.constraint_broken", place, {**_broken(register, constraint, key), **told})


def constraint_broken_later(
    register: Named, constraint: Constrained, key: Mapping[str, Any], told: Mapping[str, str], place: str
) -> Problem:
    """A balance would break a constraint at a later moment than the posting: `told` are also the first `date` and what is `missing` then."""
    return Problem("registers.constraint_broken_later", place, {**_broken(register, constraint, key), **told})


def guard_broken(register: Named, guard: Constrained, key: Mapping[str, Any], place: str) -> Problem:
    """A posting changes a balance for which a condition of the register does not hold."""
    return Problem("registers.guard_broken", place, _broken(register, guard, key))


def _broken(register: Named, constraint: Constrained, key: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "register": register.label,
        "register_name": register.name,
        "constraint": constraint.label,
        "constraint_name": constraint.name,
        "key": dict(key),
        "what": ", ".join(str(v) for v in key.values()),
        "note": constraint.message or {},
    }
