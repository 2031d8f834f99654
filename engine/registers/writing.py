"""Effects on registers → statements: movements appended, balances of every grain and month totals changed, constraints judged.

"Apply, then check what came back": balances are changed under their row locks, always in sorted key order, and what breaks a constraint
comes back as rows; the store then rolls everything back. On PostgreSQL one statement does it all; on SQLite one a key.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, update

from engine.clock import from_microseconds
from engine.effects import Movement, OpenReservation, PostMovements, SettleReservation
from engine.registers.definition import Register
from engine.registers.judging import Short, crossed, judge
from engine.registers.posting_sql import posting_statement
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, encode, rows_for, statement_text
from engine.statements import Execution, Stamp, Verdict

Key = tuple[Any, ...]
LINES_MAX: Final = 10_000
"""Movements of one posting."""


class RegisterWriter:
    """Writes one register."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._register: Register = tables.register
        self._texts: dict[tuple[str, Dialect], tuple[str, tuple[str, ...]]] = {}

    def post(self, effect: PostMovements, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """A posting."""
        assert len(effect.movements) <= LINES_MAX
        if dialect == "postgresql":
            return [self._post_at_once(effect, stamp)]
        return self._post_by_key(effect, stamp)

    def open(self, effect: OpenReservation, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """A new reservation."""
        row = {
            "id": effect.id,
            "form": effect.form,
            "record_id": effect.record,
            "line_id": effect.line,
            "quantity": effect.quantity,
            "posted": 0,
            "voided": 0,
            "open": effect.quantity,
            "created_at": stamp.moment.microseconds,
            **dict(zip(self._tables.keys, effect.key, strict=True)),
        }
        storages = {c.name: "id" for c in self._tables.reservations.columns if c.name in ("id", "record_id", "line_id")}
        return [self._execution("open", dialect, [self._encoded(row, storages, dialect)])]

    def settle(self, effect: SettleReservation, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """Takes off what is open; a conflict if it is no longer open."""
        row = {
            "k_id": encode("id", effect.id, dialect),
            "k_taken": effect.posted + effect.voided,
            "v_posted": effect.posted,
            "v_voided": effect.voided,
            "v_taken": effect.posted + effect.voided,
        }
        return [self._execution("settle", dialect, [row], changes=1)]

    # PostgreSQL: the whole posting in one statement

    def _post_at_once(self, effect: PostMovements, stamp: Stamp) -> Execution:
        watched = sorted({self._register.grains.index(w.grain) for w in effect.watches})
        text = self._text(" ".join(["post", *map(str, watched)]), "postgresql")[0]
        lines = [
            {
                "n": at,
                "line": _text_id(m.line),
                "posting": m.posting,
                "reverses": m.reverses,
                "reservation": _text_id(m.reservation),
                **{f"k{i}": str(part) for i, part in enumerate(m.key)},
                **{f"a{i}": a for i, a in enumerate(m.amounts)},
            }
            for at, m in enumerate(effect.movements)
        ]
        row = {
            "lines": json.dumps(lines, separators=(",", ":")),
            "effective": effect.effective,
            "posted_at": stamp.moment.microseconds,
            "form": effect.form,
            "record": effect.record,
            "release": stamp.release,
            "month": month_of(effect.effective, stamp.moment.zone),
        }
        return Execution(text, [row], judge=self._judge_rows(effect))

    def _judge_rows(self, effect: PostMovements) -> Callable[[Sequence[Sequence[Any]]], Verdict]:
        def judged(rows: Sequence[Sequence[Any]]) -> Verdict:
            constraints = self._register.constraints
            shorts = [
                Short(row[0], row[1], self._decoded_key(constraints[row[0]].of, row[4]), row[2], row[3])
                for row in rows
                if row[0] >= 0
            ]
            after: dict[tuple[tuple[int, ...], Key], tuple[int, ...]] = {}
            for row in rows:
                if row[0] < 0:  # a balance that is watched: its key, then its amounts
                    grain = self._register.grains[row[1]]
                    amounts = tuple(map(int, row[4][len(grain) :]))
                    after[grain, self._decoded_key(grain, row[4][: len(grain)])] = amounts
            verdict = judge(self._register, shorts, effect.movements)
            return replace(verdict, messages=crossed(self._register, effect, after))

        return judged

    def _decoded_key(self, of: Sequence[int], parts: Sequence[str]) -> Key:
        return tuple(
            UUID(p) if self._register.dimensions[at].storage == "id" else p for at, p in zip(of, parts, strict=True)
        )

    # SQLite: one upsert a key and grain, in sorted order

    def _post_by_key(self, effect: PostMovements, stamp: Stamp) -> Sequence[Execution]:
        made = [self._balance_execution(at, grain, effect) for at, grain in enumerate(self._register.grains)]
        full = tuple(range(len(self._tables.keys)))
        month = month_of(effect.effective, stamp.moment.zone)
        turnover = [
            {**self._key_row(full, key), "month": month, **self._turnover(amounts)}
            for key, amounts in _sums(full, effect.movements, turnover=True)
        ]
        made.append(self._execution("total", "sqlite", turnover))
        shared = {
            "effective": effect.effective,
            "posted_at": stamp.moment.microseconds,
            "form": effect.form,
            "record_id": effect.record.bytes,
            "release": stamp.release,
        }
        rows = [
            {
                **shared,
                "line_id": encode("id", m.line, "sqlite"),
                "posting": m.posting,
                "reverses": m.reverses,
                "reservation": encode("id", m.reservation, "sqlite"),
                **self._key_row(full, m.key),
                **dict(zip(self._tables.amounts, m.amounts, strict=True)),
            }
            for m in effect.movements
        ]
        made.append(self._execution("move", "sqlite", rows))
        return made

    def _balance_execution(self, at: int, grain: tuple[int, ...], effect: PostMovements) -> Execution:
        sums = _sums(grain, effect.movements)
        rows = [
            {**self._key_row(grain, key), **dict(zip(self._tables.amounts, amounts, strict=True))}
            for key, amounts in sums
        ]
        execution = self._execution(f"balance {at}", "sqlite", rows)
        judged = [(at_c, c) for at_c, c in enumerate(self._register.constraints) if c.of == grain]

        def verdict(returned: Sequence[Sequence[Any]]) -> Verdict:
            shorts: list[Short] = []
            for (key, delta), after in zip(sums, returned, strict=True):
                for at_c, c in judged:
                    slack, change = self._register.slack(c, tuple(after)), self._register.slack(c, delta)
                    if change < 0 and (slack < 0 or (c.strict and slack == 0)):
                        shorts.append(Short(at_c, at, key, slack, change))
            balances = {(grain, key): tuple(after) for (key, _), after in zip(sums, returned, strict=True)}
            verdict = judge(self._register, shorts, effect.movements)
            return replace(verdict, messages=crossed(self._register, effect, balances))

        return Execution(execution.sql, execution.rows, judge=verdict)

    def _turnover(self, amounts: tuple[int, ...]) -> dict[str, int]:
        return {
            f"{way}_{name}": amounts[2 * at + step]
            for at, name in enumerate(self._tables.amounts)
            for step, way in enumerate(("in", "out"))
        }

    def _key_row(self, grain: Sequence[int], key: Key) -> dict[str, Any]:
        return {
            self._tables.keys[at]: encode(self._register.dimensions[at].storage, part, "sqlite")
            for at, part in zip(grain, key, strict=True)
        }

    def _encoded(self, row: Mapping[str, Any], ids: Mapping[str, str], dialect: Dialect) -> dict[str, Any]:
        storages = dict(zip(self._tables.keys, (d.storage for d in self._register.dimensions), strict=True))
        return {
            name: encode("id" if name in ids else storages.get(name, "integer"), value, dialect)
            for name, value in row.items()
        }

    # statements

    def _execution(
        self, what: str, dialect: Dialect, rows: Sequence[Mapping[str, Any]], changes: int | None = None
    ) -> Execution:
        text, order = self._text(what, dialect)
        return Execution(text, rows_for(dialect, order, rows), changes=changes)

    def _text(self, what: str, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
        found = self._texts.get((what, dialect))
        if found is None:
            found = self._texts[what, dialect] = self._prepare(what, dialect)
        return found

    def _prepare(self, what: str, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
        tables = self._tables
        verb, _, grain = what.partition(" ")
        if verb == "post":
            return posting_statement(tables, tuple(map(int, grain.split()))), ()
        if verb == "open":
            return statement_text(insert(tables.reservations), dialect)
        if verb == "settle":
            v = tables.reservations
            taken = (
                update(v)
                .where(v.c.id == bindparam("k_id"), v.c.open >= bindparam("k_taken"))
                .values(
                    posted=v.c.posted + bindparam("v_posted"),
                    voided=v.c.voided + bindparam("v_voided"),
                    open=v.c.open - bindparam("v_taken"),
                )
            )
            return statement_text(taken, dialect)
        if verb == "move":
            return statement_text(
                insert(tables.movements).values(
                    {c.name: bindparam(c.name) for c in tables.movements.columns if c.name != "id"}
                ),
                dialect,
            )
        table = tables.balances[int(grain)] if verb == "balance" else tables.totals
        keys = [c.name for c in table.primary_key.columns]
        names = [c.name for c in table.columns]
        added = ", ".join(f"{n} = {n} + excluded.{n}" for n in names if n not in keys)
        returning = f" RETURNING {', '.join(tables.amounts)}" if verb == "balance" else ""
        return (
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
            f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}{returning}"
        ), tuple(names)


def _sums(
    grain: Sequence[int], movements: Sequence[Movement], *, turnover: bool = False
) -> list[tuple[Key, tuple[int, ...]]]:
    """Amounts added up by the keys of a grain, in sorted key order; with `turnover`, (in, out) pairs."""
    sums: dict[Key, list[int]] = {}
    for m in movements:
        amounts = [part for a in m.amounts for part in (max(a, 0), max(-a, 0))] if turnover else m.amounts
        key = tuple(m.key[at] for at in grain)
        kept = sums.get(key)
        if kept is None:
            sums[key] = list(amounts)
        else:
            for at, amount in enumerate(amounts):
                kept[at] += amount
    return [(key, tuple(amounts)) for key, amounts in sorted(sums.items())]


def month_of(effective: int, zone: str) -> int:
    """year * 100 + month of an instant in the site's zone."""
    local: datetime = from_microseconds(effective).astimezone(ZoneInfo(zone))
    return local.year * 100 + local.month


def _text_id(id: UUID | None) -> str | None:
    return None if id is None else str(id)
