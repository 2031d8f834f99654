"""Definitions → Forms: all forms of a pack together, since their references and expressions know each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from engine.forms import problems
from engine.forms.definition import Field, Form
from engine.forms.kinds import FieldKinds
from engine.forms.knowing import ACTOR_KNOWN, ALWAYS, AROUND_LINE, FieldsKnown, record_known
from engine.forms.order import computed_order
from engine.forms.reading import (
    Expressions,
    Findings,
    PhysicalIds,
    RawField,
    Surroundings,
    read_actions,
    read_checks,
    read_fields,
    read_states,
)
from engine.forms.scopes import ACTOR_TYPE, field_types
from engine.names import nearest
from engine.problems import Problems
from engine.rules import TEXT, Checked, ContextOf, Scope, Type, check
from engine.rules.known import Marks


def compile_forms(
    definitions: Mapping[str, Mapping[str, Any]], ids: PhysicalIds, kinds: FieldKinds, currency: str
) -> Mapping[str, Form] | Problems:
    """The forms by name, or every problem of every form, each in its file at its JSON pointer."""
    others: dict[str, Form] = {}
    types: dict[str, Type] = {}
    raws: dict[str, _Raw] = {}
    for name, json in definitions.items():
        findings = Findings(f"forms/{name}.json")
        fields = read_fields(json["fields"], f"form/{name}", Surroundings(ids, kinds, currency, findings))
        own = [r.field for r in fields]
        known = record_known(own, has_states=bool(json.get("states")), is_stored=True)
        types[name] = ContextOf(field_types(own, kinds, types, header=True), known)
        raws[name] = _Raw(name, json, fields, findings)
    for raw in raws.values():
        _check_targets(raw, definitions)
    if not any(raw.findings.found for raw in raws.values()):
        scopes = {raw.name: _scopes_under_way(raw, types[raw.name]) for raw in raws.values()}
        for raw in raws.values():
            form = _compile(raw, ids.of(f"form/{raw.name}"), kinds, types[raw.name], scopes[raw.name], others)
            if form is not None:
                others[raw.name] = form
    found = [p for raw in raws.values() for p in raw.findings.found]
    return Problems(tuple(found)) if found else others


@dataclass(frozen=True, slots=True)
class _Raw:
    name: str
    json: Mapping[str, Any]
    fields: tuple[RawField, ...]
    findings: Findings


def _check_targets(raw: _Raw, definitions: Mapping[str, Any]) -> None:
    for r in _all_fields(raw.fields):
        for key in ("form",) if r.field.kind == "reference" else ():
            if r.field.options.get(key) not in definitions:
                raw.findings.add(
                    problems.unknown_form(str(r.field.options.get(key)), tuple(definitions)), *r.place, key
                )
        units = r.field.options.get("units") if r.field.kind == "quantity" else None
        if units and units["form"] not in definitions:
            raw.findings.add(problems.unknown_form(units["form"], tuple(definitions)), *r.place, "units", "form")
        elif units:
            names = [f["name"] for f in definitions[units["form"]]["fields"]]
            for part in ("numerator", "denominator"):
                if units[part] not in names:
                    raw.findings.add(problems.unknown_field(units[part], tuple(names)), *r.place, "units", part)


def _all_fields(fields: Iterable[RawField]) -> Iterable[RawField]:
    for raw in fields:
        yield raw
        yield from _all_fields(raw.fields)


def _compile(
    raw: _Raw,
    id: str,
    kinds: FieldKinds,
    record_type: Type,
    scopes: tuple[Scope, Mapping[str, Scope]],
    others: Mapping[str, Form],
) -> Form | None:
    findings, json = raw.findings, raw.json
    scope, line_scopes = scopes
    expressions = Expressions(findings)
    fields: list[Field] = []
    for r in raw.fields:
        inner = (
            tuple(expressions.field(i, line_scopes[r.field.name], kinds, ()) for i in r.fields)
            if r.field.is_lines
            else ()
        )
        made = expressions.field(r, scope, kinds, inner)
        fields.append(replace(made, computed_order=computed_order(inner, findings, r.place)))
    states = read_states(json, findings)
    title = _title(json, fields, scope, findings)
    _copies(json, raw.name, fields, findings)
    form = Form(
        id,
        raw.name,
        json.get("label", {"en": raw.name}),
        tuple(fields),
        title,
        _one_field(json, "key", fields, findings),
        _fields(json, ("search",), fields, findings, otherwise=_texts(fields)),
        _fields(
            json, ("list", "columns"), fields, findings, otherwise=tuple(f.name for f in fields if not f.is_lines)[:6]
        ),
        _sort(json, fields, findings),
        states,
        read_actions(json, states, scope, findings),
        read_checks(json, raw.fields, scope, line_scopes, findings),
        tuple(json.get("layout", ())),
        _scope_of(record_type),
        record_type,
        _line_types(raw, record_type),
        others,
        computed_order(fields, findings, ()),
    )
    return None if findings.found else form


def _scope_of(record_type: Type) -> Scope:
    return Scope({"actor": ACTOR_TYPE}, present=ACTOR_KNOWN).extended(record_type.fields or {}, record_type.known)


def _scopes_under_way(raw: _Raw, record_type: Type) -> tuple[Scope, Mapping[str, Scope]]:
    """The scopes of a form's own expressions: they are worked out before a new record is stored."""
    line_types = _line_types(raw, record_type)
    known = record_known([r.field for r in raw.fields], has_states=bool(raw.json.get("states")), is_stored=False)
    under_way = ContextOf(record_type.fields or {}, known)
    around = Scope({"actor": ACTOR_TYPE, "record": under_way}, present=AROUND_LINE)
    scope = _scope_of(under_way)
    line_scopes = {n: around.extended(t.fields or {}, t.known) for n, t in line_types.items()}
    _teach(raw.fields, scope, under_way, record_type)
    for lines in (r for r in raw.fields if r.field.is_lines):
        _teach(lines.fields, line_scopes[lines.field.name], line_types[lines.field.name])
    return scope, line_scopes


