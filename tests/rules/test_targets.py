"""Differential test: closures, generated Python, SQLite, PostgreSQL and Node give the same value, to the last digit.

DOUGONG_TEST_SEED names the seed, DOUGONG_TEST_CASES the number of cases (expression times row); both are printed.
"""

import json
import os
import random
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from engine.clock import moment_at, to_microseconds
from engine.house import node
from engine.house.places import DESIGNER
from engine.problems import Problems
from engine.rules import BOOLEAN, DATE, NUMBER, TEXT, Checked, Scope, SqlColumn, check, to_browser, to_column, to_sql
from engine.rules.columns import Dialect, column_type, encode, rows_for, statement_text
from engine.rules.to_browser import literal
from engine.values import MonthsDuration, from_scaled, to_scaled, write_decimal
from tests.rules.generating import COLUMNS, SCALES, TYPES, Maker, row

MOMENT = moment_at(datetime(2026, 1, 31, 8, tzinfo=UTC))
SEED = int(os.environ.get("DOUGONG_TEST_SEED", "20261124"))
CASES = int(os.environ.get("DOUGONG_TEST_CASES", "5000"))
ROWS = 20
MIDNIGHT = date(1970, 1, 1)


def text(value: Any) -> str:
    """A value in the words of designer/src/expressions/run_rows.ts."""
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean {str(value).lower()}"
        case Decimal():
            return f"number {write_decimal(value)}"
        case str():
            return f"string {value}"
        case datetime():
            return f"datetime {to_microseconds(value)}"
        case date():
            return f"date {(value - MIDNIGHT).days}"
        case time():
            return f"time {((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond}"
        case timedelta():
            return f"days {value // timedelta(microseconds=1)}"
        case MonthsDuration():
            return f"months {value.months}"
        case list():
            return f"[{', '.join(map(text, value))}]"
    raise TypeError(type(value))


def tree(value: Any) -> list[Any]:
    if isinstance(value, list):
        return ["list", [tree(v) for v in value]]
    return ["context", [[k, tree(v)] for k, v in value.items()]] if isinstance(value, dict) else literal(value)


