"""One line of a record → what it says (a Use), whether the record is stored or only being made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.actions.planning import Planning
from engine.forms import Field, Form
from engine.forms.scopes import field_value
from engine.structures import LineValues, Structure, Texts, Use, use_of
from engine.structures.definition import Value
from engine.values import Quantity


class LineWorker:
    """Works lines out from their values."""

    def __init__(
        self,
        structure: Structure,
        planning: Planning,
        given: Mapping[str, Value],
        form: Form,
        texts: Texts | None = None,
    ) -> None:
        self._structure = structure
        self._planning = planning
        self._given = given
        self._texts = texts or Texts(structure)
        self._form = form
        self._fields = fields_by_name(line_fields(structure, form))

    def use(
        self, values: Mapping[str, Any], record: Mapping[str, Any], numbers: tuple[Fraction, Fraction] | str
    ) -> Use | None:
        """What a line says; None when it does not count. A mapping as the value of a reference is what expressions see of its record."""
        structure, rules = self._structure, self._structure.rules
        if isinstance(numbers, str):
            return Use(fault=numbers)
        others = self._form.others
        scope = {
            n: v if isinstance(v, Mapping) else field_value(self._fields[n], v, self._planning, others)
            for n, v in values.items()
        }
        quantity = exact(values.get(rules.quantity_field)) if rules.quantity_field else None
        line = LineValues(
            {**scope, "record": record, **self._given},
            quantity,
            *numbers,
            _text(values, rules.formula),
            _text(values, rules.condition),
        )
        found = use_of(structure, line, self._texts, self._planning.moment)
        if found is None:
            return None
        dates, group = structure.line_dates, structure.substitutes
        own_group = values.get(group.group) if group else None
        rank = exact(values.get(group.rank)) if group and group.rank else None
        return replace(
            found,
            starts=values.get(dates.starts) if dates.starts else None,
            ends=values.get(dates.ends) if dates.ends else None,
            group=None if own_group is None else str(own_group),
            rank=rank or Fraction(0),
        )


def _text(values: Mapping[str, Any], name: str | None) -> str | None:
    text = values.get(name) if name else None
    return text.strip() or None if isinstance(text, str) else None


def exact(value: Any) -> Fraction | None:
    """A number of a record as an exact ratio: a quantity by what was entered and the factor of its unit, not by what was stored."""
    if isinstance(value, Quantity):
        return Fraction(value.entered) * Fraction(value.numerator, value.denominator)
    return Fraction(value) if isinstance(value, int | Decimal) else None


def fields_by_name(fields: Sequence[Field]) -> dict[str, Field]:
    """Fields by their names."""
    return {f.name: f for f in fields}


def line_fields(structure: Structure, form: Form) -> Sequence[Field]:
    """The fields of the structure's lines."""
    lines = form.field(structure.lines)
    assert lines is not None
    return lines.fields
