"""Ledger cases over time as tables: backdating, counts, constraints, reservations, plans; each on both databases, with balances that are the
sum of movements at the end.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.actions import Audit, Engine, audit_registers, perform
from engine.actions.commands import ChangeRecord
from engine.actor import SYSTEM
from engine.clock import to_microseconds
from engine.effects import Outcome
from engine.problems import Problems
from tests.support.case_files import read_cases
from tests.support.ledger import Keeper, day_end, ledger_site, told
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)


CASES = list(read_cases(Path(__file__).parent / "ledger_cases.txt"))


@pytest.mark.parametrize(("name", "lines"), CASES, ids=[name.replace(" ", "-") for name, _ in CASES])
def test_ledger_over_time(ledger: Engine, name: str, lines: list[str]) -> None:
    """Every action has the outcome, and every balance the numbers, that the case says."""
    keeper = Keeper(ledger)
    for line in lines:
        if line.startswith("="):
            check_balance(keeper, line[1:].split(), line)
        elif line.startswith("~"):
            check_forecast(keeper, line[1:].strip())
        elif line.split()[0] in ("freeze", "thaw", "allow", "forbid", "most", "method", "standard"):
            arrange(keeper, line.split())
        else:
            action, _, refusal = line.partition(" ! ")
            answer = keeper.do(action)
            got = " | ".join(dict.fromkeys(told(p) for p in answer)) if isinstance(answer, Problems) else ""
            assert got == refusal, line
    audit = audit_registers(ledger)
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found
    assert audit.waiting == 0


def check_balance(keeper: Keeper, words: list[str], line: str) -> None:
    """`[@day] [*]key on_hand [held]`, or `[@day] $[*]key quantity value`: what a pool holds and is worth."""
    options: dict[str, Any] = {}
    if words[0].startswith("@"):
        options["at"] = day_end(words.pop(0)[1:])
    key, *numbers = words
    names = ("on_hand", "value") if key.startswith("$") else ("on_hand", "held")
    key = key.removeprefix("$")
    options["other"], key = key.startswith("*"), key.removeprefix("*")
    by = ("zone" if key.partition("/")[0] in ("one", "two") else "place", *(("lot",) if "/" in key else ()))
    row = keeper.balances(by, **options).get(key, {})
    got = [row.get(name, Decimal(0)) for name in names][: len(numbers)]
    assert got == [Decimal(n) for n in numbers], line


def check_forecast(keeper: Keeper, text: str) -> None:
    """`place day change balance promise | …`."""
    place, _, rows = text.partition(" ")
    wanted = [tuple(row.split()) for row in rows.split(" | ")]
    assert [tuple(map(str, row)) for row in keeper.forecast(place)] == wanted, text


def arrange(keeper: Keeper, words: list[str]) -> None:
    """Change what constraints look at: lots frozen, items that may go negative, room of a place."""
    verb, *rest = words
    form, code, values = {
        "freeze": lambda: ("lot", rest[0], {"frozen": True}),
        "thaw": lambda: ("lot", rest[0], {"frozen": False}),
        "allow": lambda: ("item", keeper.item, {"free": True}),
        "forbid": lambda: ("item", keeper.item, {"free": False}),
        "method": lambda: ("item", keeper.item, {"method": rest[0]}),
        "standard": lambda: ("item", keeper.item, {"standard": rest[0]}),
        "most": lambda: ("place", rest[0], {"most": None if rest[1] == "-" else rest[1]}),
    }[verb]()
    changed = perform(keeper.engine, ChangeRecord(form, keeper.record(form, code), values), SYSTEM)
    assert isinstance(changed, Outcome), list(changed) if isinstance(changed, Problems) else changed


def test_the_day_end_is_the_last_microsecond() -> None:
    """What cases call the end of a day is just before the next one begins."""
    assert to_microseconds(day_end("2")) - to_microseconds(day_end("1")) == 86_400_000_000
