"""Definitions → Structures. Every expression is checked against the scope it will be worked out in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from engine.problems import Problem, Problems, pointer
from engine.rules import Scope, Type
from engine.rules.known import PRESENT
from engine.structures import problems
from engine.structures.compile_parts import Reading, co_product, line_rules, measures, parameters, rounding
from engine.structures.definition import DateFields, Structure, Substitutes, Versions


class StructuredField(Protocol):
    """A field, as far as structures need to know."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def target(self) -> str | None: ...
    @property
    def fields(self) -> "Sequence[StructuredField]": ...


class StructuredForm(Protocol):
    """A form, as far as structures need to know."""

    @property
    def fields(self) -> Sequence[StructuredField]: ...
    @property
    def scope(self) -> Scope: ...
    @property
    def record_type(self) -> Type: ...
    def line_scope(self, lines: str) -> Scope: ...


def compile_structures(
    definitions: Mapping[str, Mapping[str, Any]], forms: Mapping[str, StructuredForm]
) -> Mapping[str, Structure] | Problems:
    """The structures by name, or every problem of every structure."""
    made: dict[str, Structure] = {}
    found: list[Problem] = []
    for name, json in definitions.items():
        notes: list[Problem] = []
        structure = _structure(json, forms, notes)
        found += [p.in_file(f"structures/{name}.json") for p in notes]
        if structure is not None:
            made[name] = structure
    return Problems(tuple(found)) if found else made


def _structure(json: Mapping[str, Any], forms: Mapping[str, StructuredForm], notes: list[Problem]) -> Structure | None:
    form = forms.get(json["form"])
    if form is None:
        notes.append(problems.unknown_form(json["form"], tuple(forms)).under(pointer("form")))
        return None
    header = {f.name: f for f in form.fields if f.kind != "lines"}
    tables = {f.name: f for f in form.fields if f.kind == "lines"}
    inner = {f.name: f for f in (tables[json["lines"]].fields if json["lines"] in tables else ())}
    look = _Fields(json, notes)
    parent, component = look.at(header, ("reference",), "parent"), look.at(inner, ("reference",), "component")
    look.at(tables, ("lines",), "lines")
    if parent is None or component is None or notes:
        return None
    target = parent.target
    if target is None or target != component.target:
        notes.append(problems.not_the_same_form().under(pointer("component")))
        return None
    reading = Reading(json, notes, tuple(inner), tuple(header))
    given = parameters(reading)
    scopes = _scopes(form, json["lines"], {p.name: p.type for p in given})
    of_component = Scope({}).extended(forms[target].record_type.fields or {}, forms[target].record_type.known)
    rules = line_rules(reading, scopes[1], formula=look.text(inner, "formula"), condition=look.text(inner, "condition"))
    versions, dates, substitutes = look.versions(header, reading, scopes[0]), look.line_dates(inner), look.group(inner)
    made = co_product(reading, scopes[1]), rounding(reading, of_component), measures(reading, of_component)
    per, output = reading.divisor("per", scopes[0]), reading.divisor("yield", scopes[0])
    if notes or rules is None:
        return None
    return Structure(
        json["structure"],
        json.get("label", {"en": json["structure"]}),
        json["form"],
        json["parent"],
        json["lines"],
        json["component"],
        target,
        replace(rules, co_product=made[0]),
        per,
        json.get("per") if json.get("per") in header else None,
        output,
        versions,
        dates,
        substitutes,
        given,
        made[1],
        made[2],
    )


def _scopes(form: StructuredForm, lines: str, given: Mapping[str, Type]) -> tuple[Scope, Scope]:
    """What expressions of the header and of a line see: no actor, since the answer is the same for all; parameters have values."""
    header = Scope({}).extended(form.record_type.fields or {}, form.record_type.known)
    return header, form.line_scope(lines).extended(given, {name: frozenset((PRESENT,)) for name in given})


class _Fields:
    """Looks fields up and notes which are not there or of the wrong kind."""

    def __init__(self, json: Mapping[str, Any], notes: list[Problem]) -> None:
        self._json = json
        self._notes = notes

    def at(self, known: Mapping[str, StructuredField], kinds: tuple[str, ...], *path: str) -> StructuredField | None:
        """The field that a part of the definition names; `kinds` () are any."""
        name: Any = self._json
        for step in path:
            name = name.get(step) if isinstance(name, Mapping) else None
        if name is None:
            return None
        found = known.get(name)
        if found is None:
            self._notes.append(problems.unknown_field(name, tuple(known)).under(pointer(*path)))
        elif kinds and found.kind not in kinds:
            self._notes.append(problems.wrong_field(name, ", ".join(kinds)).under(pointer(*path)))
        return found

    def text(self, known: Mapping[str, StructuredField], key: str) -> str | None:
        """The name of a text field."""
        found = self.at(known, ("text",), key)
        return None if found is None else found.name

    def _dates(self, known: Mapping[str, StructuredField], part: str) -> DateFields:
        found = [self.at(known, ("date",), part, key) for key in ("from", "to")]
        return DateFields(*(None if f is None else f.name for f in found))

    def line_dates(self, inner: Mapping[str, StructuredField]) -> DateFields:
        """See Structure."""
        return self._dates(inner, "line_dates")

    def versions(self, header: Mapping[str, StructuredField], reading: Reading, scope: Scope) -> Versions | None:
        """See Structure."""
        if "versions" not in self._json:
            return None
        number = self.at(header, ("text", "integer", "sequence"), "versions", "number")
        return Versions(self._dates(header, "versions"), None if number is None else number.name, reading.active(scope))

    def group(self, inner: Mapping[str, StructuredField]) -> Substitutes | None:
        """See Structure."""
        group = self.at(inner, ("text", "integer", "choice"), "substitutes", "group")
        rank = self.at(inner, ("integer", "quantity"), "substitutes", "rank")
        return None if group is None else Substitutes(group.name, None if rank is None else rank.name)
