"""Ledger cases as tables: before, action, after, on both databases, ending with balances that are the sum of movements."""

from pathlib import Path
from typing import Any

import pytest

from engine.actions import Audit, audit_registers
from tests.support.case_files import read_cases
from tests.support.pack_site import Browser, engine_with

CASES = list(read_cases(Path(__file__).parent / "cases.txt"))


class Storekeeper:
    """Does what a line says."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.known: dict[str, tuple[str, dict[str, Any]]] = {}
        for form, values in (
            ("unit", {"code": "PC", "name": "piece"}), ("item", {"code": "A", "name": "a", "unit": "PC"}),
            ("warehouse", {"code": "W", "name": "w"}), ("location", {"code": "P", "name": "p", "warehouse": "W"}),
            ("location", {"code": "Q", "name": "q", "warehouse": "W"}), ("supplier", {"code": "S", "name": "s"}),
            ("customer", {"code": "C", "name": "c"}),
        ):  # fmt: skip
            browser.made(form, values)

    def do(self, words: list[str]) -> Any:
        """The answer to one action."""
        verb, *rest = words
        name = None
        if "as" in rest:
            name = rest[rest.index("as") + 1]
            rest = rest[: rest.index("as")]
        if verb == "cancel":
            form, made = self.known[rest[0]]
            record = self.browser.get(f"/forms/{form}/records/{made['id']}").get_json()
            return self.browser.ask(
                "POST",
                f"/forms/{form}/records/{made['id']}/actions/cancel",
                json={},
                headers={"If-Match": f'"{record["revision"]}"'},
            )
        quantity = rest[0]
        line = {
            "item": "A",
            "quantity": quantity,
            **({"location": rest[1]} if verb in ("receive", "issue", "ship") else {}),
        }
        form, values, then = {
            "receive": ("goods_receipt", {"supplier": "S", "warehouse": "W", "lines": [line]}, "post"),
            "issue": ("goods_issue", {"warehouse": "W", "lines": [line]}, "post"),
            "order": ("sales_order", {"customer": "C", "warehouse": "W", "lines": [line]}, "confirm"),
            "ship": ("shipment", {"order": self.known[rest[-1]][1]["id"] if verb == "ship" else None, "warehouse": "W", "lines": [line]}, "post"),
            "move": ("stock_transfer", {"lines": [{**line, "from_location": rest[1], "to_location": rest[-1]}]}, "post"),
        }[verb]  # fmt: skip
        answer = self.browser.create(form, values, then)
        if answer.status_code == 201:
            self.known[name or rest[-1]] = (form, answer.get_json())
        return answer

    def balances(self) -> dict[str, tuple[str, ...]]:
        """{place or W: (on hand, reserved[, available])}."""
        found: dict[str, tuple[str, ...]] = {}
        for row in self.browser.get("/registers/stock/balances").get_json()["rows"]:
            if row["key"]["location"]:
                found[row["key"]["location"]["title"]] = (row["measures"]["on_hand"], row["measures"]["reserved"])
        for row in self.browser.get("/registers/stock/balances", by="item,warehouse").get_json()["rows"]:
            found["W"] = (row["measures"]["on_hand"], row["measures"]["reserved"], row["figures"]["available"])
        return found


@pytest.mark.parametrize(("name", "lines"), CASES, ids=[c[0].replace(" ", "-") for c in CASES])
def test_ledger(database_url: str, name: str, lines: list[str]) -> None:
    """After the actions the balances are as the case says, refusals name available and wanted, and every balance is the sum of its movements."""
    engine = engine_with(database_url)
    keeper = Storekeeper(Browser(engine))
    for line in lines:
        if line.startswith("="):
            for part in line[1:].split("|"):
                key, *numbers = part.split()
                zero = tuple("0" for _ in numbers)
                assert keeper.balances().get(key, zero) == tuple(numbers), f"{name}: {part}"
            continue
        action, _, refusal = line.partition(" ! ")
        answer = keeper.do(action.split())
        if not refusal:
            assert answer.status_code in (200, 201), f"{line}: {answer.text}"
            continue
        assert answer.status_code == 409, f"{line}: {answer.text}"
        params = answer.get_json()["problems"][0]["params"]
        if refusal != "-":
            got = (params.get("available", params.get("open")), params.get("wanted", params.get("requested")))
            assert got == tuple(refusal.split()), line
    audit = audit_registers(engine)
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found


def test_movements_cannot_be_edited(database_url: str) -> None:
    """The database itself refuses to change or delete a movement."""
    engine = engine_with(database_url)
    keeper = Storekeeper(Browser(engine))
    keeper.do(["receive", "1", "P"])
    with engine.store.read() as reader:
        release = engine.release(reader)
        assert release is not None
        table = release.register_tables["stock"].movements.name
    for statement in (f"UPDATE {table} SET posting = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="append-only"):
            engine.store.run(lambda cursor, dialect, statement=statement: cursor.execute(statement))


def test_balance_at_a_moment_is_what_it_was(database_url: str) -> None:
    """A balance at any past moment is the sum of the movements until then, across month ends."""
    engine = engine_with(database_url)
    browser = Browser(engine)
    Storekeeper(browser)
    for day, quantity in (("2026-01-31", "5"), ("2026-02-01", "7"), ("2026-03-15", "11")):
        browser.made("goods_receipt", {"supplier": "S", "warehouse": "W", "received_on": day, "lines": [
            {"item": "A", "quantity": quantity, "location": "P"}]}, "post")  # fmt: skip

    def at(moment: str) -> str:
        rows = browser.get("/registers/stock/balances", by="item", at=moment).get_json()["rows"]
        return str(rows[0]["measures"]["on_hand"]) if rows else "0"

    moments = (
        "2026-01-31T12:00:00+08:00",  # what is entered late for a day counts from the end of that day
        "2026-01-31T23:59:59.999999+08:00",
        "2026-02-02T00:00:00+08:00",
        "2026-03-15T23:59:59+08:00",
        "2026-03-16T00:00:00+08:00",
    )
    assert [at(m) for m in moments] == ["0", "5", "12", "12", "23"]
