"""Clients that put a ledger under fire: each posts, undoes, counts, reserves and transfers at random, from threads of several processes, with
few things at few places. What they were answered goes to an auditor who knows nothing of the engine (fire_auditor.py).
"""

import multiprocessing
import queue
import random
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from engine.actions import Engine, answer, open_engine, perform
from engine.actions.commands import ChangeRecord, PerformAction, SubmitRecord
from engine.actions.queries import LookUp
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.problems import Problems
from tests.support.ledger import a_day_from_now

ITEMS: Final = {"avg": "average", "ff": "fifo", "std": "standard", "byl": "lot", "neg": "average"}
"""Codes and methods; `neg` may go negative."""
PLACES: Final = ("P", "Q", "R", "S")
DAYS_BACK: Final = 12
ROOM: Final = 45
"""How much there may be at S."""
EXPECTED: Final = frozenset(
    {
        "registers.constraint_broken",
        "registers.constraint_broken_later",
        "registers.guard_broken",
        "registers.reservation_exceeded",
        "registers.reservation_used",
        "registers.nothing_to_return",
        "registers.nothing_received",
        "registers.nothing_to_reverse",
        "registers.counted_twice",
        "actions.action_not_possible",
        "store.request_key_reused",
    }
)
"""What a client may be refused for."""
Wanted = tuple[str, str, str, str, int, int, int]
"""(posting, item, place, lot, on hand, held, boxes) that a line must write; a count says what balance it wants."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One request and its answer: the `record` it made or acted on, or the `codes` it was refused for."""

    key: str
    verb: str
    record: str
    codes: tuple[str, ...]
    wanted: tuple[Wanted, ...] = ()
    of: str = ""
    replayed: bool = False
    error: str = ""


