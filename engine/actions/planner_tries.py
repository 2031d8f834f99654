"""What-if on the wire → WhatIf: further demands and supplies, other parameters. It is read strictly, since it is a plan for people."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from engine.actions.planner_inputs import Prepared, dimensions_of
from engine.problems import Problem, Problems, pointer
from engine.replenishment import Flow, Key, Parameters, WhatIf, replaced
from engine.replenishment import problems as replenishment_problems
from engine.values import read_decimal, to_scaled

TRIES_MAX: Final = 200
"""Most entries of each part."""
TRIED: Final = "what if"
"""Whose the flows of a what-if are."""
_NUMBERS: Final = ("minimum", "maximum", "safety", "lot", "multiple", "least", "lead_days", "period")


def read_what_if(given: Mapping[str, Any], prepared: Prepared) -> WhatIf | Problems:
    """The what-if, or every place where it means nothing."""
    reader = _Reader(prepared)
    made = WhatIf(
        reader.flows(given, "demands"), reader.flows(given, "supplies"), reader.parameters(given.get("parameters"))
    )
    for part in given:
        if part not in ("demands", "supplies", "parameters"):
            reader.wrong(part)
    return Problems(tuple(reader.found)) if reader.found else made


class _Reader:
    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._dimensions = dimensions_of(prepared.planner, prepared.planning)
        self.found: list[Problem] = []

    def wrong(self, *place: str | int) -> None:
        """This part cannot be read."""
        self.found.append(replenishment_problems.bad_try(pointer("what_if", *place)))

    def flows(self, given: Mapping[str, Any], part: str) -> list[Flow]:
        """Demands or supplies."""
        made: list[Flow] = []
        for at, item in enumerate(self._entries(given.get(part), part)):
            key = self._key(item.get("key"), part, at)
            number = read_decimal(item["quantity"]) if isinstance(item.get("quantity"), str | int) else None
            quantity = to_scaled(number, self._prepared.planner.scale) if number is not None and number > 0 else None
            if quantity is None:
                self.wrong(part, at, "quantity")
            day = _day(item.get("day"))
            if day is None:
                self.wrong(part, at, "day")
            if key is not None and quantity is not None and day is not None:
                made.append(Flow(key, day, quantity, TRIED))
        return made

    def parameters(self, given: Any) -> dict[Key, Parameters]:
        """Other parameters of keys."""
        made: dict[Key, Parameters] = {}
        for at, item in enumerate(self._entries(given, "parameters")):
            key = self._key(item.get("key"), "parameters", at)
            values: dict[str, Any] = {}
            for name, value in item.items():
                if name == "key":
                    continue
                read = _parameter(name, value)
                if read is _UNREADABLE:
                    self.wrong("parameters", at, name)
                values[name] = read
            if key is None or _UNREADABLE in values.values():
                continue
            came = replaced(self._prepared.inputs.parameters(key), values, self._prepared.planner.scale)
            if isinstance(came, Problems):
                self.found += came.under(pointer("what_if", "parameters", at))
            else:
                made[key] = came
        return made

    def _entries(self, given: Any, part: str) -> list[Mapping[str, Any]]:
        if given is None:
            return []
        if not isinstance(given, list) or len(given) > TRIES_MAX or not all(isinstance(item, dict) for item in given):
            self.wrong(part)
            return []
        return given

    def _key(self, given: Any, part: str, at: int) -> Key | None:
        values: list[Any] = []
        named = given if isinstance(given, dict) else {}
        for d in self._dimensions:
            value = named.get(d.name, d.nothing if d.optional else None)
            if d.form and isinstance(value, str):
                value = _id(value)
                known = self._prepared.planning.facts.visible(d.form, [value]) if value is not None else ()
                value = value if value in known else None
            if value is None or not isinstance(value, str | UUID):
                self.wrong(part, at, "key", d.name)
                return None
            values.append(value)
        return tuple(values)


_UNREADABLE: Final = object()


def _parameter(name: str, value: Any) -> Any:
    if name in _NUMBERS:
        number = read_decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
        return number if number is not None else None if value is None else _UNREADABLE
    if name == "make":
        return value if isinstance(value, bool) else _UNREADABLE
    if name == "policy":
        return value if value is None or isinstance(value, str) else _UNREADABLE
    return _UNREADABLE


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
