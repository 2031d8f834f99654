"""A decision table as one expression: what lets tables run in generated Python, in the database and in the browser."""

from decimal import Decimal
from typing import Final

from engine.rules import tree as t
from engine.rules.tables.analyse import analyse
from engine.rules.tables.table import DecisionTable, Input, Row

_AT: Final = (1, 1)
_ONE: Final = Decimal(1)
_CHAIN_MAX: Final = 40
"""Rules of a chain of `if`; longer tables become a list of hits."""


def table_expression(table: DecisionTable) -> t.Node:
    """The expression whose value is the table's. Where at most one rule can match, and for F, it is a chain of `if`; else the list of
    hits, put together as the policy says."""
    single = table.policy == "F" or (table.policy in "UAP" and analyse(table).is_disjoint)
    if single and len(table.rows) <= _CHAIN_MAX:
        made = _nothing(table)
        for row in reversed(table.rows):
            made = t.If(_condition(table.inputs, row), _outputs(table, row.then), made, _AT)
        return made
    return _from_hits(table)


def _condition(inputs: tuple[Input, ...], row: Row) -> t.Node:
    tests = [_cell(one, cell) for one, cell in zip(inputs, row.when, strict=True) if cell.tests]
    if not tests:
        return t.Literal(True, _AT)
    made = tests[0]
    for test in tests[1:]:
        made = t.Logic("and", made, test, _AT)
    return made


def _cell(one: Input, cell: t.Tests) -> t.Node:
    inside = t.In(one.tree, cell.tests, _AT)
    return t.Call("not", (inside,), _AT) if cell.negated else inside


def _outputs(table: DecisionTable, values: tuple[t.Node, ...]) -> t.Node:
    if len(values) == 1:
        return values[0]
    names = (o.name or f"output {at}" for at, o in enumerate(table.outputs, 1))
    return t.Context(tuple(zip(names, values, strict=True)), _AT)


def _nothing(table: DecisionTable) -> t.Node:
    null = t.Literal(None, _AT)
    if any(o.default is not None for o in table.outputs):
        return _outputs(table, tuple(o.default or null for o in table.outputs))
    if table.aggregator == "count":
        return _outputs(table, (t.Literal(_ONE * 0, _AT),) * len(table.outputs))
    return t.ListOf((), _AT) if table.policy in "ROC" and not table.aggregator else null


def _call(function: str, *arguments: t.Node) -> t.Node:
    return t.Call(function, arguments, _AT)


def _from_hits(table: DecisionTable) -> t.Node:
    """`{hits: concatenate(if … then [output] else [], …), value: …}.value`."""
    rows = list(table.rows)
    if table.policy in "PO":
        rows.sort(key=lambda row: _rank(table, row))
    hits = _hits(table, rows)
    name: t.Node = t.Name("hits", _AT)
    first: t.Node = t.Filter(name, t.Literal(_ONE, _AT), _AT)
    one = t.Compare("=", _call("count", name), t.Literal(_ONE, _AT), _AT)
    null: t.Node = t.Literal(None, _AT)
    match table.policy:
        case "U":
            value: t.Node = t.If(one, first, null, _AT)
        case "A":
            value = t.If(
                t.Compare("=", _call("count", _call("distinct values", name)), t.Literal(_ONE, _AT), _AT),
                first,
                null,
                _AT,
            )
        case "P" | "F":
            value = first
        case _:
            value = _aggregated(table, name)
    some = t.Compare("=", _call("count", name), t.Literal(_ONE * 0, _AT), _AT)
    value = t.If(some, _nothing(table), value, _AT)
    return t.Path(t.Context((("hits", hits), ("value", value)), _AT), "value", _AT)


def _hits(table: DecisionTable, rows: list[Row]) -> t.Node:
    parts = [
        t.If(_condition(table.inputs, row), t.ListOf((_outputs(table, row.then),), _AT), t.ListOf((), _AT), _AT)
        for row in rows
    ]
    return _call("concatenate", *parts) if parts else t.ListOf((), _AT)


def _aggregated(table: DecisionTable, hits: t.Node) -> t.Node:
    if not table.aggregator:
        return hits
    if len(table.outputs) == 1:
        return _call(table.aggregator, hits)
    return t.Context(tuple((o.name, _call(table.aggregator, t.Path(hits, o.name, _AT))) for o in table.outputs), _AT)


def _rank(table: DecisionTable, row: Row) -> list[int]:
    """The priority of a rule's outputs: the place of each in its allowed values."""
    ranks = []
    for output, value in zip(table.outputs, row.then, strict=True):
        known = [at for at, one in enumerate(output.allowed) if _same(one, value)]
        ranks.append(known[0] if known else len(output.allowed))
    return ranks


def _same(one: t.Node, other: t.Node) -> bool:
    return isinstance(one, t.Literal) and isinstance(other, t.Literal) and one.value == other.value
