"""Questions about the keys of a register: what is asked, by pages in key order, and whose value may be told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.planning import Planning
from engine.actions.register_keys import read_part, read_where, seen_register, shown_key
from engine.actions.showing import Shower
from engine.problems import Problems
from engine.registers import KeyPage, PoolReader, Register, shows_value, value_is_by_lot, value_is_split
from engine.values import from_scaled, read_cursor, write_cursor, write_decimal

KEYS_AT_ONCE: Final = 5_000
"""Keys of one statement, when there is nothing to tell of many."""
Key = tuple[Any, ...]
Row = TypeVar("Row")
Amounts = Sequence[int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a register: `by` positions of dimensions, `where` parts of keys; `after` is the key the page before ended with, and
    `place` what its row was (within the key)."""

    register: Register
    by: tuple[int, ...]
    where: Mapping[int, Any]
    after: Key | None
    place: tuple[int, ...]
    limit: int

    @property
    def hidden(self) -> int | None:
        """The measure that is not told of any key: the value, by dimensions that divide pools."""
        valuation = self.register.valuation
        is_split = value_is_split(self.register, sorted({*self.by, *self.where}))
        return valuation.value if valuation is not None and is_split else None

    def seen(self, amounts: Amounts) -> tuple[int, ...]:
        """Amounts of all measures, with nothing for the hidden one."""
        return tuple(0 if at == self.hidden else a for at, a in enumerate(amounts))

    def page(self, keys: int) -> KeyPage:
        """The first page of keys: behind the last key told, or with it if more of it may follow."""
        return KeyPage(self.by, self.where, self.after, keys, again=bool(self.place))


def asked(
    query: Any, by: Sequence[str] | None, planning: Planning, *, places: int = 0, of: Sequence[int] | None = None
) -> Asked | Problems:
    """Read a query with `register`, `where`, `after`, `limit`, by dimensions (None: all). Its cursor names `places` numbers beside the
    key. With `of`, only these dimensions may be used."""
    register = seen_register(query.register, planning)
    if isinstance(register, Problems):
        return register
    known = tuple(d.name for d in register.dimensions)
    usable = tuple(known[at] for at in (range(len(known)) if of is None else of))
    for name in (*(by or ()), *query.where):
        if name not in usable:
            return problems.bad_dimension(name, usable)
    where = read_where(register, query.where, known)
    if isinstance(where, Problems):
        return where
    positions = tuple(known.index(name) for name in dict.fromkeys(usable if by is None else by))
    made = Asked(register, positions, where, None, (), query.limit)
    if not query.after:
        return made
    found = _read_cursor(query.after, register, positions, places)
    return found if isinstance(found, Problems) else replace(made, after=found[0], place=found[1])


def cursor(key: Key, *place: int) -> str:
    """Where a page ended."""
    return write_cursor([*(str(part) for part in key), *place])


def _read_cursor(
    text: str, register: Register, by: Sequence[int], places: int
) -> tuple[Key, tuple[int, ...]] | Problems:
    """What `cursor` wrote."""
    try:
        parts = read_cursor(text)
        key = tuple(read_part(register.dimensions[at], part) for at, part in zip(by, parts[: len(by)], strict=True))
        place = tuple(int(part) for part in parts[len(by) :])
    except (ValueError, TypeError):
        return problems.cursor_unreadable()
    return (key, place) if len(place) == places else problems.cursor_unreadable()


def filled(page: KeyPage, enough: int, read: Callable[[KeyPage], tuple[list[Row], int, Key | None]]) -> list[Row]:
    """Rows of as many pages of keys as it takes to have `enough`. `read` answers with the rows worth telling of a page, how many keys it
    had, and the last of these."""
    found: list[Row] = []
    while True:
        rows, keys, last = read(page)
        found += rows
        if len(found) >= enough or keys < page.keys or not page.by:
            return found
        page = replace(page, after=last, again=False, keys=min(4 * page.keys, KEYS_AT_ONCE))


class ValueRight:
    """Tells of which keys the value may be told: balances by dimensions that divide pools have none (what moves within a pool moves no
    value), and where lots are not what pools are kept by, a lot has none."""

    def __init__(self, of: Asked, keys: Sequence[Key], planning: Planning) -> None:
        register, used = of.register, {*of.by, *of.where}
        self._split = of.hidden is not None
        self._wide: tuple[int, ...] = ()
        self._mixed: frozenset[Key] = frozenset()
        if self._split or not value_is_by_lot(register, sorted(used)) or not keys:
            return
        assert register.valuation is not None
        lot = register.valuation.lot
        self._wide = tuple(step for step, at in enumerate(of.by) if at != lot)
        by = tuple(of.by[step] for step in self._wide)
        pools, reader = PoolReader(planning.release.register_tables[register.name]), facts_of(planning).reader
        wanted = sorted({self._without_lot(key) for key in keys}, key=str)
        where = {at: value for at, value in of.where.items() if at != lot}
        rows = reader.rows(pools.unsplit(by, wanted, where, reader.dialect))
        self._mixed = pools.unsplit_rows(rows, by, reader.dialect)

    def __call__(self, key: Key) -> bool:
        """May the value of this key be told?"""
        return not self._split and self._without_lot(key) not in self._mixed

    def _without_lot(self, key: Key) -> Key:
        return tuple(key[step] for step in self._wide)


def shown_amounts(register: Register, amounts: Amounts, is_valued: bool) -> dict[str, str | None]:
    """Measures by name; the value is None unless it may be told."""
    hidden = None if is_valued or register.valuation is None else register.valuation.value
    return {
        m.name: None if at == hidden else write_decimal(from_scaled(a, m.scale))
        for at, (m, a) in enumerate(zip(register.measures, amounts, strict=True))
    }


def shown_figures(register: Register, amounts: Amounts, is_valued: bool) -> dict[str, str | None]:
    """Figures by name; those with the value in them are None unless it may be told."""
    shown: dict[str, str | None] = {}
    for f in register.figures:
        total = sum(x * a for x, a in zip(f.factors, amounts, strict=True))
        is_told = is_valued or not shows_value(register, f.factors)
        shown[f.name] = write_decimal(from_scaled(total, register.scale_of(f.factors))) if is_told else None
    return shown


def shown_numbers(of: Asked, key: Key, kinds: Mapping[str, Amounts], is_valued: bool, shower: Shower) -> dict[str, Any]:
    """A row: its key, and of each measure all `kinds` of amounts by name."""
    shown = {kind: shown_amounts(of.register, amounts, is_valued) for kind, amounts in kinds.items()}
    return {
        "key": shown_key(of.register, of.by, key, shower),
        "measures": {m.name: {kind: numbers[m.name] for kind, numbers in shown.items()} for m in of.register.measures},
    }