@dataclass
class Work:
    """Expressions that passed the checker, the rows, and what the reference says of each."""

    rows: list[dict[str, Any]]
    expressions: list[Checked] = field(default_factory=list)
    wanted: list[list[str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def work() -> Work:
    source = random.Random(SEED)
    made = Work([row(source) for _ in range(ROWS)])
    maker = Maker(SEED)
    tried = 0
    while len(made.expressions) * ROWS < CASES:
        tried += 1
        # Every twentieth is a decision table, which runs where expressions run.
        found = check(maker.expression() if tried % 20 else maker.table(), Scope(TYPES))
        if isinstance(found, Checked):
            made.expressions.append(found)
            made.wanted.append([text(found.by_reference(r, MOMENT).value) for r in made.rows])
    print(f"seed {SEED}: {len(made.expressions)} expressions of {tried} tried, {len(made.expressions) * ROWS} cases")
    assert tried < 3 * len(made.expressions)
    assert sum(value != "null" for values in made.wanted for value in values) > CASES // 2
    return made


def differing(work: Work, at: int, got: list[str]) -> list[str]:
    return [f"{work.expressions[at].text}  over {work.rows[r]}: {g} instead of {w}"
            for r, (g, w) in enumerate(zip(got, work.wanted[at], strict=True)) if g != w]  # fmt: skip


def test_generated_python(work: Work) -> None:
    """Generated Python gives the reference's value, and warns where the reference warns; most cases go the straight way."""
    wrong = []
    straight = 0
    for at, expression in enumerate(work.expressions):
        wrong += differing(work, at, [text(expression.evaluate(r, MOMENT).value) for r in work.rows])
        straight += expression.program.straight is not None
        for r in work.rows:
            assert expression.evaluate(r, MOMENT).warnings == expression.by_reference(r, MOMENT).warnings
    print(f"{straight} of {len(work.expressions)} expressions have a straight way")
    assert wrong == []
    assert straight > len(work.expressions) // 2


def test_node(work: Work) -> None:
    """The browser's evaluator gives the reference's value."""
    given = {
        "rows": [{k: tree(v) for k, v in r.items()} for r in work.rows],
        "trees": [to_browser(e) for e in work.expressions],
    }
    done = subprocess.run([str(node.node_program()), "src/expressions/run_rows.ts"], cwd=DESIGNER, input=json.dumps(given),
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert len(answers) == len(work.expressions)
    assert [line for at, got in enumerate(answers) for line in differing(work, at, got)] == []


def in_database(work: Work, dialect: Dialect, run: Any) -> Iterator[str]:
    """Every expression that the database takes, over all rows, as a value (to the null) and as a condition; yields what differs, and prints
    how many it took."""
    table = Table(
        "t", MetaData(), Column("id", column_type("integer")), *(Column(n, column_type(s)) for n, s in COLUMNS.items())
    )  # type: ignore[arg-type]
    run(statement_text(CreateTable(table), dialect)[0], None)
    insertion, order = statement_text(insert(table), dialect)
    for at, values in enumerate(work.rows):
        stored = {name: encode(kind, scaled(name, values[name]), dialect) for name, kind in COLUMNS.items()}  # type: ignore[arg-type]
        run(insertion, rows_for(dialect, order, [{"id": at, **stored}])[0])

    def resolve(path: tuple[str, ...]) -> SqlColumn | None:
        return (
            SqlColumn(table.c[path[0]], TYPES[path[0]], SCALES.get(path[0], 0))
            if path[0] in COLUMNS and len(path) == 1
            else None
        )

    def values(element: Any, column: SqlColumn) -> list[str]:
        statement = select(element.label("v")).select_from(table).order_by(table.c.id)
        compiled = statement.compile(dialect=sqlite.dialect() if dialect == "sqlite" else postgresql.psycopg.dialect())
        parameters: Any = (
            compiled.params
            if dialect == "postgresql"
            else tuple(compiled.params[n] for n in compiled.positiontup or ())  # type: ignore[attr-defined]
        )
        return [text(read(value, column, dialect)) for (value,) in run(str(compiled), parameters)]

    taken: Counter[str] = Counter()
    for at, expression in enumerate(work.expressions):
        column = to_column(expression, resolve, dialect=dialect, moment=MOMENT)
        if isinstance(column, Problems) or column.kind not in (BOOLEAN, NUMBER, TEXT, DATE):
            taken["refused"] += 1
            continue
        taken[expression.sql] += 1
        yield from differing(work, at, values(column.element, column))
        if expression.type == BOOLEAN:  # as a condition only true matters, unless it is marked exact
            condition = to_sql(expression, resolve, dialect=dialect, moment=MOMENT)
            assert not isinstance(condition, Problems)
            got = values(condition, column)
            if expression.sql == "exact":
                yield from differing(work, at, got)
            yield from (
                f"{expression.text} over {work.rows[r]}: {g} instead of {w} as a condition"
                for r, (g, w) in enumerate(zip(got, work.wanted[at], strict=True))
                if (g == "boolean true") is not (w == "boolean true")
            )
    print(f"{dialect}: {dict(taken)}")
    assert taken["exact"] + taken["positive"] > len(work.expressions) // 12
    assert taken["no"] == 0


def scaled(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return to_microseconds(value)
    return to_scaled(value, SCALES[name]) if isinstance(value, Decimal) else value


def read(value: Any, column: SqlColumn, dialect: Dialect) -> Any:
    """A value of the driver as the engine has it."""
    if value is None:
        return None
    if column.kind == BOOLEAN:
        return bool(value)
    if column.kind == DATE and dialect == "sqlite":
        return date.fromisoformat(value)
    assert not isinstance(value, float), "a float came out of the database"
    return from_scaled(int(value), column.scale) if column.kind == NUMBER else value


def test_sqlite(work: Work) -> None:
    """SQLite gives the reference's value for every expression that it takes."""
    connection = sqlite3.connect(":memory:")
    assert list(in_database(work, "sqlite", lambda sql, row: connection.execute(sql, row or ()).fetchall())) == []


@pytest.mark.postgres
def test_postgresql(work: Work, postgres_url: str) -> None:
    """PostgreSQL gives the reference's value for every expression that it takes."""
    with psycopg.connect(postgres_url) as connection:

        def run(sql: str, row: Mapping[str, Any] | None) -> list[Any]:
            cursor = connection.execute(sql, row)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

        assert list(in_database(work, "postgresql", run)) == []
