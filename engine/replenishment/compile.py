"""Definitions → Planners: each is checked against its register, its items, its structure and the form of its suggestions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from json import dumps
from typing import Any, Final

from engine.forms import BUILT_IN, Form
from engine.forms.definition import Field
from engine.problems import Problem, Problems, pointer
from engine.registers import Register
from engine.replenishment import problems
from engine.replenishment.definition import AMOUNTS, COUNTS, Planner, Schedule, Suggesting
from engine.rules import ANY, BOOLEAN, DATE, NUMBER, TEXT, Checked, ContextOf, Scope, Type, check
from engine.rules.dsl.times import is_cron
from engine.rules.known import PRESENT
from engine.structures import Structure

EXPECTED: Final[Mapping[str, Type]] = {
    "source": ANY, "policy": TEXT, **dict.fromkeys((*AMOUNTS, *COUNTS), NUMBER), "make": BOOLEAN,
}  # fmt: skip
"""What the rules of items must come to; the source is worked out first, and the others see it."""
SUGGESTED: Final[Mapping[str, Type]] = {
    "quantity": NUMBER, "needed": DATE, "due": DATE, "start": DATE, "late": BOOLEAN, "kind": TEXT, "reason": TEXT,
}  # fmt: skip
"""What the fields of suggestions may use, besides `key`, `item` and `source`."""
_FIELD_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text",),
    "choice": ("choice", "text"),
    "date": ("date",),
}
"""Kinds of fields that hold a dimension which is no reference."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What planners refer to."""

    forms: Mapping[str, Form]
    registers: Mapping[str, Register]
    structures: Mapping[str, Structure]


def compile_planners(
    definitions: Mapping[str, Mapping[str, Any]], around: Surroundings
) -> Mapping[str, Planner] | Problems:
    """The planners by name, or every problem of every planner, each in its file at its JSON pointer."""
    made: dict[str, Planner] = {}
    found: list[Problem] = []
    for name, json in definitions.items():
        compiler = _Compiler(json, around)
        planner = compiler.planner()
        found += [p.in_file(f"replenishment/{name}.json") for p in compiler.found]
        if planner is not None:
            made[name] = planner
    return Problems(tuple(found)) if found else made


