"""Decision tables: the public suite's, and generated ones whose analysis is held against looking at every input."""

import itertools
import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.clock import moment_at
from engine.problems import Problems
from engine.rules import (
    BOOLEAN,
    NUMBER,
    TEXT,
    Checked,
    RuleSyntaxError,
    Scope,
    analyse_table,
    check,
    evaluate,
    evaluate_table,
    read_table,
    table_expression,
)
from engine.rules.calling import coerce
from engine.rules.tables import DecisionTable
from engine.rules.tree import TypeName
from engine.rules.types import WRITTEN
from engine.rules.writing import write
from tests.rules.test_tck import same, value_of

CASES = Path(__file__).parents[3] / "shared" / "data" / "dmn_tck" / "dt_cases.json"
MOMENT = moment_at(datetime(2026, 1, 31, tzinfo=UTC))
GENERATED = 600


def ours(given: dict[str, Any]) -> dict[str, Any]:
    """A table of the suite in the pack's form."""
    return {
        "hit_policy": given["hit"],
        "aggregator": (given["agg"] or "").lower(),
        "inputs": [
            {"expression": i["expr"], "type": i["type"] or "", "allowed": i["allowed"]} for i in given["inputs"]
        ],
        "outputs": [{"name": o["name"], "allowed": o["values"], "default": o["default"]} for o in given["outputs"]],
        "rules": [{"when": r["in"], "then": r["out"]} for r in given["rules"]],
    }


def worked_out(logic: dict[str, Any], context: dict[str, Any]) -> Any:
    """A boxed expression of the suite: a table, a text, or a context of them."""
    if logic["k"] == "dt":
        return evaluate_table(ours(logic), context)
    if logic["k"] == "lit":
        return evaluate(logic["text"], context)
    inner, made = dict(context), {}
    for name, below, _ in logic["entries"]:
        value = worked_out(below, inner)
        if name is None:
            return value
        inner[name] = made[name] = value
    return worked_out(logic["result"], inner) if logic.get("result") else made


def uses_functions(logic: Any) -> bool:
    return '"k": "function"' in json.dumps(logic) or '"k": "invocation"' in json.dumps(logic)


def test_tables_of_the_suite() -> None:
    """Every decision table of the public suite that needs no model of functions gives its value."""
    if not CASES.is_file():
        pytest.skip(f"the public suite is not at {CASES.parent.name}/{CASES.name} beside the clone")
    wrong, done = [], 0
    for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]:
        if uses_functions([case["nodes"], case["target"]]) or case["suite"].startswith("0019"):
            continue
        context = {k: value_of(v) for k, v in (case.get("context") or {}).items()}
        for node in case["nodes"]:
            context[node["name"]] = worked_out(node["logic"], context)
        got = worked_out(case["target"], context)
        if case.get("result_type") in WRITTEN:
            got = coerce(got, TypeName(case["result_type"]))
        done += 1
        if not (got is None if case["error"] else same(got, value_of(case["expected"]))):
            wrong.append((case["id"], got, case["expected"]))

    assert wrong == []
    assert done >= 40


NUMBERS = [Decimal(n) for n in range(-1, 12)] + [Decimal(n) + Decimal("0.5") for n in range(-1, 11)]
TEXTS = ["a", "b", "c", "z"]
DOMAIN: dict[str, list[Any]] = {"number": NUMBERS, "text": TEXTS, "boolean": [True, False]}


def cell(source: random.Random, kind: str) -> str:
    if source.random() < 0.25:
        return "-"
    if kind == "boolean":
        return source.choice(["true", "false", "not(true)"])
    if kind == "text":
        listed = ", ".join(f'"{t}"' for t in source.sample(TEXTS[:3], source.randint(1, 2)))
        return f"not({listed})" if source.random() < 0.3 else listed
    low, high = sorted(source.sample(range(11), 2))
    return source.choice(
        [
            f"< {low}",
            f"<= {low}",
            f"> {high}",
            f">= {high}",
            f"[{low}..{high}]",
            f"({low}..{high})",
            f"[{low}..{high})",
            str(low),
            f"{low}, {high}",
            f"not({low})",
            f"< {low}, >= {high}",
        ]
    )


