"""What forms tell the checker of their fields, and that values keep it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.forms import BUILT_IN, Form, compile_forms
from engine.forms.definition import Field
from engine.forms.kinds.numbers import MoneyKind, QuantityKind
from engine.packs import TemporaryIds
from engine.problems import Problem, Problems
from engine.rules import Checked, Scope, check
from engine.values import Quantity

T = {"en": "x"}
UNIT_ID = UUID(int=1)


def field(name: str, type: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "label": T, **more}


FORMS: dict[str, dict[str, Any]] = {
    "group": {"form": "group", "label": T, "fields": [field("name", "text", required=True), field("rate", "quantity")]},
    "order": {
        "form": "order", "label": T, "states": [{"name": "draft", "label": T}],
        "fields": [
            field("number", "sequence", pattern="{0000}"), field("group", "reference", form="group", required=True),
            field("other", "reference", form="group"), field("amount", "quantity", required=True, minimum="0.5"),
            field("bonus", "quantity", default="1"), field("flag", "boolean"), field("why", "text", required="flag"),
            field("twice", "quantity", computed="amount * 2"), field("four", "quantity", computed="twice * 2"),
            field("more", "quantity", computed="bonus * 2"), field("circle", "quantity", computed="if flag then amount else 1"),
            field("rows", "lines", min=1, fields=[
                field("count", "integer", required=True, minimum=1), field("price", "money"),
                field("share", "quantity", computed="count / record.amount"), field("cost", "quantity", computed="count * price"),
            ]),
            field("notes", "lines", fields=[field("text", "text", required=True)]),
        ],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def order() -> Form:
    forms = compile_forms(FORMS, TemporaryIds(), BUILT_IN, "CNY")
    assert not isinstance(forms, Problems), [(p.code, p.place, dict(p.params)) for p in forms]
    return forms["order"]


HEADER = [
    ("id", True), ("number", True), ("state", True), ("created_at", True), ("created_by", True), ("actor.name", True), ("group", True),
    ("group.id", True), ("group.name", True), ("group.state", False), ("group.rate", False), ("other", False), ("other.name", False),
    ("amount", True), ("bonus", False), ("flag", False), ("why", False), ("twice", True), ("four", True), ("more", False), ("circle", True),
    ("rows", True), ("rows[1].count", True), ("sum(rows.count)", True), ("sum(rows.price)", False), ("sum(rows.share)", True), ("notes", True),
    ("notes[1].text", False), ("1 / amount", True), ("1 / bonus", False), ("1 / count(rows)", True), ("1 / count(notes)", False),
]  # fmt: skip
ROWS = [("count", True), ("price", False), ("share", True), ("cost", False), ("id", True), ("record.amount", True), ("record.other", False),
        ("record.group.name", True), ("record.number", True), ("1 / count", True), ("1 / price", False)]  # fmt: skip


def holds(text: str, scope: Scope) -> bool:
    found = check(text, scope, needed=True)
    assert isinstance(found, Checked) or {p.code for p in found} <= {"rules.may_be_empty", "rules.may_divide_by_zero"}
    return isinstance(found, Checked)


@pytest.mark.parametrize(("text", "expected"), HEADER)
def test_what_a_stored_record_always_has(order: Form, text: str, expected: bool) -> None:
    """Required fields, numbers, stamps, lists, and what is computed of such always have a value; the rest may be empty."""
    assert holds(text, order.scope) is expected


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_what_a_line_always_has(order: Form, text: str, expected: bool) -> None:
    """As for records, within the lines and through `record`."""
    assert holds(text, order.line_scope("rows")) is expected


def test_a_new_record_has_no_number_yet() -> None:
    """A form's own expressions are worked out before the record is stored: there the number and the id may be empty."""
    own = [
        *FORMS["group"]["fields"],
        field("number", "sequence", pattern="{0000}"),
        field("told", "text", required=True, computed="number"),
    ]

    found = compile_forms({"group": {**FORMS["group"], "fields": own}}, TemporaryIds(), BUILT_IN, "CNY")

    assert isinstance(found, Problems)
    assert [(p.code, p.place, p.params["part"]) for p in found] == [
        ("rules.may_be_empty", "/fields/3/computed", "number")
    ]


def test_a_minimum_above_zero_keeps_zero_out() -> None:
    """No way to a value, by a unit, a currency or an expression, leaves a zero in a field whose minimum is above zero."""
    bounded = Field("1", "f", "quantity", T, {"minimum": "0.001", "decimals": 3, "currency": "CNY"})
    tiny: Any = {"amount": "0.01", "currency": "JPY", "rate": "0.001"}

    for found in (
        QuantityKind().compute(bounded, Decimal(0)),
        QuantityKind().with_unit(bounded, Quantity(Decimal(1), Decimal("0.001"), UNIT_ID), 1, 1_000_000),
        MoneyKind().compute(bounded, Decimal("0.0001")),
        MoneyKind().parse(bounded, tiny),
    ):
        assert isinstance(found, Problem)
        assert (found.code, found.params["least"]) == ("forms.below_minimum", "0.001")
