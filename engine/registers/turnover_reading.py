"""Virtual tables of a register: balances at a moment, turnover by period, with or without opening balances. Statements and decoding only.

Every statement begins with a page of keys (in key order, from the balances: nothing has moved that has none there), goes from those to
their full keys, and from these, by index, to month totals and to the movements of the months that are not whole. So what a page costs
depends on its keys, not on how much there is. All keys of the page come back, also those with nothing to tell: whoever asks leaves them
out, and goes on behind the last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)

from engine.registers.key_statements import decoded_key
from engine.registers.months import first_day, last_day, month_of_day
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, encode, rows_for, statement_text
from engine.statements import Execution

Period = Literal["day", "week", "month", "year", "span"]
PERIODS: Final[tuple[str, ...]] = get_args(Period)
"""How a span is cut; weeks begin on Monday, `span` is all of it."""
BACK_MONTHS: Final = 12
"""Balances of this many months ago and later are worked out from what is there now, older ones from the beginning."""
TEXTS_MAX: Final = 500
"""Ways of asking that are kept ready."""
_ZERO: Final[ColumnElement[int]] = literal_column("0")
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a statement by its kind, and its numbers: the same kinds always make the same statement."""

    kind: str
    numbers: tuple[int, ...] = ()


def _standing(moment: Moment) -> list[_Piece]:
    """What sums to the balances at a moment: those at the nearer end of its month, and the movements between."""
    if moment.day < 1:
        return []
    month = month_of_day(moment.day)
    first, last = first_day(month), last_day(month)
    if moment.day - first < _MIDDLE:
        pieces = _month_start(month, moment.today)
        if moment.instant is None:
            return [*pieces, _Piece("and_days", (first, moment.day))]
        return [*pieces, _Piece("and_until", (first, moment.day, moment.instant))]
    pieces = _month_start(month_of_day(last + 1), moment.today)
    if moment.instant is not None:
        return [*pieces, _Piece("less_since", (moment.day, last, moment.instant))]
    return [*pieces, _Piece("less_days", (moment.day + 1, last))] if moment.day < last else pieces