def generated(seed: int) -> dict[str, Any]:
    """A table made by chance."""
    source = random.Random(seed)
    kinds = [source.choice(["number", "number", "text", "boolean"]) for _ in range(source.randint(1, 3))]
    policy = source.choice("UUAFPFROC")
    return {
        "hit_policy": policy,
        "inputs": [{"expression": f"x{at}", "type": kind} for at, kind in enumerate(kinds)],
        "outputs": [{"name": "y", "type": "text", "allowed": '"low", "high", "mid"'}],
        "rules": [{"when": [cell(source, kind) for kind in kinds], "then": [source.choice(['"low"', '"mid"', '"high"'])]}
                  for _ in range(source.randint(1, 6))],
    }  # fmt: skip


def matches(text: str, value: Any) -> bool:
    """Does a value pass a cell? Worked out here from the cell's text, without the engine."""
    if text == "-":
        return True
    if text.startswith("not("):
        return not matches(text[4:-1], value)
    if not text.startswith(("[", "(")) and ", " in text:
        return any(matches(part, value) for part in text.split(", "))
    if text[0] in "[(":
        low, high = (Decimal(n) for n in text[1:-1].split(".."))
        return (low <= value if text[0] == "[" else low < value) and (
            value <= high if text[-1] == "]" else value < high
        )
    for operator in ("<=", ">=", "<", ">"):
        if text.startswith(operator):
            bound = Decimal(text[len(operator) :])
            return bool({"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}[operator])
    wanted: Any = text == "true" if text in ("true", "false") else text.strip('"') if '"' in text else Decimal(text)
    return bool(value == wanted)


def brute(table: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a table, by looking at every input."""
    rules, policy = table["rules"], table["hit_policy"]
    order = ["low", "high", "mid"]
    outputs = [rule["then"][0].strip('"') for rule in rules]
    gap, pairs, fires, decides = False, set(), set(), set()
    for given in itertools.product(*(DOMAIN[i["type"]] for i in table["inputs"])):
        hits = [
            at for at, rule in enumerate(rules) if all(matches(c, v) for c, v in zip(rule["when"], given, strict=True))
        ]
        gap = gap or not hits
        fires.update(hits)
        pairs.update(itertools.combinations(hits, 2))
        if hits:
            decides.add(min(hits, key=lambda at: (order.index(outputs[at]), at)) if policy == "P" else hits[0])
    return {
        "gap": gap,
        "overlaps": pairs,
        "conflicts": {(a, b) for a, b in pairs if outputs[a] != outputs[b]},
        "unmatchable": set(range(len(rules))) - fires,
        "masked": fires - decides if policy in "UAFP" else set(),
    }


@pytest.mark.parametrize("block", range(6))
def test_analysis_agrees_with_looking_at_every_input(block: int) -> None:
    """Gaps, overlaps, conflicts, masked and unmatchable rules of generated tables are those that brute force finds, and each example
    shows what it says."""
    size = GENERATED // 6
    for seed in range(block * size, block * size + size):
        table = generated(seed)
        found, wanted = analyse_table(table), brute(table)
        about = f"seed {seed}: {table}"

        assert found.is_complete
        assert bool(found.gaps) == wanted["gap"], about
        assert {f.rules for f in found.overlaps} == wanted["overlaps"], about
        assert {f.rules for f in found.conflicts} == wanted["conflicts"], about
        assert {f.rules[0] for f in found.unmatchable} == wanted["unmatchable"], about
        assert {f.rules[0] for f in found.masked} == wanted["masked"], about
        for finding in (*found.gaps, *found.overlaps, *found.masked):
            hits = [at for at, rule in enumerate(table["rules"])
                    if all(matches(c, v) for c, v in zip(rule["when"], finding.example.values(), strict=True))]  # fmt: skip
            assert hits == [] if not finding.rules else finding.rules[0] in hits, about


@pytest.mark.parametrize("block", range(3))
def test_a_table_is_an_expression(block: int) -> None:
    """The expression made of a table has the table's value, in the reference and in generated Python."""
    types = {"number": NUMBER, "text": TEXT, "boolean": BOOLEAN}
    for seed in range(block * 50, block * 50 + 50):
        definition = generated(seed)
        table = read_table(definition)
        assert isinstance(table, DecisionTable)
        checked = check(
            write(table_expression(table)), Scope({i["expression"]: types[i["type"]] for i in definition["inputs"]})
        )
        assert isinstance(checked, Checked), [dict(p.params) for p in checked]
        source = random.Random(seed)
        for _ in range(20):
            given = {i["expression"]: source.choice([*DOMAIN[i["type"]], None]) for i in definition["inputs"]}
            wanted = evaluate_table(table, given)

            assert checked.by_reference(given, MOMENT).value == wanted, (seed, given, write(table_expression(table)))
            assert checked.evaluate(given, MOMENT).value == wanted, (seed, given)


def test_policies() -> None:
    """Each hit policy and aggregator combines the rules that match as the standard says."""
    base = {"inputs": [{"expression": "x", "type": "number"}], "outputs": [{"name": "y", "allowed": "3, 1, 2"}],
            "rules": [{"when": ["> 0"], "then": ["1"]}, {"when": ["> 5"], "then": ["2"]}, {"when": ["> 9"], "then": ["3"]}]}  # fmt: skip
    wanted = {
        "U": None,
        "A": None,
        "F": 1,
        "P": 3,
        "R": [1, 2, 3],
        "O": [3, 1, 2],
        "C": [1, 2, 3],
        "C+": 6,
        "C<": 1,
        "C>": 3,
        "C#": 3,
    }
    for policy, value in wanted.items():
        assert evaluate_table({**base, "hit_policy": policy}, {"x": 10}) == value, policy
    assert evaluate_table({**base, "hit_policy": "U"}, {"x": 3}) == 1
    assert evaluate_table({**base, "hit_policy": "rule order"}, {"x": -1}) == []
    assert evaluate_table({**base, "hit_policy": "C+"}, {"x": -1}) is None
    counted = read_table({**base, "hit_policy": "C#"})
    assert isinstance(counted, DecisionTable)
    checked = check(write(table_expression(counted)), Scope({"x": NUMBER}))
    assert isinstance(checked, Checked)
    for x, hits in ((-1, 0), (3, 1), (10, 3)):
        assert evaluate_table(counted, {"x": x}) == hits
        assert checked.evaluate({"x": Decimal(x)}, MOMENT).value == hits
    assert evaluate_table({**base, "hit_policy": "F", "outputs": [{"name": "y", "default": "9"}]}, {"x": -1}) == 9


def test_bad_tables_are_told_with_their_places() -> None:
    """Everything that is wrong with a table is a problem with a pointer."""
    bad = {
        "hit_policy": "X",
        "inputs": [{"expression": "a +"}],
        "outputs": [{}],
        "rules": [{"when": ["> "], "then": ["1"]}, {"when": [], "then": ["1"]}],
    }
    found = read_table(bad)

    assert isinstance(found, Problems)
    assert [(p.code, p.place) for p in found] == [
        ("rules.table_wrong", "/hit_policy"), ("rules.ends_too_early", "/inputs/0/expression"), ("rules.ends_too_early", "/rules/0/when/0"),
        ("rules.table_row", "/rules/1"),
    ]  # fmt: skip
    with pytest.raises(RuleSyntaxError):
        evaluate_table(bad, {})
