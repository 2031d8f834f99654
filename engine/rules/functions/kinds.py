"""What a built-in function is: one row of the table, one column a target; and how arguments become what it takes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from engine.rules import types as y
from engine.rules.arithmetic import instant
from engine.rules.comparing import kind_of
from engine.rules.runtime import Fault
from engine.rules.types import ANY, Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name in the standard, the types it takes, and whether it may be left out, be null, or come many times."""

    name: str
    types: tuple[Type, ...]
    optional: bool = False
    nullable: bool = False
    repeats: bool = False


Signature = tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function.

    `signatures` are the ways to call it, in the notation of `signature()`, `by_name` more ways with named arguments. `python` gets
    converted arguments, null only where a parameter may be, and answers None when they make no sense (`may_be_null`: when null is an
    answer). `spreads`: its one list may also be given element by element. `sql`: to_sql.py can work it out; the browser implements
    every name in `designer/src/expressions` unless `browser` is false.
    """

    name: str
    signatures: tuple[Signature, ...]
    result: "Type | Callable[[tuple[Type, ...]], Type]"
    python: Callable[..., Any]
    by_name: tuple[Signature, ...] = ()
    spreads: bool = False
    may_be_null: bool = False
    sql: bool = False
    browser: bool = True


def built_in(
    name: str, signatures: str | tuple[str, ...], result: "Type | Callable[[tuple[Type, ...]], Type]", python: Callable[..., Any],
    by_name: tuple[str, ...] = (), **traits: bool,
) -> Function:  # fmt: skip
    """A row of the table."""
    ways = (signatures,) if isinstance(signatures, str) else signatures
    return Function(name, tuple(map(signature, ways)), result, python, tuple(map(signature, by_name)), **traits)


@cache
def signature(text: str) -> Signature:
    """`"string: text, start position: number, [length: number]"`: `[…]` may be left out, `?` may be null, `|` separates types,
    `...` comes any number of times."""
    parameters = []
    for part in filter(None, text.split(", ")):
        name, _, kinds = part.strip("[]").partition(": ")
        types = tuple(_type(kind) for kind in kinds.rstrip("?").split("|"))
        parameters.append(
            Parameter(name.removeprefix("..."), types, part[0] == "[", kinds[-1] == "?", name.startswith("..."))
        )
    return tuple(parameters)


def _type(text: str) -> Type:
    inner = re.fullmatch(r"(list|range)<(.+)>", text)
    if inner is not None:
        return Type(inner[1], _type(inner[2]))
    return _TYPES[text]


_TYPES: Final = {
    **{k.name: k for k in (*y.ORDERED, y.BOOLEAN, ANY, y.CONTEXT, y.FUNCTION, y.RANGE)},
    "list": y.LIST,
}  # fmt: skip


def fitting(function: Function, count: int, names: Sequence[str] = ()) -> list[Signature]:
    """The signatures that take so many arguments, or arguments of these names: first one that has them in the order they came in, since
    `before(point: …, range: …)` and `before(range: …, point: …)` ask two things."""
    if names:
        ways = [way for way in (*function.signatures, *function.by_name) if _takes_names(way, names)]
        return sorted(ways, key=lambda way: [p.name for p in way][: len(names)] != list(names))
    found = [way for way in function.signatures if _takes_count(way, count)]
    return found or ([function.signatures[0]] if function.spreads and count > 1 else [])


def _takes_names(way: Signature, names: Sequence[str]) -> bool:
    needed, known = {p.name for p in way if not p.optional}, {p.name for p in way}
    return len(set(names)) == len(names) and needed <= set(names) <= known


def _takes_count(way: Signature, count: int) -> bool:
    least = sum(1 for p in way if not p.optional and not p.repeats)
    repeats = bool(way) and way[-1].repeats
    return least <= count <= len(way) or (repeats and count >= max(least, 1))


NOTHING: Final = object()
"""What an argument converts to when it is null and may not be."""


def bind(function: Function, given: Sequence[Any], names: Sequence[str] = ()) -> list[Any] | None:
    """The arguments as `python` takes them; None when one is null that may not be. Fault when they do not fit."""
    if function.spreads and not names and len(given) > 1:
        given = [list(given)]
    for way in fitting(function, len(given), names):
        try:
            return _bound(_pairs(way, given, names))
        except Fault:
            continue
    raise Fault("FUNCTION_INVOCATION_FAILURE")


def _pairs(way: Signature, given: Sequence[Any], names: Sequence[str]) -> list[tuple[Any, Parameter]]:
    if not names:
        return [(value, way[min(at, len(way) - 1)]) for at, value in enumerate(given)]
    by_name = dict(zip(names, given, strict=True))
    last = max(i for i, p in enumerate(way) if p.name in by_name)
    return [(by_name.get(p.name, NOTHING), p) for p in way[: last + 1]]


def _bound(pairs: list[tuple[Any, Parameter]]) -> list[Any] | None:
    bound: list[Any] = []
    quiet = False
    for value, parameter in pairs:
        if value is NOTHING or (value is None and parameter.nullable):
            bound.append(None)
        elif value is None:
            quiet = True
        else:
            bound.append(_converted(value, parameter))
    return None if quiet else bound


def _converted(value: Any, parameter: Parameter) -> Any:
    for wanted in parameter.types:
        if accepts(value, wanted):
            return value
    for wanted in parameter.types:
        found = convert(value, wanted)
        if found is not NOTHING:
            return found
    raise Fault("FUNCTION_INVOCATION_FAILURE")


def accepts(value: Any, wanted: Type) -> bool:
    """Is a value of a type, without any conversion? Null is of every type within a list."""
    if wanted == ANY:
        return True
    kind = kind_of(value)
    if kind != wanted.name:
        return False
    if kind == "list" and wanted.of not in (None, ANY):
        return all(v is None or accepts(v, wanted.of) for v in value)
    return True


def convert(value: Any, wanted: Type) -> Any:
    """The implicit conversions (DMN 1.5 §10.3.2.9.4): a value to a list of it, a list of one to its element, a date to its first
    instant (UTC), an instant to its date; NOTHING when there is none."""
    if wanted.is_list and not isinstance(value, list | tuple) and accepts(value, wanted.of or ANY):
        return [value]
    if isinstance(value, list | tuple) and len(value) == 1 and not wanted.is_list and accepts(value[0], wanted):
        return value[0]
    if wanted == y.DATE and isinstance(value, datetime):
        return value.date()
    if wanted == y.DATETIME and isinstance(value, date):
        return instant(value)
    return NOTHING


def takes(kind: Type, wanted: Type) -> bool:
    """May an argument of a type be given, perhaps converted?"""
    if wanted.name in ("context", "function", "range") and wanted.of is None and kind.name == wanted.name:
        return True
    if y.fits(kind, wanted) or (wanted.is_list and y.fits(kind, wanted.of or ANY) and not kind.is_list):
        return True
    return {kind, wanted} == {y.DATE, y.DATETIME}


def counts(function: Function) -> str:
    """How many arguments a function takes, in words of figures."""
    least = min(sum(1 for p in way if not p.optional) for way in function.signatures)
    if function.spreads or any(way and way[-1].repeats for way in function.signatures):
        return f"{least}–…"
    most = max(len(way) for way in function.signatures)
    return str(least) if least == most else f"{least}–{most}"
