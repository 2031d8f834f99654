"""Posting rules that pick: what cannot be meant is told at its place when the pack is checked."""

from typing import Any

import pytest

from engine.packs import check_pack
from tests.support.ledger import AT, GOODS, ledger_pack

RESERVE = {"name": "r", "form": "entry", "on": "posted", "rows": "lines", "when": 'kind = "r"', "do": "reserve"}


def problems_of(posting: dict[str, Any], **register: Any) -> list[tuple[str, str]]:
    """(code, place) of what is wrong with a posting, in a register that is otherwise sound."""
    given = {"quantity": "quantity", "at": AT, **RESERVE, **posting}
    whole = {**GOODS, "postings": [given], **register}
    found = check_pack(ledger_pack(goods=whole))
    return [] if found is None else [(p.code, p.place) for p in found]


@pytest.mark.parametrize(
    ("posting", "code", "place"),
    [
        ({"pick": {"order": "fefo"}}, "registers.part_missing", "/pick"),
        ({"pick": {"order": "nearest"}}, "registers.part_missing", "/pick"),
        ({"pick": {"order": "fefo", "by": "lot.nothing"}}, "rules.unknown_name", "/pick/by"),
        ({"pick": {"order": "fifo", "only": "lot.expires"}}, "rules.wrong_type", "/pick/only"),
        ({"pick": {"order": "fifo"}, "at": {"place": "place"}}, "registers.dimension_missing", "/at"),
        ({"pick": {"order": "named"}, "at": {"item": "item"}}, "registers.dimension_missing", "/at"),
        ({"do": "move", "add": {"on_hand": "1"}, "pick": {"order": "fifo"}}, "registers.only_for_reservations", "/pick"),
        ({"do": "move", "add": {"on_hand": "1"}, "priority": "1"}, "registers.only_for_reservations", "/priority"),
        ({"priority": '"high"'}, "rules.wrong_type", "/priority"),
        ({"pick": {"order": "random"}}, "packs.not_one_of", "/pick/order"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant(posting: dict[str, Any], code: str, place: str) -> None:
    """One mistake, one problem at its place."""
    found = problems_of(posting)
    assert [p for _, p in found] == [f"/postings/0{place}"], found
    assert found[0][0].partition(".")[0] == code.partition(".")[0], found


def test_nothing_limits_what_is_picked() -> None:
    """Without a refusing constraint that weighs the reserved measure there is nothing to pick by."""
    picks = {"pick": {"order": "fifo"}}
    warning = [{"name": "soft", "that": "on_hand - held >= 0", "then": "warn"}]
    assert problems_of(picks, constraints=warning) == [("registers.nothing_limits", "/postings/0/pick")]
    assert problems_of(picks) == []


def test_what_is_open_may_be_left_out() -> None:
    """All dimensions but the first may be left out where they are found."""
    assert problems_of({"pick": {"order": "fifo"}, "at": {"item": "item"}}) == []
