"""The parts of a structure's definition that are expressions: checked once, each problem at its place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.problems import Problem, Problems, pointer
from engine.rules import BOOLEAN, NUMBER, Checked, Scope, Type, check
from engine.rules import tree as t
from engine.rules.writing import write_name
from engine.structures import problems
from engine.structures.definition import CoProduct, LineRules, Measure, Parameter, Rounding, Value
from engine.values import read_decimal

TIMELY = frozenset(("today", "now"))
"""Functions whose value changes by itself."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A definition under way: where its problems go, and the names of the fields of lines and header, which may be written plainly."""

    json: Mapping[str, Any]
    notes: list[Problem]
    inner: tuple[str, ...]
    header: tuple[str, ...]

    def expression(
        self, text: Any, scope: Scope, kind: Type, *place: str | int, needed: bool = False
    ) -> Checked | None:
        """A checked expression; None when there is none or it is wrong."""
        if text is None:
            return None
        written = write_name(text) if text in (*self.inner, *self.header) else text
        return self._check(written, scope, kind, place, needed=needed)

    def divisor(self, key: str, scope: Scope) -> Checked | None:
        """An expression of the header that quantities are divided by: it must be there and never be zero."""
        text = self.json.get(key)
        if text is None:
            return None
        written = write_name(text) if text in self.header else text
        if self._check(f"1 / ({written})", scope, NUMBER, (key,), needed=True) is None:
            return None
        return self._check(written, scope, NUMBER, (key,), needed=True)

    def active(self, scope: Scope) -> Checked | None:
        """What makes a version active: of the record's own fields only."""
        found = self.expression(self.json["versions"].get("active"), scope, BOOLEAN, "versions", "active")
        if found is None:
            return None
        deep = sorted(".".join(path) for path in found.reads if len(path) > 1)
        deep += sorted(n.function for n in _nodes(found.tree) if isinstance(n, t.Call) and n.function in TIMELY)
        self.notes.extend(problems.active_reads_more(d).under(pointer("versions", "active")) for d in deep)
        return found

    def _check(
        self, text: str, scope: Scope, kind: Type, place: tuple[str | int, ...], *, needed: bool = False
    ) -> Checked | None:
        checked = check(text, scope, expects=kind, needed=needed)
        if isinstance(checked, Problems):
            self.notes.extend(replace(p, params={**p.params, "column": 1}).under(pointer(*place)) for p in checked)
            return None
        return checked


def is_timely(expressions: tuple[Checked, ...]) -> bool:
    """May the value of one of these change by itself?"""
    return any(isinstance(n, t.Call) and n.function in TIMELY for e in expressions for n in _nodes(e.tree))


def _nodes(tree: t.Node) -> list[t.Node]:
    found = [tree]
    for node in found:
        found.extend(t.children(node))
    return found


def read_value(kind: str, given: Any) -> Value | None:
    """A parameter's value from JSON or from text, or None when it is not of that type."""
    if kind == "boolean":
        return given if isinstance(given, bool) else {"true": True, "false": False}.get(str(given))
    if isinstance(given, bool):
        return None
    if kind == "number":
        return read_decimal(str(given))
    if kind == "date":
        try:
            return date.fromisoformat(str(given))
        except ValueError:
            return None
    return given if isinstance(given, str) else None


def parameters(reading: Reading) -> tuple[Parameter, ...]:
    """The declared parameters."""
    made: dict[str, Parameter] = {}
    for at, json in enumerate(reading.json.get("parameters", ())):
        place = pointer("parameters", at)
        if json["name"] in (*made, *reading.inner, "record", "id"):
            reading.notes.append(problems.name_taken(json["name"]).under(place + "/name"))
        values: dict[str, Value | None] = {}
        for key in ("sample", "default"):
            values[key] = read_value(json["type"], json[key]) if key in json else None
            if key in json and values[key] is None:
                reading.notes.append(problems.bad_parameter(json["name"], json["type"], f"{place}/{key}"))
        label = json.get("label", {"en": json["name"]})
        sample = Decimal(0) if values["sample"] is None else values["sample"]
        made[json["name"]] = Parameter(json["name"], json["type"], label, sample, values["default"])
    return tuple(made.values())


def line_rules(reading: Reading, scope: Scope, *, formula: str | None, condition: str | None) -> LineRules | None:
    """What a line says. Its quantity must always be there, unless it may be given in another way."""
    json = reading.json
    needed = formula is None and "share" not in json
    quantity = reading.expression(json["quantity"], scope, NUMBER, "quantity", needed=needed)
    factor = json.get("factor")
    ratio = factor if isinstance(factor, Mapping) else {"numerator": factor}
    place = ("factor", "numerator") if isinstance(factor, Mapping) else ("factor",)
    field = json["quantity"] if json["quantity"] in reading.inner else None
    share = reading.expression(json.get("share"), scope, NUMBER, "share")
    scrap = reading.expression(json.get("scrap"), scope, NUMBER, "scrap")
    good = reading.expression(json.get("line_yield"), scope, NUMBER, "line_yield")
    numerator = reading.expression(ratio.get("numerator"), scope, NUMBER, *place)
    denominator = reading.expression(ratio.get("denominator"), scope, NUMBER, "factor", "denominator")
    when = reading.expression(json.get("when"), scope, BOOLEAN, "when")
    phantom = reading.expression(json.get("phantom"), scope, BOOLEAN, "phantom")
    if quantity is None:
        return None
    return LineRules(quantity, field, formula, condition, share, scrap, good, numerator, denominator, when, phantom)


def co_product(reading: Reading, scope: Scope) -> CoProduct | None:
    """The lines that come out."""
    json = reading.json.get("co_product")
    if json is None:
        return None
    when = reading.expression(json["when"], scope, BOOLEAN, "co_product", "when")
    share = reading.expression(json.get("share"), scope, NUMBER, "co_product", "share")
    return None if when is None else CoProduct(when, share)


def rounding(reading: Reading, of_component: Scope) -> Rounding | None:
    """The rounding of leaves."""
    json = reading.json.get("rounding")
    if json is None:
        return None
    decimals = json["decimals"]
    if isinstance(decimals, str):
        decimals = reading.expression(decimals, of_component, NUMBER, "rounding", "decimals")
    return None if decimals is None else Rounding(decimals, json.get("way", "up"))


def measures(reading: Reading, of_component: Scope) -> tuple[Measure, ...]:
    """What is rolled up."""
    made: dict[str, Measure] = {}
    for at, json in enumerate(reading.json.get("measures", ())):
        if json["name"] in made:
            reading.notes.append(problems.name_taken(json["name"]).under(pointer("measures", at, "name")))
        checked = check(json["of"], of_component, expects=NUMBER)
        if isinstance(checked, Problems):
            reading.notes.extend(p.under(pointer("measures", at, "of")) for p in checked)
            continue
        label = json.get("label", {"en": json["name"]})
        ways = json.get("combine", "sum"), json.get("counts", "all"), json.get("decimals")
        made[json["name"]] = Measure(json["name"], label, checked, *ways)
    return tuple(made.values())
