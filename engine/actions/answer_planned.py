"""Answers about what is planned: the forecast of balances, when they fall short, and what can be promised."""

from datetime import date
from typing import Any

from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.queries import Forecast
from engine.actions.register_keys import prepare_titles, read_part, read_where, seen_register, shown_key
from engine.actions.showing import Shower
from engine.problems import Problems
from engine.registers import ForecastRequest, ForecastRow, Register
from engine.values import from_scaled, read_cursor, write_cursor, write_decimal


def forecast(query: Forecast, planning: Planning) -> dict[str, Any] | Problems:
    """Day by day what comes and goes, the balance at the end of the day, and what can be promised from then on; overdue is today."""
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    if register.planned is None:
        return problems.nothing_planned(register.label)
    known = tuple(d.name for d in register.dimensions)
    for name in query.by:
        if name not in known:
            return problems.bad_dimension(name, known)
    where = read_where(register, query.where, known)
    if isinstance(where, Problems):
        return where
    by = tuple(known.index(name) for name in (query.by or known))
    after = _read_cursor(query.after, register, by) if query.after else None
    if isinstance(after, Problems):
        return after
    reader, facts = planning.release.planned_readers[register.name], facts_of(planning)
    request = ForecastRequest(by, where, planning.moment.today, query.until, after, query.limit)
    dialect = facts.reader.dialect
    rows = reader.forecast_rows(facts.reader.rows(reader.forecast(request, dialect)), by, dialect)
    page = rows[: query.limit]
    shower = Shower(planning)
    prepare_titles(register, by, [row.key for row in page], shower)
    return {
        "rows": [_shown(register, by, row, shower) for row in page],
        "next": _cursor(page[-1]) if len(rows) > query.limit else None,
    }


def _shown(register: Register, by: tuple[int, ...], row: ForecastRow, shower: Shower) -> dict[str, Any]:
    assert register.planned is not None
    scale = register.measures[register.measure_index(register.planned)].scale
    numbers = {"coming": row.coming, "going": row.going, "balance": row.balance, "promise": max(row.promise, 0)}
    return {
        "key": shown_key(register, by, row.key, shower),
        "day": row.day.isoformat(),
        **{name: write_decimal(from_scaled(n, scale)) for name, n in numbers.items()},
        "short": row.balance < 0,
    }


def _cursor(row: ForecastRow) -> str:
    return write_cursor([*(str(part) for part in row.key), row.day.isoformat()])


def _read_cursor(text: str, register: Register, by: tuple[int, ...]) -> tuple[tuple[Any, ...], date] | Problems:
    try:
        *parts, day = read_cursor(text)
        key = [read_part(register.dimensions[at], part) for at, part in zip(by, parts, strict=True)]
        return tuple(key), date.fromisoformat(day)
    except (ValueError, TypeError):
        return problems.cursor_unreadable()
