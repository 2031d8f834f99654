"""integer, quantity, money: exact numbers. Columns hold scaled integers; a field's decimals are only what people may type and see."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.forms.definition import Field
from engine.forms.kinds.kind import ColumnSpec, refused
from engine.forms.kinds.plain import PlainKind
from engine.problems import Problem
from engine.rules import NUMBER
from engine.values import (
    MONEY_SCALE,
    QUANTITY_SCALE,
    RATE_SCALE,
    Money,
    Quantity,
    from_scaled,
    read_decimal,
    round_half_even,
    to_scaled,
    write_decimal,
)

NUMBER_SCHEMA: Mapping[str, Any] = {"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$"}


class IntegerKind(PlainKind):
    """A whole number of at most 15 digits."""

    name = "integer"
    storage = "integer"
    feel = NUMBER

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind. Options: minimum, maximum."""
        number = _read(wire, decimals=0, digits=15)
        return number if isinstance(number, Problem) else _in_bounds(field, number) or int(number)

    def compute(self, field: Field, value: Any) -> Any:
        """See FieldKind."""
        return self.parse(field, round_half_even(value, 0)) if isinstance(value, Decimal) else refused("not_a_number")

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        return {"type": ["integer", "string"], "pattern": r"^-?\d{1,15}$"}


class QuantityKind(PlainKind):
    """An amount in base units, or in a unit that converts to them by an exact ratio (option `units`)."""

    name = "quantity"
    storage = "integer"
    feel = NUMBER

    def columns(self, field: Field) -> tuple[ColumnSpec, ...]:
        """See FieldKind: base, entered, unit, numerator, denominator."""
        return (
            ColumnSpec("", "integer", QUANTITY_SCALE),
            ColumnSpec("_e", "integer", QUANTITY_SCALE),
            ColumnSpec("_u", "id"),
            ColumnSpec("_n", "integer"),
            ColumnSpec("_d", "integer"),
        )

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind. The unit is still its id or key; `with_unit` makes the base amount once it is known."""
        unit: Any = None
        if isinstance(wire, dict):
            if not field.options.get("units") or set(wire) - {"value", "unit", "base"}:
                return refused("not_a_number")
            wire, unit = wire.get("value"), wire.get("unit")
        number = _read(wire, decimals=field.options.get("decimals", 0), digits=12)
        if isinstance(number, Problem):
            return number
        found = _in_bounds(field, number)
        return found or Quantity(number, number, unit)

    def with_unit(self, field: Field, value: Quantity, numerator: int, denominator: int) -> Quantity | Problem:
        """The quantity with its base amount: entered * numerator / denominator, rounded half-even to the storage scale."""
        base = round_half_even(value.entered * numerator / denominator, QUANTITY_SCALE)
        if to_scaled(base, QUANTITY_SCALE) is None:
            return refused("number_too_large")
        return _not_rounded_away(field, base) or Quantity(base, value.entered, value.unit, numerator, denominator)

    def compute(self, field: Field, value: Any) -> Any:
        """See FieldKind."""
        if not isinstance(value, Decimal):
            return refused("not_a_number")
        rounded = round_half_even(value, field.options.get("decimals", 0))
        if to_scaled(rounded, QUANTITY_SCALE) is None:
            return refused("number_too_large")
        return _in_bounds(field, rounded) or Quantity(rounded, rounded)

    def to_row(self, field: Field, value: Any) -> Sequence[Any]:
        """See FieldKind."""
        if value is None:
            return (None,) * 5
        base, entered = to_scaled(value.base, QUANTITY_SCALE), to_scaled(value.entered, QUANTITY_SCALE)
        return base, entered, value.unit, value.numerator, value.denominator

    def from_row(self, field: Field, row: Sequence[Any]) -> Any:
        """See FieldKind."""
        return Quantity(
            from_scaled(row[0], QUANTITY_SCALE), from_scaled(row[1], QUANTITY_SCALE), row[2], row[3], row[4]
        )

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        if not field.options.get("units"):
            return NUMBER_SCHEMA
        unit = {
            "type": "object",
            "required": ["value"],
            "properties": {"value": NUMBER_SCHEMA, "unit": {"type": ["string", "null"]}, "base": NUMBER_SCHEMA},
        }
        return {"anyOf": [NUMBER_SCHEMA, unit]}


class MoneyKind(PlainKind):
    """An amount of money in a currency; expressions see it in the site's."""

    name = "money"
    storage = "integer"
    feel = NUMBER

    def columns(self, field: Field) -> tuple[ColumnSpec, ...]:
        """See FieldKind: base, amount, currency, rate."""
        return (
            ColumnSpec("", "integer", MONEY_SCALE),
            ColumnSpec("_a", "integer", MONEY_SCALE),
            ColumnSpec("_c", "text"),
            ColumnSpec("_r", "integer", RATE_SCALE),
        )

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind. A plain number is in the site's currency; {"amount", "currency", "rate"} in another."""
        site = field.options["currency"]
        currency, rate = site, Decimal(1)
        if isinstance(wire, dict):
            currency = wire.get("currency") or site
            rate = read_decimal(wire.get("rate") or "1") or Decimal(0)
            wire = wire.get("amount")
            if not _is_currency(currency) or rate <= 0 or to_scaled(rate, RATE_SCALE) is None:
                return refused("bad_currency")
        decimals = field.options.get("decimals", 2)
        number = _read(wire, decimals=decimals, digits=13)
        if isinstance(number, Problem):
            return number
        base = round_half_even(number * rate, decimals)
        if to_scaled(base, MONEY_SCALE) is None:
            return refused("number_too_large")
        return _in_bounds(field, number) or _not_rounded_away(field, base) or Money(number, currency, rate, base)

    def compute(self, field: Field, value: Any) -> Any:
        """See FieldKind."""
        if not isinstance(value, Decimal):
            return refused("not_a_number")
        amount = round_half_even(value, field.options.get("decimals", 2))
        if to_scaled(amount, MONEY_SCALE) is None:
            return refused("number_too_large")
        return _in_bounds(field, amount) or Money(amount, field.options["currency"], Decimal(1), amount)

    def to_row(self, field: Field, value: Any) -> Sequence[Any]:
        """See FieldKind."""
        if value is None:
            return (None,) * 4
        return (
            to_scaled(value.base, MONEY_SCALE),
            to_scaled(value.amount, MONEY_SCALE),
            value.currency,
            to_scaled(value.rate, RATE_SCALE),
        )

    def from_row(self, field: Field, row: Sequence[Any]) -> Any:
        """See FieldKind."""
        return Money(
            from_scaled(row[1], MONEY_SCALE), row[2], from_scaled(row[3], RATE_SCALE), from_scaled(row[0], MONEY_SCALE)
        )

    def to_wire(self, field: Field, value: Any) -> Any:
        """See FieldKind."""
        if value is None:
            return None
        if value.currency == field.options["currency"]:
            return write_decimal(value.amount)
        return {
            "amount": write_decimal(value.amount),
            "currency": value.currency,
            "rate": write_decimal(value.rate),
            "base": write_decimal(value.base),
        }

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        foreign = {
            "type": "object",
            "required": ["amount"],
            "properties": {
                "amount": NUMBER_SCHEMA,
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                "rate": NUMBER_SCHEMA,
                "base": NUMBER_SCHEMA,
            },
        }
        return {"anyOf": [NUMBER_SCHEMA, foreign]}


