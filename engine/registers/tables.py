"""Tables of a register: movements (append-only), a balance table for each grain, month totals, reservations. Nothing here runs SQL."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, MetaData, Select, Table, and_, func, insert, select
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.registers.cost_tables import CostTables
from engine.registers.definition import Register
from engine.rules.columns import Dialect, Storage, column_type, statement_text

_VALUED: Final[tuple[tuple[str, Storage], ...]] = (("entry", "id"), ("corrects", "id"), ("reason", "text"))
"""Columns of movements in a valued register."""


class RegisterTables:
    """The tables of one register. Dimension columns are d_<id>, measures a_<id>; totals count what came in and went out."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.keys = tuple(f"d_{d.id}" for d in register.dimensions)
        self.amounts = tuple(f"a_{m.id}" for m in register.measures)
        self.costs = CostTables(register, register.valuation) if register.valuation is not None else None

    def grain_keys(self, grain: Sequence[int]) -> tuple[str, ...]:
        """The dimension columns of a grain."""
        return tuple(self.keys[at] for at in grain)

    @cached_property
    def movements(self) -> Table:
        """Immutable signed entries. Their order is (day, id): the business day (ordinal) on which they take effect, then the sequence
        in which they were written, taken under the locks of their balances."""
        table = Table(
            f"m_{self.register.id}",
            MetaData(),
            Column("id", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True),
            *self._plain(("day", "integer"), ("effective", "integer"), ("posted_at", "integer")),
            *self._plain(("form", "text"), ("record_id", "id")),
            Column("line_id", column_type("id")),
            *self._plain(("posting", "text")),
            *self._dimensions(),
            *self._measures(),
            Column("reverses", column_type("integer")),
            Column("reservation", column_type("id")),
            Column("sets", column_type("integer")),
            *(Column(n, column_type(s)) for n, s in (_VALUED if self.costs else ())),
            *self._plain(("release", "text")),
            sqlite_strict=True,
            sqlite_autoincrement=True,
        )
        base = self.register.id
        if self.costs is not None:
            is_named = table.c.entry.is_not(None)
            Index(f"me_{base}", table.c.entry, unique=True, sqlite_where=is_named, postgresql_where=is_named)
            corrects = table.c.corrects.is_not(None)
            Index(f"mc_{base}", table.c.corrects, sqlite_where=corrects, postgresql_where=corrects)
        for at, grain in enumerate(self.register.grains):
            keys = self.grain_keys(grain)
            if at == 0 or keys != self.keys[: len(keys)]:  # else the index of the full key serves
                Index(f"mk{self._suffix(grain)}", *(table.c[k] for k in keys), table.c.day, table.c.id)
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
        """One table a grain, in the register's order of grains; `last` is the latest day of a movement."""
        return tuple(self._balance(at, grain) for at, grain in enumerate(self.register.grains))

    def _suffix(self, grain: tuple[int, ...]) -> str:
        """Names the tables and indexes of a grain, whatever the order of the grains."""
        mask = "" if len(grain) == len(self.keys) else f"_{sum(1 << at for at in grain):x}"
        return f"_{self.register.id}{mask}"

    def _balance(self, at: int, grain: tuple[int, ...]) -> Table:
        table = Table(
            f"b{self._suffix(grain)}",
            MetaData(),
            *self._dimensions(grain, primary_key=True),
            *self._measures(),
            *self._plain(("last", "integer")),
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
        """Reservations: `open` = quantity - posted - voided, kept so that a guard can read it. `quantity` grows by what is merged in."""
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
                ("priority", "integer"),
            ),
            Column("expires_at", column_type("integer")),
            sqlite_strict=True,
        )
        base, is_open = self.register.id, table.c.open > 0
        Index(f"vr_{base}", table.c.record_id)
        keys = [table.c[k] for k in self.keys]
        Index(f"vk_{base}", *keys, sqlite_where=is_open, postgresql_where=is_open)
        ends = and_(is_open, table.c.expires_at.is_not(None))
        Index(f"vx_{base}", table.c.expires_at, sqlite_where=ends, postgresql_where=ends)
        return table

    @cached_property
    def planned(self) -> Table:
        """Planned movements: `open` of `quantity` is still expected. Rows with `fulfils` are what records took off others."""
        table = Table(
            f"p_{self.register.id}",
            MetaData(),
            Column("id", column_type("id"), primary_key=True),
            *self._plain(("form", "text"), ("record_id", "id")),
            Column("line_id", column_type("id")),
            *self._plain(("posting", "text")),
            *self._dimensions(),
            *self._plain(("due", "date"), ("quantity", "integer"), ("open", "integer"), ("created_at", "integer")),
            Column("fulfils", column_type("id")),
            sqlite_strict=True,
        )
        Index(f"pr_{self.register.id}", table.c.record_id)
        is_open = table.c.open != 0
        columns = [*(table.c[k] for k in self.keys), table.c.due]
        Index(f"pk_{self.register.id}", *columns, sqlite_where=is_open, postgresql_where=is_open)
        return table

    def smallest_balance(self, needed: AbstractSet[int]) -> Table:
        """The balance table with the fewest keys that has these dimensions."""
        grains = self.register.grains
        fitting = [at for at, grain in enumerate(grains) if needed <= set(grain)]
        return self.balances[min(fitting, key=lambda at: len(grains[at]))]

    @property
    def all(self) -> tuple[Table, ...]:
        """Every table of the register."""
        costs = self.costs.all if self.costs is not None else ()
        return self.movements, *self.balances, self.totals, self.reservations, self.planned, *costs

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
    """A new table with its indexes; movements also get the triggers that keep them append-only. `fill` is what is there already."""

    table: Table
    append_only: bool = False
    fill: Select[Any] | None = None

    def describe(self) -> str:
        """In words, for the publish dialog."""
        return f"create table {self.table.name} ({len(self.table.columns)} columns)"

    def statements(self, dialect: Dialect) -> tuple[str, ...]:
        """The statements, in order."""
        made = [statement_text(CreateTable(self.table), dialect)[0]]
        made += [
            statement_text(CreateIndex(i), dialect)[0] for i in sorted(self.table.indexes, key=lambda i: str(i.name))
        ]
        if self.fill is not None:
            columns = [c.name for c in self.table.columns]
            made.append(statement_text(insert(self.table).from_select(columns, self.fill), dialect)[0])
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


