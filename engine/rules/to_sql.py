"""Target SQL: checked tree → SQLAlchemy element, for SQLite and PostgreSQL, exact or refused, never approximated.

Numbers are scaled integers in columns, so addition, subtraction and comparison stay in integers. Whatever reads no column is worked
out in Python first and bound as a parameter; so is everything known when the statement is made (the actor, today).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, case, false, func, literal, not_, null, or_, true
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import BigInteger, Date, LargeBinary, Text, TypeEngine, Uuid

from engine.clock import Moment, to_microseconds
from engine.problems import Problems
from engine.rules import problems
from engine.rules import tree as t
from engine.rules.checked import Checked
from engine.rules.closures import to_closures
from engine.rules.operations import compare
from engine.rules.runtime import Run, plain
from engine.rules.sql_marks import SCALE_MAX, is_constant
from engine.rules.types import BOOLEAN, DATE, DATETIME, NULL, NUMBER, TEXT, Type
from engine.values import SCALED_MAX, Range, to_scaled

Dialect = Literal["sqlite", "postgresql"]
_FLIPPED: Final = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_WIDE: Final = Context(prec=100, Emax=20_000, Emin=-20_000)


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column as an expression sees it: numbers are integers of 10**-scale; `is_id` marks an id, which rules see as text."""

    element: ColumnElement[Any]
    kind: Type
    scale: int = 0
    is_id: bool = False


Resolve = Callable[[tuple[str, ...]], SqlColumn | None]


def to_sql(
    checked: Checked, resolve: Resolve, *, dialect: Dialect, moment: Moment, parameters: Mapping[str, Any] | None = None
) -> ColumnElement[Any] | Problems:
    """The element that works out `checked` in the database; booleans as conditions. `resolve` gives the column of a path (None: no
    column), `parameters` the names whose values are known now."""
    compiler = _Compiler(resolve, dialect, moment, parameters or {})
    found = _compiled(compiler, checked.tree, positive=checked.type == BOOLEAN)
    return found if isinstance(found, Problems) else found.element


def to_column(
    checked: Checked, resolve: Resolve, *, dialect: Dialect, moment: Moment, parameters: Mapping[str, Any] | None = None
) -> SqlColumn | Problems:
    """As to_sql for a value, with its kind and scale: a boolean is exact, null where it is null."""
    return _compiled(_Compiler(resolve, dialect, moment, parameters or {}), checked.tree, positive=False)


def _compiled(compiler: "_Compiler", tree: t.Node, *, positive: bool) -> SqlColumn | Problems:
    try:
        return compiler.value(tree, positive=positive)
    except _Refused as refused:
        return Problems((refused.problem,))


class _Refused(Exception):
    """Carries a problem out of the compiler to `to_sql`, nowhere else."""

    def __init__(self, node: t.Node, part: str) -> None:
        super().__init__()
        self.problem = problems.not_in_sql(node.at, part)


@dataclass(frozen=True, slots=True)
class _Constant:
    """A value known before the statement runs."""

    value: Any


