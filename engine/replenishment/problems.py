"""The problems of replenishment: of planners' definitions, of what their rules come to, and of runs."""

from engine.names import Text, nearest
from engine.problems import Problem
from engine.rules import Diagnostic


def unknown_register(name: str, known: tuple[str, ...]) -> Problem:
    """A planner over a register that is not there."""
    return Problem("replenishment.unknown_register", "", {"name": name}, ways=nearest(name, known))


def unknown_measure(name: str, known: tuple[str, ...]) -> Problem:
    """A measure or figure that the register does not have."""
    return Problem("replenishment.unknown_measure", "", {"name": name}, ways=nearest(name, known))


def scales_differ(name: str) -> Problem:
    """A figure that adds what is not counted alike."""
    return Problem("replenishment.scales_differ", "", {"name": name})


def unknown_dimension(name: str, known: tuple[str, ...]) -> Problem:
    """A dimension that the register (or the planner) does not have."""
    return Problem("replenishment.unknown_dimension", "", {"name": name}, ways=nearest(name, known))


def dimension_missing(name: str) -> Problem:
    """Suggestions must say which key they are for: a dimension has no field."""
    return Problem("replenishment.dimension_missing", "", {"name": name})


def unknown_structure(name: str, known: tuple[str, ...]) -> Problem:
    """A structure that is not there."""
    return Problem("replenishment.unknown_structure", "", {"name": name}, ways=nearest(name, known))


def not_the_items(name: str, wanted: str) -> Problem:
    """Items, the first dimension and the structure must be of one form."""
    return Problem("replenishment.not_the_items", "", {"name": name, "wanted": wanted})


def unknown_form(name: str, known: tuple[str, ...]) -> Problem:
    """A form that is not there."""
    return Problem("replenishment.unknown_form", "", {"name": name}, ways=nearest(name, known))


def unknown_field(name: str, known: tuple[str, ...]) -> Problem:
    """A field that the form of the suggestions does not have."""
    return Problem("replenishment.unknown_field", "", {"name": name}, ways=nearest(name, known))


def field_does_not_fit(name: str) -> Problem:
    """A field that cannot hold what it is to hold."""
    return Problem("replenishment.field_does_not_fit", "", {"name": name})


def field_missing(name: str) -> Problem:
    """A field that every suggestion must have is given nothing."""
    return Problem("replenishment.field_missing", "", {"name": name})


def date_missing() -> Problem:
    """With one suggestion for each date, a field must hold the date."""
    return Problem("replenishment.date_missing")


def bad_schedule(cron: str) -> Problem:
    """A schedule that is no cron expression of five parts."""
    return Problem("replenishment.bad_schedule", "", {"cron": cron[:60]})


def already_running(planner: Text) -> Problem:
    """Another run of the planner is at work."""
    return Problem("replenishment.already_running", "", {"planner": planner})


def not_running(planner: Text) -> Problem:
    """There is nothing to stop."""
    return Problem("replenishment.not_running", "", {"planner": planner})


def unknown_planner(name: str, known: tuple[str, ...]) -> Problem:
    """A planner that is not there, or that the actor may not know of."""
    return Problem("replenishment.unknown_planner", "", {"name": name[:60]}, ways=nearest(name, known))


def bad_try(place: str) -> Problem:
    """A what-if that cannot be read."""
    return Problem("replenishment.bad_try", place)


def unknown_state(name: str, known: tuple[str, ...]) -> Problem:
    """A state that suggestions do not have."""
    return Problem("replenishment.unknown_state", "", {"name": name}, ways=nearest(name, known))


def first_state_not_open(name: str) -> Problem:
    """A new suggestion would not be the planner's own: every run would add another."""
    return Problem("replenishment.first_state_not_open", "", {"name": name})


def cannot_withdraw(name: str, state: str) -> Problem:
    """The action that takes suggestions back is not there, or does not lead out of an open state."""
    return Problem("replenishment.cannot_withdraw", "", {"name": name, "state": state})


def unknown_policy(name: str, known: tuple[str, ...]) -> Problem:
    """An item's policy is none that there is."""
    return Problem("replenishment.unknown_policy", "/policy", {"name": name}, ways=nearest(name, known))


def rule_failed(part: str, why: Diagnostic) -> Problem:
    """A rule of the planner could not be worked out for an item."""
    return Problem("replenishment.rule_failed", f"/{part}", {"what": part, **why.told()})


def not_an_amount(part: str, value: str) -> Problem:
    """A parameter below zero, too large, or with parts where only whole numbers count."""
    return Problem("replenishment.not_an_amount", f"/{part}", {"part": part, "value": value})


def amount_missing(part: str, policy: str) -> Problem:
    """A policy without the amount that it needs."""
    return Problem("replenishment.amount_missing", f"/{part}", {"part": part, "policy": policy})


def maximum_too_small() -> Problem:
    """An item is filled up to less than the level at which it is ordered."""
    return Problem("replenishment.maximum_too_small", "/maximum")


def lines_fail(reason: str) -> Problem:
    """What an item consists of cannot be worked out."""
    return Problem("replenishment.lines_fail", "/structure", {"reason": reason})


def circle(planner: Text, path: str) -> Problem:
    """Items would be made of themselves."""
    return Problem("replenishment.circle", "", {"planner": planner, "path": path})


def too_large(planner: Text) -> Problem:
    """More keys and buckets than one run takes."""
    return Problem("replenishment.too_large", "", {"planner": planner})


def stopped(planner: Text) -> Problem:
    """Somebody stopped the run; it has written nothing."""
    return Problem("replenishment.stopped", "", {"planner": planner})
