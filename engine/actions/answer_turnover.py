"""Answers about what a register held and what moved over time: balances at a moment, turnover by period, day-end averages."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.queries import AVERAGE_DAYS_MAX, PERIODS_MAX, Average, Turnover
from engine.actions.register_keys import prepare_titles
from engine.actions.register_pages import Asked, Key, ValueRight, asked, cursor, filled, shown_numbers
from engine.actions.showing import Shower
from engine.clock import to_microseconds
from engine.problems import Problems
from engine.registers import PERIODS, FlowRow, KeyPage, Moment, Span, TurnoverReader, TurnoverRow, averages, rows_of
from engine.registers.months import day_of

ROWS_AT_ONCE: Final = 2_000
"""Periods that one statement may come to, when many of its keys may have none."""
_DAYS: Final = (date(1, 1, 3).toordinal(), date(9998, 12, 31).toordinal())
"""The days that may be asked about."""


def balances_at(of: Asked, at: date, planning: Planning) -> list[tuple[Key, tuple[int, ...]]]:
    """(key, amounts) at an instant or at the end of a day, one more than the limit if there are more. Keys without any balance are left out."""
    reader, facts = _reader(of, planning), facts_of(planning).reader
    moment = Moment(*day_and_instant(at, planning))

    def read(page: KeyPage) -> tuple[list[tuple[Key, tuple[int, ...]]], int, Key | None]:
        rows = reader.balance_rows(facts.rows(reader.balances(page, moment, facts.dialect)), of.by, facts.dialect)
        told = [row for row in rows if any(of.seen(row[1]))]
        return told, len(rows), rows[-1][0] if rows else None

    return filled(of.page(of.limit + 1), of.limit + 1, read)


def day_and_instant(at: date, planning: Planning) -> tuple[int, int, int | None]:
    """The business day, today, and the instant in microseconds if it is not a whole day; what lies before or after all days is the first or last."""
    today = planning.moment.today.toordinal()
    if not isinstance(at, datetime) or not _DAYS[0] < at.toordinal() < _DAYS[1]:
        return min(max(at.toordinal(), _DAYS[0]), _DAYS[1]), today, None
    instant = to_microseconds(at)
    return day_of(instant, planning.moment.zone), today, instant


def turnover(query: Turnover, planning: Planning) -> dict[str, Any] | Problems:
    """What came in and went out by period and dimensions, with opening and closing balances if asked for."""
    of = asked(query, query.by, planning, places=1)
    span = _span(query, planning)
    if isinstance(of, Problems):
        return of
    if isinstance(span, Problems):
        return span
    if span.period != "span" and span.periods > PERIODS_MAX:
        return problems.too_many_periods(PERIODS_MAX)
    rows = _rows(of, span, planning)
    page = rows[: of.limit]
    shower, is_valued = Shower(planning), ValueRight(of, [row.key for row in page], planning)
    prepare_titles(of.register, of.by, [row.key for row in page], shower)
    return {
        "rows": [_shown(of, row, span, is_valued(row.key), shower) for row in page],
        "next": cursor(page[-1].key, page[-1].first) if len(rows) > of.limit else None,
    }


def _rows(of: Asked, span: Span, planning: Planning) -> list[TurnoverRow]:
    keys = min(of.limit + 1, max(2, ROWS_AT_ONCE // span.periods))

    def told(flows: Iterable[FlowRow]) -> Iterator[TurnoverRow]:
        return (row for row in rows_of(flows, span) if _follows(row.key, row.first, of))

    return filled(of.page(keys), of.limit + 1, lambda page: _read(of, span, page, planning, told))


def _follows(key: Key, first: int, of: Asked) -> bool:
    return of.after is None or key != of.after or (first,) > of.place


def _read(of: Asked, span: Span, page: KeyPage, planning: Planning, told: Any) -> tuple[list[Any], int, Key | None]:
    reader, facts = _reader(of, planning), facts_of(planning).reader
    flows = reader.turnover_rows(facts.rows(reader.turnover(page, span, facts.dialect)), of.by, facts.dialect)
    return (
        list(told(_seen(of, flow) for flow in flows)),
        len({flow.key for flow in flows}),
        flows[-1].key if flows else None,
    )


def _seen(of: Asked, flow: FlowRow) -> FlowRow:
    """Without a measure that is not told, so that nothing is told of keys and periods because of it."""
    if of.hidden is None:
        return flow
    return replace(flow, opening=of.seen(flow.opening), coming=of.seen(flow.coming), going=of.seen(flow.going))


def _shown(of: Asked, row: TurnoverRow, span: Span, is_valued: bool, shower: Shower) -> dict[str, Any]:
    kinds = {"in": row.coming, "out": row.going, "net": row.net}
    if span.opening:
        kinds = {"opening": row.opening, **kinds, "closing": row.closing}
    days = {"since": date.fromordinal(row.first).isoformat(), "until": date.fromordinal(row.last).isoformat()}
    return {**shown_numbers(of, row.key, kinds, is_valued, shower), **days}


def average(query: Average, planning: Planning) -> dict[str, Any] | Problems:
    """The mean of the balances at the ends of all days of a span, by dimensions."""
    of = asked(query, query.by, planning)
    span = _span(query, planning)
    if isinstance(of, Problems):
        return of
    if isinstance(span, Problems):
        return span
    days = span.until - span.since + 1
    if days > AVERAGE_DAYS_MAX:
        return problems.too_many_periods(AVERAGE_DAYS_MAX)

    def told(flows: Iterable[FlowRow]) -> Iterator[tuple[Key, tuple[int, ...]]]:
        return (row for row in averages(flows, span) if any(row[1]))

    first = of.page(min(of.limit + 1, max(2, ROWS_AT_ONCE // days)))
    rows = filled(first, of.limit + 1, lambda page: _read(of, span, page, planning, told))
    page = rows[: of.limit]
    shower, is_valued = Shower(planning), ValueRight(of, [key for key, _ in page], planning)
    prepare_titles(of.register, of.by, [key for key, _ in page], shower)
    shown = [shown_numbers(of, key, {"average": means}, is_valued(key), shower) for key, means in page]
    return {
        "since": date.fromordinal(span.since).isoformat(),
        "until": date.fromordinal(span.until).isoformat(),
        "days": days,
        "rows": shown,
        "next": cursor(page[-1][0]) if len(rows) > of.limit else None,
    }


def _reader(of: Asked, planning: Planning) -> TurnoverReader:
    return planning.release.turnover_readers[of.register.name]


def _span(query: Turnover | Average, planning: Planning) -> Span | Problems:
    """From the first of this month until today, unless it is said otherwise."""
    today = planning.moment.today
    since, until = (query.since or today.replace(day=1)).toordinal(), (query.until or today).toordinal()
    if not _DAYS[0] <= since <= until <= _DAYS[1]:
        return problems.bad_span()
    if isinstance(query, Average):
        return Span(since, until, "day", today.toordinal(), opening=True)
    if query.period not in PERIODS:
        return problems.bad_period(query.period, PERIODS)
    return Span(since, until, query.period, today.toordinal(), query.opening)  # type: ignore[arg-type]
