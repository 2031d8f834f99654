"""Effects on registers → statements: balances of every grain and month totals changed, movements appended, constraints judged.

"Apply, then check what came back": balances are changed under their row locks, always in sorted key order, and what breaks a constraint
comes back as rows; the store then rolls everything back. On PostgreSQL one statement does it all; on SQLite one a key. What must be
known under the locks first (the balance that a count is compared with) or next (later balances) are statements of their own.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from engine.ledger import (
    ForgetFulfilment,
    FulfilPlanned,
    Movement,
    OpenReservation,
    PlanMovement,
    PostMovements,
    Recost,
    SettlePlanned,
    SettleReservation,
)
from engine.registers.cost_store import CostStore
from engine.registers.cost_writing import PostingCosts, Recosting, has_costs
from engine.registers.definition import Register
from engine.registers.judging import Asking, Balances, KeyTest, Late, PostingJudge, Short, asked_after
from engine.registers.key_statements import KeyStatements, key_row
from engine.registers.months import day_of, month_of_day
from engine.registers.movement_sums import judged_from, sums, turnovers
from engine.registers.pick_statements import PickStatements, Resolver
from engine.registers.picking import Picking, PickSource
from engine.registers.planned_reading import PlannedReader
from engine.registers.planned_writing import fulfilled
from engine.registers.posting_sql import LATE, late_grains
from engine.registers.reservation_writing import open_reservation, settle_reservation
from engine.registers.tables import RegisterTables
from engine.registers.texts import RegisterTexts
from engine.rules.columns import Dialect, encode, rows_for
from engine.statements import Ask, Execution, Inquiry, Stamp, Verdict, together

Key = tuple[Any, ...]
LINES_MAX: Final = 10_000
"""Movements of one posting."""


class RegisterWriter:
    """Writes one register. `tests` are the conditions on what dimensions refer to, by the name of the constraint; `resolver` is what
    the orders of picking see of a balance table."""

    def __init__(
        self, tables: RegisterTables, tests: Mapping[str, KeyTest] | None = None, resolver: Resolver | None = None
    ) -> None:
        self._tables = tables
        self._register: Register = tables.register
        self._tests = tests or {}
        self._statements = KeyStatements(tables)
        self._texts = RegisterTexts(tables)
        self._planned = PlannedReader(tables)
        self._picks = None if resolver is None else PickStatements(tables, resolver)
        dialects: tuple[Dialect, ...] = ("sqlite", "postgresql") if tables.costs is not None else ()
        self._costs = {dialect: CostStore(tables, dialect) for dialect in dialects}
        self._judged_late = late_grains(tables)

    def post(self, effect: PostMovements, stamp: Stamp, dialect: Dialect) -> Sequence[Execution | Inquiry]:
        """A posting."""
        assert len(effect.movements) + len(effect.picks) <= LINES_MAX
        if effect.picks:
            return [Inquiry(self._picking(effect, stamp, dialect).run)]
        if any(m.sets is not None for m in effect.movements):
            return [*self._pools(effect, dialect), *self._count(effect, stamp, dialect)]
        made = self._post(effect, stamp, dialect)
        if effect.seen is None or not self._register.counts:
            return made
        grown = self._statements.grown(effect.record, effect.seen, dialect)
        return [*made, replace(grown, judge=lambda rows: Verdict(conflict="a count booked more" if rows else ""))]

    def open(self, effect: OpenReservation, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """A new reservation."""
        return open_reservation(self._tables, self._texts, effect, stamp, dialect)

    def settle(self, effect: SettleReservation, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """Takes off what is open; a conflict if it is no longer open."""
        return settle_reservation(self._texts, effect, dialect)

    def plan(self, effect: PlanMovement, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """A new planned movement, or what a record takes off one."""
        row = {
            "id": effect.id,
            "form": effect.form,
            "record_id": effect.record,
            "line_id": effect.line,
            "posting": effect.posting,
            "due": effect.due,
            "quantity": effect.quantity,
            "open": 0 if effect.fulfils else effect.quantity,
            "created_at": stamp.moment.microseconds,
            "fulfils": effect.fulfils,
            **dict(zip(self._tables.keys, effect.key, strict=True)),
        }
        return [self._execution("plan", dialect, [self._encoded(row, dialect)])]

    def settle_planned(self, effect: SettlePlanned, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """Takes off what is open of a planned movement."""
        id = encode("id", effect.id, dialect)
        if effect.taken is None:
            return [self._execution("withdraw", dialect, [{"k_id": id}], changes=1)]
        return [self._execution("settle_planned", dialect, [{"k_id": id, "v_taken": effect.taken}], changes=1)]

    def fulfil(self, effect: FulfilPlanned, stamp: Stamp, dialect: Dialect) -> Sequence[Inquiry]:
        """Takes off what is open of planned movements."""
        asked = self._planned.locking({want.demand for want in effect.wants}, dialect)

        def run(ask: Ask) -> Verdict:
            made = fulfilled(effect, self._planned.rows(ask(asked), dialect), self._register)
            settled = [x for settled, _ in made for x in self.settle_planned(settled, stamp, dialect)]
            return Verdict(then=list(together([*settled, *(x for _, e in made for x in self.plan(e, stamp, dialect))])))

        return [Inquiry(run)]

    def forget(self, effect: ForgetFulfilment, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        """An entry that took something off a planned movement comes to nothing."""
        return [self._execution("forget", dialect, [{"k_id": encode("id", effect.id, dialect)}], changes=1)]

    def _picking(self, effect: PostMovements, stamp: Stamp, dialect: Dialect) -> Picking:
        assert self._picks is not None
        source = PickSource(self._register, self._picks, self._statements, self._tests)
        return Picking(
            source,
            effect,
            stamp,
            dialect,
            lambda whole: self.post(whole, stamp, dialect),
            lambda made: self.open(made, stamp, dialect),
        )

    # counts: what was found is compared with the balance, under its lock

    def _count(self, effect: PostMovements, stamp: Stamp, dialect: Dialect) -> Sequence[Execution]:
        counted = [m for m in effect.movements if m.sets is not None]
        asked = [self._statements.balance_at(m.key, day_of(m.effective, stamp.moment.zone), dialect) for m in counted]

        def compared(rows: Sequence[Sequence[Any]]) -> Verdict:
            found = dict(zip((id(m) for m in counted), rows, strict=True))
            moved = tuple(self._difference(m, found[id(m)], effect) if id(m) in found else m for m in effect.movements)
            return Verdict(then=self._post(replace(effect, movements=moved), stamp, dialect))

        read = Execution(asked[0].sql, [row for e in asked for row in e.rows], judge=compared)
        if dialect == "sqlite":
            return [read]
        lines = json.dumps([self._json_key(m.key) for m in effect.movements], separators=(",", ":"))
        return [Execution(self._texts.text("lock", dialect)[0], [{"lines": lines}]), read]

    def _difference(self, m: Movement, balance: Sequence[Any], effect: PostMovements) -> Movement:
        """From the balance at that moment, with what the posting itself moves until then, to what was counted."""
        assert m.sets is not None
        own = [o for o in effect.movements if o.sets is None and o.key == m.key and o.effective <= m.effective]
        before = int(balance[m.sets]) + sum(o.amounts[m.sets] for o in own)
        amounts = tuple(a - before if at == m.sets else 0 for at, a in enumerate(m.amounts))
        return replace(m, amounts=amounts)

    # values, found under the locks of their pools

    def _pools(self, effect: PostMovements, dialect: Dialect) -> Sequence[Inquiry]:
        """Locks the pools of a posting before any balance, as every posting does."""
        pools = {m.cost.key for m in effect.movements if m.cost is not None}

        def run(ask: Ask) -> Verdict:
            self._costs[dialect].locked(ask, sorted(pools))
            return Verdict()

        return [Inquiry(run)] if pools and dialect == "postgresql" else []

    def _post(
        self, effect: PostMovements, stamp: Stamp, dialect: Dialect, *, judged: bool = True
    ) -> Sequence[Execution | Inquiry]:
        if not has_costs(effect.movements):
            return self._append(effect, stamp, dialect, judged=judged)
        store = self._costs[dialect]

        def run(ask: Ask) -> Verdict:
            costs = PostingCosts(self._register, store, stamp, ask)
            if costs.has_changed(effect.movements):
                return Verdict(conflict="something came back meanwhile")
            valued = replace(effect, movements=costs.valued(effect.movements))
            made, asked = asked_after(self._append(valued, stamp, dialect, judged=judged))
            then = [*made, *costs.steps, asked]
            if costs.is_dirty:
                then.append(
                    self._recost(
                        Recost(effect.register, effect.at_once, effect.recost, effect.open_from), stamp, dialect
                    )
                )
            return Verdict(then=then)

        return [Inquiry(run)]

    def recost(self, effect: Recost, stamp: Stamp, dialect: Dialect) -> Sequence[Execution | Inquiry]:
        """Values again what depends on something learnt late."""
        return [self._recost(effect, stamp, dialect)]

    def _recost(self, effect: Recost, stamp: Stamp, dialect: Dialect) -> Inquiry:
        def run(ask: Ask) -> Verdict:
            found = Recosting(self._register, self._costs[dialect], stamp, ask).step(effect)
            then = [e for p in found.corrections for e in self._append(p, stamp, dialect, judged=False)]
            return Verdict(messages=found.messages, then=[*then, *found.steps], told=(found.told,))

        return Inquiry(run)

    # the posting itself

    def _append(
        self, effect: PostMovements, stamp: Stamp, dialect: Dialect, *, judged: bool = True
    ) -> Sequence[Execution]:
        asking = Asking(self._statements, self._tests, lambda more: self._post(more, stamp, dialect, judged=False))
        judge = PostingJudge(self._register, effect, stamp, dialect, asking) if judged else None
        if dialect == "postgresql":
            return [self._post_at_once(effect, stamp, judge)]
        return self._post_by_key(effect, stamp, judge)

    # PostgreSQL: the whole posting in one statement

    def _post_at_once(self, effect: PostMovements, stamp: Stamp, judge: PostingJudge | None) -> Execution:
        watched = sorted({self._register.grains.index(w.grain) for w in effect.watches})
        text = self._texts.text(" ".join(["post" if judge else "append", *map(str, watched)]), "postgresql")[0]
        zone, is_valued = stamp.moment.zone, self._tables.costs is not None
        lines = [
            {
                "n": at,
                "line": _text_id(m.line),
                "posting": m.posting,
                "d": (day := day_of(m.effective, zone)),
                "e": m.effective,
                "f": judged_from(m, day),
                "mo": month_of_day(day),
                "reverses": m.reverses,
                "reservation": _text_id(m.reservation),
                "sets": m.sets,
                **({"form": m.of[0], "record": str(m.of[1])} if m.of else {}),
                **self._json_key(m.key),
                **{f"a{i}": a for i, a in enumerate(m.amounts)},
                **(
                    {"entry": _text_id(m.entry), "corrects": _text_id(m.corrects), "reason": m.reason or None}
                    if is_valued
                    else {}
                ),
            }
            for at, m in enumerate(effect.movements)
        ]
        row = {
            "lines": json.dumps(lines, separators=(",", ":")),
            "posted_at": stamp.moment.microseconds,
            "form": effect.form,
            "record": effect.record,
            "release": stamp.release,
        }
        return Execution(text, [row], judge=self._judge_rows(judge))

    def _json_key(self, key: Key) -> dict[str, str]:
        return {f"k{at}": str(part) for at, part in enumerate(key)}

    def _judge_rows(self, judge: PostingJudge | None) -> Callable[[Sequence[Sequence[Any]]], Verdict]:
        def judged(rows: Sequence[Sequence[Any]]) -> Verdict:
            if judge is None:
                return Verdict()
            shorts: list[Short] = []
            lates: list[Late] = []
            after: dict[tuple[tuple[int, ...], Key], tuple[int, ...]] = {}
            for kind, at, first, second, parts in rows:
                grain = self._register.grains[at]
                key = self._decoded_key(grain, parts[: len(grain)])
                if kind >= 0:
                    shorts.append(Short(kind, key, int(first), int(second)))
                elif kind == LATE:
                    lates.append(Late(at, key, second))
                else:
                    after[grain, key] = tuple(map(int, parts[len(grain) :]))
            return judge.judge(range(len(self._register.grains)), shorts, lates, after)

        return judged

    def _decoded_key(self, of: Sequence[int], parts: Sequence[str]) -> Key:
        return tuple(_READ[self._register.dimensions[at].storage](p) for at, p in zip(of, parts, strict=True))

    # SQLite: one upsert a key and grain, in sorted order

    def _post_by_key(self, effect: PostMovements, stamp: Stamp, judge: PostingJudge | None) -> Sequence[Execution]:
        shared = {
            "posted_at": stamp.moment.microseconds,
            "form": effect.form,
            "record_id": effect.record.bytes,
            "release": stamp.release,
        }
        full, zone = self._register.grains[0], stamp.moment.zone
        rows = [
            {
                **shared,
                "day": day_of(m.effective, zone),
                "effective": m.effective,
                "line_id": encode("id", m.line, "sqlite"),
                "posting": m.posting,
                "reverses": m.reverses,
                "reservation": encode("id", m.reservation, "sqlite"),
                "sets": m.sets,
                **({"form": m.of[0], "record_id": m.of[1].bytes} if m.of else {}),
                **key_row(self._tables, full, m.key, "sqlite"),
                **dict(zip(self._tables.amounts, m.amounts, strict=True)),
                **(_worth(m) if self._tables.costs is not None else {}),
            }
            for m in effect.movements
        ]
        turnover = [
            {**key_row(self._tables, full, key, "sqlite"), "month": month, **self._turnover(amounts)}
            for (key, month), amounts in turnovers(effect.movements, zone)
        ]
        made = [self._execution("move", "sqlite", rows), self._execution("total", "sqlite", turnover)]
        return made + [self._balance(at, effect, zone, judge) for at in range(len(self._register.grains))]

    def _balance(self, at: int, effect: PostMovements, zone: str, judge: PostingJudge | None) -> Execution:
        grain = self._register.grains[at]
        summed = sums(grain, effect.movements, zone)
        rows = [
            {
                **key_row(self._tables, grain, key, "sqlite"),
                **dict(zip(self._tables.amounts, amounts, strict=True)),
                "last": last,
            }
            for key, amounts, _, last in summed
        ]
        execution = self._execution(f"balance {at}", "sqlite", rows)
        judged = [(at_c, c) for at_c, c in enumerate(self._register.constraints) if c.of == grain]

        def verdict(returned: Sequence[Sequence[Any]]) -> Verdict:
            if judge is None:
                return Verdict()
            shorts: list[Short] = []
            lates: list[Late] = []
            after: dict[tuple[tuple[int, ...], Key], tuple[int, ...]] = {}
            for (key, delta, first, _), (*amounts, last) in zip(summed, returned, strict=True):
                after[grain, key] = tuple(amounts)
                if last > first and at in self._judged_late:
                    lates.append(Late(at, key, first))
                for at_c, c in judged:
                    slack = self._register.slack(c, tuple(amounts))
                    change = self._register.slack(c, delta) - c.offset
                    if change < 0 and (slack < 0 or (c.strict and slack == 0)):
                        shorts.append(Short(at_c, key, slack, change))
            balances: Balances = after
            return judge.judge((at,), shorts, lates, balances)

        return replace(execution, judge=verdict)

    def _turnover(self, amounts: tuple[int, ...]) -> dict[str, int]:
        return {
            f"{way}_{name}": amounts[2 * at + step]
            for at, name in enumerate(self._tables.amounts)
            for step, way in enumerate(("in", "out"))
        }

    def _encoded(self, row: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
        storages: dict[str, Any] = dict(
            zip(self._tables.keys, (d.storage for d in self._register.dimensions), strict=True)
        )
        return {
            name: encode(storages.get(name) or _STORED.get(name, "integer"), value, dialect)
            for name, value in row.items()
        }

    def _execution(
        self, what: str, dialect: Dialect, rows: Sequence[Mapping[str, Any]], changes: int | None = None
    ) -> Execution:
        text, order = self._texts.text(what, dialect)
        return Execution(text, rows_for(dialect, order, rows), changes=changes)


def _worth(m: Movement) -> dict[str, Any]:
    """What tells of a movement's value, as SQLite takes it."""
    entry, corrects = encode("id", m.entry, "sqlite"), encode("id", m.corrects, "sqlite")
    return {"entry": entry, "corrects": corrects, "reason": m.reason or None}


_STORED: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("id", "record_id", "line_id", "fulfils"), "id"),
    **dict.fromkeys(("form", "posting"), "text"),
    "due": "date",
}
_READ: Final[Mapping[str, Callable[[str], Any]]] = {"id": UUID, "text": str, "date": date.fromisoformat}


def _text_id(id: UUID | None) -> str | None:
    return None if id is None else str(id)
