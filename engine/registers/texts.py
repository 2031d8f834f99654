"""The texts of a register's writing statements, made when first needed and kept."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, literal_column, update

from engine.registers.posting_sql import locking_statement, posting_statement
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, statement_text

Text = tuple[str, tuple[str, ...]]
"""A statement in the driver's notation, and the order of its parameters."""


class RegisterTexts:
    """Statements of one register by what they do: "post 0 2", "append", "lock", "open", "settle", "plan", "settle_planned", "withdraw", "forget",
    "move", "total", "balance 1"."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._made: dict[tuple[str, Dialect], Text] = {}

    def text(self, what: str, dialect: Dialect) -> Text:
        """One of the statements."""
        found = self._made.get((what, dialect))
        if found is None:
            found = self._made[what, dialect] = self._make(what, dialect)
        return found

    def _make(self, what: str, dialect: Dialect) -> Text:
        tables = self._tables
        verb, _, grains = what.partition(" ")
        if verb in ("post", "append"):
            return posting_statement(tables, tuple(map(int, grains.split())), judged=verb == "post"), ()
        if verb == "lock":
            return locking_statement(tables), ()
        if verb in ("balance", "total"):
            return self._upsert(verb, tables.balances[int(grains)] if verb == "balance" else tables.totals)
        return statement_text(self._statement(verb), dialect)

    def _statement(self, verb: str) -> Any:
        tables = self._tables
        v, p = tables.reservations, tables.planned
        if verb == "open":
            return insert(v)
        if verb == "plan":
            return insert(p)
        if verb == "settle":
            return (
                update(v)
                .where(v.c.id == bindparam("k_id"), v.c.open >= bindparam("k_open"))
                .values(
                    quantity=v.c.quantity + bindparam("v_added"),
                    posted=v.c.posted + bindparam("v_posted"),
                    voided=v.c.voided + bindparam("v_voided"),
                    open=v.c.open - bindparam("v_taken"),
                )
            )
        nothing: ColumnElement[int] = literal_column("0")
        if verb == "settle_planned":
            return update(p).where(p.c.id == bindparam("k_id")).values(open=p.c.open - bindparam("v_taken"))
        if verb == "withdraw":
            return update(p).where(p.c.id == bindparam("k_id")).values(open=nothing)
        if verb == "forget":
            return update(p).where(p.c.id == bindparam("k_id"), p.c.quantity != nothing).values(quantity=nothing)
        assert verb == "move"
        columns: dict[str, Any] = {c.name: bindparam(c.name) for c in tables.movements.columns if c.name != "id"}
        return insert(tables.movements).values(columns)

    def _upsert(self, verb: str, table: Any) -> Text:
        """SQLite: add to a balance or a month's total."""
        keys = [c.name for c in table.primary_key.columns]
        names = [c.name for c in table.columns]
        added = ", ".join(f"{n} = {n} + excluded.{n}" for n in names if n not in (*keys, "last"))
        if verb == "balance":
            added += ", last = max(last, excluded.last)"
        returning = f" RETURNING {', '.join((*self._tables.amounts, 'last'))}" if verb == "balance" else ""
        return (
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
            f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}{returning}"
        ), tuple(names)
