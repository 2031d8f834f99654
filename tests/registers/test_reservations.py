"""Reservations as tables: what is picked, in which order and how much of it; given back, handed over, taken, ended, restored; each case on
both databases, with balances that are the sum of movements at the end.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from engine.actions import Audit, Engine, answer, audit_registers, end_reservations, perform
from engine.actions import queries as q
from engine.actions.commands import ChangeRecord, MoveReservation, ReleaseReservation, TakeReservation
from engine.actor import SYSTEM
from engine.clock import FixedClock, moment_at
from engine.effects import Outcome
from engine.problems import Problem, Problems
from tests.registers.test_ledger import arrange, check_balance
from tests.support.case_files import read_cases
from tests.support.ledger import Keeper, a_day, ledger_site, told
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)


CASES = list(read_cases(Path(__file__).parent / "reservation_cases.txt"))


@pytest.mark.parametrize(("name", "lines"), CASES, ids=[name.replace(" ", "-") for name, _ in CASES])
def test_reservations(ledger: Engine, name: str, lines: list[str]) -> None:
    """Every action has the outcome, and every record holds, what the case says."""
    keeper = Keeper(ledger)
    for line in lines:
        verb, *words = line.split()
        if verb == "=":
            check_balance(keeper, words, line)
        elif verb == "?":
            assert " ".join(held(keeper, words[0])) == " ".join(words[1:]).replace("-", ""), line
        elif verb in ("expires", "distance"):
            form, field = ("lot", "expires") if verb == "expires" else ("place", "distance")
            value = None if words[1] == "-" else a_day(words[1]) if verb == "expires" else words[1]
            change(keeper, form, words[0], {field: value})
        elif verb in ("freeze", "thaw", "allow", "forbid", "most"):
            arrange(keeper, [verb, *words])
        elif verb == "tick":
            end_reservations(at_midnight(ledger, words[0]))
        else:
            action, refusal, warning = parted(line)
            done = changed(keeper, action.split()) if verb in ("give", "hand", "grab") else keeper.do(action)
            assert (in_words(done) if isinstance(done, Problems) else "") == refusal, line
            assert (in_words(done.warnings) if isinstance(done, Outcome) else "") == warning, line
    audit = audit_registers(ledger)
    assert isinstance(audit, Audit)
    assert audit.is_right, audit.found


def parted(line: str) -> tuple[str, str, str]:
    """(action, refusal, warning) of a line."""
    action, _, warning = line.partition(" ~ ")
    action, _, refusal = action.partition(" ! ")
    return action, refusal, warning


def in_words(found: Problems | tuple[Problem, ...]) -> str:
    return " | ".join(told(p) for p in found)


def change(keeper: Keeper, form: str, code: str, values: dict[str, Any]) -> None:
    done = perform(keeper.engine, ChangeRecord(form, keeper.record(form, code), values), SYSTEM)
    assert isinstance(done, Outcome), done


def at_midnight(engine: Engine, day: str) -> Engine:
    """The engine as a day begins."""
    begins = datetime.fromisoformat(f"{a_day(day)}T00:00:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return replace(engine, clock=FixedClock(moment_at(begins)))


def rows(keeper: Keeper, name: str) -> list[dict[str, Any]]:
    found = answer(keeper.engine, q.ReservationsAt("goods", record=keeper.known[name]), SYSTEM)
    assert not isinstance(found, Problems), list(found)
    return list(found["rows"])


def held(keeper: Keeper, name: str) -> list[str]:
    """What a record holds: place[/lot] quantity, in the order in which it came."""
    found: list[str] = []
    for row in rows(keeper, name):
        place, lot = row["key"]["place"]["title"], row["key"]["lot"]
        found += [f"{place}/{lot['title']}" if lot else place, row["open"]]
    return found


def changed(keeper: Keeper, words: list[str]) -> Outcome | Problems:
    """`give [quantity] name`, `hand [quantity] name to`, `grab [quantity] name`: of the first reservation of the first name."""
    verb, *rest = words
    quantity = rest.pop(0) if rest[0] not in keeper.known else None
    first = rows(keeper, rest[0])
    if verb == "give":
        return keeper.perform(ReleaseReservation("goods", UUID(first[0]["id"]), quantity))
    line = line_of(keeper, rest[-1])
    if verb == "hand":
        record = keeper.known[rest[1]]
        return keeper.perform(MoveReservation("goods", UUID(first[0]["id"]), "entry", record, line, quantity))
    return keeper.perform(TakeReservation("goods", "entry", keeper.known[rest[0]], line, quantity))


def line_of(keeper: Keeper, name: str) -> UUID:
    """The first line of a record."""
    found = answer(keeper.engine, q.GetRecord("entry", keeper.known[name]), SYSTEM)
    assert not isinstance(found, Problems)
    return UUID(found["values"]["lines"][0]["id"])
