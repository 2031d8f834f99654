"""The case file is the definition of the language: the same value on every target."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.schema import CreateTable

from engine.clock import moment_at
from engine.house import node
from engine.house.places import DESIGNER
from engine.problems import Problems
from engine.rules import (
    BOOLEAN,
    DATE,
    NUMBER,
    TEXT,
    Checked,
    ContextOf,
    ListOf,
    Scope,
    SqlColumn,
    check,
    to_browser,
    to_sql,
)  # fmt: skip
from engine.rules.columns import Dialect, column_type, encode, rows_for, statement_text
from engine.rules.to_browser import literal
from engine.rules.writing import write
from engine.values import to_scaled

HERE = Path(__file__).parent
MOMENT = moment_at(datetime(2026, 1, 31, 8, tzinfo=UTC))
LINE = ContextOf({"quantity": NUMBER, "name": TEXT})
CUSTOMER = ContextOf({"id": TEXT, "name": TEXT, "credit": NUMBER})
TYPES = {
    "qty": NUMBER, "price": NUMBER, "none": NUMBER, "flag": BOOLEAN, "none_flag": BOOLEAN, "name": TEXT, "day": DATE,
    "可用量": NUMBER, "安全库存": NUMBER, "spaced name": NUMBER, "lines": ListOf(LINE), "customer": CUSTOMER, "empty_customer": CUSTOMER,
}  # fmt: skip
CONTEXT: Mapping[str, Any] = {
    "qty": Decimal(3), "price": Decimal("12.5"), "none": None, "flag": True, "none_flag": None, "name": "钢板", "day": MOMENT.today,
    "可用量": Decimal(1), "安全库存": Decimal(3), "spaced name": Decimal(1), "empty_customer": None,
    "lines": [{"quantity": Decimal(2), "name": "a"}, {"quantity": Decimal(3), "name": "b"}],
    "customer": {"id": "1", "name": "Builder", "credit": Decimal(500)},
}  # fmt: skip
COLUMNS = {"qty": "integer", "price": "integer", "none": "integer", "flag": "boolean", "none_flag": "boolean", "name": "text", "day": "date",
           "可用量": "integer", "安全库存": "integer"}  # fmt: skip
SCALES = {"price": 4, "可用量": 6, "安全库存": 2, "qty": 6, "none": 6}


def cases() -> Iterator[tuple[str, str]]:
    for line in (HERE / "cases" / "language.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            expression, _, value = line.rpartition(" => ")
            yield expression, value


CASES = list(cases())


def checked(text: str) -> Checked:
    found = check(text, Scope(TYPES))
    assert isinstance(found, Checked), [(p.code, dict(p.params)) for p in found]
    return found


def expected(text: str) -> Any:
    return checked(text).evaluate({}, MOMENT).value


@pytest.mark.parametrize(("expression", "value"), CASES)
def test_python_gives_the_value(expression: str, value: str) -> None:
    """Generated Python gives the value of each case."""
    found = checked(expression).evaluate(CONTEXT, MOMENT)

    assert found.value == expected(value)
    assert type(found.value) is type(expected(value))


@pytest.mark.parametrize(("expression", "value"), CASES)
def test_the_reference_gives_the_same_value(expression: str, value: str) -> None:
    """The closures give the value of each case, too; what the formatter writes of it is the same expression."""
    found = checked(expression).by_reference(CONTEXT, MOMENT)
    again = checked(write(checked(expression).tree))

    assert found.value == expected(value)
    assert write(again.tree) == write(checked(expression).tree)
    assert again.by_reference(CONTEXT, MOMENT).value == expected(value)


def test_the_browser_gives_the_same_values() -> None:
    """The browser's evaluator gives the value of every case."""
    work = {
        "scope": {name: _tree(value) for name, value in CONTEXT.items()},
        "cases": [[to_browser(checked(e)), to_browser(checked(v))] for e, v in CASES],
    }
    done = subprocess.run([str(node.node_program()), "src/expressions/run_cases.ts"], cwd=DESIGNER, input=json.dumps(work),
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)

    wrong = [f"{e}: {got} instead of {want}" for (e, _), (got, want) in zip(CASES, answers, strict=True) if got != want]
    assert wrong == []
    assert len(answers) == len(CASES)


def _tree(value: Any) -> list[Any]:
    if isinstance(value, list):
        return ["list", [_tree(v) for v in value]]
    if isinstance(value, dict):
        return ["context", [[k, _tree(v)] for k, v in value.items()]]
    return literal(value)


