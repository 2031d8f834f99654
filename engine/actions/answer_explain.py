"""Explain: the movements, layers and rules behind a balance or a cost, and what came of what over all levels."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.posting_words import posting_words
from engine.actions.queries import ExplainBalance, ExplainMovement, Genealogy
from engine.actions.register_keys import prepare_titles, read_where, record_title, seen_register, shown_key
from engine.actions.showing import Shower
from engine.actions.shown_movements import amounts_shown, shown_movements
from engine.facts import StoredMovement
from engine.problems import Problems
from engine.registers import BalanceRequest, CostDescent, Register, weighed
from engine.registers.costing import CostState, Layer, Valued
from engine.values import from_scaled, to_wire, write_decimal

DESCENT_MAX: Final = 2_000
"""Steps of one walk through what came of what."""
LAYERS_MAX: Final = 200
"""Layers of one pool that are shown, oldest first."""
DESCENT_SHOWN: Final = 200
"""Movements that are named of those which one took its value from, or gave it to."""


def explain_balance(query: ExplainBalance, planning: Planning) -> dict[str, Any] | Problems:
    """The balance of a part of the key, the postings it is made of with their rules in words, the constraints on it, and, for a whole pool,
    its cost."""
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    where = read_where(register, query.where, tuple(d.name for d in register.dimensions))
    if isinstance(where, Problems):
        return where
    facts, reader = facts_of(planning), planning.release.register_readers[register.name]
    dialect = facts.reader.dialect
    request = BalanceRequest((), where, None, 1)
    found = reader.balance_rows(facts.reader.rows(reader.balances(request, dialect)), (), dialect)
    amounts = found[0][1] if found else (0,) * len(register.measures)
    rules = {(p.form, p.name): p.do for p in register.postings}
    postings = [
        {
            "form": form,
            "posting": posting,
            "do": rules.get((form, posting)),
            "words": posting_words(register, form, posting, planning),
            "movements": count,
            "amounts": amounts_shown(register, [int(s) for s in sums]),
        }
        for form, posting, count, *sums in facts.reader.rows(reader.by_posting(where, dialect))
    ]
    return {
        "balance": amounts_shown(register, amounts),
        "postings": postings,
        "constraints": _constraints(register, where, amounts),
        "cost": _pool_cost(register, where, planning),
    }


def _constraints(register: Register, where: dict[int, Any], amounts: tuple[int, ...]) -> list[dict[str, Any]]:
    """Those whose key is just what is asked for, with what is left until they would break."""
    return [
        {
            "name": c.name,
            "label": c.label,
            "left": write_decimal(from_scaled(c.offset + weighed(c.factors, amounts), register.scale_of(c.factors))),
            "refuses": c.refuses,
            "depends": c.when is not None,
        }
        for c in register.constraints
        if set(c.of) == set(where)
    ]


def _pool_cost(register: Register, where: dict[int, Any], planning: Planning) -> dict[str, Any] | None:
    """What a pool is worth and of what layers; None where the key is no pool."""
    valuation, facts = register.valuation, facts_of(planning)
    if valuation is None:
        return None
    costs = CostDescent(planning.release.register_tables[register.name], facts.reader.dialect)
    nothing = {at: register.dimensions[at].nothing for at in valuation.pool if at == valuation.lot}
    if set(where) not in (set(valuation.of), set(valuation.pool)):
        return None
    pool = tuple({**nothing, **where}[at] for at in valuation.pool)
    found = costs.read(facts.reader.rows, pool)
    if found is None:
        return None
    state, is_waiting = found
    shower = Shower(planning)
    return {
        **_shown_state(register, state),
        "waiting": is_waiting,
        "layers": [_shown_layer(register, x, planning, shower) for x in state.layers[:LAYERS_MAX]],
        "more_layers": max(0, len(state.layers) - LAYERS_MAX),
    }


def _shown_state(register: Register, state: CostState) -> dict[str, Any]:
    return {
        "method": state.method or "average",
        "quantity": _quantity(register, state.quantity),
        "value": _value(register, state.value),
    }


def _shown_layer(register: Register, layer: Layer, planning: Planning, shower: Shower) -> dict[str, Any]:
    brought = _movement_of(register, UUID(layer.entry), planning)
    return {
        "age": planning.moment.today.toordinal() - layer.day,
        "quantity": _quantity(register, layer.quantity),
        "value": _value(register, layer.value),
        "movement": None if brought is None else str(brought[0].id),
        "form": None if brought is None else brought[0].form,
        "record": None
        if brought is None
        else {
            "id": str(brought[0].record),
            "title": record_title(brought[0].form, brought[0].record, planning, shower),
        },
    }


def _quantity(register: Register, amount: int) -> str:
    assert register.valuation is not None
    return write_decimal(from_scaled(amount, register.measures[register.valuation.quantity].scale))


def _value(register: Register, amount: int) -> str:
    assert register.valuation is not None
    return write_decimal(from_scaled(amount, register.measures[register.valuation.value].scale))


def _movement_of(register: Register, entry: UUID, planning: Planning) -> tuple[StoredMovement, int] | None:
    rows = _movements_of(register, [entry], planning)
    return rows[0] if rows else None


def _movements_of(register: Register, entries: Sequence[UUID], planning: Planning) -> list[tuple[StoredMovement, int]]:
    reader, rows = planning.release.register_readers[register.name], facts_of(planning).reader
    return reader.movement_rows(rows.rows(reader.by_entries(entries, rows.dialect)), rows.dialect)


def explain_movement(query: ExplainMovement, planning: Planning) -> dict[str, Any] | Problems:
    """A movement with its posting rule in words; in a valued register also by which method and from where its cost comes, its pieces, and
    what was learnt later."""
    found = _one(query.register, query.movement, planning)
    if isinstance(found, Problems):
        return found
    register, m, posted = found
    shower, facts = Shower(planning), facts_of(planning).reader
    [shown] = shown_movements(register, [(m, posted)], planning, shower)
    said = posting_words(register, m.form, m.posting, planning)
    if m.entry is None or m.corrects is not None:
        return {"movement": shown, "words": said, "cost": None}
    store, reader = _store(register, planning), planning.release.register_readers[register.name]
    worth = store.worth(facts.rows, m.entry)
    later = reader.movement_rows(facts.rows(reader.corrections(m.entry, facts.dialect)), facts.dialect)
    return {
        "movement": shown,
        "words": said,
        "cost": {
            "method": worth.rules.method,
            "given": None if worth.event.given is None else _value(register, worth.event.given),
            "counted": worth.event.counted,
            **_result(register, worth.valued, planning, shower),
            **_descent(register, "from", store.edges(facts.rows, m.entry, down=False), planning, shower),
            **_descent(register, "to", store.edges(facts.rows, m.entry, down=True), planning, shower),
            "later": shown_movements(register, later, planning, shower),
        },
    }


def _result(register: Register, valued: Valued, planning: Planning, shower: Shower) -> dict[str, Any]:
    return {
        "value": _value(register, valued.value),
        "extra": [{"reason": reason, "value": _value(register, amount)} for reason, amount in valued.extra],
        "pieces": _pieces(register, valued.taken[:LAYERS_MAX], planning, shower),
        "more_pieces": max(0, len(valued.taken) - LAYERS_MAX),
    }


def _pieces(register: Register, taken: Sequence[Layer], planning: Planning, shower: Shower) -> list[dict[str, Any]]:
    """What was taken of which layer, with the movement that first brought it."""
    rows = _movements_of(register, [UUID(x.entry) for x in taken], planning)
    brought = {
        str(m.entry): s for (m, _), s in zip(rows, shown_movements(register, rows, planning, shower), strict=True)
    }
    return [
        {
            "day": to_wire(date.fromordinal(x.day)),
            "quantity": _quantity(register, x.quantity),
            "value": _value(register, x.value),
            "movement": brought.get(x.entry),
        }
        for x in taken
    ]


def _descent(
    register: Register, side: str, edges: Sequence[tuple[UUID, int, str]], planning: Planning, shower: Shower
) -> dict[str, Any]:
    """{side: the movements there, each with what it is worth by now, "more_" + side: how many are left out}."""
    page = edges[:DESCENT_SHOWN]
    entries = [e for e, _, _ in page]
    movements = {m.entry: (m, posted) for m, posted in _movements_of(register, entries, planning)}
    worth = _store(register, planning).results(facts_of(planning).reader.rows, [str(e) for e in entries])
    shown = shown_movements(register, [movements[e] for e in entries], planning, shower)
    steps = [
        {**s, "quantity": _quantity(register, n), "kind": kind, "value": _value(register, worth[str(e)].value)}
        for s, (e, n, kind) in zip(shown, page, strict=True)
    ]
    return {side: steps, f"more_{side}": len(edges) - len(page)}


def genealogy(query: Genealogy, planning: Planning) -> dict[str, Any] | Problems:
    """All that came of a key, or all that it came from, level by level, with the quantity that was taken. What was undone does not count; a
    key that is reached on several ways is followed once."""
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    where = read_where(register, query.where, tuple(d.name for d in register.dimensions))
    if isinstance(where, Problems):
        return where
    if register.valuation is None or not where:
        return problems.nothing_valued(register.label)
    by, store, rows = tuple(sorted(where)), _store(register, planning), facts_of(planning).reader.rows
    start = tuple(where[at] for at in by)
    seen, level, walk = {start}, [start], list[tuple[int, tuple[Any, ...], tuple[Any, ...], int]]()
    while level and len(walk) <= DESCENT_MAX:
        depth = walk[-1][0] + 1 if walk else 1
        found = [(key, other, n) for key in level for other, n in store.descent(rows, by, key, down=query.down)]
        walk += [(depth, key, other, n) for key, other, n in found]
        level = list(dict.fromkeys(other for _, other, _ in found if other not in seen))
        seen |= set(level)
    shower, page = Shower(planning), walk[:DESCENT_MAX]
    prepare_titles(register, by, [key for _, a, b, _ in page for key in (a, b)], shower)
    return {
        "rows": [
            {
                "level": depth,
                "key": shown_key(register, by, key, shower),
                "other": shown_key(register, by, other, shower),
                "quantity": _quantity(register, n),
            }
            for depth, key, other, n in page
        ],
        "complete": len(walk) <= DESCENT_MAX,
    }


def _store(register: Register, planning: Planning) -> CostDescent:
    return CostDescent(planning.release.register_tables[register.name], facts_of(planning).reader.dialect)


def _one(name: str, movement: int, planning: Planning) -> tuple[Register, StoredMovement, int] | Problems:
    register = seen_register(name, planning)
    if isinstance(register, Problems):
        return register
    reader, rows = planning.release.register_readers[name], facts_of(planning).reader
    found = reader.movement_rows(rows.rows(reader.by_id(movement)), rows.dialect)
    if not found:
        return problems.no_such_movement(register.label)
    return register, *found[0]
