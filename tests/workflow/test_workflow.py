"""Workflows: graphs with a known verdict, patterns with their trace, each run again with everything put down and picked up between steps."""

import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.actor import SYSTEM, Actor
from engine.clock import CountingIds, SystemClock
from engine.effects import ChangeInstance, CloseTask, Effect, OpenTask, PutToken, StartInstance
from engine.facts import StoredInstance, StoredTask
from engine.problems import Problems
from engine.rules import NUMBER, Scope
from engine.workflow import Advance, Decision, Workflow, check_workflow, compile_workflows, decide, start

RECORD = UUID(int=7)


def node(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        **({"form": "f", "on": "begun"} if kind == "start" else {}),
        **({"role": "boss"} if kind == "approve" else {}),
        **more,
    }


def flow(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"from": source, "to": target, **more}


def approve(name: str, target: str, refused: str = "no") -> list[dict[str, Any]]:
    return [flow(name, target, outcome="approved"), flow(name, refused, outcome="rejected")]


PATTERNS: dict[str, tuple[dict[str, Any], dict[str, Any], list[str], list[str]]] = {
    # each pattern: definition and scope, the decisions in order, the trace
    "sequence": (
        {"nodes": [node("s", "start"), node("a", "approve"), node("b", "approve"), node("e", "end", action="post"), node("no", "end", action="reject")],
         "flows": [flow("s", "a"), *approve("a", "b"), *approve("b", "e")]},
        {}, ["approved", "approved"], ["task a", "task b", "action post", "finished"]),
    "rejection": (
        {"nodes": [node("s", "start"), node("a", "approve"), node("e", "end", action="post"), node("no", "end", action="reject")],
         "flows": [flow("s", "a"), *approve("a", "e")]},
        {}, ["rejected"], ["task a", "action reject", "finished"]),
    "exclusive choice, taken": (
        {"nodes": [node("s", "start"), node("x", "xor"), node("a", "approve"), node("e", "end", action="post"), node("no", "end")],
         "flows": [flow("s", "x"), flow("x", "a", when="amount > 10"), flow("x", "e", default=True), *approve("a", "e")]},
        {"amount": 20}, ["approved"], ["task a", "action post", "finished"]),
    "exclusive choice, default": (
        {"nodes": [node("s", "start"), node("x", "xor"), node("a", "approve"), node("e", "end", action="post"), node("no", "end")],
         "flows": [flow("s", "x"), flow("x", "a", when="amount > 10"), flow("x", "e", default=True), *approve("a", "e")]},
        {"amount": 5}, [], ["action post", "finished"]),
    "parallel split and synchronisation": (
        {"nodes": [node("s", "start"), node("p", "and"), node("a", "approve"), node("b", "approve"), node("j", "and"), node("e", "end", action="post"),
                   node("xa", "xor"), node("xb", "xor")],
         "flows": [flow("s", "p"), flow("p", "a"), flow("p", "b"), *approve("a", "xa", "xa"), *approve("b", "xb", "xb"), flow("xa", "j"),
                   flow("xb", "j"), flow("j", "e")]},
        {}, ["approved", "approved"], ["task a", "task b", "action post", "finished"]),
    "loop back": (
        {"nodes": [node("s", "start"), node("a", "approve"), node("b", "approve"), node("e", "end")],
         "flows": [flow("s", "a"), *approve("a", "b", "a"), *approve("b", "e", "a")]},
        {}, ["approved", "rejected", "approved", "approved"], ["task a", "task b", "task a", "task b", "finished"]),
}  # fmt: skip


@dataclass
class Kept:
    """What a store would keep of one instance."""

    ids: CountingIds = field(default_factory=CountingIds)
    actor: Actor = SYSTEM
    moment: Any = field(default_factory=lambda: SystemClock().now())
    state: str = ""
    revision: int = 0
    id: UUID = RECORD
    tokens: dict[UUID, str] = field(default_factory=dict)
    tasks: dict[UUID, StoredTask] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)

    def keep(self, advance: Advance | Problems) -> None:
        assert isinstance(advance, Advance), advance
        for effect in advance.effects:
            self.keep_one(effect)
        self.trace += [f"action {a}" for a in advance.actions]
        if self.state == "finished":
            self.trace.append("finished")

    def keep_one(self, effect: Effect) -> None:
        match effect:
            case StartInstance():
                self.id, self.state, self.revision = effect.id, effect.state, 1
            case ChangeInstance():
                assert effect.revision == self.revision
                self.state, self.revision = effect.state, self.revision + 1
            case PutToken(state="open"):
                self.tokens[effect.id] = effect.node
            case PutToken():
                del self.tokens[effect.id]
            case OpenTask():
                self.tasks[effect.id] = StoredTask(
                    effect.id, effect.instance, effect.token, effect.node, "f", RECORD, effect.role, "open"
                )
                self.trace.append(f"task {effect.node}")
            case CloseTask():
                del self.tasks[effect.id]

    def instance(self) -> StoredInstance:
        return StoredInstance(
            self.id, "w", "d", "f", RECORD, self.state, self.revision, dict(self.tokens), tuple(self.tasks.values())
        )


