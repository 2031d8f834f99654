"""Marks: what the checker says of where a node runs is what the compiler for the database does."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, MetaData, Table

from engine.clock import moment_at
from engine.problems import Problems
from engine.rules import BOOLEAN, TEXT, Checked, ContextOf, ListOf, Scope, SqlColumn, check, marks, to_column, to_sql
from engine.rules import tree as t
from engine.rules.columns import column_type
from engine.rules.to_sql import Dialect
from tests.rules.generating import COLUMNS, SCALES, TYPES, Maker

SEED = int(os.environ.get("DOUGONG_TEST_SEED", "20261124"))
MOMENT = moment_at(datetime(2026, 1, 31, 8, tzinfo=UTC))
PERSON = ContextOf({"id": TEXT, "name": TEXT, "roles": ListOf(TEXT)})
NAMES = {**TYPES, "owner": PERSON, "actor": PERSON}
TABLE = Table("t", MetaData(), *(Column(n, column_type(s)) for n, s in COLUMNS.items()))  # type: ignore[arg-type]
DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgresql")


def resolve(path: tuple[str, ...]) -> SqlColumn | None:
    known = len(path) == 1 and path[0] in COLUMNS
    return SqlColumn(TABLE.c[path[0]], TYPES[path[0]], SCALES.get(path[0], 0)) if known else None


def checked(text: str) -> Checked:
    found = check(text, Scope(NAMES))
    assert isinstance(found, Checked), text
    return found


MARKS = [
    ("a", "exact"), ("a > 1", "exact"), ("a = 1", "positive"), ("a != 1", "exact"), ("a = null", "exact"), ("not(a = 1)", "exact"),
    ("a = 1 and b > 2", "positive"), ("a > 1 or not(a = b)", "exact"), ("if a = 1 then b else c", "exact"), ("if f then 1.5 else 2", "exact"),
    ("if f then null else b", "exact"), ("a + b > 3", "exact"), ("a * b", "no"), ("a / 2 > 1", "no"), ("a > 2 * 3", "exact"), ("a > 1 / 3", "exact"),
    ("a > 1 / 0", "no"), ("a + 1 / 3", "no"), ("1 / 3", "no"), ("2 / 4", "exact"), ("-a", "exact"), ("-span", "no"), ("span", "no"),
    ("day < due", "exact"), ("day + @\"P1D\" < due", "no"), ("day < date(2026, 1, 31)", "exact"), ("day.year = 2026", "no"), ("day < today()", "exact"),
    ("at < now()", "exact"), ("at = @\"2026-01-31T08:00:00Z\"", "no"), ("at = null", "exact"), ("a between b and 3", "exact"), ("a in [1..5]", "exact"),
    ("a in [b..c]", "no"), ("a in (b..5)", "no"), ("5 in [1..a]", "no"), ("a in [5..1]", "no"),
    ("a in (< 5, > b)", "exact"), ("a in (1, 2)", "positive"), ("not(a in (1, null))", "exact"), ("a in (? > 2)", "no"), ("a in [[1..2], 5]", "positive"),
    ("t + u", "no"), ("t = u", "positive"), ("contains(t, \"a\")", "exact"), ("starts with(t, u)", "exact"), ("upper case(t) = u", "no"),
    ("string length(t) > 2", "exact"), ("abs(a) > 1", "exact"), ("abs(span) > @\"P1D\"", "no"), ("list contains([1, 2], a)", "exact"),
    ("list contains([a, 2], 1)", "no"), ("list contains(actor.roles, \"x\")", "exact"), ("owner.name = actor.name", "positive"),
    ("owner = actor", "positive"), ("substring(string: t, start position: 2) = u", "no"), ("count(lines) > 1", "no"),
    ("some l in lines satisfies l.qty > 1", "no"), ("lines[1].qty > 1", "no"), ("a instance of number", "no"), ("{p: a}.p > 1", "no"),
    ("f", "exact"), ("f = g", "positive"), ("f and g", "exact"), ("true", "exact"), ("\"x\"", "exact"), ("[1, 2]", "no"), ("@\"P1D\"", "no"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "mark"), MARKS)
def test_the_mark_of_an_expression(text: str, mark: str) -> None:
    """Each expression has the mark that section A4 of the design gives it, as the condition or value that it is."""
    assert checked(text).sql == mark


def test_an_editor_sees_every_node() -> None:
    """`marks` gives place, text and mark of each node; a part that runs in the database is shown within one that does not."""
    assert marks(checked("upper case(t) = u and a > 1")) == [
        (1, 1, "upper case(t) = u and a > 1", "no"), (1, 1, "upper case(t) = u", "no"), (1, 1, "upper case(t)", "no"), (1, 12, "t", "exact"),
        (1, 17, "u", "exact"), (1, 23, "a > 1", "exact"), (1, 23, "a", "exact"), (1, 27, "1", "exact"),
    ]  # fmt: skip
    inner = {text: mark for _, _, text, mark in marks(checked("count(lines[due > day]) > a"))}
    assert inner["due > day"] == inner["due"] == inner["lines"] == "no"
    assert inner["a"] == "exact"


_BINDING = (t.Filter, t.Loop, t.Function, t.Context)


def stones(expression: Checked, node: t.Node) -> Iterator[t.Node]:
    """The nodes because of which an expression is not in the database."""
    if expression.marks[id(node)] != "no":
        return
    below = [] if isinstance(node, _BINDING) else [s for child in t.children(node) for s in stones(expression, child)]
    yield from below or [node]


def made(seed: int, count: int) -> Iterator[Checked]:
    maker = Maker(seed)
    for _ in range(count):
        found = check(maker.expression(), Scope(TYPES))
        if isinstance(found, Checked):
            yield found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_marked_compiles_and_what_is_not_is_refused_there(dialect: Dialect) -> None:
    """Over known columns, an expression marked exact or positive compiles; one marked no is refused at a node marked so, and
    each node that is the reason for it is refused by itself, at its place. Every node of a checked expression has a mark."""
    compiled = refused = 0
    for expression in (*made(SEED, 4000), *(checked(text) for text, _ in MARKS)):
        at = [*stones(expression, expression.tree)]
        assert all(id(n) in expression.marks for n in every(expression.tree)), expression.text
        assert bool(at) is (expression.sql == "no")
        for tree in (expression.tree, *at):
            kind = expression.types[id(tree)]
            part = replace(expression, tree=tree, type=kind, made=[], marked=[])
            found = to_sql(part, resolve, dialect=dialect, moment=MOMENT)
            if not at and all(path[0] in COLUMNS for path in expression.reads):
                assert not isinstance(found, Problems), expression.text
                assert not isinstance(to_column(part, resolve, dialect=dialect, moment=MOMENT), Problems), (
                    expression.text
                )
                compiled += 1
            elif at:
                assert isinstance(found, Problems), (expression.text, tree)
                assert found.first.code == "rules.not_in_sql"
                whole = tree is expression.tree
                here = {n.at for n in every(tree) if expression.marks[id(n)] == "no"} if whole else {tree.at}
                strange = {n.at for n in every(tree) if isinstance(n, t.Name) and n.name not in COLUMNS}
                assert (found.first.params["line"], found.first.params["column"]) in here | strange, expression.text
                refused += 1
    assert compiled > 300
    assert refused > 1000


def every(node: t.Node) -> Iterator[t.Node]:
    yield node
    for child in t.children(node):
        yield from every(child)


def test_conditions_stay_plain_where_only_true_matters() -> None:
    """As a condition `=` is plain, so that an index serves it; as a value it is total; a constant is put into the units of the column."""
    expression = checked("a = 1.5")

    condition = to_sql(expression, resolve, dialect="postgresql", moment=MOMENT)
    value = to_column(expression, resolve, dialect="postgresql", moment=MOMENT)
    assert not isinstance(condition, Problems)
    assert not isinstance(value, Problems)
    assert str(condition) == "t.a = :param_1"
    assert condition.compile().params == {"param_1": 150}
    assert "IS NOT DISTINCT FROM" in str(value.element)
    assert value.kind == BOOLEAN
