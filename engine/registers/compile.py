"""Definitions → Registers: every constraint is checked against the measures, every posting rule against the form it posts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.names import Text
from engine.problems import Problem, Problems, pointer
from engine.registers import problems
from engine.registers.definition import STORAGES, Constraint, Dimension, Figure, Guard, Measure, Register
from engine.registers.posting_rules import PostedForm, PostingRuleCompiler, checked_or_noted
from engine.registers.valuation import ValuationCompiler
from engine.rules import ANY, BOOLEAN, DATE, NUMBER, TEXT, Checked, Scope, Slack, Type, linear, slacks
from engine.rules.known import PRESENT, Known
from engine.values import MONEY_SCALE, QUANTITY_SCALE, to_scaled


class PhysicalIds(Protocol):
    """Gives every definition its immutable id."""

    def of(self, path: str) -> str: ...


def compile_registers(
    definitions: Mapping[str, Mapping[str, Any]], forms: Mapping[str, PostedForm], ids: PhysicalIds
) -> Mapping[str, Register] | Problems:
    """The registers by name, or every problem of every register, each in its file at its JSON pointer."""
    made: dict[str, Register] = {}
    found: list[Problem] = []
    for name, json in definitions.items():
        compiler = _Compiler(json, forms, ids)
        made[name] = compiler.register()
        found += [p.in_file(f"registers/{name}.json") for p in compiler.found]
    return Problems(tuple(found)) if found else made


@dataclass(slots=True)
class _Compiler:
    json: Mapping[str, Any]
    forms: Mapping[str, PostedForm]
    ids: PhysicalIds
    found: list[Problem] = field(default_factory=list)

    def note(self, problem: Problem, *place: str | int) -> None:
        self.found.append(problem.under(pointer(*place)))

    def register(self) -> Register:
        """The register; its problems are in `found`."""
        json, name = self.json, self.json["register"]
        dimensions = self._dimensions()
        measures = tuple(self._measure(m) for m in json["measures"])
        figures = [self._figure(at, item, measures) for at, item in enumerate(json.get("figures", ()))]
        constraints: list[Constraint] = []
        guards: list[Guard] = []
        for at, item in enumerate(json.get("constraints", ())):
            for made in self._constraint(at, item, dimensions, measures):
                (guards if isinstance(made, Guard) else constraints).append(made)  # type: ignore[arg-type]
        reservation = self._own_measure("reservation", measures)
        planned = self._own_measure("planning", measures)
        types = {d["name"]: self._type(d) for d in json["dimensions"]}
        valuation = None
        if "valuation" in json:
            valuation = ValuationCompiler(dimensions, measures, types, self.found).compile(json["valuation"])
        limited = None
        if reservation is not None and any(
            c.refuses and c.factors[_index(measures, reservation)] < 0 for c in constraints
        ):
            limited = Scope({**types, **dict.fromkeys((m.name for m in measures), NUMBER)}, present=_present(measures))
        rules = PostingRuleCompiler(
            self.forms, dimensions, measures, reservation, planned, "valuation" in json, limited, self.found
        )
        postings = [rules.compile(at, item, name) for at, item in enumerate(json.get("postings", ()))]
        return Register(
            self.ids.of(f"register/{name}"),
            name,
            _label(json, name),
            dimensions,
            measures,
            tuple(f for f in figures if f is not None),
            tuple(constraints),
            tuple(guards),
            tuple(p for p in postings if p is not None),
            reservation,
            planned,
            valuation,
        )

    def _own_measure(self, part: str, measures: tuple[Measure, ...]) -> str | None:
        """The measure that a part of the register names."""
        name: str | None = self.json.get(part, {}).get("measure")
        names = tuple(m.name for m in measures)
        if name is None or name in names:
            return name
        self.note(problems.unknown_measure(name, names), part, "measure")
        return None

    def _dimensions(self) -> tuple[Dimension, ...]:
        given = self.json["dimensions"]
        scope = Scope({d["name"]: self._type(d) for d in given if "from" not in d})
        return tuple(self._dimension(at, d, scope) for at, d in enumerate(given))

    def _type(self, json: Mapping[str, Any]) -> Type:
        """What an expression sees of a dimension: the record that it refers to, or its value."""
        form = self.forms.get(json.get("form", ""))
        if form is not None:
            return form.record_type
        return DATE if json.get("type") == "date" else TEXT

    def _dimension(self, at: int, json: Mapping[str, Any], scope: Scope) -> Dimension:
        kind, form = json.get("type", "reference"), json.get("form")
        if kind == "reference" and form not in self.forms:
            self.note(problems.unknown_form(str(form), tuple(self.forms)), "dimensions", at, "form")
        assert kind in STORAGES
        path = f"register/{self.json['register']}/{json['name']}"
        source = None
        if "from" in json:
            expects = ANY if kind in ("reference", "date") else TEXT
            source = checked_or_noted(self.found, json["from"], scope, expects, ("dimensions", at, "from"))
        return Dimension(self.ids.of(path), json["name"], _label(json), kind, form, bool(json.get("optional")), source)

    def _measure(self, json: Mapping[str, Any]) -> Measure:
        scale = MONEY_SCALE if json.get("type") == "money" else QUANTITY_SCALE
        path = f"register/{self.json['register']}/{json['name']}"
        decimals = min(json.get("decimals", 2 if scale == MONEY_SCALE else scale), scale)
        return Measure(self.ids.of(path), json["name"], _label(json), scale, decimals)

    def _scaled(self, factors: Mapping[str, int], measures: tuple[Measure, ...], *place: str | int) -> tuple[int, ...]:
        """Factors in the order of the measures, which must all count in one scale."""
        if len({m.scale for m in measures if factors.get(m.name)}) > 1:
            self.note(problems.scales_differ(), *place)
        return tuple(factors.get(m.name, 0) for m in measures)

    def _figure(self, at: int, json: Mapping[str, Any], measures: tuple[Measure, ...]) -> Figure | None:
        place = ("figures", at, "value")
        checked = checked_or_noted(self.found, json["value"], _measure_scope(measures), NUMBER, place)
        if checked is None:
            return None
        factors = linear(checked.tree)
        if factors is None:
            self.note(problems.not_a_linear_comparison(), *place)
            return None
        return Figure(json["name"], _label(json), self._scaled(factors, measures, *place))

    def _constraint(
        self, at: int, json: Mapping[str, Any], dimensions: tuple[Dimension, ...], measures: tuple[Measure, ...]
    ) -> Sequence[Constraint | Guard]:
        """One constraint for each comparison of sums that it is made of, or one guard."""
        known = tuple(d.name for d in dimensions)
        of = json.get("of", known)
        unknown = [(step, name) for step, name in enumerate(of) if name not in known]
        for step, name in unknown:
            self.note(problems.unknown_dimension(name, known), "constraints", at, "of", step)
        if unknown:
            return ()
        grain = tuple(sorted(known.index(name) for name in of))
        keys = {dimensions[position].name: self._type(self.json["dimensions"][position]) for position in grain}
        scope = Scope({**keys, **dict.fromkeys((m.name for m in measures), NUMBER)}, present=_present(measures))
        that = checked_or_noted(self.found, json["that"], scope, BOOLEAN, ("constraints", at, "that"))
        when = None
        if "when" in json:
            when = checked_or_noted(self.found, json["when"], Scope(keys), BOOLEAN, ("constraints", at, "when"))
        if that is None or ("when" in json and when is None):
            return ()
        if when is not None and when.sql == "no":
            self.note(problems.not_in_the_database(), "constraints", at, "when")
        parts = slacks(that)
        if parts is None or any(name in keys for part in parts for name in part.factors):
            return self._guard(at, json, grain, that, measures)
        return [self._linear(at, json, (grain, when), part, measures) for part in parts]

    def _linear(
        self,
        at: int,
        json: Mapping[str, Any],
        where: tuple[tuple[int, ...], Checked | None],
        part: Slack,
        measures: tuple[Measure, ...],
    ) -> Constraint:
        factors = self._scaled(part.factors, measures, "constraints", at, "that")
        scale = next((m.scale for m, f in zip(measures, factors, strict=True) if f), QUANTITY_SCALE)
        offset = to_scaled(part.offset, scale)
        if offset is None or not any(factors):
            self.note(problems.not_a_linear_comparison(), "constraints", at, "that")
        return Constraint(
            json["name"],
            json.get("label") or {"en": json["name"]},
            where[0],
            factors,
            offset or 0,
            part.strict,
            json.get("then", "refuse") == "refuse",
            json.get("message"),
            where[1],
        )

    def _guard(
        self, at: int, json: Mapping[str, Any], grain: tuple[int, ...], that: Checked, measures: tuple[Measure, ...]
    ) -> Sequence[Guard]:
        if that.sql == "no":
            self.note(problems.not_in_the_database(), "constraints", at, "that")
        if "when" in json:
            self.note(problems.when_without_sum(), "constraints", at, "when")
        names = tuple(m.name for m in measures)
        for step, name in enumerate(json.get("guards", ())):
            if name not in names:
                self.note(problems.unknown_measure(name, names), "constraints", at, "guards", step)
        judged = tuple(step for step, name in enumerate(names) if name in json.get("guards", names))
        label = json.get("label") or {"en": json["name"]}
        refuses = json.get("then", "refuse") == "refuse"
        weighs = any(path[0] in names for path in that.reads)
        return [Guard(json["name"], label, grain, that, judged, refuses, json.get("message"), weighs)]


def _index(measures: tuple[Measure, ...], name: str) -> int:
    return next((at for at, m in enumerate(measures) if m.name == name), 0)


def _measure_scope(measures: tuple[Measure, ...]) -> Scope:
    return Scope(dict.fromkeys((m.name for m in measures), NUMBER), present=_present(measures))


def _present(measures: tuple[Measure, ...]) -> Known:
    return dict.fromkeys((m.name for m in measures), frozenset((PRESENT,)))


def _label(json: Mapping[str, Any], otherwise: str = "") -> Text:
    label: Text = json.get("label") or {"en": json.get("name", otherwise)}
    return label
