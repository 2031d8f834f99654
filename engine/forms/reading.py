"""JSON → Form, Field, …: reads one form's definition, whose structure has been checked, and checks every expression in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.forms import problems
from engine.forms.definition import Action, Check, Field, State
from engine.forms.kinds import FieldKinds
from engine.names import folded, is_name
from engine.problems import Problem, Problems, pointer
from engine.rules import ANY, BOOLEAN, Checked, Scope, Type, check

RESERVED: Final = frozenset({"id", "state", "record", "actor", "created_at", "created_by", "changed_at"})
"""Names every scope has already."""
COMMON_KEYS: Final = frozenset(
    ["name", "type", "label", "help", "required", "unique", "visible", "readonly", "default", "computed", "fields"]
)


class PhysicalIds(Protocol):
    """Gives every definition its immutable id: `of("form/item/code")`; at most 24 lower-case ASCII characters."""

    def of(self, path: str) -> str: ...


@dataclass(slots=True)
class Findings:
    """Problems of one definition file, each at its pointer."""

    file: str
    found: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem, *place: str | int) -> None:
        """A problem at a place of the file."""
        self.found.append(problem.under(pointer(*place)).in_file(self.file))

    def all(self, problems_: Iterable[Problem], *place: str | int) -> None:
        """Several problems of one place."""
        for problem in problems_:
            self.add(problem, *place)


@dataclass(frozen=True, slots=True)
class RawField:
    """A field whose expressions have not been checked yet: they need the types of all forms."""

    field: Field
    json: Mapping[str, Any]
    place: tuple[str | int, ...]
    fields: "tuple[RawField, ...]" = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What reading a field needs to know beside its JSON."""

    ids: PhysicalIds
    kinds: FieldKinds
    currency: str
    findings: Findings


def read_fields(
    items: Sequence[Mapping[str, Any]],
    path: str,
    around: Surroundings,
    place: tuple[str | int, ...] = ("fields",),
) -> tuple[RawField, ...]:
    """Fields without their expressions. Names must be names, and unique after case folding."""
    kinds, findings = around.kinds, around.findings
    seen: dict[str, str] = {}
    made: list[RawField] = []
    for at, json in enumerate(items):
        name, here = json["name"], (*place, at)
        if not is_name(name):
            findings.add(problems.bad_name(name), *here, "name")
        elif folded(name) in seen:
            findings.add(problems.name_taken(name, seen[folded(name)]), *here, "name")
        elif name in RESERVED:
            findings.add(problems.name_reserved(name), *here, "name")
        seen.setdefault(folded(name), name)
        inner: tuple[RawField, ...] = ()
        if json["type"] == "lines":
            inner = read_fields(json.get("fields", ()), f"{path}/{name}", around, (*here, "fields"))
        elif json["type"] not in kinds:
            findings.add(problems.unknown_field_type(json["type"], tuple(kinds)), *here, "type")
            continue
        options = {k: v for k, v in json.items() if k not in COMMON_KEYS}
        if json["type"] == "money":
            options.setdefault("currency", around.currency)
        if json["type"] == "reference":
            options.setdefault("form", "")
        made.append(
            RawField(
                Field(
                    around.ids.of(f"{path}/{name}"),
                    name,
                    json["type"],
                    json.get("label", {"en": name}),
                    options,
                    json.get("help"),
                    required=json.get("required") is True,
                    unique=bool(json.get("unique")),
                    fields=tuple(r.field for r in inner),
                ),
                json,
                here,
                inner,
            )
        )
    return tuple(made)