@dataclass(frozen=True, slots=True)
class AddMeasures:
    """New measures in a table that there is: nothing of them has been counted so far."""

    table: str
    columns: tuple[str, ...]

    def describe(self) -> str:
        """In words, for the publish dialog."""
        return f"add {len(self.columns)} columns to {self.table}"

    def statements(self, dialect: Dialect) -> tuple[str, ...]:
        """One statement a column."""
        kind = "INTEGER" if dialect == "sqlite" else "BIGINT"
        return tuple(f"ALTER TABLE {self.table} ADD COLUMN {name} {kind} NOT NULL DEFAULT 0" for name in self.columns)


def operations(old: RegisterTables | None, new: RegisterTables) -> tuple[MakeTable | AddMeasures, ...]:
    """What the tables of a register need when it goes from `old` (None: not there yet) to `new`. New balance tables are filled from the
    movements; see `unfit` for what tables cannot follow."""
    if old is None:
        return tuple(MakeTable(t, append_only=t is new.movements) for t in new.all)
    known = {t.name: {c.name for c in t.columns} for t in old.all}
    made: list[MakeTable | AddMeasures] = []
    for table in new.all:
        if table.name in known:
            added = tuple(c.name for c in table.columns if c.name not in known[table.name])
            made += [AddMeasures(table.name, added)] if added else []
    made += [MakeTable(t, fill=_sums(new, t)) for t in new.all if t.name not in known]
    return tuple(made)


def unfit(old: Register, new: Register) -> list[str]:
    """Parts of a register that its tables cannot follow, by name: movements once made cannot be given other dimensions, a valuation, or
    another way of being valued."""
    was, now = ({d.id: (d.kind, d.form, d.optional) for d in r.dimensions} for r in (old, new))
    names = {d.id: d.name for d in (*old.dimensions, *new.dimensions)}
    found = [names[id] for id in {**was, **now} if was.get(id) != now.get(id)]
    pools = [_pools(r) for r in (old, new)]
    return found + (["valuation"] if pools[0] != pools[1] else [])


def _pools(register: Register) -> tuple[object, ...] | None:
    v = register.valuation
    if v is None:
        return None
    return (
        register.measures[v.quantity].id,
        register.measures[v.value].id,
        tuple(register.dimensions[at].id for at in v.pool),
    )


def _sums(tables: RegisterTables, made: Table) -> Select[Any] | None:
    """What the movements so far come to in a new balance table."""
    if made not in tables.balances:
        return None
    m = tables.movements
    keys = [m.c[k.name] for k in made.primary_key.columns]
    return select(*keys, *(func.sum(m.c[a]) for a in tables.amounts), func.max(m.c.day)).group_by(*keys)
