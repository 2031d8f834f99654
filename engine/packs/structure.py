"""Structure: is each definition of the shape its schema says? The home of jsonschema. Meaning is checked later, by each package."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from engine.names import nearest
from engine.packs import problems
from engine.packs.pack import KINDS, Pack
from engine.problems import Problem, pointer

SCHEMAS: Final[Mapping[str, tuple[str, str]]] = {
    "pack": ("engine.packs", "schema.json"),
    "forms": ("engine.forms", "schema.json"),
    "registers": ("engine.registers", "schema.json"),
    "structures": ("engine.structures", "schema.json"),
    "replenishment": ("engine.replenishment", "schema.json"),
    "workflows": ("engine.workflow", "schema.json"),
    "reports": ("engine.reports", "dataset.schema.json"),
    "dashboards": ("engine.reports", "dashboard.schema.json"),
    "roles": ("engine.access", "schema.json"),
    "rules": ("engine.rules.dsl", "schema.json"),
}


def structure_problems(pack: Pack) -> list[Problem]:
    """Every place where a definition is not of the shape it must be, and every definition that names itself otherwise than its file."""
    found = [p.in_file("pack.json") for p in check_shape("pack", pack.head)]
    for kind, definitions in pack.parts.items():
        for name, definition in definitions.items():
            file = f"{kind}/{name}.json"
            found += [p.in_file(file) for p in check_shape(kind, definition)]
            own = definition.get(KINDS[kind])
            if isinstance(own, str) and own != name:
                found.append(problems.name_is_not_file(own, file))
    return found


def check_shape(kind: str, definition: Any) -> list[Problem]:
    """The problems of one definition against its schema."""
    errors = sorted(_validator(kind).iter_errors(definition), key=lambda e: [str(step) for step in e.absolute_path])
    return [problem for error in errors for problem in _problems(error)]


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind))


@cache
def schema(kind: str) -> Mapping[str, Any]:
    """The JSON Schema of a kind of definition."""
    package, name = SCHEMAS[kind]
    loaded: Mapping[str, Any] = json.loads(files(package).joinpath(name).read_text(encoding="utf-8"))
    return loaded


def _problems(error: ValidationError) -> Iterable[Problem]:
    wanted: Any = error.validator_value
    schema_: Any = error.schema
    instance: Any = error.instance
    place = pointer(*error.absolute_path)
    if error.validator == "required":
        missing = [name for name in wanted if name not in instance]
        return [problems.missing_member(missing[0], place)] if missing else []
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        known = tuple(schema_.get("properties", {}))
        extra = [name for name in instance if name not in known]
        return [problems.unknown_member(name, place + pointer(name), known) for name in extra]
    if error.validator in ("anyOf", "oneOf") and error.context:
        deepest = max(error.context, key=lambda e: len(e.absolute_path))
        if len(deepest.absolute_path) > len(error.absolute_path):
            return _problems(deepest)
    return [problems.wrong_value(_expected(error), str(error.instance), place, _ways(error))]


def _expected(error: ValidationError) -> str:
    value: Any = error.validator_value
    if error.validator == "type":
        return " / ".join(value) if isinstance(value, list) else str(value)
    if error.validator == "enum":
        return ", ".join(map(str, value))
    if error.validator == "const":
        return str(value)
    return f"{error.validator} {value}" if isinstance(value, str | int) else str(error.validator)


def _ways(error: ValidationError) -> tuple[str, ...]:
    if error.validator == "enum" and isinstance(error.instance, str):
        wanted: Any = error.validator_value
        return nearest(error.instance, [str(v) for v in wanted])
    return ()
