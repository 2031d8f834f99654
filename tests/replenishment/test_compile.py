"""Definitions of planners: the sound one compiles, and each mistake is told with its code and place."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import Moment
from engine.problems import Problems
from engine.replenishment import Parameters, Planner
from engine.replenishment.compile import compile_planners
from engine.replenishment.parameters import parameters

from .small import PLANNER, planner_with, surroundings

MOMENT = Moment(datetime(2026, 3, 2, tzinfo=UTC), date(2026, 3, 2))
AROUND = surroundings()


def compiled(definition: Any) -> Any:
    return compile_planners({"needs": definition}, AROUND)


def planner(definition: Any = PLANNER) -> Planner:
    found = compiled(definition)
    assert not isinstance(found, Problems), list(found)
    made: Planner = found["needs"]
    return made


def test_a_planner_compiles() -> None:
    """The sound definition gives a planner that knows its register, its key and what suggestions are given."""
    found = planner()
    assert (found.dimensions, found.of, found.form, found.structure) == (("part", "place"), (0, 1), "part", "recipes")
    assert (found.factors, found.scale) == ((1, 0, 0), 6)
    assert list(found.rules) == ["source", "policy", "minimum", "maximum", "lot", "lead_days", "make"]
    assert (found.suggestion.open, found.suggestion.withdraw, found.suggestion.by_date) == (
        ("proposed",),
        "drop",
        False,
    )


def test_a_figure_can_be_netted() -> None:
    """What is netted may be a sum of measures that are counted alike."""
    assert planner(planner_with("measure", "free")).factors == (1, -1, 0)


MISTAKES: list[tuple[str, Any, str, str]] = [
    ("register", "hord", "unknown_register", "/register"),
    ("measure", "ther", "unknown_measure", "/measure"),
    ("of", ["part", "plase"], "unknown_dimension", "/of/1"),
    ("of", ["place", "part"], "not_the_items", "/items/form"),
    ("structure", "recipe", "unknown_structure", "/structure"),
    ("items/form", "prt", "unknown_form", "/items/form"),
    ("items/form", "place", "not_the_items", "/items/form"),
    ("suggestion/form", "propsal", "unknown_form", "/suggestion/form"),
    ("suggestion/key/place", None, "dimension_missing", "/suggestion/key"),
    ("suggestion/key/place", "plac", "unknown_field", "/suggestion/key/place"),
    ("suggestion/key/place", "part", "field_does_not_fit", "/suggestion/key/place"),
    ("suggestion/key/plase", "place", "unknown_dimension", "/suggestion/key/plase"),
    ("suggestion/fields/amount", "quantity", "unknown_field", "/suggestion/fields/amount"),
    ("suggestion/fields/twice", "quantity", "field_does_not_fit", "/suggestion/fields/twice"),
    ("suggestion/fields/part", "item", "field_does_not_fit", "/suggestion/fields/part"),
    ("suggestion/fields/maker", "item", "field_does_not_fit", "/suggestion/fields/maker"),
    ("suggestion/fields/due", None, "field_missing", "/suggestion/fields"),
    ("items/at", {"plase": "maker"}, "unknown_dimension", "/items/at/plase"),
    ("items/at", {"part": "maker"}, "dimension_missing", "/items/at"),
    ("suggestion/per", "date", "date_missing", "/suggestion/fields"),
    ("schedule", {"cron": "at five"}, "bad_schedule", "/schedule/cron"),
    ("suggestion/open", ["proposd"], "unknown_state", "/suggestion/open/0"),
    ("suggestion/open", ["taken"], "first_state_not_open", "/suggestion/open"),
    ("suggestion/withdraw", "remove", "cannot_withdraw", "/suggestion/withdraw"),
    ("suggestion/open", ["proposed", "taken"], "cannot_withdraw", "/suggestion/withdraw"),
]


@pytest.mark.parametrize(("path", "value", "code", "place"), MISTAKES)
def test_a_mistake_is_told_at_its_place(path: str, value: Any, code: str, place: str) -> None:
    """A name that is not there, or something that does not fit, is told with the file and the JSON pointer."""
    definition = planner_with(path, value)
    if value == "date":
        definition["suggestion"]["fields"]["due"] = "start"
    found = compiled(definition)
    assert isinstance(found, Problems)
    assert (f"replenishment.{code}", place, "replenishment/needs.json") in [(p.code, p.place, p.file) for p in found]


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("items/policy", "low", "rules.wrong_type"),
        ("items/lot", "loot", "rules.unknown_name"),
        ("items/lead_days", "source.dayz", "rules.unknown_entry"),
        ("items/make", "1 +", "rules.ends_too_early"),
        ("suggestion/fields/quantity", "kind", "rules.wrong_type"),
        ("suggestion/fields/note", "key.plase.code", "rules.unknown_entry"),
    ],
)
def test_a_mistake_in_a_rule_is_told_at_the_rule(path: str, text: str, code: str) -> None:
    """Expressions are checked over the item, the key and what a suggestion is."""
    found = compiled(planner_with(path, text))
    assert isinstance(found, Problems)
    assert [(p.code, p.place) for p in found] == [(code, "/" + path)]


def test_mistakes_are_told_together() -> None:
    """One run shows every mistake of a planner."""
    definition = planner_with("suggestion/key/place", "plac")
    definition["items"]["lot"] = "loot"
    definition["measure"] = "ther"
    found = compiled(definition)
    assert isinstance(found, Problems)
    assert len(found) == 3


ITEM: dict[str, Any] = {
    "code": "A", "policy": "min_max", "low": Decimal(2), "high": Decimal("9.5"), "lot": None, "made": None,
    "maker": {"id": "m", "days": Decimal(3)}, "days": Decimal(8),
}  # fmt: skip


def came(**values: Any) -> Any:
    return parameters(planner(), {**ITEM, **values}, {"part": {"id": "p"}, "place": {"id": "q"}}, MOMENT)


def test_rules_become_parameters() -> None:
    """Amounts are scaled by the measure, the lead time may follow from the source, what is null is not given."""
    found = came()
    assert found == Parameters(
        "min_max", 2_000_000, 9_500_000, 0, 0, 0, 0, 3, 1, make=False, source={"id": "m", "days": Decimal(3)}
    )
    assert came(maker=None).lead == 8
    assert came(policy=None).policy is None
    assert came(made=True).make


@pytest.mark.parametrize(
    ("values", "code", "place"),
    [
        ({"policy": "minmax"}, "unknown_policy", "/policy"),
        ({"low": Decimal(-1)}, "not_an_amount", "/minimum"),
        ({"low": Decimal("0.0000001")}, "not_an_amount", "/minimum"),
        ({"maker": None, "days": Decimal("1.5")}, "not_an_amount", "/lead_days"),
        ({"maker": None, "days": Decimal(1001)}, "not_an_amount", "/lead_days"),
        ({"high": None}, "amount_missing", "/maximum"),
        ({"policy": "order_up_to", "high": Decimal(0)}, "amount_missing", "/maximum"),
        ({"policy": "fixed_lot"}, "amount_missing", "/lot"),
        ({"policy": "reorder_point"}, "amount_missing", "/lot"),
        ({"high": Decimal(1)}, "maximum_too_small", "/maximum"),
    ],
)
def test_parameters_that_do_not_do_are_told(values: dict[str, Any], code: str, place: str) -> None:
    """An item whose parameters mean nothing gives the reason and the part."""
    found = came(**values)
    assert isinstance(found, Problems)
    assert [(p.code, p.place) for p in found] == [(f"replenishment.{code}", place)]


def test_a_rule_that_fails_is_told() -> None:
    """What cannot be worked out for an item is a problem of that item, not a zero."""
    made = planner(planner_with("items/minimum", "number(code)"))
    failed = parameters(made, ITEM, {}, MOMENT)
    assert isinstance(failed, Problems)
    assert [(p.code, p.place) for p in failed] == [("replenishment.rule_failed", "/minimum")]
