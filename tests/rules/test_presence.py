"""What the checker tells of null and zero: where, and never without need; and what it lets pass never comes to nothing."""

import os
import random
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import moment_at
from engine.problems import Problems
from engine.rules import BOOLEAN, DATE, NUMBER, TEXT, Checked, ContextOf, ListOf, Scope, check
from engine.rules.known import FILLED, NOT, PRESENT, Known, number_marks
from tests.rules.generating import LINE, TYPES, Maker, row

SEED = int(os.environ.get("DOUGONG_TEST_SEED", "20261124"))
MOMENT = moment_at(datetime(2026, 1, 31, 8, tzinfo=UTC))
ALWAYS = frozenset((PRESENT,))
POSITIVE = ALWAYS | number_marks(Decimal("0.001"), None)
NATURAL = ALWAYS | number_marks(Decimal(0), None)
GROUP = ContextOf({"code": TEXT, "parent": TEXT}, {"code": ALWAYS})
ITEM = ContextOf({"code": TEXT, "price": NUMBER, "group": GROUP}, {"code": ALWAYS})
ROW = ContextOf({"qty": NUMBER, "amount": NUMBER, "part": ITEM}, {"qty": POSITIVE, "part": ALWAYS})
NAMES = {
    "a": NUMBER, "b": NUMBER, "n": NUMBER, "pos": NUMBER, "x": NUMBER, "y": NUMBER, "t": TEXT, "u": TEXT, "f": BOOLEAN, "g": BOOLEAN,
    "day": DATE, "due": DATE, "lines": ListOf(ROW), "full": ListOf(ROW), "item": ITEM, "maybe": ITEM,
}  # fmt: skip
HOLDS: Known = {
    "a": ALWAYS, "b": ALWAYS, "n": NATURAL, "pos": POSITIVE, "y": number_marks(Decimal(1), None), "t": ALWAYS, "f": ALWAYS, "day": ALWAYS,
    "lines": ALWAYS, "full": frozenset((PRESENT, FILLED)), "item": ALWAYS,
}  # fmt: skip
SCOPE = Scope(NAMES, present=HOLDS)

