"""Items as the rules of a planner see them: of most forms only the fields that are read, of all items together. Items in which the rules
read the same are alike: what rules come to is worked out once for all of them.
"""

from collections.abc import Collection, Hashable, Mapping
from typing import Any
from uuid import UUID

from engine.actions.gather import facts_of
from engine.actions.many_records import cells_of
from engine.actions.planning import Planning
from engine.forms import Field, reference
from engine.forms.scopes import field_value
from engine.replenishment import Planner


class Seen:
    """Records as expressions see them, each looked at once however often a run meets it."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._known: dict[tuple[str, UUID], Mapping[str, Any]] = {}

    def record(self, form: str, id: UUID) -> Mapping[str, Any]:
        """A record."""
        found = self._known.get((form, id))
        if found is None:
            found = self._known[form, id] = reference(self._planning.release.forms[form], id, self._planning)
        return found


class Items:
    """The items of a planner. Where its expressions look at more than fields of an item's header, whole records are read."""

    def __init__(self, planner: Planner, planning: Planning, seen: Seen) -> None:
        self._form = planning.release.forms[planner.form]
        self._planning = planning
        self._seen = seen
        rules, fields = planner.rules.values(), planner.suggestion.fields.values()
        paths = {path for rule in rules for path in rule.reads if path[0] not in ("key", "source")}
        paths |= {path for rule in planner.places.values() for path in rule.reads}
        paths |= {path[1:] for rule in fields for path in rule.reads if path[0] == "item"}
        by_key = {path[:2] for rule in (*rules, *fields) for path in rule.reads if path[0] == "key"}
        columns = {f.field.name: f.field for f in planning.release.form_tables[planner.form].header}
        is_enough = all(path and path[0] in columns for path in paths)
        is_enough = is_enough and not by_key & {("key",), ("key", planner.dimensions[0])}
        self._read = {path[0] for path in paths if path}
        self._fields = {name: columns[name] for name in self._read} if is_enough else None
        self._telling = sorted({path[0] for rule in rules for path in rule.reads} & self._read)
        """The fields by which the rules can tell items apart."""
        self._known: dict[UUID, tuple[Hashable, Mapping[str, Any]]] = {}

    def read(self, ids: Collection[UUID]) -> None:
        """Ask for items together, and for the records that they refer to and rules may look into."""
        facts = facts_of(self._planning)
        if self._fields is None:
            records = facts.records(self._form.name, ids)
            for f in self._form.header:
                if f.name in self._read:
                    self._follow(f, {value for r in records.values() if (value := r.values.get(f.name)) is not None})
            return
        missing = {id.bytes: id for id in ids if id not in self._known}
        fields, others = self._fields, self._form.others

        referred: dict[str, set[UUID]] = {name: set() for name, f in fields.items() if f.target is not None}

        def seen(f: Field, value: Any) -> Any:
            if f.target is not None and value is not None:
                referred[f.name].add(value)
            return field_value(f, value, self._planning, others)

        for raw, _, found in cells_of(self._form.name, fields, missing, self._planning, seen):
            self._known[missing[raw]] = tuple(_cell(found[name]) for name in self._telling), found
        for name, targets in referred.items():
            self._follow(fields[name], targets)
        facts.records(self._form.name, [id for id in missing.values() if id not in self._known])

    def _follow(self, f: Field, ids: Collection[UUID]) -> None:
        if f.target is not None and ids:
            self._planning.facts.records(f.target, ids)

    def scope(self, id: UUID) -> Mapping[str, Any]:
        """What expressions see of an item: at least the fields that they read."""
        known = self._known.get(id)
        return self._seen.record(self._form.name, id) if known is None else known[1]

    def alike(self, id: UUID) -> Hashable:
        """The same for items that no rule can tell apart."""
        known = self._known.get(id)
        return id if known is None else known[0]


def _cell(value: Any) -> Hashable:
    """What tells a value from others: of a record that is referred to its id."""
    found: Hashable = value["id"] if isinstance(value, Mapping) else value
    return found
