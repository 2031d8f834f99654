"""A decision table: its JSON form, and its value for a context.

    {"hit_policy": "U",
     "inputs":  [{"expression": "amount", "type": "number", "allowed": ">= 0"}],
     "outputs": [{"name": "level", "type": "text", "allowed": "\\"boss\\", \\"clerk\\""}],
     "rules":   [{"when": ["> 1000"], "then": ["\\"boss\\""]}, {"when": ["<= 1000"], "then": ["\\"clerk\\""]}]}

`hit_policy` is a letter or a word (DMN 1.5 §8.2.8): U unique, A any, P priority, F first, R rule order, O output order, C collect,
with an aggregator C+ sum, C< min, C> max, C# count. `-` or "" is a cell that admits anything. `allowed` of an output is also its order
of priority, the first highest. `default` of an output is its value when no rule matches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from engine.clock import SystemClock
from engine.problems import Problem, Problems
from engine.rules import problems
from engine.rules import tree as t
from engine.rules.calling import call_built_in
from engine.rules.closures import Closure, to_closures
from engine.rules.comparing import equal
from engine.rules.evaluate import RuleSyntaxError, names_of, scope_of, value_out
from engine.rules.functions import FUNCTIONS
from engine.rules.operations import passes
from engine.rules.parse import parse, parse_tests
from engine.rules.runtime import Inner, Run

RULES_MAX: Final = 2_000
"""Rules of one table."""
COLUMNS_MAX: Final = 50
"""Inputs, and outputs, of one table."""
POLICIES: Final[Mapping[str, str]] = {
    "U": "unique", "A": "any", "P": "priority", "F": "first", "R": "rule order", "O": "output order", "C": "collect",
}  # fmt: skip
AGGREGATORS: Final[Mapping[str, str]] = {"+": "sum", "<": "min", ">": "max", "#": "count"}
_AT: Final = (1, 1)


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: the expression tested, its declared type ("" when none) and the values it can have."""

    expression: str
    tree: t.Node
    type: str
    allowed: t.Tests | None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results. `allowed` in order of priority."""

    name: str
    type: str
    allowed: tuple[t.Node, ...]
    default: t.Node | None


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a table."""

    when: tuple[t.Tests, ...]
    then: tuple[t.Node, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table that was read. `policy` is one of POLICIES' letters, `aggregator` a function or ""."""

    policy: str
    aggregator: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]


def read_table(definition: Mapping[str, Any], names: Sequence[str] = ()) -> DecisionTable | Problems:
    """The table of a JSON definition, or everything that is wrong with it; places are pointers into the definition."""
    reader = _Reader(tuple(names))
    table = reader.table(definition)
    return table if table is not None and not reader.found else Problems(tuple(reader.found))


