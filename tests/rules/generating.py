"""Typed expressions and rows made by chance, for holding the targets of the rule language against each other."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.rules import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    MONTHS,
    NUMBER,
    TEXT,
    TIME,
    ContextOf,
    ListOf,
    Type,
    read_table,
    table_expression,
    write,
)
from engine.rules.tables import DecisionTable
from engine.values import MonthsDuration

LINE = ContextOf({"qty": NUMBER, "name": TEXT, "due": DATE})
TYPES: Mapping[str, Type] = {
    "a": NUMBER, "b": NUMBER, "c": NUMBER, "big": NUMBER, "t": TEXT, "u": TEXT, "f": BOOLEAN, "g": BOOLEAN, "day": DATE, "due": DATE,
    "at": DATETIME, "clock": TIME, "span": DURATION, "months": MONTHS, "lines": ListOf(LINE), "可用量": NUMBER,
}  # fmt: skip
SCALES = {"a": 2, "b": 2, "c": 4, "可用量": 0}
COLUMNS: Mapping[str, str] = {
    "a": "integer", "b": "integer", "c": "integer", "可用量": "integer", "t": "text", "u": "text", "f": "boolean", "g": "boolean",
    "day": "date", "due": "date", "at": "integer",
}  # fmt: skip
"""What lies in columns of the database, and how."""

TEXTS = [
    "",
    "a",
    "A",
    "b",
    "ab",
    "钢板",
    "钢",
    "板材",
    "😀",
    "é",
    'q"uote',
    "a\\b",
    "100%",
    "_x",
    "Straße",
    " lead",
    "x\ny",
]
DAYS = [
    date(2026, 1, 31),
    date(2024, 2, 29),
    date(2026, 2, 28),
    date(2025, 12, 31),
    date(2000, 1, 1),
    date(1, 1, 1),
    date(9999, 12, 31),
]
SPANS = [
    timedelta(0),
    timedelta(days=1),
    timedelta(hours=-36),
    timedelta(days=400, microseconds=5),
    timedelta(seconds=59),
]
LITERALS = [
    "0",
    "1",
    "2",
    "3",
    "0.5",
    "10",
    "100",
    "-1",
    "0.1",
    "12.34",
    "1000000",
    "0.0001",
    "9999999999999999999999999999999999",
    "7",
]


def row(source: random.Random) -> dict[str, Any]:
    """One record's values, nulls among them."""

    def maybe(make: Callable[[], Any]) -> Any:
        return None if source.random() < 0.15 else make()

    def number(name: str) -> Decimal:
        scale = SCALES[name]
        return Decimal(source.choice([0, 1, -1, 7, 250, source.randint(-(10**8), 10**8)])).scaleb(
            -source.choice([0, scale])
        )

    return {
        **{name: maybe(lambda name=name: number(name)) for name in SCALES},
        "big": maybe(lambda: Decimal(source.randint(-(10**34) + 1, 10**34 - 1)).scaleb(-source.randint(0, 34))),
        "t": maybe(lambda: source.choice(TEXTS)), "u": maybe(lambda: source.choice(TEXTS)),
        "f": maybe(lambda: source.random() < 0.5), "g": maybe(lambda: source.random() < 0.5),
        "day": maybe(lambda: source.choice(DAYS)), "due": maybe(lambda: source.choice(DAYS)),
        "at": maybe(lambda: datetime(2026, 1, 31, source.randint(0, 23), 30, 15, source.choice([0, 250000, 999999]), tzinfo=UTC)),
        "clock": maybe(lambda: time(source.randint(0, 23), source.randint(0, 59), source.randint(0, 59), source.choice([0, 500]))),
        "span": maybe(lambda: source.choice(SPANS)), "months": maybe(lambda: MonthsDuration(source.randint(-30, 30))),
        "lines": [{"qty": maybe(lambda: Decimal(source.randint(0, 20))), "name": source.choice(TEXTS[:6]), "due": source.choice(DAYS)}
                  for _ in range(source.randint(0, 4))],
    }  # fmt: skip