def _is_currency(code: Any) -> bool:
    return isinstance(code, str) and len(code) == 3 and code.isascii() and code.isupper()


def _read(wire: Any, *, decimals: int, digits: int) -> Decimal | Problem:
    """An exact number with at most `digits` before and `decimals` after the point."""
    if isinstance(wire, bool) or not isinstance(wire, str | int | Decimal):
        return refused("not_a_number")
    number = read_decimal(str(wire))
    if number is None:
        return refused("not_a_number") if len(str(wire)) <= 40 else refused("number_too_large")
    if number and number.adjusted() >= digits:
        return refused("number_too_large")
    if number != round_half_even(number, decimals):
        return refused("too_many_decimals", most=decimals)
    return number


def _in_bounds(field: Field, number: Decimal) -> Problem | None:
    least, most = field.options.get("minimum"), field.options.get("maximum")
    if least is not None and number < Decimal(str(least)):
        return refused("below_minimum", least=str(least))
    if most is not None and number > Decimal(str(most)):
        return refused("above_maximum", most=str(most))
    return None


def _not_rounded_away(field: Field, base: Decimal) -> Problem | None:
    """What must be above (or below) zero is so in base units, too: expressions divide by it."""
    least, most = field.options.get("minimum"), field.options.get("maximum")
    if base == 0 and least is not None and Decimal(str(least)) > 0:
        return refused("below_minimum", least=str(least))
    if base == 0 and most is not None and Decimal(str(most)) < 0:
        return refused("above_maximum", most=str(most))
    return None
