"""Answers about what remains of a valued register: the layers of its pools, with their age and what brought them, and sums by age."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.queries import AGE_LIMITS_MAX, Ageing, Layers
from engine.actions.register_keys import prepare_titles, record_title, seen_register, shown_key
from engine.actions.register_pages import Asked, Key, asked, cursor, filled
from engine.actions.showing import Shower
from engine.clock import from_microseconds
from engine.problems import Problems
from engine.registers import Aged, KeyPage, PoolReader, PoolRow, Register, aged
from engine.registers.costing import Layer
from engine.values import from_scaled, to_wire, write_decimal

Placed = tuple[Key, int, Layer, bool]
"""A layer: the key of its pool, its place in it, and whether the pool waits to be valued again."""


def _valued(name: str, planning: Planning) -> Register | Problems:
    register = seen_register(name, planning)
    if not isinstance(register, Problems) and register.valuation is None:
        return problems.register_not_valued(register.label)
    return register


def layers(query: Layers, planning: Planning) -> dict[str, Any] | Problems:
    """The layers of each pool, oldest first."""
    register = _valued(query.register, planning)
    if isinstance(register, Problems):
        return register
    assert register.valuation is not None
    of = asked(query, None, planning, places=1, of=register.valuation.pool)
    if isinstance(of, Problems):
        return of
    after, place = of.after, of.place

    def read(page: KeyPage) -> tuple[list[Placed], int, Key | None]:
        pools = _pools(of, page, planning)
        found = [
            (pool.key, at, layer, pool.waits)
            for pool in pools
            for at, layer in enumerate(pool.state.layers)
            if pool.key != after or (at,) > place
        ]
        return found, len(pools), pools[-1].key if pools else None

    rows = filled(of.page(of.limit + 1), of.limit + 1, read)
    page = rows[: of.limit]
    return {
        "rows": _shown_layers(of, page, planning),
        "next": cursor(page[-1][0], page[-1][1]) if len(rows) > of.limit else None,
    }


def _pools(of: Asked, page: KeyPage, planning: Planning) -> list[PoolRow]:
    reader, facts = PoolReader(planning.release.register_tables[of.register.name]), facts_of(planning).reader
    return reader.pool_rows(facts.rows(reader.pools(page, facts.dialect)), of.by, facts.dialect)


def _shown_layers(of: Asked, page: Sequence[Placed], planning: Planning) -> list[dict[str, Any]]:
    reader, facts = PoolReader(planning.release.register_tables[of.register.name]), facts_of(planning).reader
    entries = sorted({UUID(layer.entry) for _, _, layer, _ in page})
    brought = reader.brought_rows(facts.rows(reader.brought(entries, facts.dialect)), facts.dialect)
    shower, today = Shower(planning), planning.moment.today.toordinal()
    prepare_titles(of.register, of.by, [key for key, *_ in page], shower)
    shown = []
    for key, _, layer, waits in page:
        movement, form, record, effective = brought[UUID(layer.entry)]
        by = {
            "id": str(movement),
            "form": form,
            "record": {"id": str(record), "title": record_title(form, record, planning, shower)},
            "effective": to_wire(from_microseconds(effective)),
        }
        shown.append(
            {
                "key": shown_key(of.register, of.by, key, shower),
                "day": date.fromordinal(layer.day).isoformat(),
                "age": today - layer.day,
                **_numbers(of.register, layer.quantity, layer.value),
                "movement": by,
                "waits": waits,
            }
        )
    return shown


def _numbers(register: Register, quantity: int, value: int) -> dict[str, str]:
    assert register.valuation is not None
    scales = (register.measures[at].scale for at in (register.valuation.quantity, register.valuation.value))
    numbers = (write_decimal(from_scaled(n, s)) for n, s in zip((quantity, value), scales, strict=True))
    return dict(zip(("quantity", "value"), numbers, strict=True))


def ageing(query: Ageing, planning: Planning) -> dict[str, Any] | Problems:
    """What remains, by age: up to and with each limit in days, and what is older."""
    register = _valued(query.register, planning)
    if isinstance(register, Problems):
        return register
    assert register.valuation is not None
    limits = query.limits
    if not 1 <= len(limits) <= AGE_LIMITS_MAX or any(b <= a for a, b in zip((-1, *limits), limits, strict=False)):
        return problems.bad_age_limits(AGE_LIMITS_MAX)
    of = asked(query, query.by, planning, of=register.valuation.pool)
    if isinstance(of, Problems):
        return of
    today = planning.moment.today.toordinal()

    def read(page: KeyPage) -> tuple[list[Aged], int, Key | None]:
        found = aged(_pools(of, page, planning), limits, today)
        return found, len(found), found[-1].key if found else None

    rows = filled(of.page(of.limit + 1), of.limit + 1, read)
    page = rows[: of.limit]
    shower = Shower(planning)
    prepare_titles(register, of.by, [row.key for row in page], shower)
    return {
        "rows": [_shown_aged(of, row, limits, shower) for row in page],
        "next": cursor(page[-1].key) if len(rows) > of.limit else None,
    }


def _shown_aged(of: Asked, row: Aged, limits: Sequence[int], shower: Shower) -> dict[str, Any]:
    ends: list[int | None] = [*limits, None]
    return {
        "key": shown_key(of.register, of.by, row.key, shower),
        **_numbers(of.register, row.quantity, row.value),
        "ages": [{"until": end, **_numbers(of.register, *pair)} for end, pair in zip(ends, row.buckets, strict=True)],
        "waits": row.waits,
    }
