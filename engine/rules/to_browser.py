"""Target browser: tree → plain JSON, evaluated by designer/src/expressions.

Each node is a list: ["num","12.5"] ["str","a"] ["bool",true] ["null"] ["date","2026-01-31"] ["datetime","…Z"] ["days",micros as text]
["months",n] ["name",n] ["path",source,name] ["filter",source,condition] ["neg",x] ["op",operator,left,right]
["cmp",operator,left,right] ["and",l,r] ["or",l,r] ["not",x] ["if",c,a,b] ["between",x,low,high] ["in",x,[[operator,test],…]]
["range",low,high,low_included,high_included,steps?] ["call",function,[arguments],[names]] ["invoke",callee,[arguments]]
["function",[names],body] ["instance",x,type] ["time","10:30:00"] (local)
["unknown"]: only the server can work it out ["list",[items]] ["context",[[name,value],…]]
["for"|"some"|"every",[[name,source],…],body].
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.rules import tree as t
from engine.rules.checked import Checked
from engine.rules.functions import FUNCTIONS, fitting
from engine.rules.temporal import write_temporal
from engine.values import MonthsDuration, to_wire, write_decimal


def to_browser(checked: Checked) -> list[Any]:
    """The checked tree as JSON."""
    return _node(checked.tree)


def _node(node: t.Node) -> list[Any]:
    match node:
        case t.Literal(value=value):
            return literal(value)
        case t.Name(name=name):
            return ["name", name]
        case t.Path(source=source, name=name):
            return ["path", _node(source), name]
        case t.Filter(source=source, condition=condition):
            return ["filter", _node(source), _node(condition)]
        case t.Negate(operand=operand):
            return ["neg", _node(operand)]
        case t.Arithmetic(operator=operator, left=left, right=right):
            return ["op", operator, _node(left), _node(right)]
        case t.Compare(operator=operator, left=left, right=right):
            return ["cmp", operator, _node(left), _node(right)]
        case t.Logic(operator=operator, left=left, right=right):
            return [operator, _node(left), _node(right)]
        case t.If(condition=condition, yes=yes, no=no):
            return ["if", _node(condition), _node(yes), _node(no)]
        case t.Between(value=value, low=low, high=high):
            return ["between", _node(value), _node(low), _node(high)]
        case t.In(value=value, tests=tests):
            kinds = ["?" if o == "in" and t.mentions_input(test) else o for o, test in tests]
            return ["in", _node(value), [[kind, _node(test)] for kind, (_, test) in zip(kinds, tests, strict=True)]]
        case t.Interval():
            ends = [["null"] if end is None else _node(end) for end in (node.low, node.high)]
            return ["range", *ends, node.low_included, node.high_included, node.bare]
        case t.Call(function=function) if function in FUNCTIONS and not FUNCTIONS[function].browser:
            return ["unknown"]
        case t.Call(function=function):
            return ["call", function, [_node(a) for a in _in_order(node)]]
        case t.Invoke(callee=callee, arguments=arguments):
            return ["invoke", _node(callee), [_node(a) for a in arguments]]
        case t.Function(parameters=parameters, body=body):
            return ["function", [name for name, _ in parameters], _node(body)]
        case t.InstanceOf(operand=operand):
            return ["instance", _node(operand), node.type.name]
        case t.ListOf(items=items):
            return ["list", [_node(i) for i in items]]
        case t.Context(entries=entries):
            return ["context", [[name, _node(value)] for name, value in entries]]
        case t.Loop(kind=kind, bindings=bindings, body=body):
            return [kind, [[name, _node(source)] for name, source in bindings], _node(body)]


def _in_order(node: t.Call) -> tuple[t.Node, ...]:
    """The arguments as the function's own order has them; null where one was left out."""
    if not node.names:
        return node.arguments
    by_name = dict(zip(node.names, node.arguments, strict=True))
    way = fitting(FUNCTIONS[node.function], len(node.names), node.names)[0]
    given = [by_name.get(p.name, t.Literal(None, node.at)) for p in way]
    while way[len(given) - 1].name not in by_name:
        given.pop()
    return tuple(given)


def literal(value: t.LiteralValue | dict[str, str]) -> list[Any]:
    """A value as a node of the browser's tree; also for values of records that expressions there may read."""
    match value:
        case {"id": str(id)}:
            return ["context", [["id", ["str", id]]]]
        case None:
            return ["null"]
        case bool():
            return ["bool", value]
        case str():
            return ["str", value]
        case Decimal():
            return ["num", write_decimal(value)]
        case datetime():
            return ["datetime", to_wire(value)]
        case date():
            return ["date", value.isoformat()]
        case time():
            return ["time", write_temporal(value)] if value.tzinfo is None else ["unknown"]
        case timedelta():
            return ["days", str(value // timedelta(microseconds=1))]
        case MonthsDuration():
            return ["months", value.months]
    raise TypeError(type(value).__name__)
