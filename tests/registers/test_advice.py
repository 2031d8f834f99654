"""Refusals over shortages name who holds the rest and offer ways out, to each reader what that reader may see; the API changes who holds
what within the same rights.
"""

import json
from typing import Any
from uuid import UUID

import pytest

from engine.actions import Engine, answer, install_pack, open_engine, perform
from engine.actions import queries as q
from engine.actions.commands import (
    ExpireReservations,
    MoveReservation,
    PutUser,
    ReleaseReservation,
    SubmitRecord,
    TakeReservation,
)
from engine.actor import SYSTEM, Actor
from engine.clock import FixedClock, moment_at
from engine.effects import Outcome
from engine.packs import Pack, read_pack
from engine.problems import Problem, Problems
from engine.web.problem_details import problem_details
from tests.support.ledger import ENTRY, GOODS, HEAD, ITEM, LOT, NOON, PLACE, a_day
from tests.support.sites import one_site_each

_AT = {"item": "item", "place": "place"}
BINS = {
    "register": "bins", "label": {"en": "Bins"},
    "dimensions": [{"name": "item", "form": "item"}, {"name": "place", "form": "place"}],
    "measures": [{"name": "on_hand"}, {"name": "held"}], "reservation": {"measure": "held"},
    "constraints": [{"name": "free", "that": "on_hand - held >= 0"}],
    "postings": [
        {"name": "bin", "form": "entry", "on": "posted", "rows": "lines", "when": 'kind = "bin"', "at": _AT, "add": {"on_hand": "quantity"}},
        {"name": "binhold", "form": "entry", "on": "posted", "rows": "lines", "when": 'kind = "binhold"', "do": "reserve", "at": _AT, "quantity": "quantity"}],
}  # fmt: skip
"""A register whose limit is kept by the place."""
USUAL = ["read", "create", "change"]
READING = [{"form": form, "do": ["read"]} for form in ("item", "lot", "place")]
OWN_ENTRIES = {"form": "entry", "do": USUAL, "actions": ["*"], "rows": "created_by = actor.id"}
ALL_ENTRIES = {"form": "entry", "do": USUAL, "actions": ["*"]}
LEDGERS = [{"register": "goods"}, {"register": "bins"}]
NEAR_PLACES = {"form": "place", "do": ["read"], "rows": 'zone = "one"'}
ROLES: list[dict[str, Any]] = [
    {"role": "keeper", "label": {"en": "Keeper"}, "grants": [*READING, ALL_ENTRIES, *LEDGERS]},
    {"role": "clerk", "label": {"en": "Clerk"}, "grants": [*READING, OWN_ENTRIES, *LEDGERS]},
    {"role": "guest", "label": {"en": "Guest"}, "grants": [*READING, OWN_ENTRIES]},
    {"role": "local", "label": {"en": "Local"}, "grants": [*READING[:2], NEAR_PLACES, OWN_ENTRIES, *LEDGERS]},
]


def pack() -> Pack:
    files = {"pack.json": HEAD, "registers/goods.json": GOODS, "registers/bins.json": BINS}
    files |= {f"forms/{f['form']}.json": f for f in (ITEM, LOT, PLACE, ENTRY)}
    files |= {f"roles/{r['role']}.json": r for r in ROLES}
    found = read_pack({name: json.dumps(definition) for name, definition in files.items()})
    assert not isinstance(found, Problems)
    return found


def make(url: str) -> Engine:
    engine = open_engine(url, clock=FixedClock(moment_at(NOON)))
    installed = install_pack(engine, pack())
    assert not isinstance(installed, Problems), [(p.code, p.file, p.place, dict(p.params)) for p in installed]
    for form, values in [
        *(("lot", {"code": code}) for code in ("L1", "L2")),
        *(("place", {"code": c, "zone": z}) for c, z in (("P", "one"), ("Q", "one"), ("R", "two"))),
        *(("item", {"code": code}) for code in ("a", "b", "c", "d", "e", "f", "g", "h")),
    ]:
        done(perform(engine, SubmitRecord(form, values), SYSTEM))
    return engine


site = one_site_each(make)


def done(outcome: Outcome | Problems) -> UUID:
    """The record that a command wrote."""
    assert isinstance(outcome, Outcome), [(p.code, dict(p.params)) for p in outcome]
    return UUID(outcome.answer["id"])


def someone(engine: Engine, role: str) -> Actor:
    """A user with a role, and no other right."""
    made = perform(engine, PutUser(f"{role}-{engine.ids.new()}", role, "a long password", (role,)), SYSTEM)
    assert isinstance(made, Outcome)
    return Actor(UUID(made.answer["id"]), role, frozenset({role}))


def entry(engine: Engine, actor: Actor, *lines: tuple[str, str, str, str, dict[str, Any]]) -> Outcome | Problems:
    """One entry with lines (kind, item, quantity, place, others)."""
    rows = [{"kind": k, "item": i, "quantity": n, "place": p, **more} for k, i, n, p, more in lines]
    return perform(engine, SubmitRecord("entry", {"lines": rows}, "post"), actor)


