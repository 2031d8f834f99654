"""workflow: what may happen next. Definitions are graphs that are proved sound; runs are tokens on them. Executes no SQL."""

from engine.workflow.advance import Advance, Decision, decide, start
from engine.workflow.compile import compile_workflows
from engine.workflow.definition import Flow, Node, Workflow
from engine.workflow.graph import check_workflow

__all__ = ["Advance", "Decision", "Flow", "Node", "Workflow", "check_workflow", "compile_workflows", "decide", "start"]