EMPTY = [
    # names, paths and what is made of them
    ("a + b", None), ("x", 1), ("a + x", 5), ("-x", 2), ("x + y", (1, 5)), ("x > 1", 1), ("1 < x", 5), ("x = 1", None), ("x != null", None),
    ("a = x", None), ("t + u", 5), ("g", 1), ("f", None), ("f and g", 7), ("not(g)", 5), ("due - day", 1), ("day.year", None), ("due.year", 1),
    ("maybe.code", 1), ("item.code", None), ("item.price", 1), ("item.group.code", 1), ("x between 1 and 3", 1), ("a between 1 and x", 17),
    ("x in (1, 2)", None), ("x in [1..5]", 1), ("x in (< 5)", 1),
    ("a in [1..x]", (7, 10)), ("a in [5..1]", 7), ("a in [b..5]", 7), ("if b <= n then a in [b..n] else f", None), ("a between b and 5", None),
    ("x instance of number", None), ("null", 1),
    ("{p: x}.p", 5), ("{p: a}.p", None), ("if g then 1 else 2", None), ("if f then x else 1", 11), ("if f then a else null", 18),
    # conditions that say it is there
    ("if x != null then x else 0", None), ("if x = null then 0 else x", None), ("x != null and x > 3", None), ("x > 3 and x != null", None),
    ("x = null or x > 3", None), ("x = null or y = null or x > y", None), ("if not(x = null) then x else 0", None),
    ("if x > 1 then x else 0", None), ("if x > 1 then 0 else x", 22), ("if x > 1 and f then x else 0", None), ("if x > 1 or f then x else 0", 20),
    ("if x between 1 and 3 then x else 0", None), ("if x in [1..3] then x else 0", None), ("if x in (1, 2) then x else 0", None),
    ("if x = a then x else 0", None), ("if x = y then x else 0", 15), ("if maybe != null then maybe.code else t", None),
    ("if maybe.code != null then maybe.code else t", None), ("if item.group.code = t then item.group.code else t", None),
    ("if item.group != null then item.group.parent else t", 28), ("if x != null then (if y != null then x + y else x) else 0", None),
    ("if f then (if x = null then 1 else x) else x", 44),
    # functions
    ("date(t)", 1), ('date("2026-01-31")', None), ('date("2026-02-30")', 1), ("date(2026, 1, 31)", None), ("date(a, 1, 31)", 1), ("number(t)", 1),
    ('number("12")', None), ("if number(t) != null then number(t) else 0", None), ("string(x)", 8), ("string length(t)", None),
    ("substring(t, 2)", None), ("substring(t, -2)", 1), ("sqrt(a)", 1), ("sqrt(n)", None), ("log(n)", 1), ("log(pos)", None), ("min(a, b)", None),
    ("min(a, x)", 8), ("even(count(lines))", None), ("list contains([1, 2], x)", None), ("today()", None), ("floor(x)", 7),
    ('get value(item, "code")', 1), ("abs(a)", None), ("is(x, y)", None), ("a ** 0.5", 1), ("n ** 0.5", None), ("a ** 2", None),
    # lists
    ("lines", None), ("count(lines)", None), ("sum(lines.qty)", 1), ("sum(full.qty)", None), ("sum(full.amount)", 5), ("max(lines.qty)", 1),
    ("if count(lines) > 0 then max(lines.qty) else 0", None), ("if count(lines) = 0 then 0 else mean(lines.qty)", None),
    ("sum(full[amount != null].amount)", 1), ("sum(append(full[amount != null].amount, 0))", None), ("lines[1]", 1), ("full[1].qty", None),
    ("full[-1].amount", 1), ("full[2].qty", 1), ("if lines[1] != null then lines[1].qty else 0", None), ("lines[amount != null][1].amount", 1),
    ("lines[qty > 3]", None), ("for l in lines return l.amount", None), ("sum(for l in full return l.amount)", 26),
    ("sum(for l in full return if l.amount = null then 0 else l.amount)", None), ("some l in lines satisfies l.amount > 1", 27),
    ("some l in lines[amount != null] satisfies l.amount > 1", None), ("every l in lines satisfies l.qty > 1", None),
    ("if (some l in lines satisfies l.qty > 3) then max(lines.qty) else 0", None), ("count(lines[part.price > 3])", None),
    ("full.amount[item != null][1]", 1), ("sum([a, x])", 9), ("sum([a, b])", None), ("full[1].part.group.code", 1),
    ("min(full[part.price != null].part.price)", 1), ("max(for i in 1..3 return i * a)", None), ("reverse(full)[1].qty", None),
]  # fmt: skip
ZERO = [
    ("a / b", 5), ("a / pos", None), ("a / n", 5), ("a / (n + 1)", None), ("a / (pos * pos)", None), ("a / (pos - 1)", 6), ("a / y", None),
    ("a / 2", None), ("a / 0", 5), ("a / -b", 5), ("a / x", 5), ("modulo(a, b)", 11), ("modulo(a, 3)", None), ("modulo(dividend: a, divisor: b)", 30),
    ("a ** -1", 1), ("pos ** -1", None), ("a ** b", 1), ("a ** n", None), ("if b = 0 then 0 else a / b", None), ("if b != 0 then a / b else 0", None),
    ("if b > 0 then a / b else 0", None), ("if b >= 0 then a / b else 0", 20), ("if b <= 0 then 0 else a / b", None), ("b > 0 and a / b > 1", None),
    ("b != 0 and a / b > 1", None), ("a / b > 1 and b != 0", 5), ("b = 0 or a / b > 1", None), ("if x = 0 then 0 else a / x", None),
    ("if x > 5 then a / x else 0", None), ("if a != b then 1 / (a - b) else 0", None), ("if a - b != 0 then 1 / (a - b) else 0", None),
    ("if a > b then 1 / (b - a) else 0", None), ("a / count(lines)", 5), ("a / count(full)", None), ("sum(lines.qty) / count(lines)", 18),
    ("if count(lines) > 0 then sum(lines.qty) / count(lines) else 0", None), ("a / string length(t)", 5), ("a / (string length(t) + 1)", None),
    ("for l in lines return a / l.qty", None), ("for l in lines return a / l.amount", 27), ("for l in lines[amount > 0] return a / l.amount", None),
    ("a / abs(pos)", None), ("a / floor(pos)", 5), ("a / ceiling(pos)", None), ("a / round half up(pos, 2)", 5), ("a / sqrt(pos)", None),
    ("a / day.year", None), ("a / min(pos, 3)", None), ("a / max(a, b)", 5), ("a / sum(full.qty)", None), ("if b in [1..5] then a / b else 0", None),
    ("if b in (1, 2) then a / b else 0", None), ("if b in (0, 2) then a / b else 0", 25), ("if b between 1 and 9 then a / b else 0", None),
    ("if not(b = 0) then a / b else 0", None), ("for i in 1..3 return a / i", None), ("for i in 0..3 return a / i", 26),
    ("if f and b > 0 then a / b else 0", None), ("if f or b > 0 then a / b else 0", 24), ("@\"P1D\" / @\"PT1H\"", None), ("(due - day) / (day - due)", 16),
]  # fmt: skip


def columns(text: str, code: str, **options: Any) -> tuple[int, ...]:
    found = check(text, SCOPE, **options)
    problems = found if isinstance(found, Problems) else ()
    assert {p.code for p in problems} <= {"rules.may_be_empty", "rules.may_divide_by_zero"}, [p.code for p in problems]
    return tuple(int(str(p.params["column"])) for p in problems if p.code == code)


