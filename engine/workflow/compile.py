"""Definitions → Workflows: graphs that are sound, whose conditions fit the form they run for."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from engine.problems import Problem, Problems, pointer
from engine.rules import BOOLEAN, Checked, Scope, check
from engine.values import canonical
from engine.workflow import problems
from engine.workflow.definition import Flow, Node, Workflow
from engine.workflow.graph import check_workflow


class Named(Protocol):
    """A state or action, as far as workflows need to know."""

    @property
    def name(self) -> str: ...


class RunForm(Protocol):
    """A form, as far as workflows need to know."""

    @property
    def scope(self) -> Scope: ...
    @property
    def states(self) -> Sequence[Named]: ...
    @property
    def actions(self) -> Sequence[Named]: ...


def compile_workflows(
    definitions: Mapping[str, Mapping[str, Any]], forms: Mapping[str, RunForm], roles: Sequence[str]
) -> Mapping[str, Workflow] | Problems:
    """The workflows by name, or every problem of every workflow, each in its file at its JSON pointer."""
    made: dict[str, Workflow] = {}
    found: list[Problem] = []
    for name, json in definitions.items():
        notes = check_workflow(json)
        notes += _references(json, forms, tuple(roles))
        if not notes:
            made[name] = _workflow(json, forms, notes)
        found += [p.in_file(f"workflows/{name}.json") for p in notes]
    return Problems(tuple(found)) if found else made


def _references(json: Mapping[str, Any], forms: Mapping[str, RunForm], roles: tuple[str, ...]) -> list[Problem]:
    found: list[Problem] = []
    start: Mapping[str, Any] = next((n for n in json["nodes"] if n["type"] == "start"), {})
    form = forms.get(start.get("form", ""))
    for at, node in enumerate(json["nodes"]):
        wanted: list[tuple[str, tuple[str, ...]]] = []
        if node["type"] == "start":
            wanted.append(("form", tuple(forms)))
            if form is not None:
                wanted.append(("on", tuple(s.name for s in form.states)))
        if node["type"] == "approve":
            wanted.append(("role", roles))
        if node["type"] == "end" and "action" in node and form is not None:
            wanted.append(("action", tuple(a.name for a in form.actions)))
        found += [
            problems.unknown_reference(key, str(node.get(key, "")), known).under(pointer("nodes", at, key))
            for key, known in wanted
            if node.get(key) not in known
        ]
    return found


def _workflow(json: Mapping[str, Any], forms: Mapping[str, RunForm], notes: list[Problem]) -> Workflow:
    start = next(n for n in json["nodes"] if n["type"] == "start")
    scope = forms[start["form"]].scope
    nodes = tuple(
        Node(n["name"], n["type"], n.get("label", {"en": n["name"]}), n.get("role"), n.get("action"))
        for n in json["nodes"]
    )
    flows = tuple(_flow(at, f, scope, notes) for at, f in enumerate(json["flows"]))
    digest = sha256(canonical(dict(json)).encode()).hexdigest()[:32]
    return Workflow(
        json["workflow"], json.get("label", {"en": json["workflow"]}), start["form"], start["on"], nodes, flows, digest
    )


def _flow(at: int, json: Mapping[str, Any], scope: Scope, notes: list[Problem]) -> Flow:
    when: Checked | None = None
    if "when" in json:
        checked = check(json["when"], scope, expects=BOOLEAN, needed=True)
        if isinstance(checked, Problems):
            notes += [p.under(pointer("flows", at, "when")) for p in checked]
        else:
            when = checked
    return Flow(json["from"], json["to"], when, bool(json.get("default")), json.get("outcome"))
