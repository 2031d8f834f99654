"""explain: the value of every part of an expression; reads: the paths it depends on."""

from datetime import UTC, datetime
from decimal import Decimal

from engine.clock import moment_at
from engine.rules import DATE, NUMBER, TEXT, Checked, ContextOf, ListOf, Scope, check, explain

MOMENT = moment_at(datetime(2026, 1, 31, tzinfo=UTC))
LINE = ContextOf({"qty": NUMBER, "name": TEXT})
TYPES = {
    "qty": NUMBER,
    "price": NUMBER,
    "lines": ListOf(LINE),
    "customer": ContextOf({"credit": NUMBER, "since": DATE}),
}


def checked(text: str) -> Checked:
    found = check(text, Scope(TYPES))
    assert isinstance(found, Checked)
    return found


def test_every_part_has_its_value() -> None:
    """Each part stands with its text, depth, place and value; a part that was not needed has none, one in a loop has several."""
    rule = checked("if qty * 2 > 5 then sum(for l in lines return l.qty + 1) else price / 0")
    values = {
        "qty": Decimal(3),
        "price": Decimal(1),
        "lines": [{"qty": Decimal(1), "name": "a"}, {"qty": Decimal(4), "name": "b"}],
    }
    found = explain(rule.tree, values, MOMENT)
    parts = {step.text: step for step in found.steps}
    assert (found.value, found.warnings) == (7, ())
    assert parts["qty * 2"].values == (6,)
    assert parts["qty * 2 > 5"].values == (True,)
    assert parts["l.qty + 1"].values == (2, 5)
    assert parts["price / 0"].values == ()
    assert (parts["qty * 2"].at, parts["qty * 2"].depth) == ((1, 4), 2)


def test_an_error_is_shown_at_its_part() -> None:
    """The diagnostic names the part, its place and its values."""
    found = explain(checked("1 + price / (qty - 3)").tree, {"qty": Decimal(3), "price": Decimal(9)}, MOMENT)
    (warning,) = found.warnings
    assert (warning.code, warning.expression, warning.values) == ("DIVISION_BY_ZERO", "price / (qty - 3)", ("9", "0"))


def test_reads_are_the_paths_it_depends_on() -> None:
    """Paths through references and lists are read; loop variables and what the expression makes itself are not."""
    reads = checked("sum(for l in lines return l.qty) + customer.credit + {a: qty}.a > 1").reads
    assert {("lines", "qty"), ("customer", "credit"), ("qty",)} <= reads
    assert all(path[0] in TYPES for path in reads)
    assert checked("1 + 1").reads == frozenset()