def refused(outcome: Outcome | Problems) -> Problem:
    assert isinstance(outcome, Problems)
    return outcome.first


def kinds(problem: Problem) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for way in problem.params["advice"]:
        found.setdefault(way["kind"], []).append(way)
    return found


def test_who_may_read_all_is_told_all(site: Engine) -> None:
    """The holder by title and quantity, the other zone with what it leaves, what is expected when, and the form to count with."""
    keeper = someone(site, "keeper")
    done(entry(site, keeper, ("in", "a", "5", "P", {"lot": "L1"}), ("in", "a", "7", "R", {"lot": "L1"})))
    done(entry(site, keeper, ("expect", "a", "20", "P", {"lot": "L1", "due": a_day("25")})))
    holder = done(entry(site, keeper, ("pick", "a", "4", "P", {"amount": "3"})))
    problem = refused(entry(site, keeper, ("pick", "a", "2", "P", {})))
    assert problem.code == "registers.pick_short"
    assert [(h["id"], h["quantity"], h["priority"]) for h in problem.params["holders"]] == [(str(holder), "4", 3)]
    assert problem.params["holders"][0]["title"]
    ways = kinds(problem)
    assert problem.ways == ("other_key", "holder", "expected", "count")
    assert [(w["key"]["zone"], w["available"]) for w in ways["other_key"]] == [("two", "7")]
    assert [(w["day"], w["quantity"]) for w in ways["expected"]] == [(a_day("25"), "20")]
    assert [w["link"] for w in ways["count"]] == ["/forms/entry/new"]
    assert problem_details(Problems((problem,)), "en")["problems"][0]["params"]["holders"][0]["quantity"] == "4"


def test_a_shortage_of_the_constraint_is_told_so_too(site: Engine) -> None:
    """An issue of what is reserved for another names that one."""
    keeper = someone(site, "keeper")
    done(entry(site, keeper, ("in", "b", "5", "P", {})))
    holder = done(entry(site, keeper, ("hold", "b", "4", "P", {})))
    problem = refused(entry(site, keeper, ("out", "b", "2", "P", {})))
    assert problem.code == "registers.constraint_broken"
    assert [h["id"] for h in problem.params["holders"]] == [str(holder)]


def test_a_clerk_is_told_whom_to_ask(site: Engine) -> None:
    """Of an order that is none of the clerk's business neither title nor id is told, but the roles that may read it; own ones by title."""
    keeper, clerk = someone(site, "keeper"), someone(site, "clerk")
    done(entry(site, keeper, ("in", "c", "5", "P", {"lot": "L1"})))
    foreign = done(entry(site, keeper, ("pick", "c", "3", "P", {})))
    own = done(entry(site, clerk, ("pick", "c", "2", "P", {})))
    problem = refused(entry(site, clerk, ("pick", "c", "1", "P", {})))
    first, second = problem.params["holders"]
    assert (first["title"], first["id"], first["quantity"]) == (None, None, "3")
    assert {"en": "Keeper"} in first["ask"]
    assert (second["id"], second["quantity"]) == (str(own), "2")
    assert str(foreign) not in str(problem)


def test_a_guest_without_the_register_is_told_no_numbers(site: Engine) -> None:
    """Who may not see the register hears only whom to ask: no quantities of others, no other keys, no plans."""
    keeper, guest = someone(site, "keeper"), someone(site, "guest")
    done(entry(site, keeper, ("in", "d", "5", "P", {"lot": "L1"}), ("in", "d", "7", "R", {"lot": "L1"})))
    done(entry(site, keeper, ("expect", "d", "20", "P", {"due": a_day("25")})))
    for _ in range(2):
        done(entry(site, keeper, ("pick", "d", "2", "P", {})))
    problem = refused(entry(site, guest, ("pick", "d", "2", "P", {})))
    assert [(h["title"], h["id"], h["quantity"], h["priority"]) for h in problem.params["holders"]] == [(None,) * 4]
    assert set(kinds(problem)) == {"holder", "count"}
    assert isinstance(answer(site, q.ReservationsAt("goods"), guest), Problems)


def test_keys_that_are_none_of_the_readers_business_are_not_offered(site: Engine) -> None:
    """Another key is offered only if the reader may see every record that it refers to."""
    keeper, local = someone(site, "keeper"), someone(site, "local")
    done(entry(site, keeper, ("bin", "e", "7", "R", {}), ("bin", "e", "6", "Q", {}), ("bin", "e", "5", "P", {})))
    titles = {}
    for reader in (keeper, local):
        problem = refused(entry(site, reader, ("binhold", "e", "9", "P", {})))
        titles[reader.name] = [(w["key"]["place"]["title"], w["available"]) for w in kinds(problem)["other_key"]]
    assert titles == {"keeper": [("R", "7"), ("Q", "6")], "local": [("Q", "6")]}