def in_database(dialect: Dialect, run: Any) -> tuple[int, list[str]]:
    table = Table("t", MetaData(), *(Column(name, column_type(storage)) for name, storage in COLUMNS.items()))  # type: ignore[arg-type]
    run(statement_text(CreateTable(table), dialect)[0], None)
    row = {name: encode(storage, to_scaled(CONTEXT[name], SCALES[name]) if isinstance(CONTEXT[name], Decimal) else CONTEXT[name], dialect)
           for name, storage in COLUMNS.items()}  # type: ignore[arg-type]  # fmt: skip
    text, order = statement_text(insert(table), dialect)
    run(text, rows_for(dialect, order, [row])[0])

    def resolve(path: tuple[str, ...]) -> SqlColumn | None:
        name = path[0]
        return (
            SqlColumn(table.c[name], TYPES[name], SCALES.get(name, 0)) if path == (name,) and name in COLUMNS else None
        )

    done, wrong = 0, []
    for expression, value in CASES:
        rule = checked(expression)
        if rule.type != BOOLEAN or not rule.reads:
            continue
        condition = to_sql(rule, resolve, dialect=dialect, moment=MOMENT)
        if isinstance(condition, Problems):
            continue
        done += 1
        compiled = select(table.c.name).where(condition).compile(dialect=_dialect(dialect))
        parameters: Any = (
            compiled.params
            if dialect == "postgresql"
            else tuple(compiled.params[n] for n in compiled.positiontup or ())
        )
        rows = run(str(compiled), parameters)
        if (len(rows) == 1) != (expected(value) is True):
            wrong.append(expression)
    return done, wrong


def _dialect(name: Dialect) -> Any:
    from sqlalchemy.dialects import postgresql, sqlite

    return sqlite.dialect() if name == "sqlite" else postgresql.psycopg.dialect()


def test_sqlite_admits_the_same_rows() -> None:
    """In SQLite, a condition admits a row exactly when its value is true; what it cannot do exactly it refuses."""
    connection = sqlite3.connect(":memory:")
    done, wrong = in_database("sqlite", lambda sql, row: connection.execute(sql, row or ()).fetchall())

    assert wrong == []
    assert done >= 25


@pytest.mark.postgres
def test_postgresql_admits_the_same_rows(postgres_url: str) -> None:
    """In PostgreSQL, a condition admits a row exactly when its value is true; what it cannot do exactly it refuses."""
    with psycopg.connect(postgres_url) as connection:

        def run(sql: str, row: Any) -> list[Any]:
            cursor = connection.execute(sql, row)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

        done, wrong = in_database("postgresql", run)

    assert wrong == []
    assert done >= 25


ERRORS = [
    ("qtty + 1", "rules.unknown_name", 1, ("qty",)),
    ("customer.nme", "rules.unknown_entry", 1, ("name",)),
    ("count(lines", "rules.ends_too_early", 12, ()),
    ("1 +", "rules.ends_too_early", 4, ()),
    ("1 + )", "rules.syntax", 5, ()),
    ("conut(lines)", "rules.unknown_function", 1, ("count",)),
    ("abs(1, 2)", "rules.wrong_argument_count", 1, ()),
    ("name + 1", "rules.no_operation", 1, ()),
    ('qty = "3"', "rules.not_comparable", 1, ()),
    ("if qty then 1 else 2", "rules.wrong_type", 4, ()),
    ("qty and flag", "rules.wrong_type", 1, ()),
    ('@"2026-13-01"', "rules.bad_date", 1, ()),
    ("1" * 40, "rules.number_too_large", 1, ()),
]


@pytest.mark.parametrize(("text", "code", "column", "ways"), ERRORS)
def test_mistakes_are_told_with_place_and_way_out(text: str, code: str, column: int, ways: tuple[str, ...]) -> None:
    """A mistake in an expression is found when it is checked, with column and nearest name."""
    found = check(text, Scope(TYPES))

    assert isinstance(found, Problems)
    assert (found.first.code, found.first.params["column"]) == (code, column)
    assert found.first.ways[: len(ways)] == ways


BOMBS = ["9 ** 9 ** 9 ** 9 ** 9", "(" * 5000, "[" * 300 + "]" * 300, "-" * 5000 + "qty", "1" + "+1" * 4000, "a" * 20000,
         "for a in lines, b in lines, c in lines, d in lines, e in lines, f in lines, g in lines, h in lines, i in lines, j in lines, "
         "k in lines, l in lines, m in lines, n in lines, o in lines, p in lines, q in lines, r in lines, s in lines return 1",
         'if flag then "a" else ' * 300 + "1", "lines[" * 70]  # fmt: skip


@pytest.mark.parametrize("text", BOMBS)
def test_hostile_expressions_end_in_a_limit(text: str) -> None:
    """A hostile expression is refused, or comes to nothing with a diagnostic; it never hangs and never crashes."""
    found = check(text, Scope(TYPES))
    if isinstance(found, Checked):
        result = found.evaluate(CONTEXT, MOMENT)
        assert result.value is None
        assert "LIMIT_EXCEEDED" in [w.code for w in result.warnings]
    else:
        assert found.first.code.startswith("rules.")
