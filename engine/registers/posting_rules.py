"""Posting rules of a register, checked against the forms that they post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.problems import Problem, Problems, pointer
from engine.registers import problems
from engine.registers.definition import CostRule, Dimension, Measure, PickRule, PostingRule
from engine.rules import ANY, BOOLEAN, NUMBER, TEXT, Checked, Scope, Type, check
from engine.rules.known import PRESENT


class StateLike(Protocol):
    """A state of a form, as far as registers need to know."""

    @property
    def name(self) -> str: ...


class PostedForm(Protocol):
    """A form, as far as registers need to know."""

    @property
    def scope(self) -> Scope: ...
    @property
    def record_type(self) -> Type: ...
    @property
    def line_types(self) -> Mapping[str, Type]: ...
    @property
    def states(self) -> Sequence[StateLike]: ...
    def line_scope(self, lines: str) -> Scope: ...


def checked_or_noted(
    found: list[Problem], text: Any, scope: Scope, expects: Type, place: tuple[str | int, ...]
) -> Checked | None:
    """An expression of a definition, or None with what is wrong with it noted at its place."""
    return _sound(found, check(str(text), scope, expects=expects), place)


def _sound(found: list[Problem], checked: Checked | Problems, place: tuple[str | int, ...]) -> Checked | None:
    if isinstance(checked, Problems):
        found += [p.under(pointer(*place)) for p in checked]
        return None
    return checked


NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "move": ("at", "add"),
    "set": ("at", "to"),
    "reserve": ("at", "quantity"),
    "settle": ("at", "quantity", "demand"),
    "plan": ("at", "quantity", "due"),
    "fulfil": ("at", "quantity", "demand"),
}
"""The parts that each `do` cannot go without."""


@dataclass(frozen=True, slots=True)
class PostingRuleCompiler:
    """Compiles the posting rules of one register; problems go to `found`."""

    forms: Mapping[str, PostedForm]
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    reservation: str | None
    planned: str | None
    is_valued: bool
    picks_from: Scope | None
    """What the order of picking sees of a balance; None when nothing limits what can be reserved."""
    found: list[Problem]
    before: list[str] = field(default_factory=list)
    """Postings compiled so far."""

    def compile(self, at: int, json: Mapping[str, Any], register: str) -> PostingRule | None:
        """The rule, or None with its problems noted."""
        form = self.forms.get(json["form"])
        if form is None:
            self._note(problems.unknown_form(json["form"], tuple(self.forms)), at, "form")
            return None
        event = self._event(at, json, form)
        rows, do = json.get("rows"), json.get("do", "move")
        if rows is not None and rows not in form.line_types:
            self._note(problems.unknown_rows(rows, tuple(form.line_types)), at, "rows")
            return None
        scope = form.line_scope(rows) if rows else form.scope.extended({"record": form.record_type}, _RECORD_KNOWN)
        self._parts(at, json, do, register)
        if do != "set":  # what a count finds changes later: nothing takes its value from it
            self.before.append(json["name"])
        when = None
        if "when" in json:
            when = checked_or_noted(self.found, json["when"], scope, BOOLEAN, ("postings", at, "when"))
        needs = _Needs(at, scope, when)
        return PostingRule(
            json["name"],
            json["form"],
            event,
            do,
            rows,
            when,
            self._at(json, do, needs),
            self._amounts(json, "add", needs),
            self._needed(json.get("quantity"), needs, NUMBER, "quantity"),
            self._needed(json.get("demand"), needs, ANY, "demand"),
            self._needed(json.get("effective"), needs, ANY, "effective"),
            self._amounts(json, "to", needs),
            self._needed(json.get("due"), needs, ANY, "due"),
            bool(json.get("keeps_time")),
            self._cost(json.get("cost", {}), needs),
            self._pick(json.get("pick"), at),
            self._needed(json.get("priority"), needs, NUMBER, "priority"),
            self._value(json.get("expires"), needs, "expires"),
        )

    def _note(self, problem: Problem, at: int, *place: str | int) -> None:
        self.found.append(problem.under(pointer("postings", at, *place)))

    def _event(self, at: int, json: Mapping[str, Any], form: PostedForm) -> str:
        on: str = json["on"]
        if on in ("created", "deleted"):
            return on
        if on == "rule":
            return f"rule:{json['name']}"
        known = tuple(s.name for s in form.states)
        if on not in known:
            self._note(problems.unknown_event(on, (*known, "created", "deleted")), at, "on")
        return f"state:{on}"

    def _parts(self, at: int, json: Mapping[str, Any], do: str, register: str) -> None:
        if do in ("reserve", "settle", "void") and self.reservation is None:
            self._note(problems.no_reservations(register), at, "do")
        if do in ("plan", "fulfil", "unplan") and self.planned is None:
            self._note(problems.no_planning(register), at, "do")
        for part in ("pick", "priority", "expires"):
            if part in json and do != "reserve":
                self._note(problems.only_for_reservations(part), at, part)
        for part in NEEDED.get(do, ()):
            if part not in json:
                self._note(problems.part_missing(part), at)

    def _at(self, json: Mapping[str, Any], do: str, needs: "_Needs") -> dict[str, Checked]:
        given, picks = json.get("at", {}), json.get("pick", {"order": "named"})["order"] != "named"
        known = tuple(d.name for d in self.dimensions if d.source is None)
        for name in given:
            if name not in known:
                self._note(problems.unknown_dimension(name, known), needs.at, "at", name)
        made: dict[str, Checked] = {}
        for d in self.dimensions:
            if d.source is not None:
                continue
            if d.name in given:
                expects = TEXT if d.kind in ("text", "choice") else ANY
                place = ("postings", needs.at, "at", d.name)
                if d.optional or (picks and d is not self.dimensions[0]):
                    checked = checked_or_noted(self.found, given[d.name], needs.scope, expects, place)
                else:
                    checked = self._needed(given[d.name], needs, expects, "at", d.name)
                if checked is not None:
                    made[d.name] = checked
            elif picks and d is not self.dimensions[0]:
                continue
            elif not d.optional and "at" in NEEDED.get(do, ()):
                self._note(problems.dimension_missing(d.name), needs.at, "at")
        return made

    def _pick(self, json: Mapping[str, Any] | None, at: int) -> PickRule | None:
        """How a reservation finds what its row leaves open."""
        if json is None:
            return None
        order = json["order"]
        if self.picks_from is None:
            self._note(problems.nothing_limits(), at, "pick")
            return None
        if order in ("fefo", "nearest") and "by" not in json:
            self._note(problems.part_missing("by"), at, "pick")
        made: list[Checked | None] = []
        for part, expects in (("by", ANY), ("only", BOOLEAN)):
            place = ("postings", at, "pick", part)
            checked = (
                checked_or_noted(self.found, json[part], self.picks_from, expects, place) if part in json else None
            )
            if checked is not None and checked.sql == "no":
                self._note(problems.not_in_the_database(), at, "pick", part)
            made.append(checked)
        return PickRule(order, made[0], made[1], json.get("partial", "all"))

    def _value(self, text: Any, needs: "_Needs", *place: str) -> Checked | None:
        """An expression of a posting that may come to null."""
        return (
            None
            if text is None
            else checked_or_noted(self.found, text, needs.scope, ANY, ("postings", needs.at, *place))
        )

    def _amounts(self, json: Mapping[str, Any], part: str, needs: "_Needs") -> dict[str, Checked]:
        known = tuple(m.name for m in self.measures)
        made: dict[str, Checked] = {}
        for name, text in json.get(part, {}).items():
            if name not in known:
                self._note(problems.unknown_measure(name, known), needs.at, part, name)
                continue
            checked = self._needed(text, needs, NUMBER, part, name)
            if checked is not None:
                made[name] = checked
        return made

    def _cost(self, json: Mapping[str, Any], needs: "_Needs") -> CostRule:
        if not json:
            return CostRule()
        if not self.is_valued:
            self._note(problems.not_valued(), needs.at, "cost")
        for step, name in enumerate(json.get("from", ())):
            if name not in self.before:
                self._note(problems.unknown_posting(name, tuple(self.before)), needs.at, "cost", "from", step)
        return CostRule(
            tuple(json.get("from", ())),
            not json.get("shared", False),
            self._needed(json.get("weight"), needs, NUMBER, "cost", "weight"),
            self._needed(json.get("own"), needs, NUMBER, "cost", "own"),
            self._needed(json.get("returned"), needs, ANY, "cost", "returned"),
            self._needed(json.get("onto"), needs, ANY, "cost", "onto"),
        )

    def _needed(self, text: Any, needs: "_Needs", expects: Type, *place: str) -> Checked | None:
        """An expression of a posting that must come to a value."""
        if text is None:
            return None
        checked = check(str(text), needs.scope, expects=expects, needed=True, given=needs.when)
        return _sound(self.found, checked, ("postings", needs.at, *place))


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a posting's expressions are checked in: which posting it is, its names, and the condition without which it posts nothing."""

    at: int
    scope: Scope
    when: Checked | None


_RECORD_KNOWN: Final = {"record": frozenset((PRESENT,))}
