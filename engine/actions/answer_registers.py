"""Answers about registers: balances, movements. Who may see a register sees all of it."""

import base64
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.queries import Balances, DescribeRegister, Movements
from engine.actions.register_keys import prepare_titles, read_where, seen_register, shown_key
from engine.actions.showing import Shower
from engine.clock import from_microseconds, to_microseconds
from engine.facts import StoredMovement
from engine.problems import Problems
from engine.registers import BalanceRequest, Register, day_of
from engine.values import from_scaled, to_wire, write_decimal


def describe_register(query: DescribeRegister, planning: Planning) -> dict[str, Any] | Problems:
    """Dimensions, measures, figures."""
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    forms = planning.release.forms

    def label(d: Any) -> Any:
        return forms[d.form].label if d.form and d.label == {"en": d.name} else d.label

    return {
        "name": register.name,
        "label": register.label,
        "dimensions": [
            {"name": d.name, "label": label(d), "type": d.kind, "form": d.form, "optional": d.optional}
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
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    known = tuple(d.name for d in register.dimensions)
    for name in (*query.by, *query.where):
        if name not in known:
            return problems.bad_dimension(name, known)
    where = read_where(register, query.where, known)
    if isinstance(where, Problems):
        return where
    by = tuple(known.index(name) for name in (query.by or known))
    after = _read_cursor(query.after, register, by) if query.after else None
    if isinstance(after, Problems):
        return after
    reader, facts = planning.release.register_readers[register.name], facts_of(planning)
    request = BalanceRequest(
        by, where, None if query.at is None else to_microseconds(query.at), after, query.limit, planning.moment.zone
    )
    rows = reader.balance_rows(
        facts.reader.rows(reader.balances(request, facts.reader.dialect)), by, facts.reader.dialect
    )
    page = rows[: query.limit]
    shower = Shower(planning)
    prepare_titles(register, by, [key for key, _ in page], shower)
    return {
        "rows": [_balance(register, by, key, amounts, shower) for key, amounts in page],
        "next": _cursor(page[-1][0]) if len(rows) > query.limit else None,
    }


def _balance(
    register: Register, by: Sequence[int], key: Sequence[Any], amounts: tuple[int, ...], shower: Shower
) -> dict[str, Any]:
    measures = {m.name: write_decimal(from_scaled(a, m.scale)) for m, a in zip(register.measures, amounts, strict=True)}
    figures = {
        f.name: write_decimal(
            from_scaled(sum(x * a for x, a in zip(f.factors, amounts, strict=True)), register.measures[0].scale)
        )
        for f in register.figures
    }
    return {"key": shown_key(register, by, key, shower), "measures": measures, "figures": figures}


def movements(query: Movements, planning: Planning) -> dict[str, Any] | Problems:
    """Movements, latest first, each with the record that made it."""
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
    reader, facts = planning.release.register_readers[register.name], facts_of(planning)
    dialect = facts.reader.dialect
    if query.by_day:
        at = None if query.at is None else to_microseconds(query.at)
        asked = reader.movements_by_day(where, at, (after[0], after[1]) if after else None, query.limit, dialect)
    else:
        asked = reader.movements(where, after[0] if after else None, query.limit, dialect)
    rows = reader.movement_rows(facts.reader.rows(asked), dialect)
    page = rows[: query.limit]
    shower = Shower(planning)
    full = tuple(range(len(known)))
    prepare_titles(register, full, [m.key for m, _ in page], shower)
    shown = [
        {
            "id": str(m.id),
            "effective": to_wire(from_microseconds(m.effective)),
            "posted_at": to_wire(from_microseconds(posted)),
            "posting": m.posting,
            "form": m.form,
            "record": {"id": str(m.record), "title": _record_title(m.form, m.record, planning, shower)},
            "key": shown_key(register, full, m.key, shower),
            "reverses": None if m.reverses is None else str(m.reverses),
            "count": m.is_count,
            "corrects": m.corrects is not None,
            "reason": m.reason or None,
            "amounts": {
                x.name: write_decimal(from_scaled(a, x.scale))
                for x, a in zip(register.measures, m.amounts, strict=True)
            },
        }
        for m, posted in page
    ]
    return {"rows": shown, "next": _movement_cursor(query, page[-1][0], planning) if len(rows) > query.limit else None}


def _movement_cursor(query: Movements, last: StoredMovement, planning: Planning) -> str:
    return f"{day_of(last.effective, planning.moment.zone)}.{last.id}" if query.by_day else str(last.id)


def _record_title(form: str, record: UUID, planning: Planning, shower: Shower) -> str:
    known = planning.release.forms.get(form)
    if known is None or planning.grant(known).require("read") is not None:
        return ""
    return shower.title(form, record)


def _cursor(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in key]).encode()).decode().rstrip("=")


def _read_cursor(text: str, register: Register, by: Sequence[int]) -> tuple[Any, ...] | Problems:
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return tuple(
            UUID(p) if register.dimensions[at].kind == "reference" else p for at, p in zip(by, parts, strict=True)
        )
    except (ValueError, TypeError):
        return problems.cursor_unreadable()
