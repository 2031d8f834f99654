"""What always holds of a form's fields, for the checker: which always have a value, which numbers are never zero."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from engine.forms.definition import Field
from engine.rules.known import FILLED, PRESENT, Known, Marks, number_marks

ALWAYS: Final[Marks] = frozenset((PRESENT,))
ACTOR_KNOWN: Final[Known] = {"actor": ALWAYS}
"""Of the names around a record's own."""
AROUND_LINE: Final[Known] = {"actor": ALWAYS, "record": ALWAYS}
"""Of the names around a line's own."""
_NUMBERS: Final = ("integer", "quantity", "money")


class FieldsKnown(Mapping[str, Marks]):
    """What always holds of fields. Of a computed field its expression says it, and is looked at when asked for."""

    def __init__(self, marks: Known) -> None:
        self._marks = dict(marks)
        self._computed: dict[str, Callable[[], Marks]] = {}

    def compute(self, name: str, marks: Callable[[], Marks]) -> None:
        """How to find out what always holds of a computed field."""
        self._computed[name] = marks

    def __getitem__(self, name: str) -> Marks:
        find = self._computed.pop(name, None)  # taken out first: a field that is computed from itself teaches nothing
        if find is not None:
            self._marks[name] = self._marks.get(name, frozenset()) | find()
        return self._marks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._marks)

    def __len__(self) -> int:
        return len(self._marks)


def field_marks(field: Field) -> Marks:
    """What always holds of a field of a record that is right."""
    if field.is_lines:
        least = field.options.get("min", 1 if field.required is True else 0)
        return frozenset((PRESENT, FILLED)) if least > 0 else ALWAYS
    marks = ALWAYS if field.required is True else frozenset()
    if field.kind in _NUMBERS:
        marks |= number_marks(_bound(field.options, "minimum"), _bound(field.options, "maximum"))
    return marks


def _bound(options: Mapping[str, Any], key: str) -> Decimal | None:
    return None if options.get(key) is None else Decimal(str(options[key]))


def line_known(fields: Sequence[Field]) -> FieldsKnown:
    """What always holds of the names of a line."""
    return FieldsKnown({"id": ALWAYS, **{f.name: field_marks(f) for f in fields}})


def record_known(fields: Sequence[Field], *, has_states: bool, is_stored: bool) -> FieldsKnown:
    """What always holds of the names of a record. One that is not stored yet has neither its id nor its numbers."""
    known = {f.name: field_marks(f) for f in fields}
    known |= dict.fromkeys(("created_at", "created_by", *(("state",) if has_states else ())), ALWAYS)
    if is_stored:
        known |= dict.fromkeys(("id", *(f.name for f in fields if f.kind == "sequence")), ALWAYS)
    return FieldsKnown(known)