def _month_start(month: int, today: int) -> list[_Piece]:
    """What sums to the balances before a month: all totals before it, or what is there now without those from it on."""
    now = month_of_day(today)
    if (now // 100 - month // 100) * 12 + now % 100 - month % 100 > BACK_MONTHS:
        return [_Piece("and_before", (month,))]
    return [_Piece("now"), _Piece("less_from", (month,))]


def _moved(span: Span) -> list[_Piece]:
    """What sums to the turnover in a span: totals of its whole months, and movements of the others."""
    if span.period in ("day", "week"):
        return [_Piece(f"by_{span.period}", (span.since, span.until))]
    first, last = month_of_day(span.since), month_of_day(span.until)
    pieces = []
    if span.since > first_day(first) or (first == last and span.until < last_day(last)):
        until = min(last_day(first), span.until)
        pieces.append(_Piece("in_days", (span.since, until, span.label(span.since))))
        first = month_of_day(last_day(first) + 1)
    if first <= last and span.until < last_day(last):
        pieces.append(_Piece("in_days", (first_day(last), span.until, span.label(span.until))))
        last = month_of_day(first_day(last) - 1)
    return [*pieces, _Piece(f"in_months_{span.period}", (first, last))] if first <= last else pieces


class TurnoverReader:
    """Reads one register's balances and turnover over time; statements are made once for each way of asking."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._register = tables.register
        self._texts: dict[tuple[Any, ...], tuple[str, tuple[str, ...]]] = {}

    def balances(self, page: KeyPage, moment: Moment, dialect: Dialect) -> Execution:
        """(key, measures) of a page of keys at a moment, in key order."""
        return self._execution(page, [_Piece("nothing"), *_standing(moment)], ("open",), None, dialect)

    def turnover(self, page: KeyPage, span: Span, dialect: Dialect) -> Execution:
        """(key, period, opening, in, out of the measures) of a page of keys, in order of key and period."""
        pieces = [_Piece("nothing"), *_moved(span)]
        pieces += _standing(Moment(span.since - 1, span.today)) if span.opening else []
        return self._execution(page, pieces, ("open", "in", "out"), span, dialect)

    def _execution(
        self, page: KeyPage, pieces: Sequence[_Piece], kinds: tuple[str, ...], span: Span | None, dialect: Dialect
    ) -> Execution:
        shape = (page.by, tuple(page.where), page.after is None, page.again, tuple(p.kind for p in pieces), kinds)
        found = self._texts.get((shape, dialect))
        if found is None:
            parts = _Parts(self._tables, page, kinds)
            made = parts.summed([parts.part(at, piece.kind) for at, piece in enumerate(pieces)])
            if len(self._texts) >= TEXTS_MAX:
                self._texts.clear()
            found = self._texts[shape, dialect] = statement_text(made, dialect)
        given: dict[str, Any] = {f"p{at}_{n}": v for at, p in enumerate(pieces) for n, v in enumerate(p.numbers)}
        given |= {"keys": page.keys, "first": span.label(span.since) if span else 0}
        given |= self._cells("w", page.where.items(), dialect)
        given |= self._cells("k", zip(page.by, page.after or (), strict=False), dialect)
        return Execution(found[0], rows_for(dialect, found[1], [given]))

    def _cells(self, mark: str, key: Iterable[tuple[int, Any]], dialect: Dialect) -> dict[str, Any]:
        return {f"{mark}{at}": encode(self._register.dimensions[at].storage, part, dialect) for at, part in key}

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
    """The parts of one statement: each a select of (key, period if there are any, amounts of each kind), to be summed together. Everything
    that differs from one question to the next is a parameter."""

    def __init__(self, tables: RegisterTables, page: KeyPage, kinds: tuple[str, ...]) -> None:
        self._tables, self._kinds = tables, kinds
        self._by = tables.grain_keys(page.by)
        self._page = self._paged(page) if page.by else None
        self._cells = self._celled(page)

    def _paged(self, page: KeyPage) -> CTE:
        """The keys of the page."""
        source = self._tables.smallest_balance({*page.by, *page.where})
        keys = [source.c[k] for k in self._by]
        query = select(*keys).where(*self._filters(source, page))
        if page.after is not None:
            start = tuple_(*(bindparam(f"k{at}", type_=k.type) for at, k in zip(page.by, keys, strict=True)))
            query = query.where(tuple_(*keys) >= start if page.again else tuple_(*keys) > start)
        if len(page.by) < len(source.primary_key.columns):
            query = query.distinct()
        return query.order_by(*keys).limit(bindparam("keys", type_=Integer)).offset(_ZERO).cte("page")

    def _celled(self, page: KeyPage) -> CTE:
        """The full keys that lie under the keys of the page."""
        if self._page is not None and len(page.by) == len(self._tables.keys):
            return self._page
        b, own = self._tables.balances[0], self._page
        query = select(*(b.c[k] for k in self._tables.keys))
        if own is not None:
            query = query.join_from(own, b, and_(*(b.c[k] == own.c[k] for k in self._by)))
        return query.where(*self._filters(b, page)).cte("cells")

    def _filters(self, source: Any, page: KeyPage) -> list[ColumnElement[bool]]:
        columns = ((at, source.c[self._tables.keys[at]]) for at in page.where)
        return [column == bindparam(f"w{at}", type_=column.type) for at, column in columns]

    def summed(self, parts: Sequence[Select[Any]]) -> Select[Any]:
        """The parts together."""
        all_ = union_all(*parts).subquery()
        keys = [all_.c[k] for k in self._by] + ([all_.c.period] if "in" in self._kinds else [])
        sums = [func.sum(all_.c[f"{kind}_{a}"]) for kind in self._kinds for a in self._tables.amounts]
        query = select(*keys, *sums)
        return query.group_by(*keys).order_by(*keys) if keys else query

    def part(self, at: int, kind: str) -> Select[Any]:
        """The piece of a kind at its place among the others."""

        def number(n: int) -> ColumnElement[int]:
            return bindparam(f"p{at}_{n}", type_=BigInteger)

        t, m, first = self._tables.totals, self._tables.movements, bindparam("first", type_=BigInteger)
        days = [m.c.day >= number(0), m.c.day <= number(1)]
        if kind == "nothing":
            return self._columns(self._page, first, {})
        if kind == "now":
            return self._opening(self._tables.balances[0], [], 1)
        if kind in ("and_before", "less_from"):
            is_before = kind == "and_before"
            months = t.c.month < number(0) if is_before else t.c.month >= number(0)
            return self._opening(t, [months], 1 if is_before else -1)
        if kind in ("and_days", "less_days"):
            return self._opening(m, days, 1 if kind == "and_days" else -1)
        if kind == "and_until":
            return self._opening(m, [*days, m.c.effective <= number(2)], 1)
        if kind == "less_since":
            return self._opening(m, [*days, m.c.effective > number(2)], -1)
        if kind.startswith("in_months_"):
            amounts = {(way, a): t.c[f"{way}_{a}"] for way in ("in", "out") for a in self._tables.amounts}
            label = {"month": t.c.month, "year": t.c.month // literal_column("100")}.get(kind[10:], first)
            return self._columns(self._cells, label, amounts, t, [t.c.month >= number(0), t.c.month <= number(1)])
        week = m.c.day - (m.c.day - literal_column("1")) % literal_column("7")
        label = {"in_days": number(2), "by_day": m.c.day, "by_week": week}[kind]
        return self._columns(self._cells, label, self._ways(m), m, days)

    def _ways(self, m: Any) -> dict[tuple[str, str], ColumnElement[int]]:
        amounts: dict[tuple[str, str], ColumnElement[int]] = {}
        for a in self._tables.amounts:
            amounts["in", a] = case((m.c[a] > _ZERO, m.c[a]), else_=_ZERO)
            amounts["out", a] = case((m.c[a] < _ZERO, -m.c[a]), else_=_ZERO)
        return amounts

    def _opening(self, source: Any, where: Sequence[ColumnElement[bool]], sign: int) -> Select[Any]:
        def net(name: str) -> ColumnElement[int]:
            held = name in source.c
            change: ColumnElement[int] = source.c[name] if held else source.c[f"in_{name}"] - source.c[f"out_{name}"]
            return change if sign > 0 else -change

        amounts = {("open", a): net(a) for a in self._tables.amounts}
        return self._columns(self._cells, bindparam("first", type_=BigInteger), amounts, source, where)

    def _columns(
        self,
        keys: CTE | None,
        label: ColumnElement[int],
        amounts: Mapping[tuple[str, str], ColumnElement[int]],
        source: Any = None,
        where: Sequence[ColumnElement[bool]] = (),
    ) -> Select[Any]:
        """A part: of `source`, joined by its full key, or of the `keys` themselves."""
        query = select(
            *(keys.c[k] for k in self._by if keys is not None),
            *([label.label("period")] if "in" in self._kinds else []),
            *(amounts.get((kind, a), _ZERO).label(f"{kind}_{a}") for kind in self._kinds for a in self._tables.amounts),
        )
        if source is not None and keys is not None:
            query = query.join_from(keys, source, and_(*(source.c[k] == keys.c[k] for k in self._tables.keys)))
        return query.where(*where)
