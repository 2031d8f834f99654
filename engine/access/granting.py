"""The answer to "who may do what": a Grant for one actor on one form. The only maker of RowFilters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from engine.access import problems
from engine.access.compile import GrantedForm
from engine.access.definition import Fields, FormGrant, LedgerGrant, Role
from engine.actor import Actor
from engine.names import Text
from engine.problems import Problem, Problems, pointer
from engine.rules import RowFilter


class ShownForm(GrantedForm, Protocol):
    """A form with its name and words, for refusals."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> Text: ...


DAYS_MAX: Final = 36_600
"""As many days as an admin may date back or ahead: a century."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one actor may do with the records of one form."""

    form: ShownForm
    do: frozenset[str]
    actions: frozenset[str]
    rows: RowFilter
    readable: tuple[Fields, ...]
    writable: tuple[Fields, ...]

    def require(self, what: str) -> Problems | None:
        """A refusal unless the actor may "read", "create", "change" or "delete"."""
        return None if what in self.do else problems.not_allowed(what, self.form.label)

    def require_action(self, action: str) -> Problems | None:
        """A refusal unless the actor may take this state action."""
        if action in self.actions:
            return None
        label = next((_label(a) for a in self.form.actions if a.name == action), {"en": action})
        return problems.action_not_allowed(label, self.form.label)

    def require_fields(self, given: Mapping[str, Any]) -> Problems | None:
        """A refusal for every given field that the actor may not write."""
        found: list[Problem] = []
        for f in self.form.fields:
            if f.name not in given:
                continue
            if not self.may_write(f.name):
                found.append(problems.field_not_allowed(pointer(f.name), _label(f)))
            elif f.fields and isinstance(given[f.name], list | tuple):
                columns = {i.name: i for i in f.fields}
                found += [
                    problems.field_not_allowed(pointer(f.name, at, name), _label(columns[name]))
                    for at, row in enumerate(given[f.name])
                    if isinstance(row, Mapping)
                    for name in row
                    if name in columns and not self.may_write(f"{f.name}.{name}")
                ]
        return Problems(tuple(found)) if found else None

    def may_read(self, name: str) -> bool:
        """May the actor read this field ("lines.price" for a column)? What every record has may be read by all who see it."""
        return name in ("id", "state", "created_at", "created_by", "changed_at") or any(
            f.covers(name) for f in self.readable
        )

    def may_write(self, name: str) -> bool:
        """May the actor write this field?"""
        return any(f.covers(name) for f in self.writable) and self.may_read(name)

    covers = may_read


def grant(roles: Mapping[str, Role], actor: Actor, form: ShownForm, parameters: Mapping[str, Any]) -> Grant:
    """What the actor's roles together grant on the form. `parameters` are the values that row rights may use ({"actor": …})."""
    if actor.is_admin:
        every = Fields(everything=True)
        return Grant(
            form,
            frozenset({"read", "create", "change", "delete", "override"}),
            frozenset(a.name for a in form.actions),
            RowFilter(everything=True, parameters=parameters),
            (every,),
            (every,),
        )
    grants = [g for role in _roles(roles, actor) for g in role.forms.get(form.name, ())]
    reading = [g for g in grants if "read" in g.do]
    return Grant(
        form,
        _union(g.do for g in grants),
        _union(g.actions for g in grants),
        _rows(reading, parameters),
        tuple(g.read for g in reading),
        tuple(g.write for g in grants),
    )


def _rows(reading: list[FormGrant], parameters: Mapping[str, Any]) -> RowFilter:
    if any(g.rows is None for g in reading):
        return RowFilter(everything=True, parameters=parameters)
    return RowFilter(expressions=tuple(g.rows for g in reading if g.rows is not None), parameters=parameters)


def may_see(roles: Mapping[str, Role], actor: Actor, kind: str, name: str) -> bool:
    """May the actor see this register, dashboard or structure?"""
    return actor.is_admin or any((kind, name) in role.sees for role in _roles(roles, actor))


def ledger_grant(roles: Mapping[str, Role], actor: Actor, register: str) -> LedgerGrant:
    """What the actor's roles together grant on a register beside seeing it."""
    if actor.is_admin:
        return LedgerGrant(DAYS_MAX, DAYS_MAX, may_close=True, may_reopen=True)
    grants = [g for role in _roles(roles, actor) for g in role.ledgers.get(register, ())]
    return LedgerGrant(
        max((g.back for g in grants), default=0),
        max((g.ahead for g in grants), default=0),
        any(g.may_close for g in grants),
        any(g.may_reopen for g in grants),
    )


def _roles(roles: Mapping[str, Role], actor: Actor) -> list[Role]:
    return [roles[name] for name in sorted(actor.roles) if name in roles]


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _label(part: Any) -> Text:
    label: Text = part.label
    return label