def wanted(column: int | tuple[int, ...] | None) -> tuple[int, ...]:
    return () if column is None else column if isinstance(column, tuple) else (column,)


@pytest.mark.parametrize(("text", "column"), EMPTY)
def test_what_may_be_empty_is_told_at_its_place(text: str, column: int | tuple[int, ...] | None) -> None:
    """A value that is needed and may be null is a problem at the part because of which it may, and no other is."""
    assert columns(text, "rules.may_be_empty", needed=True) == wanted(column)
    assert columns(text, "rules.may_be_empty") == ()


@pytest.mark.parametrize(("text", "column"), ZERO)
def test_what_may_divide_by_zero_is_told_at_the_divisor(text: str, column: int | None) -> None:
    """A divisor that may be zero is a problem at its place, wherever the expression stands; a guarded one is none."""
    assert columns(text, "rules.may_divide_by_zero") == wanted(column)


def test_the_problem_names_the_part() -> None:
    """The problem carries the text of the part, with its line."""
    found = check("a\n + item.group.code", Scope({**NAMES, "a": TEXT}, present=HOLDS), needed=True)

    assert isinstance(found, Problems)
    assert [dict(p.params) for p in found] == [{"line": 2, "column": 4, "part": "item.group"}]


def test_a_scope_that_knows_nothing_tells_nothing() -> None:
    """Without knowledge of the names there is no problem of null or zero; types are checked as ever."""
    for text, _ in (*EMPTY, *ZERO):
        assert isinstance(check(text, Scope(NAMES), needed=True), Checked), text


def test_names_around_a_known_scope_are_not_judged() -> None:
    """Only names of which something is known are judged; those of another layer are not."""
    inner = Scope({"free": NUMBER}).extended({"a": NUMBER, "x": NUMBER}, {"a": ALWAYS})

    assert isinstance(check("a / free", inner, needed=True), Checked)
    assert isinstance(check("a + x", inner, needed=True), Problems)


def test_a_condition_before_is_believed() -> None:
    """What is worked out only when a condition holds is checked under that condition."""
    before = check("x != null and b > 0", SCOPE)
    assert isinstance(before, Checked)

    assert isinstance(check("x / b", SCOPE, needed=True, given=before), Checked)
    assert isinstance(check("x / b", SCOPE, needed=True), Problems)


def test_nested_conditions_do_not_take_long() -> None:
    """Conditions within conditions are looked at a bounded number of times."""
    text = "x > 1"
    for at in range(30):
        text = f"((if {text} then x else {at}) > 1 and g or f)"
    started = time.process_time()
    check(text, SCOPE, needed=True)
    check(" and ".join(["x > 1"] * 190), SCOPE, needed=True)
    check("if x > 1 then x else " * 190 + "x", SCOPE, needed=True)

    assert time.process_time() - started < 10


ROWS_KNOWN: Mapping[str, frozenset[str]] = {
    "a": ALWAYS, "b": POSITIVE, "t": ALWAYS, "f": ALWAYS, "day": ALWAYS, "at": ALWAYS, "span": ALWAYS, "lines": ALWAYS,
    "c": frozenset((NOT["0"],)),
}  # fmt: skip


def known_row(source: random.Random) -> dict[str, Any]:
    """A row that keeps what is known."""
    while True:
        made = row(source)
        if all(made[name] is not None for name, marks in ROWS_KNOWN.items() if PRESENT in marks) and made["c"] != 0:
            made["b"] = abs(made["b"]) or Decimal(1)
            days = {n: date(2020 + source.randint(0, 9), 2, 28) for n in ("day", "due") if made[n] is not None}
            return {**made, **days}


def test_what_passes_never_comes_to_nothing() -> None:
    """Thousands of random expressions that pass as needed have a value in every row, and none divides by zero."""
    source, maker = random.Random(SEED), Maker(SEED)
    line = ContextOf(LINE.fields or {}, {"name": ALWAYS, "due": ALWAYS})
    scope = Scope({**TYPES, "lines": ListOf(line)}, present=ROWS_KNOWN)
    rows = [known_row(source) for _ in range(12)]
    passed = divided = 0
    for _ in range(6000):
        text = maker.expression()
        found = check(text, scope)
        if not isinstance(found, Checked):
            continue
        results = [found.by_reference(r, MOMENT) for r in rows]
        codes = {w.code for result in results for w in result.warnings}
        assert "DIVISION_BY_ZERO" not in codes, text
        divided += "/" in text
        if isinstance(check(text, scope, needed=True), Checked):
            passed += 1
            nothing = [r for r, result in zip(rows, results, strict=True) if result.value is None]
            assert nothing == [] or codes & {"LIMIT_EXCEEDED"}, (text, nothing[:1])
    print(f"seed {SEED}: {passed} expressions passed as needed, {divided} with a division")
    assert passed > 600