def _teach(fields: Sequence[RawField], scope: Scope, *kinds: Type) -> None:
    """Computed fields whose expression always comes to a value always have one."""

    def marks(text: str) -> Marks:
        try:
            return ALWAYS if isinstance(check(text, scope, needed=True), Checked) else frozenset()
        except RecursionError:  # fields computed from fields computed from … more than anybody follows
            return frozenset()

    for kind in kinds:
        assert isinstance(kind.known, FieldsKnown)
        for r in fields:
            if r.json.get("computed") is not None:
                kind.known.compute(r.field.name, partial(marks, str(r.json["computed"])))


def _line_types(raw: _Raw, record_type: Type) -> Mapping[str, Type]:
    found = {r.field.name: (record_type.fields or {})[r.field.name].of for r in raw.fields if r.field.is_lines}
    return {name: kind for name, kind in found.items() if kind is not None}


def _title(json: Mapping[str, Any], fields: Sequence[Field], scope: Scope, findings: Findings) -> Checked:
    text = json.get("title") or next((f.name for f in fields if f.kind in ("sequence", "text")), '""')
    checked = check(text, scope, expects=TEXT)
    if isinstance(checked, Problems):
        findings.all(checked, "title")
        checked = check('""', scope)
        assert isinstance(checked, Checked)
    return checked


def _texts(fields: Sequence[Field]) -> tuple[str, ...]:
    return tuple(f.name for f in fields if f.kind in ("text", "sequence"))


def _one_field(json: Mapping[str, Any], key: str, fields: Sequence[Field], findings: Findings) -> str | None:
    name = json.get(key)
    if name is None:
        return next((f.name for f in fields if f.kind == "sequence" or f.unique), None)
    found = next((f for f in fields if f.name == name), None)
    if found is None:
        findings.add(problems.unknown_field(name, tuple(f.name for f in fields)), key)
    elif not (found.unique or found.kind == "sequence"):
        findings.add(problems.key_not_unique(name), key)
    return str(name)


def _fields(
    json: Mapping[str, Any],
    keys: tuple[str, ...],
    fields: Sequence[Field],
    findings: Findings,
    *,
    otherwise: tuple[str, ...],
) -> tuple[str, ...]:
    value: Any = json
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    if value is None:
        return otherwise
    known = [*(f.name for f in fields if not f.is_lines), "state", "created_at"]
    for at, name in enumerate(value):
        if name not in known:
            findings.add(problems.unknown_field(name, nearest(name, known)), *keys, at)
    return tuple(value)


def _sort(json: Mapping[str, Any], fields: Sequence[Field], findings: Findings) -> tuple[str, ...]:
    given = json.get("list", {}).get("sort", [])
    known = [*(f.name for f in fields if not f.is_lines), "state", "created_at", "changed_at"]
    for at, name in enumerate(given):
        if name.removeprefix("-") not in known:
            findings.add(
                problems.unknown_field(name.removeprefix("-"), nearest(name.removeprefix("-"), known)),
                "list",
                "sort",
                at,
            )
    return tuple(given) or ("-created_at",)


def _copies(json: Mapping[str, Any], form: str, fields: Sequence[Field], findings: Findings) -> None:
    """An action that opens a copy names the field in which the copy refers to the old record."""
    links = tuple(f.name for f in fields if f.target == form)
    for at, action in enumerate(json.get("actions", ())):
        if "copy" in action and action["copy"] not in links:
            findings.add(problems.unknown_field(action["copy"], links), "actions", at, "copy")
