"""Expressions a second: generated Python beside a function written by hand with Decimal, the reference closures, and zen-engine (Rust).

CPU time, all in one run, median of the rounds; ratios to the hand-written function. Then a filter over a million rows in SQLite beside
the closures over the same rows, checking and compiling 2,000 expressions, and parsing one.
"""

import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy import BigInteger, Column, Date, MetaData, Table, Text, func, select
from sqlalchemy.dialects import sqlite

from engine.clock import moment_at
from engine.rules import (
    DATE,
    NUMBER,
    TEXT,
    Checked,
    ContextOf,
    ListOf,
    Scope,
    SqlColumn,
    check,
    exact_decimals,
    parse,
    read_table,
    table_expression,
    to_sql,
)
from engine.rules.tables import DecisionTable
from engine.rules.writing import write
from engine.values import EXACT

MOMENT = moment_at(datetime(2026, 1, 31, tzinfo=UTC))
LINE = ContextOf({"qty": NUMBER, "price": NUMBER})
TYPES = {"qty": NUMBER, "price": NUMBER, "discount": NUMBER, "stock": NUMBER, "safety": NUMBER, "lines": ListOf(LINE), "name": TEXT, "code": TEXT,
         "due": DATE, "day": DATE, "amount": NUMBER, "grade": TEXT}  # fmt: skip
VALUES: dict[str, Any] = {
    "qty": Decimal(3), "price": Decimal("499.5"), "discount": Decimal("0.1"), "stock": Decimal(10), "safety": Decimal(2),
    "lines": [{"qty": Decimal(n), "price": Decimal("12.5")} for n in range(20)], "name": "Steel plate", "code": "A-100",
    "due": date(2026, 3, 1), "day": date(2026, 1, 31), "amount": Decimal(5500), "grade": "B",
}  # fmt: skip
LIMITS = [
    (100, "A"),
    (500, "A"),
    (1000, "A"),
    (5000, "A"),
    (10000, "A"),
    (100, "B"),
    (500, "B"),
    (1000, "B"),
    (5000, "B"),
    (10000, "B"),
    (1000, "C"),
]
TABLE = {"hit_policy": "F", "inputs": [{"expression": "grade", "type": "text"}, {"expression": "amount", "type": "number"}],
         "outputs": [{"name": "level", "type": "number"}],
         "rules": [{"when": [f'"{grade}"', f"< {limit}"], "then": [str(at)]} for at, (limit, grade) in enumerate(LIMITS)]
         + [{"when": ["-", "-"], "then": ["99"]}]}  # fmt: skip
ROUNDS, SECONDS = 7, 0.15


@dataclass(frozen=True)
class Subject:
    """One comparison: our text, the same by hand, and zen's text."""

    name: str
    text: str
    hand: Callable[[Mapping[str, Any]], Any]
    zen: str
    target: float


_100, _1000 = Decimal(1), Decimal(1000)
_ZERO = Decimal(0)


def _by_hand_table(c: Mapping[str, Any]) -> Decimal:
    grade, amount = c["grade"], c["amount"]
    for limit, wanted, result in _ROWS:
        if grade == wanted and amount < limit:
            return result
    return _OTHER


_ROWS = [(Decimal(limit), grade, Decimal(at)) for at, (limit, grade) in enumerate(LIMITS)]
_OTHER = Decimal(99)
_L = [Decimal(limit) for limit, _ in LIMITS]
_R = [Decimal(at) for at in range(len(LIMITS))]


def _unrolled_table(c: Mapping[str, Any]) -> Decimal:
    """As a person would write twelve rows for speed."""
    grade, amount = c["grade"], c["amount"]
    if grade == "A" and amount < _L[0]:
        return _R[0]
    if grade == "A" and amount < _L[1]:
        return _R[1]
    if grade == "A" and amount < _L[2]:
        return _R[2]
    if grade == "A" and amount < _L[3]:
        return _R[3]
    if grade == "A" and amount < _L[4]:
        return _R[4]
    if grade == "B" and amount < _L[5]:
        return _R[5]
    if grade == "B" and amount < _L[6]:
        return _R[6]
    if grade == "B" and amount < _L[7]:
        return _R[7]
    if grade == "B" and amount < _L[8]:
        return _R[8]
    if grade == "B" and amount < _L[9]:
        return _R[9]
    if grade == "C" and amount < _L[10]:
        return _R[10]
    return _OTHER


