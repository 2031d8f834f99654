"""What evaluate() has beyond the cases that run on every target."""

from pathlib import Path
from typing import Any

import pytest

from engine.rules import RuleSyntaxError, evaluate
from tests.rules.test_tck import same

CASES = Path(__file__).parent / "cases" / "server_only.txt"
LINES = [line for line in CASES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def value_of(text: str) -> Any:
    """The value; what is refused counts as null."""
    try:
        return evaluate(text)
    except RuleSyntaxError:
        return None


@pytest.mark.parametrize("line", LINES)
def test_the_value(line: str) -> None:
    """An expression has the value that stands behind it."""
    expression, _, value = line.rpartition(" => ")

    got, wanted = value_of(expression), value_of(value)
    assert (wanted is None) == (value == "null")
    assert same(got, wanted)
