"""Guards over a dimension that may be none: postings without it have nothing in common, and none waits for another."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.actions.commands import ChangeRecord, SubmitMany, SubmitRecord
from engine.effects import Outcome
from engine.problems import Problems
from engine.registers import Register
from engine.statements import Dialect
from engine.store.applying import apply
from engine.store.system_effects import SystemWriter
from tests.support.ledger import Keeper, ledger_site


def register_of(keeper: Keeper) -> Register:
    with keeper.engine.store.read() as reader:
        release = keeper.engine.release(reader)
        assert release is not None
        return release.registers["goods"]


def test_only_guards_that_weigh_keep_balances(sqlite_url: str) -> None:
    """By lot, where a guard looks at the lot's record, none is kept; by place, where one looks at what lies there, one is."""
    register = register_of(Keeper(ledger_site(sqlite_url)))
    kept = {tuple(register.dimensions[at].name for at in grain) for grain in register.grains}
    assert kept == {("item", "place", "lot", "zone"), ("item", "zone"), ("item", "place"), ("place",)}


def test_records_sent_together_pass_a_guard_one_after_another(sqlite_url: str) -> None:
    """What would be too much for a place by itself is so, too, when another record of the call makes room after it; not when before it."""
    keeper = Keeper(ledger_site(sqlite_url))
    assert isinstance(keeper.do("1: in 5 *P"), Outcome)
    keeper.perform(ChangeRecord("place", keeper.record("place", "P"), {"most": "6"}))

    def entry(kind: str, item: str, quantity: str) -> SubmitRecord:
        lines = [{"kind": kind, "item": item, "place": "P", "quantity": quantity}]
        return SubmitRecord("entry", {"lines": lines}, "post")

    comes, goes = entry("in", keeper.item, "3"), entry("out", f"{keeper.item}x", "4")
    refused = keeper.perform(SubmitMany("entry", [comes, goes]))
    assert isinstance(refused, Problems)
    assert [(p.code, p.place) for p in refused] == [("registers.guard_broken", "/records/0/lines/0")]
    assert isinstance(keeper.perform(SubmitMany("entry", [goes, comes])), Outcome)


def test_postings_without_a_lot_do_not_wait_for_one_another(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one that has no lot is still being written, another of another thing at another place is done."""
    engine = ledger_site(postgres_url)
    first, second = Keeper(engine), Keeper(engine)
    written, go, write, store = threading.Event(), threading.Event(), engine.store.write, engine.store

    def write_slowly(plan: Any, writer: Any, **how: Any) -> Any:
        if threading.current_thread() is not slow:
            return write(plan, writer, **how)

        def held(cursor: Any, dialect: Dialect) -> Any:
            result = apply(plan, writer, cursor, dialect, SystemWriter(dialect))
            written.set()
            assert go.wait(20)
            return result

        return store.run(held)

    came: list[Any] = []
    slow = threading.Thread(target=lambda: came.append(first.do("in 1 P")))
    monkeypatch.setattr(store, "write", write_slowly)
    with ThreadPoolExecutor(1) as clients:
        try:
            slow.start()
            assert written.wait(10)
            assert isinstance(clients.submit(second.do, "in 1 R").result(3), Outcome)
        finally:
            go.set()
            slow.join()
    assert isinstance(came[0], Outcome)
