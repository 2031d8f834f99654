"""Virtual tables of a register: balances at a moment, turnover by period, with or without opening balances. Statements and decoding only.

Every statement begins with a page of keys (in key order, from the balances: nothing has moved that has none there), goes from those to
their full keys, and from these, by index, to month totals and to the movements of the months that are not whole. So what a page costs
depends on its keys, not on how much there is. All keys of the page come back, also those with nothing to tell: whoever asks leaves them
out, and goes on behind the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from sqlalchemy import CTE, BigInteger, ColumnElement, Select, and_, case, func, literal, select, tuple_, union_all

from engine.registers.key_statements import decoded_key, key_filters
from engine.registers.months import first_day, last_day, month_of_day
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, encode

Period = Literal["day", "week", "month", "year", "span"]
PERIODS: Final[tuple[str, ...]] = get_args(Period)
"""How a span is cut; weeks begin on Monday, `span` is all of it."""
BACK_MONTHS: Final = 12
"""Balances of this many months ago and later are worked out from what is there now, older ones from the beginning."""
_MIDDLE: Final = 15
"""Up to this day of a month its beginning is nearer, later on its end."""


@dataclass(frozen=True, slots=True)
class KeyPage:
    """The next `keys` keys `by` dimensions (positions), for the key parts in `where` ({position: value}), behind the key `after`, or
    from it on (`again`: there is more of it to tell)."""

    by: tuple[int, ...]
    where: Mapping[int, Any]
    after: tuple[Any, ...] | None
    keys: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """The end of a `day` (ordinal), or within it the `instant` (microseconds). `today` tells from where it is nearer."""

    day: int
    today: int
    instant: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The days `since` to `until` (ordinals, both included), cut into periods, with what was there before if `opening`."""

    since: int
    until: int
    period: Period
    today: int
    opening: bool = False

    def label(self, day: int) -> int:
        """The number by which statements know the period of a day."""
        if self.period == "span":
            return 0
        if self.period in ("month", "year"):
            return month_of_day(day) // (1 if self.period == "month" else 100)
        return day if self.period == "day" else day - (day - 1) % 7

    def days(self, label: int) -> tuple[int, int]:
        """First and last day of a period, within the span."""
        first, last = {
            "day": lambda: (label, label),
            "week": lambda: (label, label + 6),
            "month": lambda: (first_day(label), last_day(label)),
            "year": lambda: (first_day(label * 100 + 1), last_day(label * 100 + 12)),
            "span": lambda: (self.since, self.until),
        }[self.period]()
        return max(first, self.since), min(last, self.until)

    @property
    def periods(self) -> int:
        """How many there are, at most."""
        if self.period in ("day", "week"):
            return (self.until - self.since) // (1 if self.period == "day" else 7) + 2
        first, last = divmod(month_of_day(self.since), 100), divmod(month_of_day(self.until), 100)
        years = last[0] - first[0]
        return {"month": 12 * years + last[1] - first[1] + 1, "year": years + 1}.get(self.period, 1)


@dataclass(frozen=True, slots=True)
class FlowRow:
    """What came in and went out of a key in a period, in scaled units by measure; `opening` was there before the whole span (told once,
    in its first period)."""

    key: tuple[Any, ...]
    label: int
    opening: tuple[int, ...]
    coming: tuple[int, ...]
    going: tuple[int, ...]


