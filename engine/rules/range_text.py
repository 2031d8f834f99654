"""Text → the tree of a range: what range() takes (DMN 1.5 §10.3.1.2, grammar rules 66 and 67). An end is a literal, or a constructor
of a date, time or duration over literals; an open end may be left out: `[1..5]`, `(..5]`, `[@"2026-01-01"..)`.
"""

import re
from typing import Final

from engine.rules import tree as t
from engine.rules.parse import parse

_NO_START: Final = re.compile(r"\s*[(\]]\s*\.\.(.+)([\])\[])\s*", re.DOTALL)
_NO_END: Final = re.compile(r"\s*([\[(\]])(.+)\.\.\s*[)\[]\s*", re.DOTALL)
_CONSTRUCTORS: Final = frozenset(("date", "time", "date and time", "duration"))


def range_tree(text: str) -> t.Interval | None:
    """The interval that `text` writes, or None."""
    no_start, no_end = _NO_START.fullmatch(text), _NO_END.fullmatch(text)
    if no_start is not None:
        written = f"({'<=' if no_start[2] == ']' else '<'} {no_start[1]})"
    elif no_end is not None:
        written = f"({'>=' if no_end[1] == '[' else '>'} {no_end[2]})"
    else:
        written = text
    parsed = parse(written)
    if not isinstance(parsed, t.Expression) or not isinstance(parsed.tree, t.Interval):
        return None
    ends_given = parsed.tree.operator == "" or written is not text
    return parsed.tree if ends_given and all(map(_is_constant, t.children(parsed.tree))) else None


def _is_constant(node: t.Node) -> bool:
    if isinstance(node, t.Call):
        return node.function in _CONSTRUCTORS and all(isinstance(a, t.Literal) for a in node.arguments)
    return isinstance(node, t.Literal) and node.value is not None
