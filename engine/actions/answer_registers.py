"""Answers about registers: balances, movements. Who may see a register sees all of it."""

from typing import Any

from engine.actions import problems
from engine.actions.answer_turnover import balances_at, day_and_instant
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.queries import Balances, DescribeRegister, Movements
from engine.actions.register_keys import dimension_label, prepare_titles, read_where, seen_register, shown_key
from engine.actions.register_pages import Asked, Key, ValueRight, asked, cursor, shown_amounts, shown_figures
from engine.actions.showing import Shower
from engine.actions.shown_movements import shown_movements
from engine.facts import StoredMovement
from engine.problems import Problems
from engine.registers import BalanceRequest, Register, day_of


def describe_register(query: DescribeRegister, planning: Planning) -> dict[str, Any] | Problems:
    """Dimensions, measures, figures."""
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    return {
        "name": register.name,
        "label": register.label,
        "dimensions": [
            {
                "name": d.name,
                "label": dimension_label(d, planning),
                "type": d.kind,
                "form": d.form,
                "optional": d.optional,
            }
            for d in register.dimensions
        ],
        "measures": [{"name": m.name, "label": m.label} for m in register.measures],
        "figures": [
            {
                "name": f.name,
                "label": f.label,
                "of": {m.name: x for m, x in zip(register.measures, f.factors, strict=True) if x},
            }
            for f in register.figures
        ],
        "planned": register.planned,
        "valuation": _valuation(register),
    }


def _valuation(register: Register) -> dict[str, Any] | None:
    v = register.valuation
    if v is None:
        return None
    return {
        "quantity": register.measures[v.quantity].name,
        "value": register.measures[v.value].name,
        "pool": [register.dimensions[at].name for at in v.pool],
    }


def balances(query: Balances, planning: Planning) -> dict[str, Any] | Problems:
    """Balances by dimensions, now or at a moment."""
    of = asked(query, query.by or None, planning)
    if isinstance(of, Problems):
        return of
    rows = _balances_now(of, planning) if query.at is None else balances_at(of, query.at, planning)
    page = rows[: of.limit]
    shower, is_valued = Shower(planning), ValueRight(of, [key for key, _ in page], planning)
    prepare_titles(of.register, of.by, [key for key, _ in page], shower)
    shown = [
        {
            "key": shown_key(of.register, of.by, key, shower),
            "measures": shown_amounts(of.register, amounts, is_valued(key)),
            "figures": shown_figures(of.register, amounts, is_valued(key)),
        }
        for key, amounts in page
    ]
    return {"rows": shown, "next": cursor(page[-1][0]) if len(rows) > of.limit else None}


def _balances_now(of: Asked, planning: Planning) -> list[tuple[Key, tuple[int, ...]]]:
    reader, facts = planning.release.register_readers[of.register.name], facts_of(planning).reader
    request = BalanceRequest(of.by, of.where, of.after, of.limit, of.hidden)
    return reader.balance_rows(facts.rows(reader.balances(request, facts.dialect)), of.by, facts.dialect)


def movements(query: Movements, planning: Planning) -> dict[str, Any] | Problems:
    """Movements, newest first, each with the record that made it."""
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    known = tuple(d.name for d in register.dimensions)
    where = read_where(register, query.where, known)
    if isinstance(where, Problems):
        return where
    after = tuple(int(part) for part in query.after.split(".") if part.isdecimal())
    if len(after) != (0 if not query.after else 2 if query.by_day else 1):
        return problems.cursor_unreadable()
    reader, facts = planning.release.register_readers[register.name], facts_of(planning).reader
    if query.by_day:
        until = None
        if query.at is not None:
            day, _, instant = day_and_instant(query.at, planning)
            until = (day, instant)
        place = (after[0], after[1]) if after else None
        found = reader.movements_by_day(where, until, place, query.limit, facts.dialect)
    else:
        found = reader.movements(where, after[0] if after else None, query.limit, facts.dialect)
    rows = reader.movement_rows(facts.rows(found), facts.dialect)
    page = rows[: query.limit]
    shown = shown_movements(register, page, planning, Shower(planning))
    return {"rows": shown, "next": _after(query, page[-1][0], planning) if len(rows) > query.limit else None}


def _after(query: Movements, last: StoredMovement, planning: Planning) -> str:
    return f"{day_of(last.effective, planning.moment.zone)}.{last.id}" if query.by_day else str(last.id)
