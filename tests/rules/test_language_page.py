"""The language page keeps its word: every example on it is run."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.rules import evaluate, parse
from engine.rules.dsl import parse_rules
from engine.rules.dsl.tree import ACTIONS, EVENTS
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


HOW_TO = (Path(__file__).parents[2] / "engine" / "docs" / "write-a-rule.md").read_text(encoding="utf-8")


def test_the_rules_on_the_pages_are_rules() -> None:
    """Every rule shown is one, and the two languages of the how-to show the same rule."""
    english, chinese = (parse_rules(text) for text in re.findall(r"```rule\n(.*?)```", HOW_TO, re.DOTALL))
    assert isinstance(english, tuple)
    assert english == chinese
    assert all(isinstance(parse_rules(text), tuple) for text in blocks("rule"))


@pytest.mark.parametrize("phrase", re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\|.*\|$", HOW_TO, re.MULTILINE))))
def test_the_phrases_of_the_how_to_are_read(phrase: str) -> None:
    """Each phrase in the tables of events and actions is read as one, in both languages."""
    if phrase in (*EVENTS, *ACTIONS) or "…" in phrase or re.fullmatch(r"[\w.]+|rises above|holds again", phrase):
        return
    as_event = parse_rules(f'rule "a" for x after {phrase} then take fly')
    as_action = parse_rules(f'rule "a" for x when created then {phrase}')
    assert isinstance(as_event, tuple) or isinstance(as_action, tuple), phrase


def test_every_event_and_action_is_in_the_how_to() -> None:
    """No event and no action of rules without a row in the how-to."""
    listed = re.findall(r"`([a-z_]+)`", HOW_TO)
    assert [name for name in (*EVENTS, *ACTIONS) if name not in listed] == []
