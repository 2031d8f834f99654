"""Definitions → Roles: every name is looked up, every row right is checked and must be one the database can work out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.access import problems
from engine.access.definition import Fields, FormGrant, LedgerGrant, Role
from engine.problems import Problem, Problems, pointer
from engine.rules import BOOLEAN, Checked, Scope, check


class NamedPart(Protocol):
    """A field or action, as far as rights need to know."""

    @property
    def name(self) -> str: ...


class GrantedField(NamedPart, Protocol):
    """A field, possibly a sub-table."""

    @property
    def fields(self) -> Sequence[NamedPart]: ...


class GrantedForm(Protocol):
    """A form, as far as rights need to know."""

    @property
    def scope(self) -> Scope: ...
    @property
    def fields(self) -> Sequence[GrantedField]: ...
    @property
    def actions(self) -> Sequence[NamedPart]: ...


def compile_roles(
    definitions: Mapping[str, Mapping[str, Any]], forms: Mapping[str, GrantedForm], names: Mapping[str, Sequence[str]]
) -> Mapping[str, Role] | Problems:
    """The roles by name, or every problem of every role. `names` are those of registers, dashboards and structures by kind."""
    made: dict[str, Role] = {}
    found: list[Problem] = []
    for name, json in definitions.items():
        compiler = _Compiler(json, forms, names)
        made[name] = compiler.role()
        found += [p.in_file(f"roles/{name}.json") for p in compiler.found]
    return Problems(tuple(found)) if found else made


@dataclass(slots=True)
class _Compiler:
    json: Mapping[str, Any]
    forms: Mapping[str, GrantedForm]
    names: Mapping[str, Sequence[str]]
    found: list[Problem] = field(default_factory=list)

    def note(self, problem: Problem, *place: str | int) -> None:
        self.found.append(problem.under(pointer(*place)))

    def role(self) -> Role:
        """The role; its problems are in `found`."""
        forms: dict[str, tuple[FormGrant, ...]] = {}
        sees: set[tuple[str, str]] = set()
        ledgers: dict[str, tuple[LedgerGrant, ...]] = {}
        for at, given in enumerate(self.json.get("grants", ())):
            if "form" in given:
                if given["form"] not in self.forms:
                    self.note(problems.unknown_name("form", given["form"], tuple(self.forms)), "grants", at, "form")
                    continue
                forms[given["form"]] = (
                    *forms.get(given["form"], ()),
                    self._form_grant(at, given, self.forms[given["form"]]),
                )
            for kind in ("register", "dashboard", "structure"):
                if kind in given:
                    if given[kind] not in self.names.get(kind, ()):
                        self.note(
                            problems.unknown_name(kind, given[kind], tuple(self.names.get(kind, ()))),
                            "grants",
                            at,
                            kind,
                        )
                    sees.add((kind, given[kind]))
            if "register" in given:
                ledgers[given["register"]] = (*ledgers.get(given["register"], ()), _ledger_grant(given))
            else:
                for part in ("backdate", "forward_date", "periods"):
                    if part in given:
                        self.note(problems.only_with_a_register(part), "grants", at, part)
        label = self.json.get("label", {"en": self.json["role"]})
        return Role(self.json["role"], label, forms, frozenset(sees), ledgers)

    def _form_grant(self, at: int, given: Mapping[str, Any], form: GrantedForm) -> FormGrant:
        known = tuple(a.name for a in form.actions)
        for step, action in enumerate(given.get("actions", ())):
            if action not in known and action != "*":
                self.note(problems.unknown_action(action, known), "grants", at, "actions", step)
        actions = known if "*" in given.get("actions", ()) else given.get("actions", ())
        hidden = self._names(at, "hide", given.get("hide", ()), form)
        read = self._fields(at, "read", given.get("read", ["*"]), hidden, form)
        write = self._fields(at, "write", given.get("write", ["*"]), hidden, form)
        return FormGrant(
            frozenset(given.get("do", ["read"])),
            frozenset(actions),
            self._rows(at, given.get("rows"), form),
            read,
            write,
        )

    def _fields(self, at: int, key: str, given: Sequence[str], hidden: frozenset[str], form: GrantedForm) -> Fields:
        if "*" in given:
            return Fields(everything=True, hidden=hidden)
        return Fields(names=self._names(at, key, given, form), hidden=hidden)

    def _names(self, at: int, key: str, given: Sequence[str], form: GrantedForm) -> frozenset[str]:
        known = [f.name for f in form.fields] + [f"{f.name}.{i.name}" for f in form.fields for i in f.fields]
        for step, name in enumerate(given):
            if name not in known:
                self.note(problems.unknown_field(name, tuple(known)), "grants", at, key, step)
        return frozenset(given)

    def _rows(self, at: int, text: Any, form: GrantedForm) -> Checked | None:
        if text is None:
            return None
        checked = check(str(text), form.scope, expects=BOOLEAN)
        if isinstance(checked, Problems):
            for problem in checked:
                self.note(problem, "grants", at, "rows")
            return None
        if checked.sql == "no":
            self.note(problems.rows_not_in_sql(), "grants", at, "rows")
        return checked


def _ledger_grant(given: Mapping[str, Any]) -> LedgerGrant:
    periods = given.get("periods", ())
    return LedgerGrant(given.get("backdate", 0), given.get("forward_date", 0), "close" in periods, "reopen" in periods)
