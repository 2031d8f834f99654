"""Is a graph sound? Structure first (linear), then every marking it can reach (bounded). The home of networkx for workflows.

Data is not looked at: a decision may go any of its ways. So sound means sound for every outcome of every condition (RULES: van der Aalst
1998; deadlock = a join that waits in vain, lack of synchronisation = a flow that holds two tokens).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import networkx as nx

from engine.problems import Problem, pointer
from engine.workflow import problems

NODE_TYPES: Final = ("start", "xor", "and", "approve", "end")
OUTCOMES: Final = ("approved", "rejected")
STATES_MAX: Final = 20_000
"""Most markings that are looked at before a graph is refused as too large."""


def check_workflow(definition: Mapping[str, Any]) -> list[Problem]:
    """Every problem of a graph (`nodes`, `flows`), each at its JSON pointer; empty when it is sound."""
    shape = _Shape(definition)
    found = shape.names()
    if found:
        return found
    found = [*shape.counts(), *shape.ways(), *shape.decisions()]
    if found:
        return found
    return shape.loops() or _Markings(shape).check()


@dataclass(slots=True)
class _Shape:
    """A definition as a graph, with the place of each node and flow."""

    json: Mapping[str, Any]

    @property
    def nodes(self) -> Sequence[Mapping[str, Any]]:
        return self.json.get("nodes", ())  # type: ignore[no-any-return]

    @property
    def flows(self) -> Sequence[Mapping[str, Any]]:
        return self.json.get("flows", ())  # type: ignore[no-any-return]

    def kind(self, name: str) -> str:
        return next(str(n["type"]) for n in self.nodes if n["name"] == name)

    def out(self, name: str) -> list[int]:
        return [at for at, f in enumerate(self.flows) if f["from"] == name]

    def into(self, name: str) -> list[int]:
        return [at for at, f in enumerate(self.flows) if f["to"] == name]

    def place(self, name: str) -> str:
        return pointer("nodes", next(at for at, n in enumerate(self.nodes) if n["name"] == name))

    def graph(self) -> Any:
        graph = nx.DiGraph()
        graph.add_nodes_from(n["name"] for n in self.nodes)
        graph.add_edges_from((f["from"], f["to"]) for f in self.flows)
        return graph

    def names(self) -> list[Problem]:
        """Names that are there once, flows between nodes that are there."""
        found: list[Problem] = []
        known: list[str] = []
        for at, node in enumerate(self.nodes):
            if node["name"] in known:
                found.append(problems.name_taken(node["name"]).under(pointer("nodes", at, "name")))
            if node["type"] not in NODE_TYPES:
                found.append(
                    problems.unknown_node_type(str(node["type"]), NODE_TYPES).under(pointer("nodes", at, "type"))
                )
            known.append(node["name"])
        for at, flow in enumerate(self.flows):
            for end in ("from", "to"):
                if flow[end] not in known:
                    found.append(problems.unknown_node(str(flow[end]), tuple(known)).under(pointer("flows", at, end)))
        return found

    def counts(self) -> list[Problem]:
        """One start, an end, and arrows as each type has them."""
        found: list[Problem] = []
        starts = [n for n in self.nodes if n["type"] == "start"]
        if len(starts) != 1:
            found.append(problems.one_start(len(starts)).under("/nodes"))
        if not any(n["type"] == "end" for n in self.nodes):
            found.append(problems.no_end().under("/nodes"))
        for node in self.nodes:
            name, kind = node["name"], node["type"]
            ins, outs = len(self.into(name)), len(self.out(name))
            if kind == "start" and ins:
                found.append(problems.wrong_flow_count(name, "in", "0", ins).under(self.place(name)))
            if kind == "start" and outs != 1:
                found.append(problems.wrong_flow_count(name, "out", "1", outs).under(self.place(name)))
            if kind == "end" and outs:
                found.append(problems.wrong_flow_count(name, "out", "0", outs).under(self.place(name)))
            if kind in ("xor", "and", "approve") and not outs:
                found.append(problems.wrong_flow_count(name, "out", "≥ 1", outs).under(self.place(name)))
        return found

    def ways(self) -> list[Problem]:
        """Every node lies on a way from the start to an end."""
        graph = self.graph()
        starts = [n["name"] for n in self.nodes if n["type"] == "start"]
        ends = [n["name"] for n in self.nodes if n["type"] == "end"]
        reached = set(starts).union(*(nx.descendants(graph, s) for s in starts))
        leading = set(ends).union(*(nx.ancestors(graph, e) for e in ends))
        return [
            problems.unreachable(n["name"]).under(self.place(n["name"])) for n in self.nodes if n["name"] not in reached
        ] + [
            problems.no_way_out(n["name"]).under(self.place(n["name"])) for n in self.nodes if n["name"] not in leading
        ]

    def decisions(self) -> list[Problem]:
        """Every decision has a default and conditions, every approval a flow for each outcome."""
        found: list[Problem] = []
        for node in self.nodes:
            name, flows = node["name"], [self.flows[at] for at in self.out(node["name"])]
            if node["type"] == "xor" and len(flows) > 1:
                if sum(bool(f.get("default")) for f in flows) != 1:
                    found.append(problems.no_default(name).under(self.place(name)))
                found += [
                    problems.condition_missing(name, f["to"]).under(self.place(name))
                    for f in flows
                    if not f.get("default") and "when" not in f
                ]
            if node["type"] == "xor":
                found += [
                    problems.condition_ignored(name, f["to"]).under(self.place(name))
                    for f in flows
                    if "when" in f and (f.get("default") or len(flows) == 1)
                ]
            if node["type"] == "approve":
                found += [
                    problems.outcome_missing(name, o).under(self.place(name))
                    for o in OUTCOMES
                    if o not in [f.get("outcome") for f in flows]
                ]
        return found

    def loops(self) -> list[Problem]:
        """Every loop holds a node where somebody must do something."""
        graph = self.graph()
        graph.remove_nodes_from([n["name"] for n in self.nodes if n["type"] == "approve"])
        return [
            problems.loop_without_wait(" → ".join(sorted(part))).under("/flows")
            for part in nx.strongly_connected_components(graph)
            if len(part) > 1 or graph.has_edge(*(next(iter(part)),) * 2)
        ]


class _Markings:
    """All markings (sets of flows that hold a token) a graph can reach, each with the way to it.

    First the graph is reduced by steps that keep its verdict: a node with one arrow in and one out goes, equal arrows between two nodes of
    one kind are one, a decision's arrow to itself goes. What is made of blocks is gone then; only the rest is looked at marking by marking.
    """

    def __init__(self, shape: _Shape) -> None:
        self._shape = shape
        self._kinds = {n["name"]: "xor" if n["type"] == "approve" else str(n["type"]) for n in shape.nodes}
        self._flows = _reduced([(f["from"], f["to"]) for f in shape.flows], self._kinds)
        start = next(n["name"] for n in shape.nodes if n["type"] == "start")
        self._first = frozenset(at for at, (source, _) in enumerate(self._flows) if source == start)

    def check(self) -> list[Problem]:
        """The first deadlock or double run, with the nodes passed on the way to it."""
        seen = {self._first}
        waiting: list[tuple[frozenset[int], tuple[str, ...]]] = [(self._first, ())]
        while waiting:
            marking, path = waiting.pop()
            steps = self._steps(marking)
            if marking and not steps:
                stuck = self._flows[min(marking)][1]
                return [problems.deadlock(stuck, " → ".join(path)).under(self._shape.place(stuck))]
            for node, taken, given in steps:
                if given & (marking - taken):
                    twice = self._flows[min(given & (marking - taken))][1]
                    return [problems.runs_twice(twice, " → ".join((*path, node))).under(self._shape.place(twice))]
                after = (marking - taken) | given
                if after not in seen:
                    if len(seen) >= STATES_MAX:
                        return [problems.too_many_states(STATES_MAX).under("/flows")]
                    seen.add(after)
                    waiting.append((after, (*path, node)))
        return []

    def _steps(self, marking: frozenset[int]) -> list[tuple[str, frozenset[int], frozenset[int]]]:
        """(node, flows it takes from, flows it gives to) of every step that can be taken."""
        steps: list[tuple[str, frozenset[int], frozenset[int]]] = []
        for name in sorted({self._flows[at][1] for at in marking}):
            into = frozenset(at for at, (_, target) in enumerate(self._flows) if target == name)
            out = [at for at, (source, _) in enumerate(self._flows) if source == name]
            if self._kinds[name] == "and":
                if into <= marking:
                    steps.append((name, into, frozenset(out)))
                continue
            for at in into & marking:
                if self._kinds[name] == "end":
                    steps.append((name, frozenset({at}), frozenset()))
                steps += [(name, frozenset({at}), frozenset({way})) for way in out]
        return steps


def _reduced(flows: list[tuple[str, str]], kinds: Mapping[str, str]) -> list[tuple[str, str]]:
    """The flows that are left when nothing more can be reduced."""
    while True:
        kept = [f for f in flows if not (f[0] == f[1] and kinds[f[0]] == "xor")]
        single: list[tuple[str, str]] = []
        for flow in kept:
            source, target = kinds[flow[0]], kinds[flow[1]]
            same = source == target or (source, target) == ("xor", "end")
            if not (same and flow in single):
                single.append(flow)
        passing = next((n for n, k in kinds.items() if k in ("xor", "and") and _passes(n, single)), None)
        if passing is None:
            if len(single) == len(flows):
                return single
            flows = single
            continue
        (source, _), (_, target) = (
            next(f for f in single if f[1] == passing),
            next(f for f in single if f[0] == passing),
        )
        flows = [f for f in single if passing not in f] + [(source, target)]


def _passes(name: str, flows: list[tuple[str, str]]) -> bool:
    """Has the node one arrow in and one out, and are they two?"""
    into, out = [f for f in flows if f[1] == name], [f for f in flows if f[0] == name]
    return len(into) == len(out) == 1 and into != out
