"""Self-audit: what is kept beside the movements (balances, totals, reservations, costs) is worked out from them again and compared. Each
comparison is one statement, so that it is right while posting goes on.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Select, func, or_, select, union_all

from engine.registers.cost_descent import CostDescent
from engine.registers.cost_store import Pool, write_result
from engine.registers.costing import EMPTY, CostRules, CostState, Event, given_by, value
from engine.registers.tables import RegisterTables
from engine.statements import Ask, Stream

EVENTS_AT_ONCE: Final = 1_000


def differences(tables: RegisterTables) -> list[tuple[str, Select[Any]]]:
    """For each table that is kept beside the movements, a statement of the keys where it is not their sum."""
    register, m = tables.register, tables.movements
    made = [
        (tables.balances[at].name, _difference(tables, tables.balances[at], tables.grain_keys(grain), m))
        for at, grain in enumerate(register.grains)
    ]
    t = tables.totals
    net = select(
        *(t.c[k] for k in tables.keys), *((t.c[f"in_{a}"] - t.c[f"out_{a}"]).label(a) for a in tables.amounts)
    ).subquery()
    made.append((t.name, _difference(tables, net, tables.keys, m)))
    if register.reservation is not None:
        made.append((tables.reservations.name, _reservations(tables)))
    return made


def _difference(tables: RegisterTables, kept: Any, keys: tuple[str, ...], movements: Any) -> Select[Any]:
    signed = union_all(
        select(*(kept.c[k] for k in keys), *(kept.c[a] for a in tables.amounts)),
        select(*(movements.c[k] for k in keys), *((-movements.c[a]).label(a) for a in tables.amounts)),
    ).subquery()
    sums = [func.sum(signed.c[a]) for a in tables.amounts]
    columns = [signed.c[k] for k in keys]
    return select(*columns, *sums).group_by(*columns).having(or_(*(s != 0 for s in sums)))


def _reservations(tables: RegisterTables) -> Select[Any]:
    """Reservations that are not open for what is left of them, or for what their movements say."""
    assert tables.register.reservation is not None
    v, m = tables.reservations, tables.movements
    amount = m.c[tables.amounts[tables.register.measure_index(tables.register.reservation)]]
    moved = select(func.coalesce(func.sum(amount), 0)).where(m.c.reservation == v.c.id).scalar_subquery()
    return select(v.c.id).where(
        or_(v.c.open != v.c.quantity - v.c.posted - v.c.voided, v.c.open != moved, v.c.open < 0)
    )


def value_sums(tables: RegisterTables) -> Select[Any]:
    """What the values of all movements come to, by the dimensions of the pools but the lot."""
    costs = tables.costs
    assert costs is not None
    m = tables.movements
    keys = [m.c[tables.keys[at]] for at in costs.valuation.of]
    return select(*keys, func.sum(m.c[tables.amounts[costs.valuation.value]])).group_by(*keys)


@dataclass(frozen=True, slots=True)
class PoolAudit:
    """One pool compared with its own replay."""

    pool: Pool
    events: int
    value: int
    """By its state."""
    is_right: bool
    """Are every result and the state what the events come to? A pool that waits to be valued again is not compared."""
    is_dirty: bool


def audit_pools(store: CostDescent, ask: Ask, stream: Stream) -> Iterator[PoolAudit]:
    """Every pool, replayed from its first event. Pools and events come in the same order, each in one stream."""
    events = _Events(store, ask, stream)
    for pool, state, is_dirty in store.all_pools(stream):
        count, right, found = _replayed(events.of(pool))
        is_right = right and found == state and _is_sound(found)
        yield PoolAudit(pool, count, state.value, is_dirty or is_right, is_dirty)


class _Events:
    """The events of all pools in order, each with what the others it takes its value from came to."""

    def __init__(self, store: CostDescent, ask: Ask, stream: Stream) -> None:
        self._store, self._ask = store, ask
        self._rows = store.all_events(stream)
        self._ahead: deque[tuple[Pool, Event, CostRules, str]] = deque()

    def of(self, pool: Pool) -> Iterator[tuple[Event, CostRules, str]]:
        """Those of one pool: (event, rules, the result as it is kept)."""
        while self._ahead or self._read():
            if self._ahead[0][0] != pool:
                return
            _, event, rules, result = self._ahead.popleft()
            yield event, rules, result

    def _read(self) -> bool:
        rows = list(islice(self._rows, EVENTS_AT_ONCE))
        named = {share.entry for row in rows if row.inputs is not None for share in row.inputs.shares}
        known = self._store.results(self._ask, sorted(named)) if named else {}
        for row in rows:
            event, result = row.event, row.result
            if row.inputs is not None and all(share.entry in known for share in row.inputs.shares):
                event = given_by(event, row.inputs, known.__getitem__, self._store.unit)
            elif row.inputs is not None:
                result = ""  # it names a movement that is not there
            self._ahead.append((row.pool, event, row.rules, result))
        return bool(rows)


def _replayed(events: Iterator[tuple[Event, CostRules, str]]) -> tuple[int, bool, CostState]:
    state, count, right = EMPTY, 0, True
    for event, rules, result in events:
        valued, state = value(state, event, rules)
        right = right and write_result(valued) == result
        count += 1
    return count, right, state


def _is_sound(state: CostState) -> bool:
    """No value without quantity; layers hold exactly what is there."""
    if state.quantity == 0:
        return state.value == 0 and not state.layers
    if state.quantity < 0:
        return not state.layers
    return sum(x.quantity for x in state.layers) == state.quantity and sum(x.value for x in state.layers) == state.value