@dataclass(slots=True)
class _Compiler:
    json: Mapping[str, Any]
    around: Surroundings
    found: list[Problem] = field(default_factory=list)

    def note(self, problem: Problem, *place: str | int) -> None:
        self.found.append(problem.under(pointer(*place)))

    def planner(self) -> Planner | None:
        """The planner, or None with its problems in `found`."""
        json = self.json
        register = self.around.registers.get(json["register"])
        if register is None:
            self.note(problems.unknown_register(json["register"], tuple(self.around.registers)), "register")
            return None
        factors, scale = self._amount(register)
        of = self._dimensions(register)
        items = self.around.forms.get(json["items"]["form"])
        if items is None:
            self.note(problems.unknown_form(json["items"]["form"], tuple(self.around.forms)), "items", "form")
        if of is None or items is None:
            return None
        if register.dimensions[of[0]].form != items.name:
            self.note(problems.not_the_items(items.name, register.dimensions[of[0]].form or ""), "items", "form")
        self._structure(items)
        key = self._key_type(register, of)
        rules = self._rules(items, key)
        places = self._places(items, tuple(register.dimensions[at].name for at in of[1:]))
        suggestion = self._suggestion(register, of, items, (key, rules.get("source")))
        cron = json.get("schedule", {}).get("cron")
        if cron is not None and not is_cron(cron):
            self.note(problems.bad_schedule(cron), "schedule", "cron")
        if self.found or suggestion is None:
            return None
        return Planner(
            json["planner"],
            json["label"],
            register.name,
            json["measure"],
            factors,
            scale,
            of,
            tuple(register.dimensions[at].name for at in of),
            items.name,
            json.get("structure"),
            rules,
            places,
            json["horizon_days"],
            json.get("bucket", "day"),
            suggestion,
            self._schedule(),
        )

    def _schedule(self) -> Schedule | None:
        given = self.json.get("schedule")
        return Schedule(given["cron"], bool(given.get("workdays"))) if given else None

    def _amount(self, register: Register) -> tuple[tuple[int, ...], int]:
        """The measure or figure as factors of the measures, and its scale."""
        name = self.json["measure"]
        figures = {f.name: f.factors for f in register.figures}
        figures |= {m.name: tuple(int(m is other) for other in register.measures) for m in register.measures}
        factors = figures.get(name, ())
        if name not in figures:
            self.note(problems.unknown_measure(name, tuple(figures)), "measure")
        scales = {m.scale for m, factor in zip(register.measures, factors, strict=False) if factor}
        if len(scales) > 1:
            self.note(problems.scales_differ(name), "measure")
        return factors, min(scales, default=0)

    def _dimensions(self, register: Register) -> tuple[int, ...] | None:
        known = tuple(d.name for d in register.dimensions)
        found = [register.dimension_index(name) for name in self.json["of"]]
        for at, (name, position) in enumerate(zip(self.json["of"], found, strict=True)):
            if position is None:
                self.note(problems.unknown_dimension(name, known), "of", at)
        positions = tuple(p for p in found if p is not None)
        return positions if len(positions) == len(found) else None

    def _structure(self, items: Form) -> None:
        name = self.json.get("structure")
        if name is None:
            return
        structure = self.around.structures.get(name)
        if structure is None:
            self.note(problems.unknown_structure(name, tuple(self.around.structures)), "structure")
        elif structure.target != items.name:
            self.note(problems.not_the_items(structure.target, items.name), "structure")

    def _key_type(self, register: Register, of: tuple[int, ...]) -> Type:
        kinds: dict[str, Type] = {}
        for at in of:
            d = register.dimensions[at]
            form = self.around.forms.get(d.form or "")
            kinds[d.name] = form.record_type if form else DATE if d.kind == "date" else TEXT
        known = {
            register.dimensions[at].name: frozenset((PRESENT,)) for at in of if not register.dimensions[at].optional
        }
        return ContextOf(kinds, known)

    def _rules(self, items: Form, key: Type) -> dict[str, Checked]:
        given = self.json["items"]
        scope = items.scope.extended({"key": key}, _KEY_KNOWN)
        made: dict[str, Checked] = {}
        for part, expects in EXPECTED.items():
            if part in given:
                checked = self._checked(given[part], scope, expects, "items", part)
                if checked is not None:
                    made[part] = checked
            if part == "source":
                scope = scope.extended({"source": made["source"].type if "source" in made else ANY}, {})
        return made

    def _places(self, items: Form, others: tuple[str, ...]) -> dict[str, Checked]:
        given = self.json["items"].get("at", {})
        made: dict[str, Checked] = {}
        for name, text in given.items():
            if name not in others:
                self.note(problems.unknown_dimension(name, others), "items", "at", name)
                continue
            checked = self._checked(text, items.scope, ANY, "items", "at", name)
            if checked is not None:
                made[name] = checked
        for name in others if given else ():
            if name not in given:
                self.note(problems.dimension_missing(name), "items", "at")
        return made

    def _suggestion(
        self, register: Register, of: tuple[int, ...], items: Form, seen: tuple[Type, Checked | None]
    ) -> Suggesting | None:
        json = self.json["suggestion"]
        form = self.around.forms.get(json["form"])
        if form is None:
            self.note(problems.unknown_form(json["form"], tuple(self.around.forms)), "suggestion", "form")
            return None
        self._key_fields(register, of, form)
        key, source = seen
        names = {"key": key, "item": items.record_type, "source": source.type if source else ANY, **SUGGESTED}
        known = frozenset((PRESENT,))
        scope = Scope(names, present={name: known for name in names if name != "source"})
        fields = self._fields(form, scope)
        open_ = self._open(form)
        by_date = json.get("per", "key") == "date"
        due = next((name for name, checked in fields.items() if checked.text.strip() == "due"), None)
        if by_date and due is None and not self.found:
            self.note(problems.date_missing(), "suggestion", "fields")
        return Suggesting(
            form.name, json["key"], fields, open_, self._is_open(form, open_), json.get("withdraw"), by_date, due
        )

    def _key_fields(self, register: Register, of: tuple[int, ...], form: Form) -> None:
        given: Mapping[str, str] = self.json["suggestion"]["key"]
        header = {f.name: f for f in form.header}
        dimensions = {register.dimensions[at].name: register.dimensions[at] for at in of}
        for name, field_name in given.items():
            place = ("suggestion", "key", name)
            f = header.get(field_name)
            if name not in dimensions:
                self.note(problems.unknown_dimension(name, tuple(dimensions)), *place)
            elif f is None:
                self.note(problems.unknown_field(field_name, tuple(header)), *place)
            elif not _holds(f, dimensions[name].kind, dimensions[name].form):
                self.note(problems.field_does_not_fit(field_name), *place)
        for name in dimensions:
            if name not in given:
                self.note(problems.dimension_missing(name), "suggestion", "key")

    def _fields(self, form: Form, scope: Scope) -> dict[str, Checked]:
        json = self.json["suggestion"]
        header = {f.name: f for f in form.header}
        taken = set(json["key"].values())
        made: dict[str, Checked] = {}
        for name, text in json["fields"].items():
            place = ("suggestion", "fields", name)
            f = header.get(name)
            if f is None:
                self.note(problems.unknown_field(name, tuple(header)), *place)
                continue
            if name in taken or not _may_be_given(f):
                self.note(problems.field_does_not_fit(name), *place)
                continue
            checked = self._checked(text, scope, ANY if f.target else BUILT_IN[f.kind].type(f), *place)
            if checked is None:
                continue
            if (
                f.target
                and checked.type.fields is not None
                and checked.type.fields is not _fields_of(self.around, f.target)
            ):
                self.note(problems.field_does_not_fit(name), *place)
            made[name] = checked
        names_fit = not any(p.place.startswith("/suggestion") for p in self.found)
        for f in form.fields if names_fit else ():
            given = f.name in taken or f.name in json["fields"]
            if f.required is True and f.default is None and f.computed is None and not given and f.kind != "sequence":
                self.note(problems.field_missing(f.name), "suggestion", "fields")
        return made

    def _open(self, form: Form) -> tuple[str, ...]:
        json = self.json["suggestion"]
        known = tuple(s.name for s in form.states)
        open_ = tuple(json.get("open", known[:1]))
        for at, name in enumerate(open_):
            if name not in known:
                self.note(problems.unknown_state(name, known), "suggestion", "open", at)
        if known and known[0] not in open_:
            self.note(problems.first_state_not_open(known[0]), "suggestion", "open")
        if "withdraw" in json:
            action = form.action(json["withdraw"])
            stuck = [s for s in open_ if action is None or s not in action.from_states or action.to in open_]
            if action is None or stuck:
                self.note(problems.cannot_withdraw(json["withdraw"], ", ".join(stuck)), "suggestion", "withdraw")
        return open_

    def _is_open(self, form: Form, states: tuple[str, ...]) -> Checked | None:
        if not states:
            return None
        names = ", ".join(dumps(name, ensure_ascii=False) for name in states)
        return self._checked(f"state in ({names})", form.scope, BOOLEAN, "suggestion", "open")

    def _checked(self, text: str, scope: Scope, expects: Type, *place: str | int) -> Checked | None:
        checked = check(text, scope, expects=expects)
        if isinstance(checked, Problems):
            for problem in checked:
                self.note(problem, *place)
            return None
        return checked


_KEY_KNOWN: Final = {"key": frozenset((PRESENT,))}


def _holds(f: Field, kind: str, form: str | None) -> bool:
    if not _may_be_given(f):
        return False
    return f.target == form if kind == "reference" else f.kind in _FIELD_KINDS.get(kind, ())


def _may_be_given(f: Field) -> bool:
    """May the planner write it? What nobody may type it may: a suggestion is the planner's."""
    return f.computed is None and f.kind != "sequence" and not f.is_lines


def _fields_of(around: Surroundings, form: str) -> Any:
    return around.forms[form].record_type.fields
