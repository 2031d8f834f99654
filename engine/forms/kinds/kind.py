"""What a field type is: one object with a few functions, offered by name through one door (`FieldKinds`)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.forms.definition import Field
from engine.problems import Problem
from engine.rules import Type
from engine.rules.columns import Storage


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column of a field: its name is the field's with `suffix`. The first column of a field is the one that is searched, sorted
    and compared; `scale` is the power of ten of a scaled integer."""

    suffix: str
    storage: Storage
    scale: int = 0


class FieldKind(Protocol):
    """A field type. `parse` reads a wire value (str, int, Decimal, bool, dict; never None) into a value or a Problem without a
    place; `to_row` and `from_row` go between a value and its columns, both in the order of `columns`."""

    @property
    def name(self) -> str: ...

    def type(self, field: Field) -> Type:
        """What expressions see."""
        ...

    def columns(self, field: Field) -> tuple[ColumnSpec, ...]:
        """Where it is stored."""
        ...

    def parse(self, field: Field, wire: Any) -> Any:
        """A value from the wire, or a Problem."""
        ...

    def compute(self, field: Field, value: Any) -> Any:
        """A value from what an expression came to (rounded to what the field can hold), or a Problem."""
        ...

    def to_row(self, field: Field, value: Any) -> Sequence[Any]:
        """Column values (before dialect encoding) of a value; all None for None."""
        ...

    def from_row(self, field: Field, row: Sequence[Any]) -> Any:
        """The value of column values; never called when the first is None."""
        ...

    def to_wire(self, field: Field, value: Any) -> Any:
        """A value as JSON carries it."""
        ...

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """JSON Schema (2020-12) of the wire value."""
        ...


class FieldKinds(Mapping[str, FieldKind]):
    """The frozen vocabulary of field types. A name offered twice stops the start and names both."""

    def __init__(self, kinds: Iterable[FieldKind]) -> None:
        self._kinds: dict[str, FieldKind] = {}
        for kind in kinds:
            if kind.name in self._kinds:
                raise ValueError(f"field type {kind.name!r} is offered twice: {self._kinds[kind.name]!r} and {kind!r}")
            self._kinds[kind.name] = kind

    def __getitem__(self, name: str) -> FieldKind:
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)


def refused(code: str, **params: Any) -> Problem:
    """A problem of a single value; its place is put on by the caller."""
    return Problem(f"forms.{code}", "", params)