@dataclass(slots=True)
class Expressions:
    """Checks expressions against a scope and notes their problems."""

    findings: Findings

    def read(
        self, text: Any, scope: Scope, place: tuple[str | int, ...], expects: Type = ANY, *, needed: bool = False
    ) -> Checked | None:
        """A checked expression, or None with its problems noted. `needed`: it must always come to a value."""
        if text is None:
            return None
        checked = check(str(text), scope, expects=expects, needed=needed)
        if isinstance(checked, Problems):
            self.findings.all(checked, *place)
            return None
        return checked

    def fact(self, value: Any, scope: Scope, place: tuple[str | int, ...]) -> bool | Checked:
        """true, false, or a condition."""
        if isinstance(value, bool) or value is None:
            return bool(value)
        return self.read(value, scope, place, BOOLEAN) or False

    def field(self, raw: RawField, scope: Scope, kinds: FieldKinds, inner: tuple[Field, ...]) -> Field:
        """A field with its expressions."""
        json, place, base = raw.json, raw.place, raw.field
        own = ANY if base.is_lines or base.target else kinds[base.kind].type(base)
        return Field(
            base.id,
            base.name,
            base.kind,
            base.label,
            base.options,
            base.help,
            required=self.fact(json.get("required"), scope, (*place, "required")),
            readonly=self.fact(json.get("readonly"), scope, (*place, "readonly")),
            unique=base.unique,
            visible=self.read(json.get("visible"), scope, (*place, "visible"), BOOLEAN),
            default=self.read(json.get("default"), scope, (*place, "default"), own),
            computed=self.read(json.get("computed"), scope, (*place, "computed"), own, needed=base.required is True),
            fields=inner,
        )


def read_states(json: Mapping[str, Any], findings: Findings) -> tuple[State, ...]:
    """The states; the first one is where records begin, and editable unless it says otherwise."""
    states = tuple(
        State(s["name"], s.get("label", {"en": s["name"]}), bool(s.get("editable", at == 0)))
        for at, s in enumerate(json.get("states", ()))
    )
    names = [s.name for s in states]
    for at, name in enumerate(names):
        if not is_name(name):
            findings.add(problems.bad_name(name), "states", at, "name")
        if name in names[:at]:
            findings.add(problems.name_taken(name, name), "states", at, "name")
    return states


def read_actions(
    json: Mapping[str, Any], states: tuple[State, ...], scope: Scope, findings: Findings
) -> tuple[Action, ...]:
    """The state actions; each leads from states there are to a state there is."""
    names = tuple(s.name for s in states)
    expressions = Expressions(findings)
    made: list[Action] = []
    for at, a in enumerate(json.get("actions", ())):
        for step, state in enumerate(a["from"]):
            if state not in names:
                findings.add(problems.unknown_state(state, names), "actions", at, "from", step)
        if a["to"] not in names:
            findings.add(problems.unknown_state(a["to"], names), "actions", at, "to")
        if any(a["name"] == m.name for m in made):
            findings.add(problems.name_taken(a["name"], a["name"]), "actions", at, "name")
        when = expressions.read(a.get("when"), scope, ("actions", at, "when"), BOOLEAN)
        made.append(
            Action(
                a["name"],
                a.get("label", {"en": a["name"]}),
                tuple(a["from"]),
                a["to"],
                when,
                a.get("style", ""),
                a.get("confirm"),
                a.get("copy"),
            )
        )
    return tuple(made)


def read_checks(
    json: Mapping[str, Any],
    raw: Sequence[RawField],
    header: Scope,
    line_scopes: Mapping[str, Scope],
    findings: Findings,
) -> tuple[Check, ...]:
    """The checks; `at` names the field each is told at, "lines.quantity" one of a sub-table."""
    made: list[Check] = []
    fields = {r.field.name: r for r in raw}
    for at, c in enumerate(json.get("checks", ())):
        where = c.get("at", "")
        lines, _, inner = where.partition(".")
        raw_field = fields.get(lines)
        in_lines = inner != "" and raw_field is not None and raw_field.field.is_lines
        if where and (raw_field is None or (inner and not any(f.name == inner for f in raw_field.field.fields))):
            findings.add(problems.unknown_field(where, tuple(fields)), "checks", at, "at")
            continue
        that = Expressions(findings).read(
            c["that"], line_scopes[lines] if in_lines else header, ("checks", at, "that"), BOOLEAN
        )
        if that is not None:
            made.append(
                Check(
                    c.get("name", str(at)),
                    that,
                    inner if in_lines else where,
                    c.get("message") or {},
                    lines if in_lines else None,
                )
            )
    return tuple(made)
