"""Base of field types with one column whose stored value is the value itself."""

from collections.abc import Sequence
from typing import Any, ClassVar

from engine.forms.definition import Field
from engine.forms.kinds.kind import ColumnSpec
from engine.rules import TEXT, Type
from engine.rules.columns import Storage
from engine.values import to_wire


class PlainKind:
    """One column, stored as it is."""

    name: ClassVar[str] = ""
    storage: ClassVar[Storage] = "text"
    feel: ClassVar[Type] = TEXT

    def type(self, field: Field) -> Type:
        """See FieldKind."""
        return self.feel

    def columns(self, field: Field) -> tuple[ColumnSpec, ...]:
        """See FieldKind."""
        return (ColumnSpec("", self.storage),)

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind."""
        raise NotImplementedError

    def compute(self, field: Field, value: Any) -> Any:
        """See FieldKind."""
        return self.parse(field, to_wire(value))

    def to_row(self, field: Field, value: Any) -> Sequence[Any]:
        """See FieldKind."""
        return (value,)

    def from_row(self, field: Field, row: Sequence[Any]) -> Any:
        """See FieldKind."""
        return row[0]

    def to_wire(self, field: Field, value: Any) -> Any:
        """See FieldKind."""
        return to_wire(value)