@dataclass(frozen=True)
class FakeForm:
    """A form with a number and two states."""

    scope: Scope
    states: tuple[Any, ...] = (type("S", (), {"name": "begun"})(),)
    actions: tuple[Any, ...] = (type("A", (), {"name": "post"})(), type("A", (), {"name": "reject"})())


def compiled(definition: dict[str, Any]) -> dict[str, Workflow]:
    found = compile_workflows(
        {"w": {"workflow": "w", "label": {"en": "w"}, **definition}},
        {"f": FakeForm(Scope({"amount": NUMBER}))},
        ["boss"],
    )
    assert not isinstance(found, Problems), [(p.code, p.place) for p in found]
    return dict(found)


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern(name: str) -> None:
    """A pattern leaves its golden trace; between all steps the definition is compiled anew and the instance picked up from what was kept."""
    definition, scope, decisions, trace = PATTERNS[name]
    kept = Kept()
    kept.keep(start(compiled(definition), form="f", state="begun", record=RECORD, scope=scope, planning=kept))
    for outcome in decisions:
        workflow = compiled(definition)["w"]
        task = sorted(kept.tasks.values(), key=lambda t: t.id)[0]
        kept.keep(decide(workflow, kept.instance(), task, Decision(outcome), scope=scope, planning=kept))

    assert kept.trace == trace
    assert kept.tokens == {}
    assert kept.tasks == {}


def test_a_condition_without_an_answer_takes_no_default() -> None:
    """A condition that comes to nothing stops with a problem that names the node."""
    definition = PATTERNS["exclusive choice, taken"][0]
    kept = Kept()
    advance = start(compiled(definition), form="f", state="begun", record=RECORD, scope={"amount": None}, planning=kept)

    assert isinstance(advance, Problems)
    assert (advance.first.code, advance.first.params["reason"]) == ("workflow.condition_failed", "NULL")


FAILING = [
    # a condition, the amount, and what a designer reads: (reason, part, values)
    ("amount > 10", "many", ("NOT_COMPARABLE", "amount > 10", '"many", 10')),
    ("100 / amount > 10", Decimal(0), ("DIVISION_BY_ZERO", "100 / amount", "100, 0")),
    ("100 / amount > 10 or amount = 0", Decimal(0), ("DIVISION_BY_ZERO", "100 / amount", "100, 0")),
    ("if 100 / amount > 10 then true else false", Decimal(0), ("DIVISION_BY_ZERO", "100 / amount", "100, 0")),
]


@pytest.mark.parametrize("later", [False, True], ids=["at the start", "after a decision"])
@pytest.mark.parametrize(("when", "amount", "told"), FAILING, ids=[f[0] for f in FAILING])
def test_a_condition_with_an_error_tells_who_may_design(
    when: str, amount: Any, told: tuple[str, str, str], later: bool
) -> None:
    """An error in a condition stops, with its part and values for an administrator, and in one plain sentence for others."""
    asked = [node("first", "approve")] if later else []
    into = [flow("s", "first"), *approve("first", "x")] if later else [flow("s", "x")]
    workflows = compiled({
        "nodes": [node("s", "start"), *asked, node("x", "xor"), node("a", "approve"), node("e", "end"), node("no", "end")],
        "flows": [*into, flow("x", "a", when=when), flow("x", "e", default=True), *approve("a", "e")],
    })  # fmt: skip
    begun: dict[str, Any] = {"form": "f", "state": "begun", "record": RECORD, "scope": {"amount": amount}}

    def refused(actor: Actor) -> tuple[str, dict[str, Any]]:
        kept = Kept(actor=actor)
        advance = start(workflows, planning=kept, **begun)
        if later:
            kept.keep(advance)
            task = next(iter(kept.tasks.values()))
            answer = Decision("approved")
            advance = decide(workflows["w"], kept.instance(), task, answer, scope=begun["scope"], planning=kept)
        assert isinstance(advance, Problems)
        return advance.first.code, dict(advance.first.params)

    reason, part, values = told
    names: dict[str, Any] = {"workflow": {"en": "w"}, "node": {"en": "x"}, "reason": reason}
    assert refused(SYSTEM) == ("workflow.condition_failed_at", {**names, "part": part, "values": values})
    assert refused(Actor(RECORD, "Cleo")) == ("workflow.condition_failed", names)


