"""Text that nobody should write: random and mutated texts never crash the language, and hostile expressions end in a named limit.

DOUGONG_TEST_FUZZ names the number of texts (CI 4,000; the release runs 200,000), DOUGONG_TEST_SEED the seed; both are printed.
"""

import contextlib
import os
import random
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.clock import moment_at
from engine.problems import Problems
from engine.rules import ANY, Checked, RuleSyntaxError, Scope, check, evaluate, evaluate_table, parse, to_browser
from engine.rules import limits as limits_of_rules
from engine.rules.closures import to_closures
from engine.rules.runtime import Run
from engine.rules.tree import Expression
from engine.rules.writing import write
from tests.rules.generating import TYPES, Maker, row

SEED = int(os.environ.get("DOUGONG_TEST_SEED", "20261124"))
TEXTS = int(os.environ.get("DOUGONG_TEST_FUZZ", "4000"))
MOMENT = moment_at(datetime(2026, 1, 31, tzinfo=UTC))
PIECES = ["if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between", "not(", "null", "true", "function(",
          "instance of", "..", "**", "->", "<", ">", "<=", "!=", "=", "(", ")", "[", "]", "{", "}", ",", ":", ".", "?", "-", "+", "*", "/", "@\"", "\"",
          "`", "\\", "//", "/*", "*/", "a", "t", "lines", "可用量", "string length", "date and time", "1", "1e5", ".5", "0x", "😀", "\x00", "\n", "item",
          "partial", "@\"P1D\"", "\\u12", "__class__", "__import__", "lambda", "self", "%", "$1", "&"]  # fmt: skip


def texts() -> Any:
    """Random texts, pieces of the language in a row, and sound expressions with damage."""
    source = random.Random(SEED)
    maker = Maker(SEED)
    for at in range(TEXTS):
        if at % 3 == 0:
            yield "".join(
                chr(source.choice([source.randint(1, 127), source.randint(1, 0x3000), 0x4E00]))
                for _ in range(source.randint(0, 60))
            )
        elif at % 3 == 1:
            yield source.choice(["", " "]).join(source.choice(PIECES) for _ in range(source.randint(1, 25)))
        else:
            text = list(maker.expression())
            for _ in range(source.randint(0, 3)):
                place = source.randint(0, len(text))
                text[place : place + source.randint(0, 2)] = source.choice([*PIECES, ""])
            yield "".join(text)


def test_random_texts_never_crash() -> None:
    """A text is an expression or a problem; an expression has a value or a diagnostic; each within a second."""
    print(f"seed {SEED}, {TEXTS} texts")
    values = row(random.Random(SEED))
    scope = Scope(TYPES)
    sound = slow = 0
    for text in texts():
        start = time.process_time()
        found = check(text, scope)
        assert isinstance(found, Checked | Problems)
        if isinstance(found, Checked):
            sound += 1
            found.evaluate(values, MOMENT)
            to_browser(found)
        parsed = parse(text)
        if isinstance(parsed, Expression):
            Run(MOMENT).result(to_closures(parsed.tree), values)
            again = parse(write(parsed.tree))
            assert isinstance(again, Expression), (text, write(parsed.tree))
            assert write(again.tree) == write(parsed.tree), text
        slow += time.process_time() - start > 1
    print(f"{sound} of them pass the checker")
    assert slow == 0
    assert sound > TEXTS // 50