@dataclass(slots=True)
class Board:
    """What the clients of one process know of each other's records, by verb."""

    posted: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)

    def put(self, verb: str, record: str, line: dict[str, Any]) -> None:
        """Note a record that others may work on."""
        self.posted.setdefault(verb, []).append((record, line))

    def any(self, dice: random.Random, verbs: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
        """One of the latest records of some verbs."""
        known = [one for verb in verbs for one in self.posted.get(verb, [])[-12:]]
        return dice.choice(known) if known else None


@dataclass(slots=True)
class Client:
    """One client: what it does next, by its dice."""

    engine: Engine
    name: str
    dice: random.Random
    board: Board
    deeds: list[Deed] = field(default_factory=list)
    asked: int = 0

    def act(self) -> None:
        """One request, sometimes twice at once with the same key, sometimes the key again for something else."""
        verb = self.dice.choices(list(_CHANCES), list(_CHANCES.values()))[0]
        made = _MAKE[verb](self, verb)
        if made is None:
            return
        command, wanted, of = made
        self.asked += 1
        key = f"{self.name}/{self.asked}"
        chance = self.dice.random()
        if chance < 0.1:
            twin = threading.Thread(target=self._ask, args=(key, verb, command, wanted, of))
            twin.start()
            self._ask(key, verb, command, wanted, of)
            twin.join()
        else:
            self._ask(key, verb, command, wanted, of)
            if chance < 0.15 and not self.deeds[-1].codes:
                other = SubmitRecord("entry", {"lines": [self.line("in", 7)]}, "post")
                self._ask(key, "reuse", other, (), "")

    def _ask(self, key: str, verb: str, command: Any, wanted: tuple[Wanted, ...], of: str) -> None:
        try:
            got = perform(self.engine, command, SYSTEM, request_key=key)
        except Exception:
            self.deeds.append(Deed(key, verb, "", ("exception",), error=traceback.format_exc()))
            return
        if isinstance(got, Problems):
            self.deeds.append(Deed(key, verb, "", tuple(p.code for p in got), wanted, of))
            return
        record = got.answer["id"]
        self.deeds.append(Deed(key, verb, record, (), wanted, of, got.replayed))
        if isinstance(command, SubmitRecord) and not got.replayed:
            self.board.put(verb, record, dict(command.values["lines"][0]))

    # what a request says

    def line(self, kind: str, quantity: int | str, **given: Any) -> dict[str, Any]:
        """A line of some thing at some place."""
        item = given.pop("item", None) or self.dice.choices(list(ITEMS), [3, 3, 1, 2, 1])[0]
        line = {"kind": kind, "item": item, "place": self.dice.choice(PLACES), "quantity": str(quantity)}
        lot = self.dice.choice(("L1", "L2")) if item == "byl" else self.dice.choice(_LOTS)
        return line | ({"lot": lot} if lot else {}) | given

    def few(self) -> int:
        """A small quantity."""
        return self.dice.randint(1, 5)

    def entry(self, *lines: dict[str, Any], order: str = "", day: str | None = "?") -> SubmitRecord:
        """An entry of some day: today, before, or a little ahead."""
        if day == "?":
            chance = self.dice.random()
            ahead = (
                0 if chance < 0.5 else self.dice.randint(1, 3) if chance > 0.94 else -self.dice.randint(1, DAYS_BACK)
            )
            day = a_day_from_now(ahead) if ahead else None
        values: dict[str, Any] = {"lines": list(lines)}
        values |= {"day": day} if day else {}
        values |= {"order": order} if order else {}
        return SubmitRecord("entry", values, "post")


_LOTS: Final = (None,) * 15 + ("L3",)
Made = tuple[Any, tuple[Wanted, ...], str] | None


def _at(posting: str, line: Mapping[str, Any], on_hand: int, held: int = 0, boxes: int = 0) -> Wanted:
    return posting, line["item"], line["place"], line.get("lot", ""), on_hand, held, boxes


def _in(c: Client, verb: str) -> Made:
    lines = [
        c.line("buy", c.few(), amount=str(c.dice.randint(0, 900) / 100)) for _ in range(c.dice.choice((1, 1, 2, 4)))
    ]
    return c.entry(*lines), tuple(_at("buy", x, int(x["quantity"])) for x in lines), ""


def _out(c: Client, verb: str) -> Made:
    lines = [c.line("out", c.few()) for _ in range(c.dice.choice((1, 1, 1, 2, 3)))]
    return c.entry(*lines), tuple(_at("out", x, -int(x["quantity"])) for x in lines), ""


def _move(c: Client, verb: str) -> Made:
    """Within a record, what goes out here comes in there; it takes no cost along."""
    out = c.line("out", c.few())
    back = out | {"kind": "in", "place": c.dice.choice(PLACES)}
    return c.entry(out, back), (_at("out", out, -int(out["quantity"])), _at("in", back, int(back["quantity"]))), ""


def _send(c: Client, verb: str) -> Made:
    line = c.line("send", c.few(), target=c.dice.choice(PLACES))
    quantity = int(line["quantity"])
    return c.entry(line), (_at("send", line, -quantity), _at("get", line | {"place": line["target"]}, quantity)), ""


def _hold(c: Client, verb: str) -> Made:
    line = c.line("hold", c.few())
    return c.entry(line, day=None), (_at("hold", line, 0, int(line["quantity"])),), ""


def _ship(c: Client, verb: str) -> Made:
    held = c.board.any(c.dice, ["hold"])
    if held is None:
        return None
    line = held[1] | {"kind": "ship", "quantity": str(c.dice.randint(1, int(held[1]["quantity"])))}
    quantity = int(line["quantity"])
    return (
        c.entry(line, order=held[0], day=None),
        (_at("ship", line, -quantity), _at("ship", line, 0, -quantity)),
        held[0],
    )


def _box(c: Client, verb: str) -> Made:
    line = c.line("box", c.dice.choice((-3, -2, -1, 1, 2, 3)))
    return c.entry(line), (_at("box", line, 0, 0, int(line["quantity"])),), ""


def _count(c: Client, verb: str) -> Made:
    line = c.line("count", c.dice.randint(0, 9))
    lines = [line]
    if c.dice.random() < 0.2:
        lines.append(line | {"place": c.dice.choice([p for p in PLACES if p != line["place"]])})
    return c.entry(*lines), tuple(_at("count", x, int(x["quantity"])) for x in lines), ""


def _late(c: Client, verb: str) -> Made:
    bought = c.board.any(c.dice, ["buy"])
    if bought is None:
        return None
    line = bought[1] | {"kind": "late", "quantity": "0", "amount": str(c.dice.randint(1, 300) / 100)}
    return c.entry(line, order=bought[0], day=None), (), bought[0]


def _back(c: Client, verb: str) -> Made:
    gone = c.board.any(c.dice, ["out"])
    if gone is None:
        return None
    line = gone[1] | {"kind": "back", "quantity": str(c.dice.randint(1, int(gone[1]["quantity"])))}
    return c.entry(line, order=gone[0], day=None), (_at("back", line, int(line["quantity"])),), gone[0]


def _make(c: Client, verb: str) -> Made:
    use, make = c.line("use", c.few(), item="avg"), c.line("make", c.few(), item="ff", amount="1.25")
    return c.entry(use, make), (_at("use", use, -int(use["quantity"])), _at("make", make, int(make["quantity"]))), ""


def _expect(c: Client, verb: str) -> Made:
    kind, due = c.dice.choice(("expect", "need")), a_day_from_now(c.dice.randint(0, 9))
    return c.entry(c.line(kind, c.few(), due=due), day=None), (), ""


def _arrive(c: Client, verb: str) -> Made:
    plan = c.board.any(c.dice, ["expect"])
    if plan is None:
        return None
    line = {**plan[1], "kind": "arrive", "quantity": str(c.few())}
    line.pop("due")
    return c.entry(line, order=plan[0], day=None), (_at("arrived", line, int(line["quantity"])),), plan[0]


def _act(c: Client, verb: str) -> Made:
    of = ["hold", "expect"] if verb == "close" else [v for v in _MAKE if v not in ("undo", "reverse", "close")]
    found = c.board.any(c.dice, of)
    return None if found is None else (PerformAction("entry", UUID(found[0]), verb), (), found[0])


_CHANCES: Final = {
    "buy": 14, "out": 14, "move": 6, "send": 9, "hold": 9, "ship": 7, "box": 4, "count": 7, "late": 4, "back": 4, "make": 5,
    "expect": 4, "arrive": 3, "undo": 8, "reverse": 6, "close": 4,
}  # fmt: skip
_MAKE: Final[Mapping[str, Callable[[Client, str], Made]]] = {
    "buy": _in, "out": _out, "move": _move, "send": _send, "hold": _hold, "ship": _ship, "box": _box, "count": _count, "late": _late,
    "back": _back, "make": _make, "expect": _expect, "arrive": _arrive, "undo": _act, "reverse": _act, "close": _act,
}  # fmt: skip


def _burn(url: str, seed: str, names: Sequence[str], operations: int, results: "multiprocessing.Queue[Any]") -> None:
    """A process with some clients, each a thread."""
    engine, board = open_engine(url), Board()
    clients = [Client(engine, name, random.Random(f"{seed}/{name}"), board) for name in names]

    def run(client: Client) -> None:
        for _ in range(operations):
            client.act()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.store.close()
    results.put([deed for client in clients for deed in client.deeds])


def fire(url: str, seed: str, *, processes: int, threads: int, operations: int) -> list[Deed]:
    """All deeds of `processes` × `threads` clients with so many `operations` each."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[Any] = context.Queue()
    workers = [
        context.Process(
            target=_burn, args=(url, seed, [f"{seed}-{p}-{t}" for t in range(threads)], operations, results)
        )
        for p in range(processes)
    ]
    for worker in workers:
        worker.start()
    deeds: list[Deed] = []
    for _ in workers:
        deeds += _from_one(results, workers)
    for worker in workers:
        worker.join()
    return deeds


def _from_one(results: "multiprocessing.Queue[Any]", workers: Sequence[Any]) -> list[Deed]:
    """What the next process to finish has done; none of them may fall over."""
    while True:
        try:
            found: list[Deed] = results.get(timeout=2)
            return found
        except queue.Empty:
            assert not any(worker.exitcode for worker in workers), "a process of clients fell over"


def stocked(engine: Engine) -> list[Deed]:
    """Things with a little of each everywhere, long ago; a place with room for little, and a lot that is frozen. What was posted."""
    for code, method in ITEMS.items():
        values = {"code": code, "method": method, "free": code == "neg"} | (
            {"standard": "1.37"} if code == "std" else {}
        )
        _done(engine, SubmitRecord("item", values))
    deeds: list[Deed] = []
    for at, code in enumerate(ITEMS):
        for place in PLACES:
            line = {"kind": "buy", "item": code, "place": place, "quantity": "6", "amount": str(6 + at)}
            line |= {"lot": "L1"} if code == "byl" else {"lot": "L3"} if (code, place) == ("avg", "P") else {}
            values = {"day": a_day_from_now(-DAYS_BACK - 2), "lines": [line]}
            made = _done(engine, SubmitRecord("entry", values, "post"))
            deeds.append(Deed(f"{code}{place}", "buy", made.answer["id"], (), (_at("buy", line, 6),)))
    for form, code, values in (("lot", "L3", {"frozen": True}), ("place", "S", {"most": str(ROOM)})):
        found = answer(engine, LookUp(form, code, 1), SYSTEM)
        assert not isinstance(found, Problems)
        _done(engine, ChangeRecord(form, UUID(found["found"][0]["id"]), values))
    return deeds


def _done(engine: Engine, command: Any) -> Outcome:
    made = perform(engine, command, SYSTEM)
    assert isinstance(made, Outcome), made
    return made