def subjects() -> list[Subject]:
    """What is compared."""
    table = read_table(TABLE)
    assert isinstance(table, DecisionTable)
    return [
        Subject("arithmetic", "qty * price * (1 - discount) > 1000 and stock - qty >= safety",
                lambda c: c["qty"] * c["price"] * (_100 - c["discount"]) > _1000 and c["stock"] - c["qty"] >= c["safety"],
                "qty * price * (1 - discount) > 1000 and stock - qty >= safety", 0.6),
        Subject("strings", 'if starts with(code, "A") and contains(name, "plate") then upper case(code) + "/" + name else name',
                lambda c: c["code"].upper() + "/" + c["name"] if c["code"].startswith("A") and "plate" in c["name"] else c["name"],
                "startsWith(code, 'A') and contains(name, 'plate') ? upper(code) + '/' + name : name", 0.5),
        Subject("dates", 'due - day > @"P7D" and due <= @"2026-12-31"',
                lambda c: c["due"] - c["day"] > _WEEK and c["due"] <= _YEAR_END,
                "d(due) > d(day).add('7d') and d(due) <= d('2026-12-31')", 0.5),
        Subject("list sum", "sum(for l in lines[qty > 5] return l.qty * l.price)",
                lambda c: sum((line["qty"] * line["price"] for line in c["lines"] if line["qty"] > _FIVE), _ZERO),
                "sum(map(filter(lines, #.qty > 5), #.qty * #.price))", 0.5),
        Subject("12-row table", write(table_expression(table)), _unrolled_table, "", 1.0),
    ]  # fmt: skip


_WEEK = date(2026, 1, 8) - date(2026, 1, 1)
_YEAR_END = date(2026, 12, 31)
_FIVE = Decimal(5)


def rate(work: Callable[[], Any]) -> float:
    """Calls a second of CPU time."""
    calls, spent = 0, 0.0
    while spent < SECONDS:
        start = time.process_time()
        for _ in range(500):
            work()
        spent += time.process_time() - start
        calls += 500
    return calls / spent


def expressions() -> None:
    """Generated Python, closures and zen beside the hand-written function."""
    print(
        f"{'':14}{'by hand':>12}{'generated':>12}{'closures':>12}{'zen':>12}   generated/hand (target)   generated/zen"
    )
    for subject in subjects():
        checked = check(subject.text, Scope(TYPES))
        assert isinstance(checked, Checked), [dict(p.params) for p in checked]
        generated, zen = checked.function(MOMENT), zen_of(subject)
        assert generated(VALUES) == subject.hand(VALUES), subject.name
        rates: dict[str, list[float]] = {"hand": [], "generated": [], "closures": [], "zen": []}
        for _ in range(ROUNDS):
            with localcontext(EXACT):
                rates["hand"].append(rate(lambda: subject.hand(VALUES)))  # noqa: B023 - used at once
            with exact_decimals():
                rates["generated"].append(rate(lambda: generated(VALUES)))  # noqa: B023
            rates["closures"].append(rate(lambda: checked.by_reference(VALUES, MOMENT)))  # noqa: B023
            rates["zen"].append(rate(zen) if zen is not None else 0.0)
        hand, made, closures, peer = (statistics.median(rates[k]) for k in ("hand", "generated", "closures", "zen"))
        ratio = statistics.median(g / h for g, h in zip(rates["generated"], rates["hand"], strict=True))
        beside = f"{made / peer:8.1f}" if peer else "  (zen is not installed)"
        print(
            f"{subject.name:14}{hand:12,.0f}{made:12,.0f}{closures:12,.0f}{peer:12,.0f}   {ratio:.2f} ({subject.target}){beside:>24}"
        )


def zen_of(subject: Subject) -> Callable[[], Any] | None:
    """The same in zen-engine, compiled once; None when it is not installed (it is no dependency)."""
    try:
        import zen
    except ImportError:
        return None
    plain = json.loads(json.dumps(VALUES, default=lambda v: float(v) if isinstance(v, Decimal) else v.isoformat()))
    if subject.zen:
        compiled = zen.compile_expression(subject.zen)
        return lambda: compiled.evaluate(plain)
    decision = zen.ZenEngine().create_decision(json.dumps(_zen_table()))
    return lambda: decision.evaluate(plain)


