"""Tables of a valued register: pools (what is known of the cost of each key, as JSON), what each movement is worth and why, which movement
took its value from which, and what was known at the beginning of a month. All of it can be made again from the movements and the events.
"""

from functools import cached_property
from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from engine.registers.definition import Register, Valuation
from engine.rules.columns import Storage, column_type


class CostTables:
    """The cost tables of one register. Pool keys are columns d_<id> like those of balances."""

    def __init__(self, register: Register, valuation: Valuation) -> None:
        self.register = register
        self.valuation = valuation
        self.pool = valuation.pool
        self.keys = tuple(f"d_{register.dimensions[at].id}" for at in self.pool)

    @cached_property
    def pools(self) -> Table:
        """`state` after the last event, on `day`; `dirty_day` and `dirty_seq` are the place from which it must be worked out again."""
        return self._table(
            "c",
            *self._pool(primary_key=True),
            *_plain(("state", "text"), ("day", "integer")),
            Column("dirty_day", column_type("integer")),
            Column("dirty_seq", column_type("integer")),
        )

    @cached_property
    def months(self) -> Table:
        """The state of a pool before the first day of a month."""
        month = Column("month", column_type("integer"), primary_key=True)
        return self._table("s", *self._pool(primary_key=True), month, *_plain(("state", "text")))

    @cached_property
    def worths(self) -> Table:
        """One row a movement that costs: its `event` (what it brings, from where, by which method) and its `result` (value, extras, pieces)."""
        table = self._table(
            "w",
            Column("entry", column_type("id"), primary_key=True),
            *self._pool(),
            *_plain(
                ("day", "integer"), ("seq", "integer"), ("quantity", "integer"), ("event", "text"), ("result", "text")
            ),
        )
        Index(f"wk_{self.register.id}", *(table.c[k] for k in self.keys), table.c.day, table.c.seq)
        return table

    @cached_property
    def edges(self) -> Table:
        """`target` took its value, and its descent, from `source`: `quantity` of it, from `start` on."""
        table = self._table(
            "x",
            Column("source", column_type("id"), primary_key=True),
            Column("target", column_type("id"), primary_key=True),
            Column("start", column_type("integer"), primary_key=True),
            *_plain(("quantity", "integer"), ("kind", "text")),
        )
        Index(f"xt_{self.register.id}", table.c.target)
        return table

    @property
    def all(self) -> tuple[Table, ...]:
        """Every cost table."""
        return self.pools, self.months, self.worths, self.edges

    def _table(self, letter: str, *columns: Column[Any]) -> Table:
        return Table(f"{letter}_{self.register.id}", MetaData(), *columns, sqlite_strict=True)

    def _pool(self, *, primary_key: bool = False) -> list[Column[Any]]:
        return [
            Column(name, column_type(self.register.dimensions[at].storage), primary_key=primary_key, nullable=False)
            for at, name in zip(self.pool, self.keys, strict=True)
        ]


def _plain(*columns: tuple[str, Storage]) -> list[Column[Any]]:
    return [Column(name, column_type(storage), nullable=False) for name, storage in columns]
