"""The public conformance suite of FEEL: how much of its core passes, held from falling by a committed score."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.clock import moment_at
from engine.problems import Problems
from engine.rules import ANY, Checked, Scope, check
from engine.rules.temporal import read_temporal

CASES = Path(__file__).parents[3] / "shared" / "data" / "dmn_tck" / "feel_cases.json"
SCORE = Path(__file__).parent / "tck_score.json"
MOMENT = moment_at(datetime(2026, 1, 31, tzinfo=UTC))


def value_of(given: Any) -> Any:
    """A value of the suite as the engine has it."""
    if isinstance(given, list):
        return [value_of(v) for v in given]
    if not isinstance(given, dict):
        return given
    kind, raw = given.get("t"), given.get("v")
    if raw is None or kind == "null":
        return None
    if kind == "number":
        return Decimal(str(raw))
    if kind == "boolean":
        return raw in (True, "true")
    if kind == "list":
        return [value_of(v) for v in raw]
    if kind == "context":
        return {k: value_of(v) for k, v in raw.items()}
    if kind == "string":
        return raw
    found = read_temporal(str(raw))
    return found if found is not None else str(raw)


def test_the_score_does_not_fall() -> None:
    """At least as many core value cases pass as the committed score says; a core error case never gives a wrong value more often."""
    if not CASES.is_file():
        pytest.skip(f"the public suite is not at {CASES.parent.name}/{CASES.name} beside the clone")
    passed = total = wrong = errors = 0
    for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]:
        if not case.get("core") or case.get("kind") in ("model", "chain") or "expression" not in case:
            continue
        context = {k: value_of(v) for k, v in (case.get("context") or {}).items()}
        checked = check(case["expression"], Scope(dict.fromkeys(context, ANY)))
        got = checked.evaluate(context, MOMENT).value if isinstance(checked, Checked) else None
        if case.get("error"):
            errors += 1
            wrong += got is not None
            continue
        total += 1
        passed += (
            not isinstance(checked, Problems)
            and got == value_of(case["expected"])
            and type(got) is type(value_of(case["expected"]))
        )
    score = json.loads(SCORE.read_text())
    print(f"core values {passed}/{total}, core errors with a wrong value {wrong}/{errors}")

    assert passed >= score["core_values_passed"]
    assert wrong <= score["core_errors_wrong"]