class TurnoverReader:
    """Reads one register's balances and turnover over time."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._register = tables.register

    def balances(self, page: KeyPage, moment: Moment, dialect: Dialect) -> Select[Any]:
        """(key, measures) of a page of keys at a moment, in key order."""
        parts = _Parts(self._tables, page, dialect)
        return parts.summed([parts.nothing(), *parts.standing(moment)])

    def turnover(self, page: KeyPage, span: Span, dialect: Dialect) -> Select[Any]:
        """(key, period, opening, in, out of the measures) of a page of keys, in order of key and period."""
        parts = _Parts(self._tables, page, dialect, ("open", "in", "out"), span)
        rows = [parts.nothing(), *parts.moved()]
        if span.opening:
            rows += parts.standing(Moment(span.since - 1, span.today))
        return parts.summed(rows)

    def balance_rows(
        self, rows: Sequence[Sequence[Any]], by: tuple[int, ...], dialect: Dialect
    ) -> list[tuple[tuple[Any, ...], tuple[int, ...]]]:
        """Rows of `balances` → (key, amounts)."""
        return [
            (decoded_key(self._register, row[: len(by)], by, dialect), tuple(int(a or 0) for a in row[len(by) :]))
            for row in rows
        ]

    def turnover_rows(self, rows: Sequence[Sequence[Any]], by: tuple[int, ...], dialect: Dialect) -> list[FlowRow]:
        """Rows of `turnover` → flows."""
        width, count = len(by), len(self._tables.amounts)
        made = []
        for row in rows:
            numbers = [int(n or 0) for n in row[width + 1 :]]
            kinds = (tuple(numbers[at * count : (at + 1) * count]) for at in range(3))
            made.append(FlowRow(decoded_key(self._register, row[:width], by, dialect), int(row[width]), *kinds))
        return made


class _Parts:
    """The parts of one statement: each a select of (key, period if there is a span, amounts of each kind), to be summed together."""

    def __init__(
        self,
        tables: RegisterTables,
        page: KeyPage,
        dialect: Dialect,
        kinds: tuple[str, ...] = ("open",),
        span: Span | None = None,
    ) -> None:
        self._tables, self._dialect, self._kinds, self._span = tables, dialect, kinds, span
        self._by = tables.grain_keys(page.by)
        self._page = self._paged(page) if page.by else None
        self._cells = self._celled(page)

    def _paged(self, page: KeyPage) -> CTE:
        """The keys of the page."""
        source = self._tables.smallest_balance({*page.by, *page.where})
        keys = [source.c[k] for k in self._by]
        query = select(*keys).where(*key_filters(self._tables, source, page.where, self._dialect))
        if page.after is not None:
            dimensions = self._tables.register.dimensions
            start = tuple_(
                *(
                    literal(encode(dimensions[at].storage, part, self._dialect), k.type)
                    for at, part, k in zip(page.by, page.after, keys, strict=True)
                )
            )
            query = query.where(tuple_(*keys) >= start if page.again else tuple_(*keys) > start)
        if len(page.by) < len(source.primary_key.columns):
            query = query.distinct()
        return query.order_by(*keys).limit(page.keys).cte("page")

    def _celled(self, page: KeyPage) -> CTE:
        """The full keys that lie under the keys of the page."""
        if self._page is not None and len(page.by) == len(self._tables.keys):
            return self._page
        b, own = self._tables.balances[0], self._page
        query = select(*(b.c[k] for k in self._tables.keys))
        if own is not None:
            query = query.join_from(own, b, and_(*(b.c[k] == own.c[k] for k in self._by)))
        return query.where(*key_filters(self._tables, b, page.where, self._dialect)).cte("cells")

    def nothing(self) -> Select[Any]:
        """Every key of the page, with nothing (in the first period)."""
        zero = {(kind, a): literal(0, BigInteger) for kind in self._kinds for a in self._tables.amounts}
        return self._columns(self._page, self._first(), zero)

    def summed(self, parts: Sequence[Select[Any]]) -> Select[Any]:
        """The parts together."""
        all_ = union_all(*parts).subquery()
        keys = [all_.c[k] for k in self._by] + ([all_.c.period] if self._span else [])
        sums = [func.sum(all_.c[f"{kind}_{a}"]) for kind in self._kinds for a in self._tables.amounts]
        query = select(*keys, *sums)
        return query.group_by(*keys).order_by(*keys) if keys else query

    def standing(self, moment: Moment) -> list[Select[Any]]:
        """What sums to the balances at a moment: those at the nearer end of its month, and the movements between."""
        if moment.day < 1:
            return []
        month = month_of_day(moment.day)
        first, last, m = first_day(month), last_day(month), self._tables.movements
        from_start = moment.day - first < _MIDDLE
        parts = self._month_end(month, moment.today, before=from_start)
        if from_start:
            within = [m.c.day >= _number(first), m.c.day <= _number(moment.day)]
            instant = [] if moment.instant is None else [m.c.effective <= _number(moment.instant)]
            return [*parts, self._opening(m, [*within, *instant], 1)]
        if moment.instant is None:
            within = [m.c.day > _number(moment.day), m.c.day <= _number(last)]
            return [*parts, self._opening(m, within, -1)] if moment.day < last else parts
        within = [m.c.day >= _number(moment.day), m.c.day <= _number(last), m.c.effective > _number(moment.instant)]
        return [*parts, self._opening(m, within, -1)]

    def _month_end(self, month: int, today: int, *, before: bool) -> list[Select[Any]]:
        """What sums to the balances at the end of a month, or of the one `before`."""
        t, now = self._tables.totals, month_of_day(today)
        if (now // 100 - month // 100) * 12 + now % 100 - month % 100 > BACK_MONTHS:
            return [self._opening(t, [t.c.month < _number(month) if before else t.c.month <= _number(month)], 1)]
        later = t.c.month >= _number(month) if before else t.c.month > _number(month)
        return [self._opening(self._tables.balances[0], [], 1), self._opening(t, [later], -1)]

    def _opening(self, source: Any, where: Sequence[ColumnElement[bool]], sign: int) -> Select[Any]:
        def net(name: str) -> ColumnElement[int]:
            change: ColumnElement[int] = (
                source.c[name] if name in source.c else source.c[f"in_{name}"] - source.c[f"out_{name}"]
            )
            return change if sign > 0 else -change

        amounts = {("open", a): net(a) for a in self._tables.amounts}
        return self._columns(self._cells, self._first(), amounts, source, where)

    def moved(self) -> list[Select[Any]]:
        """What sums to the turnover in the span: totals of its whole months, and movements of the others."""
        assert self._span is not None
        span, m, t = self._span, self._tables.movements, self._tables.totals
        if span.period in ("day", "week"):
            day = m.c.day if span.period == "day" else m.c.day - (m.c.day - 1) % 7
            return [self._movements(span.since, span.until, day)]
        first, last = month_of_day(span.since), month_of_day(span.until)
        parts = []
        if span.since > first_day(first) or (first == last and span.until < last_day(last)):
            until = min(last_day(first), span.until)
            parts.append(self._movements(span.since, until, _number(span.label(span.since))))
            first = month_of_day(last_day(first) + 1)
        if first <= last and span.until < last_day(last):
            parts.append(self._movements(first_day(last), span.until, _number(span.label(span.until))))
            last = month_of_day(first_day(last) - 1)
        if first <= last:
            amounts = {(kind, a): t.c[f"{kind}_{a}"] for kind in ("in", "out") for a in self._tables.amounts}
            label = {"month": t.c.month, "year": t.c.month // 100}.get(span.period, _number(0))
            whole = [t.c.month >= _number(first), t.c.month <= _number(last)]
            parts.append(self._columns(self._cells, label, amounts, t, whole))
        return parts

    def _movements(self, since: int, until: int, label: ColumnElement[int]) -> Select[Any]:
        m, zero = self._tables.movements, literal(0, BigInteger)
        amounts: dict[tuple[str, str], Any] = {}
        for a in self._tables.amounts:
            amounts["in", a] = case((m.c[a] > zero, m.c[a]), else_=zero)
            amounts["out", a] = case((m.c[a] < zero, -m.c[a]), else_=zero)
        days = [m.c.day >= _number(since), m.c.day <= _number(until)]
        return self._columns(self._cells, label, amounts, m, days)

    def _first(self) -> ColumnElement[int] | None:
        return _number(self._span.label(self._span.since)) if self._span else None

    def _columns(
        self,
        keys: CTE | None,
        label: ColumnElement[int] | None,
        amounts: Mapping[tuple[str, str], ColumnElement[int]],
        source: Any = None,
        where: Sequence[ColumnElement[bool]] = (),
    ) -> Select[Any]:
        """A part: of `source`, joined by its full key, or of the `keys` themselves."""
        zero = literal(0, BigInteger)
        query = select(
            *(keys.c[k] for k in self._by if keys is not None),
            *([] if label is None else [label.label("period")]),
            *(amounts.get((kind, a), zero).label(f"{kind}_{a}") for kind in self._kinds for a in self._tables.amounts),
        )
        if source is not None and keys is not None:
            query = query.join_from(keys, source, and_(*(source.c[k] == keys.c[k] for k in self._tables.keys)))
        return query.where(*where)


def _number(value: int) -> ColumnElement[int]:
    return literal(value, BigInteger)