def _zen_table() -> dict[str, Any]:
    rules = [{"_id": str(at), "g": row["when"][0].replace("-", ""), "a": row["when"][1].replace("-", ""), "o": row["then"][0]}
             for at, row in enumerate(TABLE["rules"])]  # type: ignore[arg-type, index]  # fmt: skip
    content = {"hitPolicy": "first", "inputs": [{"id": "g", "name": "g", "field": "grade"}, {"id": "a", "name": "a", "field": "amount"}],
               "outputs": [{"id": "o", "name": "o", "field": "level"}], "rules": rules}  # fmt: skip
    nodes = [{"id": "i", "type": "inputNode", "name": "i"}, {"id": "t", "type": "decisionTableNode", "name": "t", "content": content},
             {"id": "e", "type": "outputNode", "name": "e"}]  # fmt: skip
    return {
        "nodes": nodes,
        "edges": [
            {"id": "1", "sourceId": "i", "targetId": "t", "type": "edge"},
            {"id": "2", "sourceId": "t", "targetId": "e", "type": "edge"},
        ],
    }


def filtering() -> None:
    """A filter of five conditions over a million rows: in the database, and row by row."""
    count = 1_000_000
    table = Table(
        "t",
        MetaData(),
        *(Column(n, BigInteger()) for n in ("qty", "price", "stock")),
        Column("name", Text()),
        Column("due", Date()),
    )
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (qty INTEGER, price INTEGER, stock INTEGER, name TEXT, due TEXT)")
    rows = (
        (n % 97, n * 7 % 100_000, n * 13 % 500, f"item {n % 50}", f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}")
        for n in range(count)
    )
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
    text = 'qty > 50 and price + 10 < 2000 and stock - qty >= 5 and name in ("item 1", "item 7", "item 30") and due < @"2026-07-01"'
    checked = check(text, Scope(TYPES))
    assert isinstance(checked, Checked)

    def resolve(path: tuple[str, ...]) -> SqlColumn:
        return SqlColumn(table.c[path[0]], TYPES[path[0]])

    condition = to_sql(checked, resolve, dialect="sqlite", moment=MOMENT)
    compiled = select(func.count()).select_from(table).where(condition).compile(dialect=sqlite.dialect())  # type: ignore[arg-type]
    parameters = tuple(compiled.params[n] for n in compiled.positiontup or ())  # type: ignore[attr-defined]
    in_database = []
    for _ in range(5):
        start = time.process_time()
        hits = connection.execute(str(compiled), parameters).fetchone()[0]
        in_database.append(time.process_time() - start)
    sample = 50_000
    start = time.process_time()
    found = 0
    for qty, price, stock, name, due in connection.execute("SELECT * FROM t LIMIT ?", (sample,)):
        values = {
            "qty": Decimal(qty),
            "price": Decimal(price),
            "stock": Decimal(stock),
            "name": name,
            "due": date.fromisoformat(due),
        }
        found += checked.by_reference(values, MOMENT).value is True
    row_by_row = (time.process_time() - start) * count / sample
    print(f"filter of {count:,} rows ({hits:,} hits): in SQLite {statistics.median(in_database):.3f} s, closures row by row {row_by_row:.1f} s "
          f"(from {sample:,}): {row_by_row / statistics.median(in_database):.0f} times (target 20)")  # fmt: skip


def compiling() -> None:
    """Check and compile 2,000 different expressions; parse one."""
    texts = [s.text for s in subjects()[:4]]
    many = [text.replace("1000", str(n)).replace("P7D", f"P{n}D").replace("5]", f"{n}]").replace("plate", f"plate {n}")
            for n in range(1, 501) for text in texts]  # fmt: skip
    scope = Scope(
        TYPES, present={name: frozenset() for name in TYPES}
    )  # as of a form: what may be empty is looked for, too
    start = time.process_time()
    for text in many:
        checked = check(text, scope)
        assert isinstance(checked, Checked)
        assert checked.program.closure is not None
    print(f"check and compile of {len(set(many)):,} expressions: {time.process_time() - start:.2f} s (target 2)")
    spent = []
    for text in many:
        start = time.process_time()
        parse(text)
        spent.append(time.process_time() - start)
    print(f"parse of one expression: {statistics.median(spent) * 1000:.2f} ms median (target 1)")


def main() -> None:
    """Print all of it."""
    expressions()
    filtering()
    compiling()
