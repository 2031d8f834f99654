"""The planner of the inventory pack over its sample factory, worked out by hand; and that no order or delivery is counted twice."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.actions import Engine, answer, install_pack, load_sample, open_engine, perform, run_planner
from engine.actions.commands import PerformAction, SubmitRecord
from engine.actions.queries import ListRecords, ShowRequirements
from engine.actor import SYSTEM
from engine.clock import FixedClock, Moment
from engine.effects import Outcome
from engine.problems import Problems
from tests.support.pack_site import INVENTORY

MONDAY = FixedClock(Moment(datetime(2026, 9, 21, 2, tzinfo=UTC), date(2026, 9, 21)))
"""A morning after the last order of the sample."""
EXPECTED = {
    "FM-A90": ("44", "2026-10-27", "2026-10-30", "make", "demand", None),
    "GJ-90": ("11", "2026-10-27", "2026-10-30", "make", "demand", None),
    "MK-90": ("40", "2026-10-23", "2026-10-27", "make", "dependent", None),
    "MS-90": ("15", "2026-10-23", "2026-10-27", "make", "dependent", None),
    "MF-01": ("2953.8", "2026-10-21", "2026-10-27", "buy", "minimum", "华美保温材料"),
    "BZ-01": ("1486", "2026-10-23", "2026-10-27", "buy", "minimum", "顺达包装"),
}
"""{item: (quantity, start, due, kind, reason, supplier)}. An order of 60 doors FM-A90 and 30 GJ-90 for Friday, 30 October waits.
FM-A90: 29 there, 8 promised, 60 wanted, 5 to be left: 44, in three days of work. GJ-90: 33 - 9 - 30 and 5 to be left: 11.
When the 44 are begun, on the 27th, they take 44 frames MK-90 of 18 (10 to be left: 36, made in fives: 40), 44 wings MS-90 of 39 (10 to
be left: 15), 228.8 m of MF-01 of 275 (46.2 is below 100; to 3000) and 264 m of BZ-01 of 278 (14 is below 50; to 1500). All else lasts:
of no sheet, tube, lock or bolt less than its minimum is left."""


class Factory:
    """The sample factory on a Monday."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url, clock=MONDAY)
        assert not isinstance(install_pack(self.engine, INVENTORY), Problems)
        assert load_sample(self.engine, INVENTORY) is None

    def run(self) -> dict[str, int]:
        """What a run wrote."""
        found = run_planner(self.engine, "restock", run_id=str(uuid4()))
        assert not isinstance(found, Problems), list(found)
        assert found["faults"] == []
        return {name: found[name] for name in ("created", "changed", "withdrawn", "kept")}

    def records(self, form: str, condition: str) -> list[dict[str, Any]]:
        """Records of a form as a list shows them."""
        columns = ("item", "warehouse", "quantity", "start", "due", "kind", "reason", "supplier")
        query = ListRecords(form, filter=condition, columns=columns if form == "purchase_suggestion" else (), limit=200)
        found = answer(self.engine, query, SYSTEM)
        assert isinstance(found, dict), list(found)
        rows: list[dict[str, Any]] = found["records"]
        return rows

    def suggested(self) -> dict[str, tuple[Any, ...]]:
        """The open suggestions, as EXPECTED."""
        found = {}
        for record in self.records("purchase_suggestion", 'state = "open"'):
            values = record["values"]
            supplier = values["supplier"] and values["supplier"]["title"]
            told = (values[name] for name in ("quantity", "start", "due", "kind", "reason"))
            found[self.code(values["item"])] = (*told, supplier)
        return found

    def code(self, item: dict[str, Any]) -> str:
        """The code of an item that is shown with code and name."""
        return str(item["title"]).partition(" ")[0]

    def item(self, code: str) -> UUID:
        """The id of an item."""
        return UUID(self.records("item", f'code = "{code}"')[0]["id"])

    def left(self, code: str) -> Decimal:
        """What the planner expects to be left of an item at the end, without what it suggests."""
        found = answer(self.engine, ShowRequirements("restock", items=(self.item(code),)), SYSTEM)
        assert isinstance(found, dict), list(found)
        key = found["keys"][0]
        moved = (Decimal(row["supply"]) - Decimal(row["demand"]) for row in key["rows"])
        return Decimal(key["on_hand"]) + sum(moved)

    def made(self, form: str, values: dict[str, Any], then: str | None = None) -> UUID:
        """A new record."""
        done = perform(self.engine, SubmitRecord(form, values, then), SYSTEM)
        assert isinstance(done, Outcome), list(done)
        return UUID(done.answer["id"])

    def act(self, form: str, record: UUID, action: str) -> None:
        """Move a record on."""
        done = perform(self.engine, PerformAction(form, record, action), SYSTEM)
        assert isinstance(done, Outcome), list(done)


