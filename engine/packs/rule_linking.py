"""Rules → linked rules: names are found in forms, registers, workflows and roles, expressions are checked, loops are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.forms import BUILT_IN, Field, Form
from engine.packs import problems
from engine.packs.rule_definition import LATER, LinkedRule, Step, Watch
from engine.packs.rule_loops import loop_problems
from engine.packs.rule_scopes import action_scope, condition_scope, crossing_scope
from engine.problems import Problem, Problems, pointer
from engine.registers import Register
from engine.rules import ANY, BOOLEAN, NUMBER, TEXT, Checked, Scope, Type, check, linear
from engine.rules.dsl import moved
from engine.rules.dsl import tree as d
from engine.rules.dsl.times import is_cron
from engine.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rules may name."""

    forms: Mapping[str, Form]
    registers: Mapping[str, Register]
    workflows: Mapping[str, Workflow]
    roles: Sequence[str]

    def form_of(self, kind: Type) -> str | None:
        """The form whose records have this type."""
        return next((n for n, f in self.forms.items() if kind.is_context and f.record_type.fields is kind.fields), None)


def link_rules(
    files: Mapping[str, tuple[tuple[d.Rule, ...], bool]], around: Surroundings
) -> tuple[LinkedRule, ...] | Problems:
    """All rules in the order they fire, or every problem. `files`: name → (rules, was it rule text?)."""
    made: list[LinkedRule] = []
    found: list[Problem] = []
    seen: set[str] = set()
    for file, (rules, is_text) in sorted(files.items()):
        for at, rule in enumerate(rules):
            place = _Place(f"rules/{file}.{'rule' if is_text else 'json'}", () if is_text else ("items", at), rule)
            if rule.name in seen:
                place.note(problems.rule_twice(rule.name), "rule")
            seen.add(rule.name)
            linked = _Linker(rule, around, place).linked(len(made) + 1)
            found += place.found
            if linked is not None:
                made.append(linked)
    found += loop_problems(made, around.forms) if not found else []
    return Problems(tuple(found)) if found else tuple(made)


@dataclass(slots=True)
class _Place:
    """Where a rule stands, and what is wrong with it: problems of rule text by line and column, of JSON by pointer."""

    file: str
    pointer: tuple[str | int, ...]
    rule: d.Rule
    found: list[Problem] = field(default_factory=list)

    def note(self, problem: Problem, *steps: str | int) -> None:
        """A problem of a part of the rule."""
        told = problem.under(pointer(*self.pointer, *steps)) if self.pointer else moved(problem, self.rule.at)
        self.found.append(told.in_file(self.file))

    def note_formula(self, problem: Problem, formula: d.Formula, *steps: str | int) -> None:
        """A problem of an expression of the rule."""
        told = problem.under(pointer(*self.pointer, *steps)) if self.pointer else moved(problem, formula.at)
        self.found.append(told.in_file(self.file))


