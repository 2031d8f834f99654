"""Workflow, Node, Flow: what may happen next. Frozen, compiled from JSON once; an Instance is one run (engine.facts.StoredInstance)."""

from dataclasses import dataclass

from engine.names import Text
from engine.rules import Checked


@dataclass(frozen=True, slots=True)
class Node:
    """A step. kind: start, xor, and, approve (a task for anyone with `role`), end (which may take a state `action` on the record)."""

    name: str
    kind: str
    label: Text
    role: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow. Out of an xor it has a condition or is the default; out of an approval it names the outcome it is for."""

    source: str
    target: str
    when: Checked | None = None
    is_default: bool = False
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A graph that begins when a record of `form` enters `state`. The digest names the definition an instance began under."""

    name: str
    label: Text
    form: str
    state: str
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    digest: str

    def node(self, name: str) -> Node:
        """A node by its name."""
        return next(n for n in self.nodes if n.name == name)

    def flows_from(self, name: str) -> tuple[Flow, ...]:
        """The arrows out of a node, in order of declaration."""
        return tuple(f for f in self.flows if f.source == name)

    def flows_into(self, name: str) -> tuple[Flow, ...]:
        """The arrows into a node."""
        return tuple(f for f in self.flows if f.target == name)