@pytest.mark.parametrize("role", ["clerk", "keeper"])
def test_who_holds_what(site: Engine, role: str) -> None:
    """The list shows every reservation; foreign ones without title, id or line, and not when asked for by their record."""
    keeper, reader = someone(site, "keeper"), someone(site, role)
    item = done(perform(site, SubmitRecord("item", {"code": f"listed-{role}-{site.ids.new()}"}), SYSTEM))
    done(entry(site, keeper, ("in", str(item), "5", "P", {"lot": "L1"})))
    foreign = done(entry(site, keeper, ("pick", str(item), "3", "P", {"amount": "2", "due": a_day("22")})))
    own = done(entry(site, reader, ("pick", str(item), "1", "P", {})))
    found = answer(site, q.ReservationsAt("goods", {"item": str(item)}), reader)
    assert not isinstance(found, Problems)
    first, second = found["rows"]
    assert (first["open"], first["priority"], first["until"][:10]) == ("3", 2, a_day("22"))
    assert (first["id"] is None) == (role == "clerk")
    assert first["holder"]["id"] == (None if role == "clerk" else str(foreign))
    assert second["holder"]["id"] == str(own)
    of_record = answer(site, q.ReservationsAt("goods", record=foreign), reader)
    assert not isinstance(of_record, Problems)
    assert len(of_record["rows"]) == (0 if role == "clerk" else 1)
    page = answer(site, q.ReservationsAt("goods", {"item": str(item)}, limit=1), reader)
    assert not isinstance(page, Problems)
    rest = answer(site, q.ReservationsAt("goods", {"item": str(item)}, after=page["next"], limit=1), reader)
    assert not isinstance(rest, Problems)
    assert (rest["rows"], rest["next"]) == ([second], None)


def held_by(engine: Engine, record: UUID) -> list[tuple[UUID, str]]:
    found = answer(engine, q.ReservationsAt("goods", record=record), SYSTEM)
    assert not isinstance(found, Problems)
    return [(UUID(row["id"]), row["open"]) for row in found["rows"]]


def line_of(engine: Engine, record: UUID) -> UUID:
    found = answer(engine, q.GetRecord("entry", record), SYSTEM)
    assert not isinstance(found, Problems)
    return UUID(found["values"]["lines"][0]["id"])


def test_only_who_may_change_a_record_changes_what_it_holds(site: Engine) -> None:
    """A foreign reservation looks like none at all; a record that may only be read is refused; ending is for the system."""
    keeper, clerk = someone(site, "keeper"), someone(site, "clerk")
    done(entry(site, keeper, ("in", "f", "5", "P", {"lot": "L1"})))
    foreign = done(entry(site, keeper, ("pick", "f", "3", "P", {})))
    mine = done(entry(site, clerk, ("some", "f", "9", "P", {"amount": "5"})))
    reservation = held_by(site, foreign)[0][0]
    line = line_of(site, mine)
    for command in (
        ReleaseReservation("goods", reservation),
        MoveReservation("goods", reservation, "entry", mine, line),
    ):
        assert refused(perform(site, command, clerk)).code == "actions.no_such_reservation"
    to_foreign = MoveReservation("goods", held_by(site, mine)[0][0], "entry", foreign, line_of(site, foreign))
    assert refused(perform(site, to_foreign, clerk)).code == "actions.no_such_record"
    take = TakeReservation("goods", "entry", foreign, line_of(site, foreign))
    assert refused(perform(site, take, clerk)).code == "actions.no_such_record"
    assert isinstance(perform(site, ExpireReservations("goods"), clerk), Problems)
    assert [n for _, n in held_by(site, foreign)] == ["3"]


def test_who_loses_something_is_told(site: Engine) -> None:
    """Taking needs no right on the other record; its maker is notified, and both histories tell of it."""
    keeper, clerk = someone(site, "keeper"), someone(site, "clerk")
    done(entry(site, keeper, ("in", "g", "5", "P", {"lot": "L1"})))
    loser = done(entry(site, keeper, ("pick", "g", "4", "P", {})))
    taker = done(entry(site, clerk, ("some", "g", "3", "P", {"amount": "5"})))
    command = TakeReservation("goods", "entry", taker, line_of(site, taker), "2")
    first = perform(site, command, clerk, request_key="take 2")
    assert isinstance(first, Outcome)
    again = perform(site, command, clerk, request_key="take 2")
    assert isinstance(again, Outcome)
    assert (again.replayed, again.answer) == (True, {"taken": "2"})
    assert [n for _, n in held_by(site, loser)] == ["2"]
    told = answer(site, q.Notifications(), keeper)
    assert not isinstance(told, Problems)
    assert [n["link"] for n in told["notifications"]] == [f"/forms/entry/{loser}"]
    for record, actor, change in ((loser, keeper, ["4", "2"]), (taker, clerk, ["", "+2"])):
        history = answer(site, q.RecordHistory("entry", record), actor)
        assert not isinstance(history, Problems)
        assert (history["history"][0]["action"], history["history"][0]["changes"]) == ("reservation take", {"": change})
