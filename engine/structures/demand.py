"""What a demand says besides its quantity: its parameters, read and complete."""

from collections.abc import Mapping
from typing import Any

from engine.problems import Problem, Problems
from engine.structures import problems
from engine.structures.compile_parts import read_value
from engine.structures.definition import Structure, Value


def read_parameters(structure: Structure, given: Mapping[str, Any]) -> dict[str, Value] | Problems:
    """A value for every parameter of the structure, from wire values; or everything that is wrong with them."""
    known = {p.name: p for p in structure.parameters}
    found: list[Problem] = [problems.unknown_parameter(n, tuple(known)) for n in given if n not in known]
    values: dict[str, Value] = {}
    for name, parameter in known.items():
        value = parameter.default if given.get(name) is None else read_value(parameter.kind, given[name])
        if value is not None:
            values[name] = value
        elif given.get(name) is None:
            found.append(problems.parameter_missing(name))
        else:
            found.append(problems.bad_parameter(name, parameter.kind, f"/parameters/{name}"))
    return Problems(tuple(found)) if found else values
