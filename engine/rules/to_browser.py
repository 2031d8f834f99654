"""Target browser: tree → plain JSON, evaluated by designer/src/expressions.

Each node is a list: ["num","12.5"] ["str","a"] ["bool",true] ["null"] ["date","2026-01-31"] ["datetime","…Z"] ["days",micros as text]
["months",n] ["name",n] ["path",source,name] ["filter",source,condition] ["neg",x] ["op",operator,left,right]
["cmp",operator,left,right] ["and",l,r] ["or",l,r] ["not",x] ["if",c,a,b] ["between",x,low,high] ["in",x,[[operator,test],…]]
["range",low,high,low_included,high_included] ["call",function,[arguments]] ["list",[items]] ["context",[[name,value],…]]
["for"|"some"|"every",[[name,source],…],body].
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.rules import tree as t
from engine.rules.checked import Checked
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
        case t.Not(operand=operand):
            return ["not", _node(operand)]
        case t.If(condition=condition, yes=yes, no=no):
            return ["if", _node(condition), _node(yes), _node(no)]
        case t.Between(value=value, low=low, high=high):
            return ["between", _node(value), _node(low), _node(high)]
        case t.In(value=value, tests=tests):
            return ["in", _node(value), [[operator, _node(test)] for operator, test in tests]]
        case t.Interval():
            return ["range", _node(node.low), _node(node.high), node.low_included, node.high_included]
        case t.Call(function=function, arguments=arguments):
            return ["call", function, [_node(a) for a in arguments]]
        case t.ListOf(items=items):
            return ["list", [_node(i) for i in items]]
        case t.Context(entries=entries):
            return ["context", [[name, _node(value)] for name, value in entries]]
        case t.Loop(kind=kind, bindings=bindings, body=body):
            return [kind, [[name, _node(source)] for name, source in bindings], _node(body)]


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
        case timedelta():
            return ["days", str(value // timedelta(microseconds=1))]
        case MonthsDuration():
            return ["months", value.months]
    raise TypeError(type(value).__name__)
