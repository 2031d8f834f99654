"""The built-in field types, in a visible order; others come through the same door."""

from typing import Final

from engine.forms.kinds.kind import ColumnSpec, FieldKind, FieldKinds
from engine.forms.kinds.numbers import IntegerKind, MoneyKind, QuantityKind
from engine.forms.kinds.others import BooleanKind, ChoiceKind, DateKind, DatetimeKind, ReferenceKind
from engine.forms.kinds.text import SequenceKind, TextKind

BUILT_IN: Final = FieldKinds(
    (
        TextKind(),
        IntegerKind(),
        QuantityKind(),
        MoneyKind(),
        BooleanKind(),
        DateKind(),
        DatetimeKind(),
        ChoiceKind(),
        ReferenceKind(),
        SequenceKind(),
    )
)
"""`lines` is not among them: a sub-table is a part of the form, not a value."""

__all__ = ["BUILT_IN", "ColumnSpec", "FieldKind", "FieldKinds"]