class _Reader:
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.found: list[Problem] = []

    def table(self, definition: Mapping[str, Any]) -> DecisionTable | None:
        """The table, with problems noted."""
        policy, aggregator = self._policy(definition)
        inputs, outputs, rules = (self._list(definition, key) for key in ("inputs", "outputs", "rules"))
        if len(inputs) > COLUMNS_MAX or len(outputs) > COLUMNS_MAX or len(rules) > RULES_MAX:
            self.found.append(problems.table_too_large(RULES_MAX, COLUMNS_MAX))
            return None
        if not outputs:
            self.found.append(problems.table_wrong("/outputs", "outputs"))
        read_inputs = tuple(self._input(one, f"/inputs/{at}") for at, one in enumerate(inputs))
        read_outputs = tuple(self._output(one, f"/outputs/{at}") for at, one in enumerate(outputs))
        rows = tuple(self._row(one, f"/rules/{at}", len(inputs), len(outputs)) for at, one in enumerate(rules))
        return DecisionTable(policy, aggregator, read_inputs, read_outputs, rows) if not self.found else None

    def _list(self, definition: Mapping[str, Any], key: str) -> Sequence[Any]:
        value = definition.get(key)
        if isinstance(value, list) and all(isinstance(v, Mapping) for v in value):
            return value
        self.found.append(problems.table_wrong(f"/{key}", key))
        return ()

    def _policy(self, definition: Mapping[str, Any]) -> tuple[str, str]:
        written = str(definition.get("hit_policy", "U")).strip()
        letter, sign = written[:1].upper(), written[1:]
        words = {word: key for key, word in POLICIES.items()}
        if written.lower() in words:
            letter, sign = words[written.lower()], ""
        aggregator = AGGREGATORS.get(sign, "") if sign else str(definition.get("aggregator") or "").lower()
        known = letter in POLICIES and (not sign or (letter == "C" and sign in AGGREGATORS))
        if not known or (aggregator and (letter != "C" or aggregator not in AGGREGATORS.values())):
            self.found.append(problems.table_wrong("/hit_policy", written))
        return letter, aggregator

    def _input(self, one: Mapping[str, Any], place: str) -> Input:
        text = str(one.get("expression") or one.get("name") or "")
        allowed = self._tests(one["allowed"], f"{place}/allowed") if one.get("allowed") else None
        return Input(text, self._expression(text, f"{place}/expression"), str(one.get("type") or ""), allowed)

    def _output(self, one: Mapping[str, Any], place: str) -> Output:
        allowed = self._tests(one["allowed"], f"{place}/allowed") if one.get("allowed") else None
        values = tuple(node for operator, node in allowed.tests if operator == "in") if allowed is not None else ()
        default = None if one.get("default") in (None, "") else self._expression(one["default"], f"{place}/default")
        return Output(str(one.get("name") or ""), str(one.get("type") or ""), values, default)

    def _row(self, one: Mapping[str, Any], place: str, inputs: int, outputs: int) -> Row:
        when, then = one.get("when", []), one.get("then", [])
        if not isinstance(when, list) or not isinstance(then, list) or len(when) != inputs or len(then) != outputs:
            self.found.append(problems.table_row(place, inputs, outputs))
            return Row((), ())
        return Row(
            tuple(self._tests(cell, f"{place}/when/{at}") for at, cell in enumerate(when)),
            tuple(self._expression(cell, f"{place}/then/{at}") for at, cell in enumerate(then)),
        )

    def _tests(self, cell: Any, place: str) -> t.Tests:
        text = _text(cell).strip()
        found = parse_tests(text, self.names) if text not in ("", "-") else t.Tests(text, ())
        if isinstance(found, Problems):
            self.found += [p.under(place) for p in found]
            return t.Tests(text, ())
        return found

    def _expression(self, cell: Any, place: str) -> t.Node:
        text = _text(cell)
        found = parse(text, self.names) if text.strip() not in ("", "-") else t.Expression("", t.Literal(None, _AT))
        if isinstance(found, Problems):
            self.found += [p.under(place) for p in found]
            return t.Literal(None, _AT)
        return found.tree


