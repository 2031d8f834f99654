"""Definitions → Structures."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from engine.problems import Problem, Problems, pointer
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