def block(rng: random.Random, depth: int, made: dict[str, Any], start_: str) -> str:
    """Adds a sound block behind `start_` and returns its last node."""
    n = len(made["nodes"])
    kind = rng.choice(["task", "sequence", "xor", "and"]) if depth else "task"
    if kind == "task":
        made["nodes"] += [node(f"a{n}", "approve"), node(f"m{n}", "xor")]
        made["flows"] += [flow(start_, f"a{n}"), *approve(f"a{n}", f"m{n}", f"m{n}")]
        return f"m{n}"
    if kind == "sequence":
        return block(rng, depth - 1, made, block(rng, depth - 1, made, start_))
    made["nodes"] += [node(f"o{n}", kind), node(f"c{n}", kind)]
    made["flows"].append(flow(start_, f"o{n}"))
    for branch in range(2):
        made["nodes"].append(node(f"b{n}{branch}", "xor"))
        made["flows"].append(
            flow(
                f"o{n}",
                f"b{n}{branch}",
                **({} if kind == "and" else {"default": True} if branch else {"when": "amount > 1"}),
            )
        )
        made["flows"].append(flow(block(rng, depth - 1, made, f"b{n}{branch}"), f"c{n}"))
    return f"c{n}"


@pytest.mark.parametrize("seed", range(60))
def test_generated_graphs_get_the_right_verdict(seed: int) -> None:
    """A graph of nested blocks is sound; the same graph with one join of the wrong kind is not."""
    rng = random.Random(seed)
    made: dict[str, Any] = {"nodes": [node("s", "start"), node("f0", "xor")], "flows": [flow("s", "f0")]}
    last = block(rng, 3, made, "f0")
    made["nodes"].append(node("e", "end"))
    made["flows"].append(flow(last, "e"))
    closers = [n for n in made["nodes"] if n["name"].startswith("c")]

    assert check_workflow(made) == []
    for closer in closers[:1]:
        closer["type"] = "xor" if closer["type"] == "and" else "and"
        found = check_workflow(made)
        assert [p.code for p in found] == (
            ["workflow.deadlock"] if closer["type"] == "and" else ["workflow.runs_twice"]
        )


BROKEN = [
    ("workflow.one_start", [node("e", "end")], []),
    ("workflow.no_end", [node("s", "start"), node("x", "xor")], [flow("s", "x"), flow("x", "x")]),
    ("workflow.unreachable", [node("s", "start"), node("e", "end"), node("z", "approve")], [flow("s", "e"), *approve("z", "e", "e")]),
    ("workflow.no_way_out", [node("s", "start"), node("a", "approve"), node("e", "end"), node("z", "approve")],
     [flow("s", "a"), flow("a", "e", outcome="approved"), flow("a", "z", outcome="rejected"), *approve("z", "z", "z")]),
    ("workflow.no_default", [node("s", "start"), node("x", "xor"), node("e", "end")],
     [flow("s", "x"), flow("x", "e", when="amount > 1"), flow("x", "e", when="amount > 2")]),
    ("workflow.loop_without_wait", [node("s", "start"), node("x", "xor"), node("y", "xor"), node("e", "end")],
     [flow("s", "x"), flow("x", "y"), flow("y", "x", when="amount > 1"), flow("y", "e", default=True)]),
    ("workflow.outcome_missing", [node("s", "start"), node("a", "approve"), node("e", "end")], [flow("s", "a"), flow("a", "e", outcome="approved")]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "nodes", "flows"), BROKEN, ids=[b[0] for b in BROKEN])
def test_broken_graphs_are_named(code: str, nodes: list[Any], flows: list[Any]) -> None:
    """Each way a graph can be wrong is told with its code at the node."""
    assert code in [p.code for p in check_workflow({"nodes": nodes, "flows": flows})]


@pytest.mark.parametrize(
    "flows",
    [
        [flow("s", "x"), flow("x", "e", when="amount > 10")],
        [flow("s", "x"), flow("x", "a", when="amount > 10"), flow("x", "e", default=True, when="amount > 5"), *approve("a", "e")],
    ],
    ids=["the only way", "the default"],
)  # fmt: skip
def test_a_condition_that_would_not_count_is_refused(flows: list[Any]) -> None:
    """A condition on the only flow out of a decision, or on its default, is refused: the flow would be taken whatever it says."""
    nodes = [node("s", "start"), node("x", "xor"), node("a", "approve"), node("e", "end"), node("no", "end")]
    used = {f["to"] for f in flows} | {"s"}
    found = check_workflow({"nodes": [n for n in nodes if n["name"] in used], "flows": flows})
    assert [p.code for p in found] == ["workflow.condition_ignored"]