@pytest.fixture
def factory(database_url: str) -> Factory:
    """The sample factory, on each database."""
    return Factory(database_url)


def test_a_run_over_the_sample_suggests_what_a_storekeeper_would(factory: Factory) -> None:
    """Doors for the order that waits, what goes into them, and what that takes below its minimum; the same run again changes nothing."""
    assert factory.run() == {"created": 6, "changed": 0, "withdrawn": 0, "kept": 0}
    assert factory.suggested() == EXPECTED
    places = {
        factory.code(r["values"]["item"]): r["values"]["warehouse"]["title"]
        for r in factory.records("purchase_suggestion", "true")
    }
    assert {places["MF-01"], places["FM-A90"]} == {"原料仓", "成品仓"}
    assert factory.run() == {"created": 0, "changed": 0, "withdrawn": 0, "kept": 6}


def test_what_was_ordered_is_expected_until_it_is_there(factory: Factory) -> None:
    """An ordered suggestion is supply, and nothing is suggested on top; what arrives comes off it, what is cancelled is expected again,
    and what is dropped is suggested anew."""
    factory.run()
    (strip,) = (
        r
        for r in factory.records("purchase_suggestion", 'state = "open"')
        if factory.code(r["values"]["item"]) == "MF-01"
    )
    ordered = UUID(strip["id"])
    factory.act("purchase_suggestion", ordered, "order")
    assert factory.left("MF-01") == Decimal("3228.8")  # before the doors take 228.8
    assert factory.run() == {"created": 0, "changed": 0, "withdrawn": 0, "kept": 5}
    line = {"item": "MF-01", "quantity": "1000", "suggestion": str(ordered)}
    receipt = factory.made("goods_receipt", {"supplier": "S004", "warehouse": "W1", "lines": [line]}, "post")
    assert factory.left("MF-01") == Decimal("3228.8")
    factory.act("goods_receipt", receipt, "cancel")
    assert factory.left("MF-01") == Decimal("3228.8")
    assert factory.run()["created"] == 0
    factory.act("purchase_suggestion", ordered, "drop")
    assert factory.left("MF-01") == Decimal("275")
    assert factory.run()["created"] == 1


def test_an_order_counts_once_on_all_its_way(factory: Factory) -> None:
    """Waiting, reserved, partly shipped, the shipment cancelled: the same is left of the door at the end; closing gives back the rest."""
    before = factory.left("FM-B90")
    assert before == Decimal(36 - 5)
    head = {"customer": "C001", "warehouse": "W3", "deliver_on": "2026-10-12"}
    order = factory.made("sales_order", {**head, "lines": [{"item": "FM-B90", "quantity": "10"}]}, "wait")
    assert factory.left("FM-B90") == before - 10
    factory.act("sales_order", order, "confirm")
    assert factory.left("FM-B90") == before - 10
    line = {"item": "FM-B90", "quantity": "4", "location": "W3-B2"}
    shipment = factory.made("shipment", {"order": str(order), "warehouse": "W3", "lines": [line]}, "post")
    assert factory.left("FM-B90") == before - 10
    factory.act("shipment", shipment, "cancel")
    assert factory.left("FM-B90") == before - 10
    factory.made("shipment", {"order": str(order), "warehouse": "W3", "lines": [line]}, "post")
    factory.act("sales_order", order, "close")
    assert factory.left("FM-B90") == before - 4
