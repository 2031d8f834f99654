"""Calling functions, built in or made by the expression, and what a value is an instance of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from engine.rules import tree as t
from engine.rules import types as y
from engine.rules.comparing import kind_of, weight
from engine.rules.functions import FUNCTIONS, Function, bind
from engine.rules.limits import CALLS_MAX, STEPS_MAX
from engine.rules.runtime import STEPS_BETWEEN_LOOKS, Fault, FunctionValue, Run
from engine.rules.types import ANY


def call_built_in(function: Function, arguments: Sequence[Any], names: Sequence[str], node: t.Node, run: Run) -> Any:
    """A built-in function's value. A null argument makes null, without a diagnostic, unless the parameter may be null."""
    try:
        given = bind(function, arguments, names)
        if given is None:
            return None
        run.spend(sum(weight(a, STEPS_MAX) for a in given) or 1)
        found = _special(function.name, given, run) if function.name in _SPECIAL else function.python(*given)
    except Fault as fault:
        if fault.code == "LIMIT_EXCEEDED":
            run.spend(STEPS_BETWEEN_LOOKS)  # it has taken long
        return run.null(fault.code, node, *arguments)
    except (TypeError, ValueError, ArithmeticError, AttributeError, OverflowError):
        return run.null("FUNCTION_INVOCATION_FAILURE", node, *arguments)
    if found is None and not function.may_be_null:
        return run.null("FUNCTION_INVOCATION_FAILURE", node, *arguments)
    if run.zone is not None and isinstance(found, datetime) and found.tzinfo is None:
        return found.replace(tzinfo=run.zone)
    return found


_SPECIAL: Final = frozenset(("not", "now", "today"))


def _special(name: str, given: list[Any], run: Run) -> Any:
    if name == "now":
        return run.moment.instant
    if name == "today":
        return run.moment.today
    return not given[0]


def call_value(function: FunctionValue, arguments: Sequence[Any], names: Sequence[str], node: t.Node, run: Run) -> Any:
    """A function value called; arguments are coerced to the declared types, else they are null (DMN 1.5 §10.3.2.13.1)."""
    if function.name:
        return call_built_in(FUNCTIONS[function.name], arguments, names, node, run)
    own = [name for name, _ in function.parameters]
    if names:
        if sorted(names) != sorted(own):
            return run.null("FUNCTION_INVOCATION_FAILURE", node, *arguments)
        by_name = dict(zip(names, arguments, strict=True))
        arguments = [by_name[name] for name in own]
    if len(arguments) != len(own):
        return run.null("FUNCTION_INVOCATION_FAILURE", node, *arguments)
    given: list[Any] = []
    for value, (_, kind) in zip(arguments, function.parameters, strict=True):
        found = coerce(value, kind) if isinstance(kind, t.TypeName) else value
        if found is None and value is not None:
            return run.null("FUNCTION_INVOCATION_FAILURE", node, *arguments)
        given.append(found)
    run.spend()
    if run.depth >= CALLS_MAX:
        run.spend(run.steps + 1)
    run.depth += 1
    try:
        return function.call(given)
    finally:
        run.depth -= 1


def function_value(function: Function, run: Run) -> FunctionValue:
    """A built-in function as a value."""
    way = function.signatures[0]
    node = t.Name(function.name, (1, 1))
    return FunctionValue(
        tuple((p.name, p.types[0]) for p in way),
        lambda given: call_built_in(function, given, (), node, run),
        function.name,
    )


def coerce(value: Any, kind: t.TypeName | None) -> Any:
    """A value as one of a declared type, or null when it is none (DMN 1.5 §10.3.2.9.4)."""
    if kind is None or value is None or _is(value, kind):
        return value
    if isinstance(value, list | tuple) and len(value) == 1 and kind.name != "list" and _is(value[0], kind):
        return value[0]
    if kind.name == "list" and (not kind.arguments or _is(value, kind.arguments[0])):
        return [value]
    if kind.name == "date and time" and kind_of(value) == "date":
        return FUNCTIONS["date and time"].python(value)
    return None


def instance_of(value: Any, kind: t.TypeName) -> bool:
    """`value instance of kind`; null is an instance of Any only in name: it is of no type."""
    if kind_named(kind) is None:
        raise Fault("INVALID_TYPE")
    return value is not None and _is(value, kind)


def kind_named(kind: t.TypeName) -> y.Type | None:
    """The type that is written, or None when there is none of this name."""
    if kind.name in y.WRITTEN:
        return y.WRITTEN[kind.name]
    inner = [kind_named(a) for a in kind.arguments]
    result = None if kind.result is None else kind_named(kind.result)
    if None in inner or (kind.result is not None and result is None):
        return None
    found = [k for k in inner if k is not None]
    if kind.name in ("list", "range"):
        return y.Type(kind.name, found[0] if found else ANY)
    if kind.name == "context":
        return y.context_of(dict(zip(kind.names, found, strict=True)))
    return y.function_of(tuple(found), result or ANY) if kind.name == "function" else None


def _is(value: Any, kind: t.TypeName) -> bool:
    plain = y.WRITTEN.get(kind.name)
    if plain is not None:
        return plain == ANY or kind_of(value) == plain.name
    if value is None:
        return True
    if kind_of(value) != kind.name:
        return False
    if kind.name == "list":
        return not kind.arguments or all(v is None or _is(v, kind.arguments[0]) for v in value)
    if kind.name == "range":
        ends = [end for end in (value.low, value.high) if end is not None]
        return not kind.arguments or all(_is(end, kind.arguments[0]) for end in ends)
    if kind.name == "context":
        entries = zip(kind.names, kind.arguments, strict=True)
        return all(name in value and (value[name] is None or _is(value[name], inner)) for name, inner in entries)
    return _is_function(value, kind)


def _is_function(value: FunctionValue, kind: t.TypeName) -> bool:
    if not kind.arguments and kind.result is None:
        return True
    if len(kind.arguments) != len(value.parameters):
        return False
    for wanted, (_, own) in zip(kind.arguments, value.parameters, strict=True):
        if isinstance(own, t.TypeName) and own.name not in ("Any", wanted.name):
            return False
        if isinstance(own, y.Type) and own not in (ANY, y.WRITTEN.get(wanted.name)):
            return False
    return True
