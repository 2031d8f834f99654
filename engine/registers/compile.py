"""Definitions → Registers: every posting rule is checked against the form it posts, every constraint against the measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.names import Text
from engine.problems import Problem, Problems, pointer
from engine.registers import problems
from engine.registers.definition import STORAGES, Constraint, Dimension, Figure, Measure, PostingRule, Register
from engine.rules import ANY, BOOLEAN, NUMBER, TEXT, Checked, Scope, Type, check, linear, slack
from engine.rules.known import PRESENT
from engine.values import MONEY_SCALE, QUANTITY_SCALE


class StateLike(Protocol):
    """A state of a form, as far as registers need to know."""

    @property
    def name(self) -> str: ...


class PostedForm(Protocol):
    """A form, as far as registers need to know."""

    @property
    def scope(self) -> Scope: ...
    @property
    def record_type(self) -> Type: ...
    @property
    def line_types(self) -> Mapping[str, Type]: ...
    @property
    def states(self) -> Sequence[StateLike]: ...
    def line_scope(self, lines: str) -> Scope: ...


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
        dimensions = tuple(self._dimension(at, d) for at, d in enumerate(json["dimensions"]))
        measures = tuple(
            Measure(
                self.ids.of(f"register/{name}/{m['name']}"),
                m["name"],
                _label(m),
                MONEY_SCALE if m.get("type") == "money" else QUANTITY_SCALE,
            )
            for m in json["measures"]
        )
        figures = tuple(
            f for at, item in enumerate(json.get("figures", ())) if (f := self._figure(at, item, measures)) is not None
        )
        constraints = tuple(
            c
            for at, item in enumerate(json.get("constraints", ()))
            if (c := self._constraint(at, item, dimensions, measures)) is not None
        )
        reservation = json.get("reservation", {}).get("measure")
        names = tuple(m.name for m in measures)
        if reservation is not None and reservation not in names:
            self.note(problems.unknown_measure(reservation, names), "reservation", "measure")
            reservation = None
        postings = tuple(
            p
            for at, item in enumerate(json.get("postings", ()))
            if (p := self._posting(at, item, dimensions, measures, reservation)) is not None
        )
        return Register(
            self.ids.of(f"register/{name}"),
            name,
            _label(json, name),
            dimensions,
            measures,
            figures,
            constraints,
            postings,
            reservation,
        )

    def _dimension(self, at: int, json: Mapping[str, Any]) -> Dimension:
        kind, form = json.get("type", "reference"), json.get("form")
        if kind == "reference" and form not in self.forms:
            self.note(problems.unknown_form(str(form), tuple(self.forms)), "dimensions", at, "form")
        assert kind in STORAGES
        path = f"register/{self.json['register']}/{json['name']}"
        return Dimension(self.ids.of(path), json["name"], _label(json), kind, form, bool(json.get("optional")))

    def _factors(
        self, expression: Any, measures: tuple[Measure, ...], place: tuple[str | int, ...]
    ) -> tuple[int, ...] | None:
        """A sum of measures as factors in their order."""
        if expression is None:
            self.note(problems.not_a_linear_comparison(), *place)
            return None
        factors = tuple(expression.get(m.name, 0) for m in measures)
        if len({m.scale for m, f in zip(measures, factors, strict=True) if f}) > 1:
            self.note(problems.scales_differ(), *place)
        return factors

    def _figure(self, at: int, json: Mapping[str, Any], measures: tuple[Measure, ...]) -> Figure | None:
        checked = self._checked(json["value"], _measure_scope(measures), NUMBER, "figures", at, "value")
        factors = self._factors(linear(checked.tree), measures, ("figures", at, "value")) if checked else None
        return Figure(json["name"], _label(json), factors) if factors is not None else None

    def _constraint(
        self, at: int, json: Mapping[str, Any], dimensions: tuple[Dimension, ...], measures: tuple[Measure, ...]
    ) -> Constraint | None:
        known = tuple(d.name for d in dimensions)
        of = json.get("of", known)
        for step, name in enumerate(of):
            if name not in known:
                self.note(problems.unknown_dimension(name, known), "constraints", at, "of", step)
        checked = self._checked(json["that"], _measure_scope(measures), BOOLEAN, "constraints", at, "that")
        if checked is None or any(name not in known for name in of):
            return None
        sides = slack(checked)
        more, less = (linear(sides.more), linear(sides.less)) if sides else (None, None)
        total = None if more is None or less is None else {n: more.get(n, 0) - less.get(n, 0) for n in {**more, **less}}
        factors = self._factors(total, measures, ("constraints", at, "that"))
        if factors is None or sides is None:
            return None
        positions = tuple(sorted(known.index(name) for name in of))
        return Constraint(
            json["name"],
            json.get("label") or {"en": json["name"]},
            positions,
            factors,
            sides.strict,
            json.get("then", "refuse") == "refuse",
            json.get("message"),
        )

    def _posting(
        self,
        at: int,
        json: Mapping[str, Any],
        dimensions: tuple[Dimension, ...],
        measures: tuple[Measure, ...],
        reservation: str | None,
    ) -> PostingRule | None:
        form = self.forms.get(json["form"])
        if form is None:
            self.note(problems.unknown_form(json["form"], tuple(self.forms)), "postings", at, "form")
            return None
        event = self._event(at, json["on"], form)
        rows, do = json.get("rows"), json.get("do", "move")
        if rows is not None and rows not in form.line_types:
            self.note(problems.unknown_rows(rows, tuple(form.line_types)), "postings", at, "rows")
            return None
        scope = form.line_scope(rows) if rows else form.scope.extended({"record": form.record_type}, _RECORD_KNOWN)
        self._parts(at, json, do, reservation)
        when = self._checked(json["when"], scope, BOOLEAN, "postings", at, "when") if "when" in json else None
        needs = _Needs(at, scope, when)
        return PostingRule(
            json["name"],
            json["form"],
            event,
            do,
            rows,
            when,
            self._at(json, do, dimensions, needs),
            self._add(json, measures, needs),
            self._needed(json.get("quantity"), needs, NUMBER, "quantity"),
            self._needed(json.get("demand"), needs, ANY, "demand"),
            self._needed(json.get("effective"), needs, ANY, "effective"),
        )

    def _event(self, at: int, on: str, form: PostedForm) -> str:
        if on in ("created", "deleted"):
            return on
        if on == "rule":
            return f"rule:{self.json['postings'][at]['name']}"
        known = tuple(s.name for s in form.states)
        if on not in known:
            self.note(problems.unknown_event(on, (*known, "created", "deleted")), "postings", at, "on")
        return f"state:{on}"

    def _parts(self, at: int, json: Mapping[str, Any], do: str, reservation: str | None) -> None:
        if do in ("reserve", "settle", "void") and reservation is None:
            self.note(problems.no_reservations(self.json["register"]), "postings", at, "do")
        for part in {"move": ("at", "add"), "reserve": ("at", "quantity"), "settle": ("at", "quantity", "demand")}.get(
            do, ()
        ):
            if part not in json:
                self.note(problems.part_missing(part), "postings", at)

    def _at(
        self, json: Mapping[str, Any], do: str, dimensions: tuple[Dimension, ...], needs: "_Needs"
    ) -> dict[str, Checked]:
        given, at = json.get("at", {}), needs.at
        known = tuple(d.name for d in dimensions)
        for name in given:
            if name not in known:
                self.note(problems.unknown_dimension(name, known), "postings", at, "at", name)
        made: dict[str, Checked] = {}
        for d in dimensions:
            if d.name in given:
                expects = ANY if d.kind == "reference" else TEXT if d.kind != "date" else ANY
                if d.optional:
                    checked = self._checked(given[d.name], needs.scope, expects, "postings", at, "at", d.name)
                else:
                    checked = self._needed(given[d.name], needs, expects, "at", d.name)
                if checked is not None:
                    made[d.name] = checked
            elif not d.optional and do in ("move", "reserve", "settle"):
                self.note(problems.dimension_missing(d.name), "postings", at, "at")
        return made

    def _add(self, json: Mapping[str, Any], measures: tuple[Measure, ...], needs: "_Needs") -> dict[str, Checked]:
        known = tuple(m.name for m in measures)
        made: dict[str, Checked] = {}
        for name, text in json.get("add", {}).items():
            if name not in known:
                self.note(problems.unknown_measure(name, known), "postings", needs.at, "add", name)
                continue
            checked = self._needed(text, needs, NUMBER, "add", name)
            if checked is not None:
                made[name] = checked
        return made

    def _needed(self, text: Any, needs: "_Needs", expects: Type, *place: str) -> Checked | None:
        """An expression of a posting that must come to a value."""
        if text is None:
            return None
        checked = check(str(text), needs.scope, expects=expects, needed=True, given=needs.when)
        return self._sound(checked, "postings", needs.at, *place)

    def _checked(self, text: Any, scope: Scope, expects: Type, *place: str | int) -> Checked | None:
        return self._sound(check(str(text), scope, expects=expects), *place)

    def _sound(self, checked: Checked | Problems, *place: str | int) -> Checked | None:
        if isinstance(checked, Problems):
            for problem in checked:
                self.note(problem, *place)
            return None
        return checked


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a posting's expressions are checked in: which posting it is, its names, and the condition without which it posts nothing."""

    at: int
    scope: Scope
    when: Checked | None


_RECORD_KNOWN: Final = {"record": frozenset((PRESENT,))}


def _measure_scope(measures: tuple[Measure, ...]) -> Scope:
    names = tuple(m.name for m in measures)
    return Scope(dict.fromkeys(names, NUMBER), present=dict.fromkeys(names, frozenset((PRESENT,))))


def _label(json: Mapping[str, Any], otherwise: str = "") -> Text:
    label: Text = json.get("label") or {"en": json.get("name", otherwise)}
    return label
