"""Definitions → Structures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from engine.problems import Problem, Problems, pointer
from engine.rules import NUMBER, Scope, check
from engine.rules.writing import write_name
from engine.structures import problems
from engine.structures.definition import Structure


class StructuredField(Protocol):
    """A field, as far as structures need to know."""

    @property
    def name(self) -> str: ...
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
    header = {f.name: f for f in form.fields}
    inner = {f.name: f for f in (header[json["lines"]].fields if json["lines"] in header else ())}
    for key, known in (
        ("parent", header),
        ("lines", header),
        ("component", inner),
        ("quantity", inner),
        ("per", header),
    ):
        if key in json and json[key] not in known:
            notes.append(problems.unknown_field(json[key], tuple(known)).under(pointer(key)))
    if notes:
        return None
    parent, component = header[json["parent"]].target, inner[json["component"]].target
    if parent is None or parent != component:
        notes.append(problems.not_the_same_form().under(pointer("component")))
        return None
    notes += _numbers(json, form)
    if notes:
        return None
    return Structure(
        json["structure"],
        json.get("label", {"en": json["structure"]}),
        json["form"],
        json["parent"],
        json["lines"],
        json["component"],
        json["quantity"],
        json.get("per"),
        parent,
    )


def _numbers(json: Mapping[str, Any], form: StructuredForm) -> list[Problem]:
    """What is multiplied out must be a number and be there; what it is divided by must not be zero."""
    wanted = [("quantity", write_name(json["quantity"]), form.line_scope(json["lines"]))]
    if "per" in json:
        wanted.append(("per", f"1 / {write_name(json['per'])}", form.scope))
    found: list[Problem] = []
    for key, text, scope in wanted:
        checked = check(text, scope, expects=NUMBER, needed=True)
        if isinstance(checked, Problems):
            found += [replace(p, params={**p.params, "column": 1}).under(pointer(key)) for p in checked]
    return found
