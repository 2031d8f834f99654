"""The reference interpreter: tree → a closure for each node, total over all of FEEL. The other targets are held to it.

A null that is born of an error leaves a diagnostic; a null that comes from a null does not. Loops and calls spend steps.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from engine.rules import tree as t
from engine.rules.arithmetic import arithmetic, negate
from engine.rules.calling import call_built_in, call_value, function_value, instance_of
from engine.rules.comparing import less
from engine.rules.functions import FUNCTIONS
from engine.rules.limits import LIST_MAX
from engine.rules.operations import at_position, compare, element_scope, passes, path, steps
from engine.rules.range_text import range_tree
from engine.rules.runtime import Fault, FunctionValue, Inner, Run, plain
from engine.values import Range

Closure = Callable[[Any, Run], Any]
"""(scope, run) → value."""


def to_closures(node: t.Node, *, traced: bool = False) -> Closure:
    """The closure of a tree. `traced`: every sub-expression leaves its value in `run.trace`, by the identity of its node."""
    made: Closure = _MAKERS[type(node)](node, traced)
    if not traced:
        return made

    def watch(scope: Any, run: Run) -> Any:
        value = made(scope, run)
        if run.trace is not None:
            run.trace.setdefault(id(node), []).append(value)
        return value

    return watch


def _literal(node: t.Literal, traced: bool) -> Closure:
    value = node.value
    if isinstance(value, datetime) and value.tzinfo is None:
        return lambda scope, run: value if run.zone is None else value.replace(tzinfo=run.zone)
    return lambda scope, run: value


def _name(node: t.Name, traced: bool) -> Closure:
    name = node.name
    built_in = FUNCTIONS.get(name)

    def find(scope: Any, run: Run) -> Any:
        if name in scope:
            return plain(scope[name])
        if built_in is not None:
            return function_value(built_in, run)
        return run.null("NO_VARIABLE_FOUND", node)

    return find


def _path(node: t.Path, traced: bool) -> Closure:
    source = to_closures(node.source, traced=traced)
    return lambda scope, run: path(source(scope, run), node, run)


def _filter(node: t.Filter, traced: bool) -> Closure:
    source, condition = to_closures(node.source, traced=traced), to_closures(node.condition, traced=traced)
    return lambda scope, run: _select(source(scope, run), condition, scope, run, node)


def _select(source: Any, condition: Closure, scope: Any, run: Run, node: t.Filter) -> Any:
    """The elements for which it is true, or with a number the element at that position (from 1, or -1 from the end)."""
    if source is None and not isinstance(node.condition, t.Literal):
        return None
    items = source if isinstance(source, list | tuple) else [] if source is None else [source]
    if isinstance(node.condition, t.Literal) and isinstance(node.condition.value, Decimal):
        return at_position(items, node.condition.value)
    kept: list[Any] = []
    for item in items:
        run.spend()
        answer = condition(element_scope(item, scope), run)
        if isinstance(answer, Decimal):
            return at_position(items, answer)
        if answer is True:
            kept.append(item)
        elif answer is not False and answer is not None:
            return run.null("INVALID_TYPE", node.condition, answer)
    return kept


def _negate(node: t.Negate, traced: bool) -> Closure:
    operand = to_closures(node.operand, traced=traced)

    def work(scope: Any, run: Run) -> Any:
        value = operand(scope, run)
        if value is None:
            return None
        try:
            return negate(value)
        except Fault as fault:
            return run.null(fault.code, node, value)

    return work


def _arithmetic(node: t.Arithmetic, traced: bool) -> Closure:
    left, right, operator = to_closures(node.left, traced=traced), to_closures(node.right, traced=traced), node.operator

    def work(scope: Any, run: Run) -> Any:
        a, b = left(scope, run), right(scope, run)
        if a is None or b is None:
            return None
        try:
            return arithmetic(operator, a, b)
        except Fault as fault:
            return run.null(fault.code, node, a, b)

    return work


def _compare(node: t.Compare, traced: bool) -> Closure:
    left, right, operator = to_closures(node.left, traced=traced), to_closures(node.right, traced=traced), node.operator
    return lambda scope, run: compare(operator, left(scope, run), right(scope, run), node, run)


def _logic(node: t.Logic, traced: bool) -> Closure:
    left, right, decides = (
        to_closures(node.left, traced=traced),
        to_closures(node.right, traced=traced),
        node.operator == "or",
    )

    def work(scope: Any, run: Run) -> Any:
        first = left(scope, run)
        if first is decides:
            return decides
        second = right(scope, run)
        if second is decides:
            return decides
        if first is (not decides) and second is (not decides):
            return not decides
        for value in (first, second):
            if value is not None and not isinstance(value, bool):
                return run.null("INVALID_TYPE", node, first, second)
        return None

    return work


def _if(node: t.If, traced: bool) -> Closure:
    condition, yes, no = (to_closures(n, traced=traced) for n in (node.condition, node.yes, node.no))

    def work(scope: Any, run: Run) -> Any:
        answer = condition(scope, run)
        if answer is True:
            return yes(scope, run)
        if answer is not None and answer is not False:
            run.null("INVALID_TYPE", node.condition, answer)
        return no(scope, run)

    return work


def _between(node: t.Between, traced: bool) -> Closure:
    value, low, high = (to_closures(n, traced=traced) for n in (node.value, node.low, node.high))

    def work(scope: Any, run: Run) -> Any:
        x = value(scope, run)
        above = compare(">=", x, low(scope, run), node, run)
        if above is False:
            return False
        below = compare("<=", x, high(scope, run), node, run)
        return False if below is False else None if above is None or below is None else True

    return work


def _in(node: t.In, traced: bool) -> Closure:
    value = to_closures(node.value, traced=traced)
    tests = [
        ("?" if operator == "in" and t.mentions_input(test) else operator, test, to_closures(test, traced=traced))
        for operator, test in node.tests
    ]

    def work(scope: Any, run: Run) -> Any:
        x = value(scope, run)
        inner = Inner({"?": x}, scope)
        answers = [passes(x, operator, test(inner, run), test_node, run) for operator, test_node, test in tests]
        if True in answers:
            return True
        return None if None in answers else False

    return work


def _interval(node: t.Interval, traced: bool) -> Closure:
    low = None if node.low is None else to_closures(node.low, traced=traced)
    high = None if node.high is None else to_closures(node.high, traced=traced)

    def work(scope: Any, run: Run) -> Any:
        first = None if low is None else low(scope, run)
        last = None if high is None else high(scope, run)
        if node.operator == "!=":
            return run.null("INVALID_TYPE", node, first)
        if (low is not None and first is None) or (high is not None and last is None):
            return None if node.bare else run.null("INVALID_ARGUMENTS", node, first, last)
        if first is not None and last is not None and not node.bare:
            backwards = less(last, first)
            if backwards is not False:
                return run.null("NOT_COMPARABLE" if backwards is None else "INVALID_ARGUMENTS", node, first, last)
        if less(first if last is None else last, first if last is None else last) is None:
            return run.null("NOT_COMPARABLE", node, first, last)
        return Range(first, last, node.low_included, node.high_included)

    return work


def _call(node: t.Call, traced: bool) -> Closure:
    arguments = [to_closures(a, traced=traced) for a in node.arguments]
    name, names, built_in = node.function, node.names, FUNCTIONS.get(node.function)
    if name == "range" and len(arguments) == 1 and names in ((), ("from",)):
        return lambda scope, run: _read_range(arguments[0](scope, run), node, run)

    def work(scope: Any, run: Run) -> Any:
        own = scope[name] if name in scope else None  # noqa: SIM401 - scopes are not always mappings
        if isinstance(own, FunctionValue):
            return call_value(own, [a(scope, run) for a in arguments], names, node, run)
        if built_in is None:
            return run.null("NO_FUNCTION_FOUND", node)
        return call_built_in(built_in, [a(scope, run) for a in arguments], names, node, run)

    return work


def _read_range(text: Any, node: t.Call, run: Run) -> Any:
    """range("[1..5]")."""
    if isinstance(text, list | tuple) and len(text) == 1:
        text = text[0]
    if text is None:
        return None
    tree = range_tree(text) if isinstance(text, str) else None
    if tree is None:
        return run.null("FUNCTION_INVOCATION_FAILURE", node, text)
    return to_closures(tree)({}, run)


def _invoke(node: t.Invoke, traced: bool) -> Closure:
    callee, arguments = to_closures(node.callee, traced=traced), [to_closures(a, traced=traced) for a in node.arguments]

    def work(scope: Any, run: Run) -> Any:
        function = callee(scope, run)
        if not isinstance(function, FunctionValue):
            return run.null("NO_FUNCTION_FOUND", node, function)
        return call_value(function, [a(scope, run) for a in arguments], node.names, node, run)

    return work


def _function(node: t.Function, traced: bool) -> Closure:
    body = to_closures(node.body, traced=traced)
    names = tuple(name for name, _ in node.parameters)

    def work(scope: Any, run: Run) -> Any:
        if node.external:
            return run.null("NO_FUNCTION_FOUND", node)
        return FunctionValue(
            node.parameters,
            lambda given: body(Inner(dict(zip(names, given, strict=True)), scope), run),
            over=lambda outer, its_run: work(Inner(scope, outer), its_run),
        )

    return work


def _instance_of(node: t.InstanceOf, traced: bool) -> Closure:
    operand = to_closures(node.operand, traced=traced)

    def work(scope: Any, run: Run) -> Any:
        try:
            return instance_of(operand(scope, run), node.type)
        except Fault as fault:
            return run.null(fault.code, node)

    return work


def _list(node: t.ListOf, traced: bool) -> Closure:
    items = [to_closures(i, traced=traced) for i in node.items]
    return lambda scope, run: [item(scope, run) for item in items]


def _context(node: t.Context, traced: bool) -> Closure:
    entries = [(name, to_closures(value, traced=traced)) for name, value in node.entries]
    twice = len({name for name, _ in entries}) < len(entries)

    def work(scope: Any, run: Run) -> Any:
        if twice:
            return run.null("INVALID_ARGUMENTS", node)
        made: dict[str, Any] = {}
        inner = Inner(made, scope)
        for name, value in entries:
            made[name] = value(inner, run)
        return made

    return work


def _loop(node: t.Loop, traced: bool) -> Closure:
    sources = [(name, source, to_closures(source, traced=traced)) for name, source in node.bindings]
    body, kind = to_closures(node.body, traced=traced), node.kind

    def work(scope: Any, run: Run) -> Any:
        answers: list[Any] = []
        if not _combine(0, sources, body, scope, run, answers):
            return None
        if kind == "for":
            return answers
        decides = kind == "some"
        if any(a is decides for a in answers):
            return decides
        odd = next((a for a in answers if not isinstance(a, bool | None)), None)
        if odd is not None:
            return run.null("INVALID_TYPE", node.body, odd)
        return None if None in answers else not decides

    return work


def _combine(
    at: int, sources: list[tuple[str, t.Node, Closure]], body: Closure, scope: Any, run: Run, answers: list[Any]
) -> bool:
    """The body's values over all combinations of the bindings from `at` on; false when a source is no list."""
    name, node, source = sources[at]
    items = steps(source(scope, run), node, run)
    if items is None:
        return False
    last = at == len(sources) - 1
    for item in items:
        run.spend()
        inner = Inner({name: item, "partial": answers}, scope)
        if last:
            answers.append(body(inner, run))
            if len(answers) > LIST_MAX:
                run.spend(run.steps + 1)
        elif not _combine(at + 1, sources, body, inner, run, answers):
            return False
    return True


_MAKERS: Final[Mapping[type, Callable[[Any, bool], Closure]]] = {
    t.Literal: _literal,
    t.Name: _name,
    t.Path: _path,
    t.Filter: _filter,
    t.Negate: _negate,
    t.Arithmetic: _arithmetic,
    t.Compare: _compare,
    t.Logic: _logic,
    t.If: _if,
    t.Between: _between,
    t.In: _in,
    t.Interval: _interval,
    t.Call: _call,
    t.Invoke: _invoke,
    t.Function: _function,
    t.InstanceOf: _instance_of,
    t.ListOf: _list,
    t.Context: _context,
    t.Loop: _loop,
}
