"""Form, Field, State, Action: what a kind of record is. Frozen, compiled from JSON once; a Record is something else (validate.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any

from engine.names import Text
from engine.rules import Checked, Scope, Type
from engine.rules.known import PRESENT


@dataclass(frozen=True, slots=True)
class Field:
    """A typed part of a form. `kind` names its field type; `options` are those of the type, as declared. `required` and `readonly`
    are facts or expressions. `fields` are the columns of a sub-table (kind "lines")."""

    id: str
    name: str
    kind: str
    label: Text
    options: Mapping[str, Any]
    help: Text | None = None
    required: bool | Checked = False
    readonly: bool | Checked = False
    unique: bool = False
    visible: Checked | None = None
    default: Checked | None = None
    computed: Checked | None = None
    fields: "tuple[Field, ...]" = ()
    computed_order: tuple[str, ...] = ()
    is_lines: bool = part(init=False)
    """Is it a sub-table?"""
    target: str | None = part(init=False)
    """The form a reference points to."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_lines", self.kind == "lines")
        object.__setattr__(self, "target", self.options.get("form") if self.kind == "reference" else None)

    @property
    def is_written(self) -> bool:
        """May anyone give it a value? Computed fields and numbers are the engine's."""
        return self.computed is None and self.kind != "sequence" and self.readonly is not True


@dataclass(frozen=True, slots=True)
class State:
    """Where a record stands. Fields can be changed only in an `editable` state."""

    name: str
    label: Text
    editable: bool


@dataclass(frozen=True, slots=True)
class Action:
    """What moves a record on: from one of `from_states` to `to`, if `when` holds."""

    name: str
    label: Text
    from_states: tuple[str, ...]
    to: str
    when: Checked | None = None
    style: str = ""
    confirm: Text | None = None
    copy: str | None = None
    """With it the action opens a copy of the record, which refers to the old one in this field: a correction."""


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold of every record (or of every line, when `lines` names a sub-table). `at` is the field it is told at."""

    name: str
    that: Checked
    at: str
    message: Text
    lines: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of record."""

    id: str
    name: str
    label: Text
    fields: tuple[Field, ...]
    title: Checked
    key: str | None
    search: tuple[str, ...]
    columns: tuple[str, ...]
    sort: tuple[str, ...]
    states: tuple[State, ...]
    actions: tuple[Action, ...]
    checks: tuple[Check, ...]
    layout: tuple[Mapping[str, Any], ...]
    scope: Scope = part(repr=False, compare=False)
    record_type: Type = part(repr=False, compare=False)
    line_types: Mapping[str, Type] = part(repr=False, compare=False)
    others: "Mapping[str, Form]" = part(repr=False, compare=False)
    """All forms of the release by name, for following references."""
    computed_order: tuple[str, ...] = ()
    header: tuple[Field, ...] = part(init=False)
    """The fields that are not sub-tables."""
    sub_tables: tuple[Field, ...] = part(init=False)
    """The sub-tables."""
    by_name: Mapping[str, Field] = part(init=False, repr=False, compare=False)
    """All fields by their names."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "header", tuple(f for f in self.fields if not f.is_lines))
        object.__setattr__(self, "sub_tables", tuple(f for f in self.fields if f.is_lines))
        object.__setattr__(self, "by_name", {f.name: f for f in self.fields})

    def field(self, name: str) -> Field | None:
        """A field by its name."""
        return self.by_name.get(name)

    def action(self, name: str) -> Action | None:
        """A state action by its name."""
        return next((a for a in self.actions if a.name == name), None)

    def line_scope(self, lines: str) -> Scope:
        """Names that an expression about a line may use: the line's fields, and `record`."""
        kind = self.line_types[lines]
        around = Scope({"record": self.record_type}, present={"record": frozenset((PRESENT,))})
        return around.extended(kind.fields or {}, kind.known)

    def editable_in(self, state: str | None) -> bool:
        """May fields be changed in this state? A form without states is always editable."""
        return not self.states or any(s.name == state and s.editable for s in self.states)

    def state_label(self, state: str | None) -> Text:
        """A state's words."""
        return next((s.label for s in self.states if s.name == state), {"en": state or "-"})