class Maker:
    """Makes expressions of a wanted type."""

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)

    def expression(self) -> str:
        """An expression of some type."""
        kind = self.source.choice(
            ["boolean", "boolean", "boolean", "number", "number", "text", "date", "span", "numbers"]
        )
        return self.make(kind, self.source.randint(1, 4))

    def make(self, kind: str, depth: int) -> str:
        """An expression of a type, at most so deep."""
        ways = LEAVES[kind] if depth <= 0 else (*LEAVES[kind][:1], *WAYS[kind])
        return self.source.choice(ways)(self, depth - 1)

    def table(self) -> str:
        """A decision table as the expression that is made of it."""
        numbers = ("-", "< 5", "> 90", "[0..7)", "1, 2, 3", "not(0)", ">= 100", "-1")
        rules = [
            {"when": [self.pick(*numbers), self.pick("-", _text_literal(self, 0), _text_literal(self, 0)), self.pick("-", "true", "false")],
             "then": [self.pick(*LITERALS[:13], "a", "c")]}
            for _ in range(self.source.randint(1, 6))
        ]  # fmt: skip
        inputs = [
            {"expression": name, "type": kind} for name, kind in (("a", "number"), ("t", "text"), ("f", "boolean"))
        ]
        read = read_table(
            {
                "hit_policy": self.pick("F", "U", "A"),
                "inputs": inputs,
                "outputs": [{"name": "y", "type": "number"}],
                "rules": rules,
            }
        )
        assert isinstance(read, DecisionTable), read
        return write(table_expression(read))

    def pick(self, *texts: str) -> str:
        """One of some texts."""
        return self.source.choice(texts)


Way = Callable[[Maker, int], str]


def _of(template: str, *kinds: str) -> Way:
    """A way to make an expression: `{0}`, `{1}`… are expressions of `kinds`."""
    return lambda m, d: template.format(*(m.make(kind, d) for kind in kinds))


def _text_literal(m: Maker, d: int) -> str:
    escaped = m.pick(*TEXTS).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


