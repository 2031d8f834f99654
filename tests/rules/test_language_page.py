"""The language page keeps its word: every example on it is run."""

import json
import re
from pathlib import Path
from typing import Any

from engine.rules import evaluate, parse
from engine.rules.functions import FUNCTIONS
from engine.rules.tree import Expression
from engine.rules.writing import write

PAGE = (Path(__file__).parents[2] / "engine" / "rules" / "LANGUAGE.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_every_example_has_its_value() -> None:
    """Each `expression => value` of the page holds, and is written by the formatter as the same expression."""
    from decimal import Decimal

    done = 0
    for block in blocks("feel"):
        context: dict[str, Any] = {}
        for line in block.splitlines():
            if line.startswith("with "):
                context = json.loads(line.removeprefix("with "), parse_float=Decimal)
                continue
            expression, _, value = line.rpartition(" => ")
            assert evaluate(expression, context) == evaluate(value), line
            parsed = parse(expression)
            assert isinstance(parsed, Expression)
            assert evaluate(write(parsed.tree), context) == evaluate(value), line
            done += 1
    assert done > 40


def test_the_python_of_the_page_runs() -> None:
    """The page's Python runs over the page's table."""
    (table,), (code,) = blocks("json"), blocks("python")
    exec(code, {"TABLE": json.loads(table)})


def test_every_function_is_on_the_page() -> None:
    """No built-in function without a place on the page."""
    listed = " ".join(re.findall(r"^- \*\*\w+\*\* `(.*?)`", PAGE, re.MULTILINE)) + " not"
    assert [name for name in FUNCTIONS if name not in listed] == []