def _text(cell: Any) -> str:
    """A cell as text; JSON's own numbers and booleans are as good as their text."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)


class TableProgram:
    """A table as closures, each input worked out once."""

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.inputs = [to_closures(i.tree) for i in table.inputs]
        self.rows = [([_Cell(cell) for cell in row.when], [to_closures(o) for o in row.then]) for row in table.rows]
        self.defaults = [None if o.default is None else to_closures(o.default) for o in table.outputs]
        self.orders = [[to_closures(node) for node in o.allowed] for o in table.outputs]

    def matching(self, values: Any, run: Run) -> list[int]:
        """The rules that match, as indexes from 0."""
        given = [work(values, run) for work in self.inputs]
        found = []
        for at, (cells, _) in enumerate(self.rows):
            run.spend()
            if all(cell.admits(value, values, run) for cell, value in zip(cells, given, strict=True)):
                found.append(at)
                if self.table.policy == "F":
                    break
        return found

    def __call__(self, values: Any, run: Run) -> Any:
        """The table's value."""
        hits = self.matching(values, run)
        if not hits:
            return self._nothing(values, run)
        results = [[work(values, run) for work in self.rows[at][1]] for at in hits]
        policy = self.table.policy
        if policy in "UA":
            if policy == "U" and len(results) > 1:
                run.note("TABLE_SEVERAL_HITS")
                return None
            if any(
                equal(first, other) is not True
                for other_row in results
                for first, other in zip(results[0], other_row, strict=True)
            ):
                run.note("TABLE_HITS_DIFFER")
                return None
        if policy in "PO":
            results.sort(key=lambda row: self._rank(row, values, run))
        if policy in "UAPF":
            return self._row(results[0])
        return self._collected(results, run)

    def _nothing(self, values: Any, run: Run) -> Any:
        if any(default is not None for default in self.defaults):
            return self._row([None if d is None else d(values, run) for d in self.defaults])
        if self.table.aggregator == "count":
            return self._row([Decimal(0)] * len(self.table.outputs))
        return [] if self.table.policy in "ROC" and not self.table.aggregator else None

    def _row(self, outputs: list[Any]) -> Any:
        if len(outputs) == 1:
            return outputs[0]
        return {
            o.name or f"output {at}": value
            for at, (o, value) in enumerate(zip(self.table.outputs, outputs, strict=True), 1)
        }

    def _rank(self, row: list[Any], values: Any, run: Run) -> list[int]:
        ranks = []
        for value, order in zip(row, self.orders, strict=True):
            known = [at for at, one in enumerate(order) if equal(one(values, run), value) is True]
            ranks.append(known[0] if known else len(order))
        return ranks

    def _collected(self, results: list[list[Any]], run: Run) -> Any:
        if not self.table.aggregator:
            return [self._row(row) for row in results]
        node = t.Call(self.table.aggregator, (), _AT)
        columns = [
            call_built_in(FUNCTIONS[self.table.aggregator], [[row[at] for row in results]], (), node, run)
            for at in range(len(self.table.outputs))
        ]
        return self._row(columns)


class _Cell:
    """One condition: its unary tests as closures."""

    def __init__(self, tests: t.Tests) -> None:
        self.negated = tests.negated
        self.tests: list[tuple[str, t.Node, Closure]] = [
            ("?" if operator == "in" and t.mentions_input(node) else operator, node, to_closures(node))
            for operator, node in tests.tests
        ]

    def admits(self, value: Any, values: Any, run: Run) -> bool:
        """Does the input's value pass?"""
        if not self.tests:
            return True
        inner = Inner({"?": value}, values)
        answers = [_passes(value, operator, work(inner, run), node, run) for operator, node, work in self.tests]
        return (True not in answers and None not in answers) if self.negated else True in answers


def _passes(value: Any, operator: str, test: Any, node: t.Node, run: Run) -> bool | None:
    if operator == "in" and isinstance(test, bool) and not isinstance(value, bool) and not isinstance(node, t.Literal):
        return test  # a condition that does not mention the input
    found: bool | None = passes(value, operator, test, node, run)
    return found


def evaluate_table(table: Mapping[str, Any] | DecisionTable, context: Mapping[str, Any] | None = None) -> Any:
    """The value of a decision table over a context: one output is its value, several are a dict by name, and the policies R, O and C
    give lists. None when no rule matches and there is no default (a count is 0, then), and where U or A is broken. Raises
    RuleSyntaxError for a table that cannot be read; its `problems` have them all, with pointers.
    """
    run = Run(SystemClock().now())
    values = scope_of(context or {}, run)
    read = table if isinstance(table, DecisionTable) else read_table(table, tuple(names_of(values)))
    if isinstance(read, Problems):
        raise RuleSyntaxError(read)
    return value_out(run.result(TableProgram(read), values))
