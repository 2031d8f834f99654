"""The problems of workflows: of a graph, and of one run."""

from engine.names import Text, nearest
from engine.problems import Problem
from engine.rules import Diagnostic


def name_taken(name: str) -> Problem:
    """Two nodes of one name."""
    return Problem("workflow.name_taken", "", {"name": name})


def unknown_node(name: str, known: tuple[str, ...]) -> Problem:
    """A flow from or to a node that is not there."""
    return Problem("workflow.unknown_node", "", {"name": name}, ways=nearest(name, known))


def unknown_node_type(name: str, known: tuple[str, ...]) -> Problem:
    """No node type of this name."""
    return Problem("workflow.unknown_node_type", "", {"name": name}, ways=nearest(name, known))


def unknown_reference(kind: str, name: str, known: tuple[str, ...]) -> Problem:
    """A node names a form, state, action or role that the pack does not have."""
    return Problem("workflow.unknown_reference", "", {"kind": kind, "name": name}, ways=nearest(name, known))


def one_start(found: int) -> Problem:
    """A workflow begins in exactly one place."""
    return Problem("workflow.one_start", "", {"found": found})


def no_end() -> Problem:
    """A workflow must be able to end."""
    return Problem("workflow.no_end")


def unreachable(name: str) -> Problem:
    """No way leads from the start to this node."""
    return Problem("workflow.unreachable", "", {"name": name})


def no_way_out(name: str) -> Problem:
    """No way leads from this node to an end."""
    return Problem("workflow.no_way_out", "", {"name": name})


def wrong_flow_count(name: str, way: str, expected: str, found: int) -> Problem:
    """A node has more or fewer arrows than its type can have."""
    return Problem("workflow.wrong_flow_count", "", {"name": name, "way": way, "expected": expected, "found": found})


def no_default(name: str) -> Problem:
    """A decision has no flow for when no condition holds."""
    return Problem("workflow.no_default", "", {"name": name})


def condition_ignored(name: str, target: str) -> Problem:
    """The only flow out of a decision, or its default, has a condition: it would be taken whether that holds or not."""
    return Problem("workflow.condition_ignored", "", {"name": name, "target": target})


def condition_missing(name: str, target: str) -> Problem:
    """A flow out of a decision has neither a condition nor is it the default."""
    return Problem("workflow.condition_missing", "", {"name": name, "target": target})


def outcome_missing(name: str, outcome: str) -> Problem:
    """An approval has no flow for one of its outcomes."""
    return Problem("workflow.outcome_missing", "", {"name": name, "outcome": outcome})


def loop_without_wait(names: str) -> Problem:
    """Nodes that lead to each other without anybody having to do something."""
    return Problem("workflow.loop_without_wait", "", {"names": names})


def deadlock(name: str, path: str) -> Problem:
    """A join that waits for an arrow on which nothing will come."""
    return Problem("workflow.deadlock", "", {"name": name, "path": path})


def runs_twice(name: str, path: str) -> Problem:
    """A node that two parallel branches reach without a join."""
    return Problem("workflow.runs_twice", "", {"name": name, "path": path})


def too_many_states(most: int) -> Problem:
    """The graph is too large to be proved sound."""
    return Problem("workflow.too_many_states", "", {"most": most})


def condition_failed(workflow: Text, node: Text, why: Diagnostic | None, *, may_design: bool) -> Problem:
    """A condition came to nothing for this record (`why`, or null for no error); no way is taken by default for that. Who may design
    is told which part of it, and its values."""
    if why is None or not may_design:
        reason = "NULL" if why is None else why.code
        return Problem("workflow.condition_failed", "", {"workflow": workflow, "node": node, "reason": reason})
    return Problem("workflow.condition_failed_at", "", {"workflow": workflow, "node": node, **why.told()})


def unknown_outcome(node: Text, outcome: str) -> Problem:
    """The task has no such outcome."""
    return Problem("workflow.unknown_outcome", "", {"node": node, "outcome": outcome})


def too_many_steps(workflow: Text, most: int) -> Problem:
    """One step set off more steps than the limit."""
    return Problem("workflow.too_many_steps", "", {"workflow": workflow, "most": most})