LEAVES: dict[str, tuple[Way, ...]] = {
    "number": (lambda m, d: m.pick("a", "b", "c", "可用量", "a", "big"), lambda m, d: m.pick(*LITERALS)),
    "text": (lambda m, d: m.pick("t", "u"), _text_literal),
    "boolean": (lambda m, d: m.pick("f", "g"), lambda m, d: m.pick("true", "false", "a > b", "t = u")),
    "date": (lambda m, d: m.pick("day", "due"), lambda m, d: f'@"{m.pick("2026-01-31", "2024-02-29", "1999-12-31")}"'),
    "span": (lambda m, d: "span", lambda m, d: f'@"{m.pick("P1D", "PT36H", "-P2D", "PT0S", "PT1H30M")}"'),
    "months": (lambda m, d: "months", lambda m, d: f'@"{m.pick("P1M", "P1Y2M", "-P3M")}"'),
    "numbers": (lambda m, d: "lines.qty", lambda m, d: "[1, 2.5, 3]"),
    "lines": (lambda m, d: "lines", lambda m, d: "lines[qty > 5]"),
}
WAYS: dict[str, tuple[Way, ...]] = {
    "number": (
        _of("{0} + {1}", "number", "number"), _of("({0}) - ({1})", "number", "number"), _of("({0}) * ({1})", "number", "number"),
        _of("({0}) / ({1})", "number", "number"), _of("-({0})", "number"), _of("if {0} then {1} else {2}", "boolean", "number", "number"),
        _of("if {0} then null else {1}", "boolean", "number"), _of("if {0} then 0.25 else 3", "boolean"),
        lambda m, d: f"({m.make('number', d)}) ** {m.pick('2', '3', '-1', '0', '10')}",
        lambda m, d: f"{m.pick('floor', 'ceiling', 'abs')}({m.make('number', d)})",
        lambda m, d: f"{m.pick('decimal', 'round half up', 'round half down', 'round up', 'round down')}({m.make('number', d)}, {m.pick('0', '2', '-1', '5')})",
        _of("modulo({0}, {1})", "number", "number"), _of("string length({0})", "text"), _of("({0}).day", "date"), _of("({0}).year", "date"),
        _of("sum({0})", "numbers"), _of("count({0})", "lines"), _of("max({0})", "numbers"), _of("min({0})", "numbers"), _of("mean({0})", "numbers"),
        _of("({0}).days", "span"), _of("day of year({0})", "date"), _of("week of year({0})", "date"), _of("({0})[1]", "numbers"),
        _of("product({0})", "numbers"), _of("({0}) / @\"PT1H\"", "span"), lambda m, d: m.pick("clock.hour", "at.minute", "clock.second"),
    ),
    "text": (
        _of("{0} + {1}", "text", "text"), _of("upper case({0})", "text"), _of("lower case({0})", "text"), _of("substring({0}, 2)", "text"),
        _of("substring({0}, -1, 1)", "text"), _of("substring before({0}, {1})", "text", "text"), _of("substring after({0}, {1})", "text", "text"),
        _of("string({0})", "number"), _of("string({0})", "date"), _of("string({0})", "span"), _of("if {0} then {1} else {2}", "boolean", "text", "text"),
        _of("string join(lines.name, {0})", "text"), _of("trim({0})", "text"), _of("string({0})", "months"), _of("string({0})", "numbers"),
        _of("day of week({0})", "date"), lambda m, d: m.pick("string(at)", "string(clock)"),
    ),
    "boolean": (
        lambda m, d: f"({m.make('number', d)}) {m.pick('<', '<=', '>', '>=', '=', '!=')} ({m.make('number', d)})",
        lambda m, d: f"({m.make('text', d)}) {m.pick('<', '=', '!=', '>=')} ({m.make('text', d)})",
        lambda m, d: f"({m.make('date', d)}) {m.pick('<', '<=', '=', '>')} ({m.make('date', d)})",
        lambda m, d: f"({m.make('span', d)}) {m.pick('<', '=', '>')} ({m.make('span', d)})",
        _of("({0}) and ({1})", "boolean", "boolean"), _of("({0}) or ({1})", "boolean", "boolean"), _of("not({0})", "boolean"),
        _of("({0}) between ({1}) and ({2})", "number", "number", "number"), lambda m, d: f"{m.pick('a', 'b', 'c')} in [1..100]",
        _of("({0}) in [({1})..({2})]", "number", "number", "number"), _of("({0}) in (({1})..({2})]", "date", "date", "date"),
        lambda m, d: f"{m.pick('a', 'b', '7', '0.123456789')} in {m.pick('[b..c]', ']c..a[', '[b..100)', '(0.5..c]')}",
        lambda m, d: f"{m.pick('a', 'c')} {m.pick('<', '<=', '>', '>=', '=', '!=')} {m.pick('1 / 3', '0.123456789', '-9999999999999999999', '10 ** 30')}",
        lambda m, d: f"{m.pick('a', 'b')} in ({m.pick('< 5, > 90', '1, 2, 3', '[0..7), 250')})",
        lambda m, d: f"{m.pick('t', 'u')} in ({_text_literal(m, d)}, {_text_literal(m, d)})",
        _of("contains({0}, {1})", "text", "text"), _of("starts with({0}, {1})", "text", "text"), _of("ends with({0}, {1})", "text", "text"),
        lambda m, d: f"{m.pick('a', 't', 'f', 'day', 'at')} {m.pick('=', '!=')} null", _of("some l in {0} satisfies l.qty > 3", "lines"),
        _of("every l in {0} satisfies l.qty > 3", "lines"), _of("if {0} then {1} else {2}", "boolean", "boolean", "boolean"),
        _of("list contains({0}, 3)", "numbers"), _of("even({0})", "number"), lambda m, d: m.pick("at < @\"2026-01-31T12:00:00Z\"", "clock > @\"12:00:00\""),
        lambda m, d: f"{m.pick('day', 'due')} in [@\"2025-01-01\"..@\"2026-06-30\"]", lambda m, d: m.pick("months > @\"P1Y\"", "f = g"),
    ),
    "date": (
        _of("({0}) + ({1})", "date", "months"), _of("({0}) - ({1})", "date", "span"), _of("({0}) + ({1})", "date", "span"),
        _of("if {0} then {1} else {2}", "boolean", "date", "date"),
        lambda m, d: f"date({m.pick('2026', '2024')}, {m.pick('2', '12')}, {m.pick('28', '29', '31')})",
    ),
    "span": (_of("({0}) - ({1})", "date", "date"), _of("({0}) + ({1})", "span", "span"), _of("-({0})", "span"), _of("({0}) * 2", "span"),
             _of("abs({0})", "span")),
    "months": (_of("({0}) + ({1})", "months", "months"), _of("years and months duration({0}, {1})", "date", "date"), _of("({0}) * 2", "months")),
    "numbers": (
        _of("{0}.qty", "lines"), _of("for l in {0} return l.qty * 2", "lines"), _of("for i in 1..3 return i + ({0})", "number"),
        _of("({0})[item > 2]", "numbers"), _of("distinct values({0})", "numbers"), _of("sort({0}, function(x, y) x > y)", "numbers"),
        _of("append({0}, {1})", "numbers", "number"), _of("reverse({0})", "numbers"), _of("[{0}, {1}]", "number", "number"),
    ),
    "lines": (_of("lines[qty > {0}]", "number"), lambda m, d: "lines[name < \"b\"]", lambda m, d: "lines[due > day]"),
}  # fmt: skip
