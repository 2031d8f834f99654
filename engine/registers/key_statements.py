"""Statements about the movements of one key: how low a sum of measures gets from a moment on, which counts come later, and what a balance
was. Made once a register, run under the locks of a posting.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from engine.registers.definition import Constraint, Register
from engine.registers.tables import RegisterTables
from engine.rules.columns import Dialect, decode, encode, rows_for, statement_text
from engine.statements import Execution

_ZERO: ColumnElement[int] = literal_column("0")
_ONE: ColumnElement[int] = literal_column("1")
Grain = tuple[int, ...]
Weights = tuple[tuple[int, ...], int, Grain]
"""(factors, offset, grain) of a sum of measures."""


class KeyStatements:
    """The statements of one register, as text of a dialect, made when first needed."""

    def __init__(self, tables: RegisterTables) -> None:
        self._tables = tables
        self._texts: dict[tuple[Any, ...], tuple[str, tuple[str, ...]]] = {}

    def lowest(self, constraint: int, key: Sequence[Any], since: int, dialect: Dialect) -> Execution:
        """(day, slack) of the first moment from the end of the day `since` on at which a constraint does not hold at a key of its grain."""
        made = self._tables.register.constraints[constraint]
        text = self._text(("lowest", constraint, dialect), lambda: self._lowest(made), dialect)
        return self._execution(text, made.of, key, {"since": since, **self._counting}, dialect)

    def least(self, weights: Weights, key: Sequence[Any], since: int, dialect: Dialect) -> Execution:
        """The least that a sum of measures is at a key of its grain, from the end of the day `since` on."""
        text = self._text(("least", weights, dialect), lambda: self._least(*weights), dialect)
        return self._execution(text, weights[2], key, {"since": since, **self._counting}, dialect)

    def counts_after(self, key: Sequence[Any], since: int, dialect: Dialect) -> Execution:
        """(measure, day, id, effective time, form, record, line, posting, entry) of the counts of a full key after the day `since`, in order, that
        stand."""
        text = self._text(("counts", dialect), self._counts_after, dialect)
        return self._execution(text, self._tables.register.grains[0], key, {"since": since}, dialect)

    def balance_at(self, key: Sequence[Any], day: int, dialect: Dialect) -> Execution:
        """All measures of a full key at the end of a day."""
        text = self._text(("balance", dialect), self._balance_at, dialect)
        return self._execution(text, self._tables.register.grains[0], key, {"since": day}, dialect)

    def grown(self, record: UUID, seen: int, dialect: Dialect) -> Execution:
        """A row if a count of a record has booked more since the movement `seen`."""
        sql, order = self._text(("grown", dialect), self._grown, dialect)
        return Execution(sql, rows_for(dialect, order, [{"record": encode("id", record, dialect), "seen": seen}]))

    def _text(self, name: tuple[Any, ...], make: Any, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
        found = self._texts.get(name)
        if found is None:
            sql, order = statement_text(make(), dialect)
            found = self._texts[name] = (sql + " LIMIT 1" if name[0] == "lowest" else sql, order)
        return found

    def _execution(
        self,
        text: tuple[str, tuple[str, ...]],
        grain: Sequence[int],
        key: Sequence[Any],
        others: Mapping[str, Any],
        dialect: Dialect,
    ) -> Execution:
        row = {**key_row(self._tables, grain, key, dialect), **others}
        return Execution(text[0], rows_for(dialect, text[1], [row]))

    def _at(self, source: Any, grain: Sequence[int]) -> list[ColumnElement[bool]]:
        return [source.c[k] == bindparam(k, type_=source.c[k].type) for k in self._tables.grain_keys(grain)]

    def _weighed(self, source: Any, factors: Sequence[int]) -> ColumnElement[int]:
        terms = [
            literal_column(str(f)) * source.c[name] for f, name in zip(factors, self._tables.amounts, strict=True) if f
        ]
        total: ColumnElement[int] = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def _over_time(self, factors: Sequence[int], offset: int, of: Grain) -> Any:
        """(day, seq, after): a sum of measures at the end of the day `since`, and after each later moment. It is what it is now without all
        that came later. What one record moved in one go is one moment; what a count booked later, because something was inserted before
        it or it was undone, belongs to the moment of the count."""
        m, b = self._tables.movements, self._tables.balances[self._tables.register.grains.index(of)]
        amount = self._weighed(m, factors).label("amount")
        moved = (
            select(m.c.day, m.c.record_id, self._of_count(m.c.posted_at), self._of_count(m.c.id), amount)
            .where(*self._at(m, of), m.c.day > bindparam("since"))
            .subquery()
        )
        later = (
            select(moved.c.day, func.max(moved.c.id).label("seq"), func.sum(moved.c.amount).label("change"))
            .group_by(moved.c.day, moved.c.posted_at, moved.c.record_id)
            .subquery()
        )
        slack = self._weighed(b, factors) + literal_column(str(offset))
        now = select(slack).where(*self._at(b, of)).scalar_subquery()
        backwards = func.sum(later.c.change).over(order_by=(later.c.day.desc(), later.c.seq.desc()))
        own = select(
            bindparam("since", type_=BigInteger).label("day"),
            _ZERO.label("seq"),
            (now - func.coalesce(select(func.sum(later.c.change)).scalar_subquery(), _ZERO)).label("after"),
        )
        after = select(later.c.day, later.c.seq, (now - backwards + later.c.change).label("after"))
        return union_all(own, after).subquery()

    def _lowest(self, constraint: Constraint) -> Select[Any]:
        then = self._over_time(constraint.factors, constraint.offset, constraint.of)
        broken = then.c.after <= _ZERO if constraint.strict else then.c.after < _ZERO
        return select(then.c.day, then.c.after).where(broken).order_by(then.c.day, then.c.seq)

    def _least(self, factors: Sequence[int], offset: int, of: Grain) -> Select[Any]:
        return select(func.min(self._over_time(factors, offset, of).c.after))

    @property
    def _counting(self) -> dict[str, str]:
        """The postings that count, as parameters."""
        counting = [p.name for p in self._tables.register.postings if p.do == "set"]
        return {f"counting_{at}": name for at, name in enumerate(counting)}

    def _of_count(self, column: Any) -> ColumnElement[Any]:
        """A column of a movement, or for one that a count made, of the count's first; so too for what undoes it: it never was."""
        if not self._counting:
            return column.label(column.name)  # type: ignore[no-any-return]
        m = self._tables.movements
        c, undone = m.alias(), m.alias()
        same = (c.c.record_id == m.c.record_id, c.c.sets.is_not(None))
        first = select(func.min(c.c[column.name])).where(*same).correlate(m).scalar_subquery()

        def counts(table: Any) -> ColumnElement[bool]:
            return or_(*(table.c.posting == bindparam(name, type_=m.c.posting.type) for name in self._counting))

        undoes = select(_ONE).where(undone.c.id == m.c.reverses, counts(undone)).correlate(m).exists()
        is_count = or_(counts(m), and_(m.c.reverses.is_not(None), undoes))
        return case((is_count, func.coalesce(first, column)), else_=column).label(column.name)

    def _counts_after(self) -> Select[Any]:
        m = self._tables.movements
        undone = m.alias()
        stands = ~select(_ONE).where(undone.c.reverses == m.c.id).exists()
        full = self._tables.register.grains[0]
        entry = m.c.entry if self._tables.costs is not None else literal_column("NULL")
        columns = (m.c.sets, m.c.day, m.c.id, m.c.effective, m.c.form, m.c.record_id, m.c.line_id, m.c.posting, entry)
        later = m.c.day > bindparam("since")
        return (
            select(*columns).where(*self._at(m, full), later, m.c.sets.is_not(None), stands).order_by(m.c.day, m.c.id)
        )

    def _grown(self) -> Select[Any]:
        m = self._tables.movements
        own = [m.c.reverses.is_(None)] + ([m.c.corrects.is_(None)] if self._tables.costs is not None else [])
        record = m.c.record_id == bindparam("record", type_=m.c.record_id.type)
        return select(_ONE).where(record, m.c.id > bindparam("seen", type_=BigInteger), *own)

    def _balance_at(self) -> Select[Any]:
        m, b, full = self._tables.movements, self._tables.balances[0], self._tables.register.grains[0]
        sums = []
        for name in self._tables.amounts:
            now = select(b.c[name]).where(*self._at(b, full)).scalar_subquery()
            later = select(func.sum(m.c[name])).where(*self._at(m, full), m.c.day > bindparam("since"))
            sums.append(func.coalesce(now, _ZERO) - func.coalesce(later.scalar_subquery(), _ZERO))
        return select(*sums)


def key_row(tables: RegisterTables, grain: Sequence[int], key: Sequence[Any], dialect: Dialect) -> dict[str, Any]:
    """A key of a grain as parameters, by its columns."""
    return {
        tables.keys[at]: encode(tables.register.dimensions[at].storage, part, dialect)
        for at, part in zip(grain, key, strict=True)
    }


def key_filters(
    tables: RegisterTables, source: Any, where: Mapping[int, Any], dialect: Dialect
) -> list[ColumnElement[bool]]:
    """Conditions on parts of the key ({position: value}) in a table of the register."""
    return [
        source.c[tables.keys[at]] == encode(tables.register.dimensions[at].storage, value, dialect)
        for at, value in where.items()
    ]


def decoded_key(register: Register, cells: Sequence[Any], grain: Sequence[int], dialect: Dialect) -> tuple[Any, ...]:
    """A key of a grain as columns hold it → its values."""
    return tuple(decode(register.dimensions[at].storage, cell, dialect) for at, cell in zip(grain, cells, strict=True))
