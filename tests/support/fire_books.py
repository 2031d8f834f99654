"""The rows of a ledger under fire, read with SELECT * straight from the database, with the names of the pack instead of physical ones."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import psycopg

Row = dict[str, Any]
KEYS: Final = ("item", "place", "lot", "zone")
_CODED: Final = KEYS[:3]


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that is written. Rows have the dimensions (as codes) and measures by their names in the pack."""

    movements: list[Row]
    balances: dict[tuple[str, ...], list[Row]]
    """Of each grain, by its dimensions."""
    totals: list[Row]
    reservations: list[Row]
    planned: list[Row]
    pools: list[Row]
    edges: list[Row]
    states: dict[str, str]
    """State of each entry, by id."""
    requests: Counter[str]
    """How often each request key was answered."""


def read_books(url: str) -> Books:
    """All rows; nobody may be posting meanwhile."""
    database = _Database(url)
    names = {row["path"]: row["physical"] for row in database.rows("dg_name")}
    titles = {UUID(int=0): ""}
    for form in _CODED:
        code = "c_" + names[f"form/{form}/code"]
        titles |= {_id(r["id"]): r[code] for r in database.rows("r_" + names[f"form/{form}"])}
    prefix = "register/goods/"
    parts = {path.removeprefix(prefix): physical for path, physical in names.items() if path.startswith(prefix)}
    short = {("d_" if name in KEYS else "a_") + physical: name for name, physical in parts.items()}
    own = names["register/goods"]

    def named(table: str) -> list[Row]:
        return [{_name(k, short): _value(k, v, titles) for k, v in row.items()} for row in database.rows(table)]

    balances: dict[tuple[str, ...], list[Row]] = {}
    for table in database.tables(f"b_{own}"):
        columns = [short[c] for c in database.columns(table) if c.startswith("d_")]
        balances[tuple(columns)] = named(table)
    return Books(
        sorted(named(f"m_{own}"), key=lambda r: (r["day"], r["id"])),
        balances,
        *(named(f"{letter}_{own}") for letter in "tvpcx"),
        {str(_id(r["id"])): r["state"] for r in database.rows("r_" + names["form/entry"])},
        Counter(r["key"] for r in database.rows("dg_request")),
    )


class _Database:
    """Rows as dicts, from either database, by its own driver."""

    def __init__(self, url: str) -> None:
        self._is_sqlite = url.startswith("sqlite")
        self._connection: Any = (
            sqlite3.connect(url.removeprefix("sqlite:///")) if self._is_sqlite else psycopg.connect(url)
        )

    def rows(self, table: str) -> list[Row]:
        """Every row of a table."""
        cursor = self._connection.execute(f"SELECT * FROM {table}")
        columns = [c[0] for c in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def columns(self, table: str) -> list[str]:
        """The columns of a table."""
        return [c[0] for c in self._connection.execute(f"SELECT * FROM {table} LIMIT 0").description]

    def tables(self, base: str) -> list[str]:
        """A table and those named after it."""
        listing = "SELECT name FROM sqlite_master WHERE type = 'table'" if self._is_sqlite else (
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )  # fmt: skip
        names = [row[0] for row in self._connection.execute(listing).fetchall()]
        return sorted(n for n in names if n == base or n.startswith(f"{base}_"))


def _id(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(bytes=value)


def _name(column: str, short: dict[str, str]) -> str:
    way, _, rest = column.partition("_")
    return f"{way}_{short[rest]}" if way in ("in", "out") and rest in short else short.get(column, column)


def _value(column: str, value: Any, titles: dict[UUID, str]) -> Any:
    if column == "state":
        return json.loads(value)
    if isinstance(value, bytes | UUID):
        return titles[_id(value)] if column.startswith("d_") else str(_id(value))
    return date.fromisoformat(value) if column == "due" and isinstance(value, str) else value