@dataclass(slots=True)
class _Linker:
    rule: d.Rule
    around: Surroundings
    place: _Place

    def linked(self, order: int) -> LinkedRule | None:
        """The linked rule; None when it has problems, which are noted."""
        rule, event = self.rule, self.rule.event
        form, register = self.around.forms.get(rule.subject), self.around.registers.get(rule.subject)
        of_register = isinstance(event, d.CROSSINGS)
        if (register if of_register else form) is None:
            known = tuple(self.around.registers if of_register else self.around.forms)
            self.place.note(
                problems.unknown_name("register" if of_register else "form", rule.subject, known, ""), "for"
            )
            return None
        if rule.each != (rule.each and isinstance(event, d.RECORDLESS)):
            self.place.note(problems.rule_each(d.kind_of(event)), "each")
        watch: Watch | None = None
        if of_register:
            assert register is not None
            watch = self._watch(register)
            scope = inner = crossing_scope(register, watch.grain if watch else (), self.around.forms)
        else:
            assert form is not None
            self._event(form)
            scope, inner = condition_scope(rule, form), action_scope(rule, form)
        condition = None if rule.condition is None else self.checked(rule.condition, scope, BOOLEAN, "if")
        steps = tuple(self._step(at, action, inner, form) for at, action in enumerate(rule.actions))
        if self.place.found:
            return None
        return LinkedRule(
            rule, rule.name, order, self.place.file, None if of_register else rule.subject, condition, steps, watch
        )

    # events

    def _event(self, form: Form) -> None:
        event, where = self.rule.event, "when" if self.rule.phase == "before" else "after"
        wanted: list[tuple[str, str, tuple[str, ...]]] = []
        if isinstance(event, d.Changed):
            wanted += [("field", name, tuple(f.name for f in form.fields)) for name in event.fields]
        elif isinstance(event, d.Entered | d.Left):
            wanted.append(("state", event.state, tuple(s.name for s in form.states)))
        elif isinstance(event, d.LineAdded):
            wanted.append(("lines", event.lines, tuple(f.name for f in form.sub_tables)))
        elif isinstance(event, d.TaskDone) and event.node is not None:
            nodes = [n.name for w in self.around.workflows.values() if w.form == form.name for n in w.nodes]
            wanted.append(("node", event.node, tuple(nodes)))
        elif isinstance(event, d.Scheduled) and not is_cron(event.cron):
            self.place.note(problems.bad_cron(event.cron), where, "cron")
        for kind, name, known in wanted:
            if name not in known:
                self.place.note(problems.unknown_name(kind, name, known, ""), where)

    def _watch(self, register: Register) -> Watch | None:
        event, where = self.rule.event, "when" if self.rule.phase == "before" else "after"
        if isinstance(event, d.ConstraintCrossed):
            found = next((c for c in register.constraints if c.name == event.constraint), None)
            if found is None:
                known = tuple(c.name for c in register.constraints)
                self.place.note(problems.unknown_name("constraint", event.constraint, known, ""), where, "constraint")
                return None
            if found.offset:
                self.place.note(problems.constraint_with_number(event.constraint), where, "constraint")
                return None
            way = "below" if event.direction == "broken" else "above"
            inclusive = found.strict if way == "below" else not found.strict
            return Watch(register.name, found.of, found.factors, way, None, inclusive)
        assert isinstance(event, d.BalanceCrossed)
        grain = self._grain(register, event, where)
        scope = Scope({m.name: NUMBER for m in register.measures})
        balance = self.checked(event.balance, scope, NUMBER, where, "balance")
        if balance is None or grain is None:
            return None
        sums = linear(balance.tree)
        scales = {m.scale for m in register.measures if sums and sums.get(m.name)}
        if sums is None or len(scales) != 1:
            self.place.note_formula(problems.balance_not_a_sum(), event.balance, where, "balance")
            return None
        threshold = self.checked(
            event.threshold,
            crossing_scope(register, grain, self.around.forms, figures=False),
            NUMBER,
            where,
            "threshold",
        )
        factors = tuple(sums.get(m.name, 0) for m in register.measures)
        return Watch(register.name, grain, factors, event.direction, threshold, inclusive=False)

    def _grain(self, register: Register, event: d.BalanceCrossed, where: str) -> tuple[int, ...] | None:
        known = tuple(dimension.name for dimension in register.dimensions)
        for name in event.per:
            if name not in known:
                self.place.note(problems.unknown_name("dimension", name, known, ""), where, "per")
                return None
        grain = tuple(sorted(known.index(name) for name in event.per or known))
        if grain not in register.grains:
            kept = tuple(" ".join(known[at] for at in g) for g in register.grains)
            self.place.note(problems.no_such_grain(" ".join(event.per), kept), where, "per")
            return None
        return grain

    # actions

    def _step(self, at: int, action: d.Action, scope: Scope, form: Form | None) -> Step:
        kind = d.kind_of(action)
        why = _misplaced(self.rule, action)
        if why:
            self.place.note(problems.action_not_here(kind, why), "then", at)
            return Step(action, {})
        linked: Step = getattr(self, f"_{kind}")(action, scope, form, ("then", at))
        return linked

    def _set(self, action: d.Set, scope: Scope, form: Form, place: tuple[str | int, ...]) -> Step:
        return Step(action, self._assigned(form, action.field, action.to, scope, "to", (*place, "to")))

    def _refuse(self, action: d.Refuse, scope: Scope, form: Form, place: tuple[str | int, ...]) -> Step:
        if action.at is not None and form.field(action.at) is None:
            self._unknown("field", action.at, [f.name for f in form.fields], (*place, "at"))
        return Step(action, self._message(action.message, scope, place))

    _warn = _refuse

    def _comment(self, action: d.Comment, scope: Scope, form: Form | None, place: tuple[str | int, ...]) -> Step:
        return Step(action, self._message(action.message, scope, place))

    def _create(self, action: d.Create, scope: Scope, form: Form | None, place: tuple[str | int, ...]) -> Step:
        target = self.around.forms.get(action.form)
        if target is None:
            self._unknown("form", action.form, list(self.around.forms), (*place, "form"))
            return Step(action, {})
        if action.action is not None and target.action(action.action) is None:
            self._unknown("action", action.action, [a.name for a in target.actions], (*place, "action"))
        return Step(action, self._values(target, action.values, scope, place), action.form)

    def _change(self, action: d.Change, scope: Scope, form: Form | None, place: tuple[str | int, ...]) -> Step:
        record, target = self._record(action.record, scope, (*place, "record"))
        if target is None:
            return Step(action, {})
        values = self._values(self.around.forms[target], action.values, scope, place, lines=False)
        return Step(action, {"record": record, **values}, target)  # type: ignore[dict-item]  # there when its form is

    def _do(self, action: d.Do, scope: Scope, form: Form | None, place: tuple[str | int, ...]) -> Step:
        expressions: dict[str, Checked] = {}
        target, name = form, None
        if action.record is not None:
            record, name = self._record(action.record, scope, (*place, "record"))
            if record is None or name is None:
                return Step(action, {})
            expressions, target = {"record": record}, self.around.forms[name]
        assert target is not None
        if target.action(action.action) is None:
            self._unknown("action", action.action, [a.name for a in target.actions], (*place, "action"))
        return Step(action, expressions, name)

    def _reserve(self, action: d.Reserve, scope: Scope, form: Form, place: tuple[str | int, ...]) -> Step:
        return self._posting(action, form, ("reserve",), action.posting, place)

    def _release(self, action: d.Release, scope: Scope, form: Form, place: tuple[str | int, ...]) -> Step:
        return self._posting(action, form, ("void",), None, place)

    def _posting(
        self,
        action: d.Reserve | d.Release,
        form: Form,
        do: tuple[str, ...],
        name: str | None,
        place: tuple[str | int, ...],
    ) -> Step:
        register = self.around.registers.get(action.register)
        if register is None:
            self._unknown("register", action.register, list(self.around.registers), (*place, "register"))
            return Step(action, {})
        fitting = [p for p in register.postings if p.form == form.name and p.do in do and p.on.startswith("rule:")]
        if name is None and len(fitting) == 1:
            name = fitting[0].name
        if name not in [p.name for p in fitting]:
            self._unknown("posting", name or do[0], [p.name for p in fitting], place)
        return Step(action, {}, posting=f"rule:{name}")

    def _start(self, action: d.Start, scope: Scope, form: Form, place: tuple[str | int, ...]) -> Step:
        fitting = [w.name for w in self.around.workflows.values() if w.form == form.name]
        if action.workflow not in fitting:
            self._unknown("workflow", action.workflow, fitting, (*place, "workflow"))
        return Step(action, {})

    def _notify(self, action: d.Notify, scope: Scope, form: Form | None, place: tuple[str | int, ...]) -> Step:
        expressions = self._message(action.message, scope, place)
        if action.user is None and action.role not in self.around.roles:
            self._unknown("role", action.role or "", list(self.around.roles), (*place, "role"))
        if action.user is not None:
            user = self.checked(action.user, scope, TEXT, *place, "user")
            expressions |= {"user": user} if user is not None else {}
        return Step(action, expressions)

    def _call(self, action: d.CallWebhook, scope: Scope, form: Form | None, place: tuple[str | int, ...]) -> Step:
        made = {n: self.checked(f, scope, ANY, *place, "values", n) for n, f in action.values}
        return Step(action, {f"values/{n}": c for n, c in made.items() if c is not None})

    # expressions

    def checked(self, formula: d.Formula, scope: Scope, expects: Type, *place: str | int) -> Checked | None:
        """The checked expression; what is wrong with it is noted."""
        found = check(formula.source or formula.text, scope, expects=expects)
        if isinstance(found, Checked):
            return found
        for problem in found:
            self.place.note_formula(problem, formula, *place)
        return None

    def _message(self, formula: d.Formula, scope: Scope, place: tuple[str | int, ...]) -> dict[str, Checked]:
        found = self.checked(formula, scope, ANY, *place, "message")
        if found is not None and found.type not in (TEXT, ANY) and not found.type.is_context:
            self.place.note_formula(problems.not_a_message(str(found.type)), formula, *place, "message")
        return {"message": found} if found is not None else {}

    def _record(
        self, formula: d.Formula, scope: Scope, place: tuple[str | int, ...]
    ) -> tuple[Checked | None, str | None]:
        found = self.checked(formula, scope, ANY, *place)
        target = self.around.form_of(found.type) if found is not None else None
        if found is not None and target is None:
            self.place.note_formula(problems.not_a_record(str(found.type)), formula, *place)
        return found, target

    def _values(
        self, form: Form, values: d.Assignments, scope: Scope, place: tuple[str | int, ...], *, lines: bool = True
    ) -> dict[str, Checked]:
        made: dict[str, Checked] = {}
        for name, formula in values:
            inner = (*place, "values", name)
            made |= self._assigned(form, name, formula, scope, f"values/{name}", inner, lines=lines)
        return made

    def _assigned(
        self, form: Form, name: str, formula: d.Formula, scope: Scope, key: str, place: tuple[str | int, ...], *, lines: bool = False
    ) -> dict[str, Checked]:  # fmt: skip
        f = form.field(name)
        if f is None:
            self._unknown("field", name, [f.name for f in form.fields], place)
            return {}
        if f.computed is not None or f.kind == "sequence" or (f.is_lines and not lines):
            self.place.note_formula(problems.field_not_for_rules(name), formula, *place)
            return {}
        found = self.checked(formula, scope, _expected(f), *place)
        if found is None:
            return {}
        if f.target is not None and found.type.is_context and self.around.form_of(found.type) != f.target:
            self.place.note_formula(problems.not_a_record(str(found.type)), formula, *place)
        return {key: found}

    def _unknown(self, kind: str, name: str, known: list[str], place: tuple[str | int, ...]) -> None:
        self.place.note(problems.unknown_name(kind, name, tuple(known), ""), *place)


def _expected(f: Field) -> Type:
    return ANY if f.is_lines or f.target is not None else BUILT_IN[f.kind].type(f)


def _misplaced(rule: d.Rule, action: d.Action) -> str:
    """Why an action cannot stand in a rule: "" when it can."""
    before = rule.phase == "before" and not isinstance(rule.event, LATER)
    has_record = rule.each or not isinstance(rule.event, LATER)
    if isinstance(action, d.Refuse | d.Warn) and not before:
        return "before"
    if isinstance(rule.event, d.Deleted) and isinstance(action, _OF_RECORD):
        return "deleted"
    if not has_record and (isinstance(action, _OF_RECORD) or (isinstance(action, d.Do) and action.record is None)):
        return "record"
    return ""


_OF_RECORD: Final[Any] = (d.Set, d.Reserve, d.Release, d.Start, d.Comment)
"""Actions on the record of the rule itself, while it is there."""
