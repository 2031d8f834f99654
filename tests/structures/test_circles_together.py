"""Versions that are saved at the same moment: no two of them close a circle that neither could see."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, local
from typing import Any

import pytest

from engine.problems import Problems
from tests.structures.recipes import Cook, pack
from tests.support.pack_site import engine_with


@pytest.fixture
def cook(database_url: str) -> Cook:
    """A site of recipes."""
    return Cook(engine_with(database_url, pack(), users=False), "x")


def planned_together(cook: Cook, versions: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """What came of versions that were all planned before the first was written, and how often one was written."""
    start, mine, write, writes = Barrier(len(versions)), local(), cook.engine.store.write, list[int]()

    def wait_once(*planned: Any, **how: Any) -> Any:
        if not vars(mine):
            mine.waited = True
            start.wait()
        writes.append(1)
        return write(*planned, **how)

    for name in sorted({word for v in versions for word in v.replace(":", " ").replace(";", " ").split()}):
        if name.isalpha():
            cook.item(name)
    with monkeypatch.context() as patched, ThreadPoolExecutor(len(versions)) as clients:
        patched.setattr(cook.engine.store, "write", wait_once)
        made = list(clients.map(cook.version, versions))
    return [m.first.code if isinstance(m, Problems) else "done" for m in made], len(writes)


def test_two_that_use_each_other(cook: Cook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A of B and B of A, both planned when there was neither: one is written, the other is told of the circle."""
    came, _ = planned_together(cook, ["A: 1 B", "B: 1 A"], monkeypatch)
    assert Counter(came) == {"done": 1, "structures.circle": 1}


def test_a_circle_of_many(cook: Cook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight versions that close a circle only all together, and through levels that were there before: exactly one is refused."""
    for way in ("BX: 1 C", "DX: 1 E", "FX: 1 G"):
        assert not isinstance(cook.version(way), Problems)
    circle = ["A: 1 B", "B: 1 BX", "C: 1 D", "D: 1 DX", "E: 1 F", "F: 1 FX", "G: 1 H", "H: 1 A"]
    came, _ = planned_together(cook, circle, monkeypatch)
    assert Counter(came) == {"done": len(circle) - 1, "structures.circle": 1}


def test_versions_that_share_components(cook: Cook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty versions over the same components, five of them of one parent, are each written at the first try: what they rely on has not changed."""
    assert not isinstance(cook.version("S: 1 T; 2 U"), Problems)
    versions = [f"P{chr(97 + n)}: 1 S; 1 T" for n in range(15)] + [f"Q named {n}: 1 S" for n in range(5)]
    cook.item("Q")
    for n in range(15):
        cook.item(f"P{chr(97 + n)}")
    came, writes = planned_together(cook, versions, monkeypatch)
    assert (Counter(came), writes) == ({"done": 20}, 20)


def test_versions_of_what_others_use(cook: Cook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten versions of a chain, each over the next, planned together: all are written, none is refused as too busy."""
    chain = [f"{chr(65 + n)}: 1 {chr(66 + n)}" for n in range(10)]
    came, _ = planned_together(cook, chain, monkeypatch)
    assert Counter(came) == {"done": 10}
