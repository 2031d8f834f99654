"""Tables of a register: movements (append-only), a balance table for each grain, month totals, reservations. Nothing here runs SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, MetaData, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.registers.definition import Register
from engine.rules.columns import Dialect, Storage, column_type, statement_text


class RegisterTables:
    """The tables of one register. Dimension columns are d_<id>, measures a_<id>; totals count what came in and went out."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.keys = tuple(f"d_{d.id}" for d in register.dimensions)
        self.amounts = tuple(f"a_{m.id}" for m in register.measures)

    def grain_keys(self, grain: Sequence[int]) -> tuple[str, ...]:
        """The dimension columns of a grain."""
        return tuple(self.keys[at] for at in grain)

    @cached_property
    def movements(self) -> Table:
        """Immutable signed entries; `id` is the sequence within one effective time."""
        table = Table(
            f"m_{self.register.id}",
            MetaData(),
            Column("id", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True),
            *self._plain(("effective", "integer"), ("posted_at", "integer"), ("form", "text"), ("record_id", "id")),
            Column("line_id", column_type("id")),
            *self._plain(("posting", "text")),
            *self._dimensions(),
            *self._measures(),
            Column("reverses", column_type("integer")),
            Column("reservation", column_type("id")),
            *self._plain(("release", "text")),
            sqlite_strict=True,
            sqlite_autoincrement=True,
        )
        base = self.register.id
        Index(f"mk_{base}", *(table.c[k] for k in self.keys), table.c.effective)
        Index(f"mr_{base}", table.c.record_id)
        Index(
            f"mx_{base}",
            table.c.reverses,
            unique=True,
            sqlite_where=table.c.reverses.is_not(None),
            postgresql_where=table.c.reverses.is_not(None),
        )
        return table

    @cached_property
    def balances(self) -> tuple[Table, ...]:
        """One table a grain, in the register's order of grains."""
        return tuple(self._balance(at, grain) for at, grain in enumerate(self.register.grains))

    def _balance(self, at: int, grain: tuple[int, ...]) -> Table:
        name = f"b_{self.register.id}" + (f"_{at}" if at else "")
        table = Table(
            name,
            MetaData(),
            *self._dimensions(grain, primary_key=True),
            *self._measures(),
            sqlite_strict=True,
            sqlite_with_rowid=False,
        )
        for column in self.grain_keys(grain)[1:] if at == 0 else ():
            Index(f"bk_{self.register.id}_{column}", table.c[column])
        return table

    @cached_property
    def totals(self) -> Table:
        """What came in and went out of each full key in each month (year * 100 + month of the site's zone)."""
        turnover = [
            Column(f"{way}_{name}", column_type("integer"), nullable=False)
            for name in self.amounts
            for way in ("in", "out")
        ]
        return Table(
            f"t_{self.register.id}",
            MetaData(),
            *self._dimensions(primary_key=True),
            Column("month", column_type("integer"), primary_key=True),
            *turnover,
            sqlite_strict=True,
            sqlite_with_rowid=False,
        )

    @cached_property
    def reservations(self) -> Table:
        """Reservations: `open` = quantity - posted - voided, kept so that a guard can read it."""
        table = Table(
            f"v_{self.register.id}",
            MetaData(),
            Column("id", column_type("id"), primary_key=True),
            *self._plain(("form", "text"), ("record_id", "id")),
            Column("line_id", column_type("id")),
            *self._dimensions(),
            *self._plain(
                ("quantity", "integer"),
                ("posted", "integer"),
                ("voided", "integer"),
                ("open", "integer"),
                ("created_at", "integer"),
            ),
            sqlite_strict=True,
        )
        Index(f"vr_{self.register.id}", table.c.record_id)
        return table

    @property
    def all(self) -> tuple[Table, ...]:
        """Every table of the register."""
        return self.movements, *self.balances, self.totals, self.reservations

    def _plain(self, *columns: tuple[str, Storage]) -> list[Column[Any]]:
        return [Column(name, column_type(storage), nullable=False) for name, storage in columns]

    def _dimensions(self, grain: Sequence[int] | None = None, *, primary_key: bool = False) -> list[Column[Any]]:
        positions = range(len(self.keys)) if grain is None else grain
        return [
            Column(
                self.keys[at],
                column_type(self.register.dimensions[at].storage),
                primary_key=primary_key,
                nullable=False,
            )
            for at in positions
        ]

    def _measures(self) -> list[Column[Any]]:
        return [Column(name, column_type("integer"), nullable=False) for name in self.amounts]


@dataclass(frozen=True, slots=True)
class MakeTable:
    """A new table with its indexes; movements also get the triggers that keep them append-only."""

    table: Table
    append_only: bool = False

    def describe(self) -> str:
        """In words, for the publish dialog."""
        return f"create table {self.table.name} ({len(self.table.columns)} columns)"

    def statements(self, dialect: Dialect) -> tuple[str, ...]:
        """The statements, in order."""
        made = [statement_text(CreateTable(self.table), dialect)[0]]
        made += [
            statement_text(CreateIndex(i), dialect)[0] for i in sorted(self.table.indexes, key=lambda i: str(i.name))
        ]
        return (*made, *(_append_only(self.table.name, dialect) if self.append_only else ()))


def _append_only(table: str, dialect: Dialect) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER no_{verb.lower()}_{table} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        (
            "CREATE OR REPLACE FUNCTION dg_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        ),
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION dg_append_only()",
    ]


def operations(old: RegisterTables | None, new: RegisterTables) -> tuple[MakeTable, ...]:
    """What the tables of a register need when it goes from `old` (None: not there yet) to `new`."""
    known = {t.name for t in old.all} if old is not None else set()
    return tuple(MakeTable(t, append_only=t is new.movements) for t in new.all if t.name not in known)
