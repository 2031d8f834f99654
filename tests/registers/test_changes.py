"""A register that is in use changes with its pack: measures and constraints can be added, dimensions and valuation cannot."""

import copy
from typing import Any

import pytest

from engine.actions import Audit, audit_registers, install_pack
from engine.problems import Problems
from tests.support.ledger import GOODS, Keeper, ledger_pack, ledger_site


def changed(**parts: Any) -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(GOODS)
    return found | parts


def test_measures_and_constraints_can_be_added(database_url: str) -> None:
    """A new measure begins at nothing, a constraint of a new grain knows what was posted before."""
    engine = ledger_site(database_url)
    keeper = Keeper(engine)
    keeper.do("1: in 5 P/L1")
    keeper.do("2: in 5 Q/L1")
    lots = {"name": "few", "of": ["lot"], "that": "on_hand <= 12"}
    new = changed(measures=[*GOODS["measures"], {"name": "weight"}], constraints=[*GOODS["constraints"], lots])
    installed = install_pack(engine, ledger_pack(goods=new))
    assert not isinstance(installed, Problems), [(p.code, dict(p.params)) for p in installed]
    assert not isinstance(keeper.do("3: in 2 P/L1"), Problems)
    refused = keeper.do("3: in 1 P/L1")
    assert isinstance(refused, Problems)
    assert (refused.first.code, refused.first.params["available"]) == ("registers.constraint_broken", "0")
    assert keeper.balances(("place",))["P"]["weight"] == 0
    audit = audit_registers(engine)
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (
            "place",
            {"dimensions": [{**d, "optional": True} if d["name"] == "place" else d for d in GOODS["dimensions"]]},
        ),
        ("batch", {"dimensions": [*GOODS["dimensions"], {"name": "batch", "type": "text", "optional": True}]}),
        ("valuation", {"valuation": {**GOODS["valuation"], "of": ["item"]}}),
    ],
    ids=["dimension-other", "dimension-new", "other-pools"],
)
def test_what_movements_cannot_follow_is_refused(sqlite_url: str, part: str, change: dict[str, Any]) -> None:
    """Dimensions and pools stay as they are, with a plain reason; nothing is installed."""
    engine = ledger_site(sqlite_url)
    refused = install_pack(engine, ledger_pack(goods=changed(**change)))
    assert isinstance(refused, Problems)
    assert {(p.code, p.params["name"]) for p in refused} >= {("packs.register_changed", part)}