@dataclass(slots=True)
class _Compiler:
    resolve: Resolve
    dialect: Dialect
    moment: Moment
    parameters: Mapping[str, Any]

    def value(self, node: t.Node, *, positive: bool = False) -> SqlColumn:
        """A node as an element; constants are bound. `positive`: only true matters, so null may count as false."""
        found = self.part(node, positive=positive)
        return self.bind(found.value, node) if isinstance(found, _Constant) else found

    def part(self, node: t.Node, *, positive: bool = False) -> "SqlColumn | _Constant":
        """A node as an element, or as the constant it is."""
        if is_constant(node, self.parameters):
            run = Run(self.moment, UTC)
            value = run.result(to_closures(node), self.parameters)
            if run.warnings:
                raise _Refused(node, run.warnings[0].code)
            return _Constant(value)
        match node:
            case t.Name() | t.Path():
                return self._column(node)
            case t.Logic():
                return self._logic(node, positive)
            case t.Compare(operator=operator, left=left, right=right):
                return self._compare(operator, left, right, positive)
            case t.Between():
                low = self._compare(">=", node.value, node.low, positive)
                return _condition(and_(low.element, self._compare("<=", node.value, node.high, positive).element))
            case t.In():
                return self._in(node, positive)
            case t.Arithmetic(operator="+" | "-"):
                return self._sum(node)
            case t.Negate(operand=operand):
                inner = self.value(operand)
                return SqlColumn(-inner.element, inner.kind, inner.scale)
            case t.If():
                return self._if(node)
            case t.Call():
                return self._call(node)
        raise _Refused(node, type(node).__name__.lower())

    def _column(self, node: t.Node) -> SqlColumn:
        steps: list[str] = []
        at: t.Node = node
        while isinstance(at, t.Path):
            steps.insert(0, at.name)
            at = at.source
        if not isinstance(at, t.Name):
            raise _Refused(node, "path")
        found = self.resolve((at.name, *steps))
        if found is None:
            raise _Refused(node, ".".join((at.name, *steps)))
        return found

    def _logic(self, node: t.Logic, positive: bool) -> SqlColumn:
        left, right = (
            self.value(node.left, positive=positive).element,
            self.value(node.right, positive=positive).element,
        )
        return _condition(and_(left, right) if node.operator == "and" else or_(left, right))

    def _if(self, node: t.If) -> SqlColumn:
        yes, no = self.part(node.yes), self.part(node.no)
        if isinstance(yes, _Constant):  # so that two constants find a scale in common
            yes = self.bind(yes.value, node)
        first, second = self._paired(yes, no, node)
        made = case((self.value(node.condition).element, first.element), else_=second.element)
        kind = first.kind if first.kind != NULL else second.kind
        return SqlColumn(made, kind, max(first.scale, second.scale))  # that of a null says nothing

    def _compare(self, operator: str, left: t.Node, right: t.Node, positive: bool) -> SqlColumn:
        return self._compared(operator, self.part(left), self.part(right), left, positive)

    def _compared(
        self, operator: str, left: "SqlColumn | _Constant", right: "SqlColumn | _Constant", node: t.Node, positive: bool
    ) -> SqlColumn:
        if isinstance(left, _Constant) and isinstance(right, _Constant):
            return self._decided(operator, left.value, right.value, node)
        for op, column, other in ((operator, left, right), (_FLIPPED[operator], right, left)):
            if isinstance(other, _Constant) and isinstance(other.value, Decimal) and isinstance(column, SqlColumn):
                return _condition(self._against(op, column, other.value, positive))
        first, second = self._paired(left, right, node)
        a, b = first.element, second.element
        if (
            DATETIME in (first.kind, second.kind)
            and operator in ("=", "!=")
            and not (_is_null(left) or _is_null(right))
        ):
            raise _Refused(node, operator)  # instants are equal to the millisecond, columns hold microseconds
        if operator in ("=", "!="):
            return _condition(
                self._equality(
                    operator,
                    a,
                    b,
                    plain_equal=positive and operator == "=" and (_is_value(left) or _is_value(right)),
                    nulls=_is_null(left) or _is_null(right),
                )
            )
        if NULL in (first.kind, second.kind):
            return _condition(null())  # nothing is before or after null
        return _condition({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])

    def _decided(self, operator: str, left: Any, right: Any, node: t.Node) -> SqlColumn:
        run = Run(self.moment, UTC)
        answer = compare(operator, left, right, node, run)
        if run.warnings:
            raise _Refused(node, run.warnings[0].code)
        return _condition(null() if answer is None else true() if answer else false())

    def _against(self, operator: str, column: SqlColumn, value: Decimal, positive: bool) -> ColumnElement[Any]:
        """A column of numbers compared with a constant of any size and precision, in the units of the column: an index can serve it."""
        units = value.scaleb(column.scale, _WIDE)
        below = min(max(int(units.to_integral_value(ROUND_FLOOR)), -SCALED_MAX), SCALED_MAX)
        bound, is_whole = literal(below, BigInteger()), below == units
        if operator in ("=", "!="):
            if not is_whole:
                return false() if operator == "=" else true()
            return self._equality(
                operator, column.element, bound, plain_equal=positive and operator == "=", nulls=False
            )
        if not is_whole:  # between two units
            operator = {"<": "<=", ">=": ">"}.get(operator, operator)
        a = column.element
        return {"<": a < bound, "<=": a <= bound, ">": a > bound, ">=": a >= bound}[operator]

    def _equality(
        self, operator: str, a: ColumnElement[Any], b: ColumnElement[Any], *, plain_equal: bool, nulls: bool
    ) -> ColumnElement[Any]:
        if plain_equal and not nulls:
            return a == b  # same rows as IS NOT DISTINCT FROM when one side is not null, and an index can serve it
        return a.is_not_distinct_from(b) if operator == "=" else a.is_distinct_from(b)

    def _in(self, node: t.In, positive: bool) -> SqlColumn:
        value = self.part(node.value)
        answers: list[ColumnElement[Any]] = []
        for operator, test in node.tests:
            if operator == "in" and isinstance(test, t.Interval) and not is_constant(test, self.parameters):
                raise _Refused(test, "range")
            part = self.part(test)
            items = part.value if isinstance(part, _Constant) else None
            if operator == "in" and isinstance(items, list | tuple | frozenset):
                answers += [self._member(value, item, node, positive) for item in items] or [false()]
            elif operator == "in" and isinstance(items, Range):
                answers.append(self._member(value, items, node, positive))
            else:
                answers.append(
                    self._compared("=" if operator == "in" else operator, value, part, node, positive).element
                )
        return _condition(or_(*answers))

    def _member(self, value: "SqlColumn | _Constant", item: Any, node: t.Node, positive: bool) -> ColumnElement[Any]:
        if not isinstance(item, Range):
            return self._compared("=", value, _Constant(item), node, positive).element
        low, high = (">=" if item.low_included else ">"), ("<=" if item.high_included else "<")
        ends = [(low, item.low), (high, item.high)]
        return and_(
            *(self._compared(op, value, _Constant(end), node, positive).element for op, end in ends if end is not None)
        )

    def _sum(self, node: t.Arithmetic) -> SqlColumn:
        first, second = self._paired(self.part(node.left), self.part(node.right), node)
        if {first.kind, second.kind} - {NULL} != {NUMBER}:
            raise _Refused(node, node.operator)
        made = first.element + second.element if node.operator == "+" else first.element - second.element
        return SqlColumn(made, NUMBER, max(first.scale, second.scale))

    def _paired(
        self, left: "SqlColumn | _Constant", right: "SqlColumn | _Constant", node: t.Node
    ) -> tuple[SqlColumn, SqlColumn]:
        """Both sides in the same kind and scale."""
        if isinstance(left, _Constant) and isinstance(right, _Constant):
            raise _Refused(node, "constant")
        if isinstance(left, _Constant):
            assert isinstance(right, SqlColumn)
            fitted, column = self._fit(left.value, right, node)
            return fitted, column
        if isinstance(right, _Constant):
            fitted, column = self._fit(right.value, left, node)
            return column, fitted
        scale = max(left.scale, right.scale)
        return self._rescaled(left, scale, node), self._rescaled(right, scale, node)

    def _fit(self, value: Any, column: SqlColumn, node: t.Node) -> tuple[SqlColumn, SqlColumn]:
        if isinstance(value, Decimal):
            fitted = self._number(value, node, column.scale)
            return fitted, self._rescaled(column, fitted.scale, node)
        return self.bind(value, node, is_id=column.is_id), column

    def _rescaled(self, column: SqlColumn, scale: int, node: t.Node) -> SqlColumn:
        if column.kind != NUMBER or column.scale == scale:
            return column
        if self.dialect == "sqlite":
            # Past 2**63 SQLite turns integers into floats without a word; a column that large is refused by comparing first.
            limit = SCALED_MAX // 10 ** (scale - column.scale)
            shifted = case(
                (column.element.between(-limit, limit), column.element * 10 ** (scale - column.scale)),
                (column.element > 0, SCALED_MAX),
                else_=case((column.element < 0, -SCALED_MAX), else_=None),
            )
            return SqlColumn(shifted, NUMBER, scale)
        return SqlColumn(func.cast(column.element, BigInteger()) * 10 ** (scale - column.scale), NUMBER, scale)

    def bind(self, value: Any, node: t.Node, *, is_id: bool = False) -> SqlColumn:
        """A known value as a bound parameter."""
        value = plain(value)
        if value is None:
            return SqlColumn(null(), NULL)
        if isinstance(value, bool):
            return SqlColumn(true() if value else false(), BOOLEAN)
        if isinstance(value, Decimal):
            return self._number(value, node)
        if isinstance(value, Mapping):
            value, is_id = value.get("id"), True
        if is_id:
            return self._bound_id(value)
        kind, type_, wire = self._typed(value, node)
        return SqlColumn(bindparam(None, wire, type_, unique=True), kind)

    def _number(self, value: Decimal, node: t.Node, least: int = 0) -> SqlColumn:
        """A number at the coarsest scale that holds it, from `least` on."""
        for scale in range(least, SCALE_MAX + 1):
            whole = to_scaled(value, scale)
            if whole is not None:
                return SqlColumn(literal(whole, BigInteger()), NUMBER, scale)
        raise _Refused(node, "number")

    def _bound_id(self, value: Any) -> SqlColumn:
        try:
            found = UUID(str(value))
        except ValueError:
            found = UUID(int=(1 << 128) - 1)  # no record has this id: text that is no id equals none
        if self.dialect == "sqlite":
            return SqlColumn(bindparam(None, found.bytes, LargeBinary(), unique=True), TEXT, is_id=True)
        return SqlColumn(bindparam(None, found, Uuid(), unique=True), TEXT, is_id=True)

    def _typed(self, value: Any, node: t.Node) -> tuple[Type, TypeEngine[Any], Any]:
        if isinstance(value, str):
            return TEXT, Text(), value
        if isinstance(value, datetime):
            return DATETIME, BigInteger(), to_microseconds(value)
        if isinstance(value, date):
            return (DATE, Text(), value.isoformat()) if self.dialect == "sqlite" else (DATE, Date(), value)
        raise _Refused(node, "value")

    def _call(self, node: t.Call) -> SqlColumn:
        name, arguments = node.function, node.arguments
        if node.names:
            raise _Refused(node, name)
        if name == "not":
            # In brackets: PostgreSQL reads NOT x IS … as NOT (x IS …).
            return _condition(Grouping(not_(self.value(arguments[0]).element)))
        if name == "list contains":
            return self._in(t.In(arguments[1], (("in", arguments[0]),), node.at), False)
        if name in ("contains", "starts with", "ends with"):
            return self._text_test(name, self.value(arguments[0]), self.value(arguments[1]))
        if name == "string length":
            return SqlColumn(func.length(self.value(arguments[0]).element), NUMBER)
        if name == "abs":
            inner = self.value(arguments[0])
            return SqlColumn(func.abs(inner.element), NUMBER, inner.scale)
        raise _Refused(node, name)

    def _text_test(self, name: str, text: SqlColumn, match: SqlColumn) -> SqlColumn:
        if name == "contains":
            find = func.instr if self.dialect == "sqlite" else func.strpos
            return _condition(find(text.element, match.element) > 0)
        length = func.length(match.element)
        if name == "starts with":
            return _condition(func.substr(text.element, 1, length) == match.element)
        start = func.length(text.element) - length + 1
        return _condition(case((start < 1, false()), else_=func.substr(text.element, start) == match.element))


def _condition(element: ColumnElement[Any]) -> SqlColumn:
    return SqlColumn(element, BOOLEAN)


def _is_value(part: SqlColumn | _Constant) -> bool:
    return isinstance(part, _Constant) and part.value is not None


def _is_null(part: SqlColumn | _Constant) -> bool:
    return isinstance(part, _Constant) and part.value is None