NEST = "for a{0} in 1..1000 return "
HOSTILE = {
    "deep brackets": "(" * 9000 + ")" * 900,
    "deep lists": "[" * 100 + "]" * 100,
    "deep minus": "-" * 9000 + "x",
    "long sum": "1" + "+x" * 4000,
    "deep if": 'if x = 1 then "a" else ' * 400 + "1",
    "exponential for": "".join(NEST.format(n) for n in range(9)) + "1",
    "long range": "for i in 1..999999999999 return i",
    "wide product": "count(for a in 1..400, b in 1..400, c in 1..400 return 1)",
    "giant power": "9 ** 99999",
    "giant power of a fraction": "1.1 ** 99999999",
    "small power": "0.1 ** 99999",
    "giant exponent": "1e5999 * 1e5999",
    "giant string": 'for i in 1..60 return string join(for j in 1..50000 return "0123456789012345678901234567890123456789")',
    "doubling string": '{a: "0123456789", b: a+a+a+a+a+a+a+a, c: b+b+b+b+b+b+b+b, d: c+c+c+c+c+c+c+c, e: d+d+d+d+d+d+d+d, f: e+e+e+e+e+e+e, g: f+f+f+f+f}.g',
    "recursion": "{f: function(n) f(n + 1), r: f(1)}.r",
    "self application": "(function(f) f(f))(function(f) f(f))",
    "many calls": "{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(40)}.r",
    "regex bomb": 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|aa|a?)+$")',
    "regex bomb in replace": 'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|aa|aaa)+$", "x")',
    "long pattern": 'matches("a", "' + "(a|b)" * 2000 + '")',
    "flatten": "{a: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], b: for x in a return a, c: for x in b return b, e: flatten(for x in 1..3000 return c)}.e",
    "concatenate": "{a: for i in 1..60000 return i, b: concatenate(a, a)}.b",
    "long text": "x" * 20_000,
    "long number": "1" * 4000,
    "far date": '@"9999-12-31" + @"P9999999D"',
    "far months": '@"2026-01-31" + @"P999999999M"',
}  # fmt: skip
NAMED = {
    "LIMIT_EXCEEDED",
    "rules.too_long",
    "rules.too_deep",
    "rules.number_too_large",
    "INVALID_TYPE",
    "NO_FUNCTION_FOUND",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_expressions_end_in_a_named_limit(name: str) -> None:
    """Each of a page of hostile expressions is refused or comes to null, with the name of the limit, within two seconds of CPU time."""
    start = time.process_time()
    parsed = parse(HOSTILE[name])
    if isinstance(parsed, Problems):
        told = {p.code for p in parsed}
    else:
        run = Run(MOMENT)
        assert run.result(to_closures(parsed.tree), {"x": Decimal(1)}) is None
        told = {w.code for w in run.warnings}

    assert told & NAMED, told
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "text",
    [
        "__class__",
        "x.__class__",
        "x.__globals__",
        "().__class__",
        "open",
        "string.__init__",
        "x[__import__]",
        "Decimal",
        "K",
        "s",
        "w",
    ],
)
def test_nothing_outside_the_context_is_reached(text: str) -> None:
    """Words of Python mean nothing: only names of the context have values."""
    with contextlib.suppress(RuleSyntaxError):
        assert evaluate(text, {"x": {"a": 1}}) in (None, [])
    checked = check(text, Scope({"x": ANY}))
    assert isinstance(checked, Problems) or checked.evaluate({"x": {"a": Decimal(1)}}, MOMENT).value in (None, [])


def test_hostile_tables() -> None:
    """A table over its limits is refused; one with hostile cells comes to nothing."""
    one = {"hit_policy": "F", "inputs": [{"expression": "x"}], "outputs": [{"name": "y"}]}
    with pytest.raises(RuleSyntaxError) as caught:
        evaluate_table({**one, "rules": [{"when": ["1"], "then": ["1"]}] * 3000}, {"x": 1})
    assert caught.value.code == "rules.table_too_large"
    assert evaluate_table({**one, "rules": [{"when": ["9 ** 9 ** 9 ** 9"], "then": ["1"]}]}, {"x": 1}) is None


def test_every_limit_has_a_meaning() -> None:
    """Each limit of the language is a positive number with a sentence behind it."""
    text = Path(str(limits_of_rules.__file__)).read_text(encoding="utf-8")
    for name, value in vars(limits_of_rules).items():
        if name.isupper():
            assert value > 0
            assert f"{name}: Final" in text


def test_an_evaluation_has_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """An evaluation that takes longer than its time ends in LIMIT_EXCEEDED, however many steps are left."""
    ticks = iter(range(0, 1_000_000, 1))
    monkeypatch.setattr("engine.rules.runtime.monotonic", lambda: float(next(ticks)))
    text = "count(for i in 1..300, j in 1..300 return i)"
    parsed = parse(text)
    assert isinstance(parsed, Expression)
    run = Run(MOMENT)
    assert run.result(to_closures(parsed.tree), {}) is None
    assert [w.code for w in run.warnings] == ["LIMIT_EXCEEDED"]
    assert evaluate("1 + 1") == 2


def test_many_slow_steps_end_in_time() -> None:
    """Steps that take long are not waited for one by one: the time of the evaluation ends them."""
    bomb = 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|aa|a?)+$")'
    for text in (f"count(for i in 1..10000 return {bomb})", "count(for i in 1..60000 return upper case(x))"):
        started = time.process_time()
        assert evaluate(text, {"x": "x" * 900_000}) is None
        assert time.process_time() - started < 4


def test_functions_of_another_evaluation() -> None:
    """A function that was made by one evaluation can be put into the context of another: it may call itself, and its steps are
    those of the evaluation that calls it."""
    fibonacci = evaluate("function(n: number) if n < 2 then n else fibonacci(n - 1) + fibonacci(n - 2)")
    assert evaluate("fibonacci(10)", {"fibonacci": fibonacci}) == 55
    assert evaluate("numbers.fib(10)", {"numbers": {"fib": fibonacci}, "fibonacci": fibonacci}) == 55
    endless = evaluate("function(n) again(n)")
    started = time.process_time()
    assert evaluate("again(1)", {"again": endless}) is None
    assert time.process_time() - started < 1
