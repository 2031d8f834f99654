"""What expressions see of a record: types for the checker (lazy, since references make cycles) and values for evaluation.

A reference is a context with `id` and the fields of the record it points to, read through Facts only when asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

from engine.actor import Actor
from engine.clock import IdSource, Moment, NumberSource
from engine.effects import LineRow
from engine.facts import Facts, Values
from engine.forms.definition import Field, Form
from engine.forms.kinds import FieldKinds
from engine.forms.knowing import ALWAYS, line_known
from engine.rules import DATETIME, TEXT, ContextOf, ListOf, Type
from engine.rules.runtime import plain

RECORD_NAMES: Final[Mapping[str, Type]] = {"id": TEXT, "state": TEXT, "created_at": DATETIME, "created_by": TEXT}
"""Names that every record has beside its fields."""
ACTOR_TYPE: Final = ContextOf(
    {"id": TEXT, "name": TEXT, "roles": ListOf(TEXT)}, dict.fromkeys(("id", "name", "roles"), ALWAYS)
)


class Planning(Protocol):
    """What planning with forms needs: facts, who, when, and sources of ids and numbers; `reads` notes what was relied on."""

    @property
    def facts(self) -> Facts: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def moment(self) -> Moment: ...
    @property
    def ids(self) -> IdSource: ...
    @property
    def numbers(self) -> NumberSource: ...
    @property
    def reads(self) -> "Reads": ...


@dataclass(slots=True)
class Reads:
    """The records a plan relied on: {(form, id): revision}, None when only their existence matters."""

    records: dict[tuple[str, UUID], int | None] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings of the site it relied on, as it read them."""

    def exists(self, form: str, id: UUID) -> None:
        """The plan needs this record to be there."""
        self.records.setdefault((form, id), None)

    def values(self, form: str, id: UUID, revision: int) -> None:
        """The plan used values of this record."""
        self.records[form, id] = revision


class FieldTypes(Mapping[str, Type]):
    """The types of a form's (or sub-table's) fields, made when asked for."""

    def __init__(self, fields: Mapping[str, Type], lazy: Mapping[str, str], records: Mapping[str, Type]) -> None:
        self._fields = fields
        self._lazy = lazy
        self._records = records

    def __getitem__(self, name: str) -> Type:
        if name in self._lazy:
            return self._records[self._lazy[name]]
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._fields
        yield from self._lazy

    def __len__(self) -> int:
        return len(self._fields) + len(self._lazy)


def field_types(fields: Sequence[Field], kinds: FieldKinds, records: Mapping[str, Type], *, header: bool) -> FieldTypes:
    """Types of fields; `records` maps form names to record types and may still be filling up."""
    plain_types = {f.name: kinds[f.kind].type(f) for f in fields if not f.is_lines and f.target is None}
    lists = {
        f.name: ListOf(ContextOf(field_types(f.fields, kinds, records, header=False), line_known(f.fields)))
        for f in fields
        if f.is_lines
    }
    lazy = {f.name: f.target for f in fields if f.target is not None}
    return FieldTypes({**(RECORD_NAMES if header else {"id": TEXT}), **plain_types, **lists}, lazy, records)


class Reference(Mapping[str, Any]):
    """A reference's value: its id, and the fields of its record as they are asked for."""

    __slots__ = ("_form", "_id", "_planning", "_record")

    def __init__(self, form: Form, id: UUID, planning: Planning) -> None:
        self._form = form
        self._id = id
        self._planning = planning
        self._record: Mapping[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        if name == "id":
            return str(self._id)
        return self._values()[name]

    def __contains__(self, name: object) -> bool:
        return name == "id" or name in self._values()

    def __iter__(self) -> Iterator[str]:
        yield "id"
        yield from (n for n in self._values() if n != "id")

    def __len__(self) -> int:
        return len(self._values())

    def _values(self) -> Mapping[str, Any]:
        if self._record is None:
            found = self._planning.facts.records(self._form.name, [self._id]).get(self._id)
            if found is None:
                self._record = {"id": str(self._id)} | {f.name: None for f in self._form.fields}
            else:
                self._planning.reads.values(self._form.name, self._id, found.revision)
                lines = {n: tuple(LineRow(r.id, r.position, r.values) for r in rows) for n, rows in found.lines.items()}
                self._record = record_scope(
                    self._form,
                    found.values,
                    lines,
                    self._planning,
                    id=found.id,
                    state=found.state,
                    created_at=found.stamps.get("created_at"),
                    created_by=found.stamps.get("created_by"),
                )
        return self._record


def record_scope(
    form: Form, values: Values, lines: Mapping[str, Sequence[LineRow]], planning: Planning, **stamps: Any
) -> dict[str, Any]:
    """What expressions see of a record: its fields, lines and RECORD_NAMES."""
    scope: dict[str, Any] = {
        "id": str(stamps["id"]) if stamps.get("id") else None,
        "state": stamps.get("state"),
        "created_at": stamps.get("created_at"),
        "created_by": str(stamps["created_by"]) if stamps.get("created_by") else None,
        "actor": actor_value(planning.actor),
    }
    for f in form.fields:
        if f.is_lines:
            scope[f.name] = [line_scope(f, row, planning, form.others) for row in lines.get(f.name, ())]
        else:
            scope[f.name] = field_value(f, values.get(f.name), planning, form.others)
    return scope


def line_scope(lines: Field, row: LineRow, planning: Planning, others: Mapping[str, Form]) -> dict[str, Any]:
    """What expressions see of a line."""
    return {
        "id": str(row.id),
        **{f.name: field_value(f, row.values.get(f.name), planning, others) for f in lines.fields},
    }


def field_value(f: Field, value: Any, planning: Planning, others: Mapping[str, Form]) -> Any:
    """A field's value as expressions see it."""
    if value is None:
        return None
    if f.target is not None:
        return Reference(others[f.target], value, planning)
    return plain(value)


def reference(form: Form, id: UUID, planning: Planning) -> Mapping[str, Any]:
    """A record as expressions see it when it is referred to."""
    return Reference(form, id, planning)


def actor_value(actor: Actor) -> Mapping[str, Any]:
    """The actor as row rights and rules see them."""
    return {"id": str(actor.id), "name": actor.name, "roles": sorted(actor.roles)}
