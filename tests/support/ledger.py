"""A small pack for tests of registers: things, lots and places, and one form whose lines post whatever a test says; and someone who does
what a line of a case says.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.actions import Engine, answer, install_pack, open_engine, perform
from engine.actions import queries as q
from engine.actions.commands import PerformAction, SubmitRecord
from engine.actor import SYSTEM
from engine.clock import Clock, FixedClock, SystemClock, moment_at
from engine.effects import Outcome
from engine.packs import Pack, read_pack
from engine.problems import Problem, Problems


def _field(name: str, kind: str = "text", **options: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": {"en": name.replace("_", " ").capitalize()}, **options}


def _form(name: str, *fields: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"form": name, "label": {"en": name.capitalize()}, "fields": list(fields), **options}


ITEM = _form(
    "item",
    _field("code", unique=True, required=True),
    _field("free", "boolean"),
    _field("method"),
    _field("standard", "money"),
    key="code",
)
LOT = _form("lot", _field("code", unique=True, required=True), _field("frozen", "boolean"), _field("expires", "date"), key="code")  # fmt: skip
PLACE = _form("place", _field("code", unique=True, required=True), _field("zone", required=True), _field("most", "quantity"),
              _field("distance", "integer"), key="code")  # fmt: skip
ENTRY = _form(
    "entry",
    _field("day", "date"), _field("order", "reference", form="entry"),
    _field("lines", "lines", fields=[
        _field("kind", required=True), _field("item", "reference", form="item", required=True), _field("lot", "reference", form="lot"),
        _field("place", "reference", form="place", required=True), _field("quantity", "quantity", required=True, decimals=6),
        _field("due", "date"), _field("target", "reference", form="place"), _field("amount", "money")]),
    states=[{"name": "draft", "label": {"en": "Draft"}, "editable": True}, {"name": "posted", "label": {"en": "Posted"}},
            {"name": "undone", "label": {"en": "Undone"}}, {"name": "reversed", "label": {"en": "Reversed"}}, {"name": "closed", "label": {"en": "Closed"}}],
    actions=[{"name": "post", "label": {"en": "Post"}, "from": ["draft"], "to": "posted"},
             {"name": "undo", "label": {"en": "Undo"}, "from": ["posted"], "to": "undone"},
             {"name": "reverse", "label": {"en": "Reverse"}, "from": ["posted"], "to": "reversed"},
             {"name": "close", "label": {"en": "Close"}, "from": ["posted"], "to": "closed"}],
)  # fmt: skip
AT = {"item": "item", "place": "place", "lot": "lot"}


def _posting(name: str, do: str = "move", **parts: Any) -> dict[str, Any]:
    on = "if record.day = null then today() else record.day"
    given = json.dumps(parts)
    present = [n for n in ("record.order", "due", "amount") if f'"{n}"' in given]
    when = " and ".join([f'kind = "{name}"', *(f"{n} != null" for n in present)])
    usual = {"form": "entry", "on": "posted", "rows": "lines", "when": when, "do": do, "at": AT, "effective": on}
    return {"name": name, **usual, **parts}


URGENT = {"priority": "if amount = null then 0 else amount", "expires": "( due )"}
RESERVING = [
    _posting(name, "reserve", quantity="quantity", **URGENT, **({"pick": pick} if pick else {}), **parts)
    for name, pick, parts in (
        ("keep", None, {}),
        ("pick", {"order": "fifo"}, {}), ("newest", {"order": "lifo"}, {}), ("fefo", {"order": "fefo", "by": "lot.expires"}, {}),
        ("fresh", {"order": "fefo", "by": "lot.expires", "only": "lot.expires = null or lot.expires >= today()"}, {}),
        ("near", {"order": "nearest", "by": "place.distance"}, {"at": {"item": "item", "lot": "lot"}}),
        ("any", {"order": "fifo"}, {"at": {"item": "item"}}), ("some", {"order": "fifo", "partial": "some"}, {}),
        ("each", {"order": "fifo", "partial": "lines"}, {}), ("named", {"order": "named", "partial": "some"}, {}))
]  # fmt: skip
"""Postings that reserve with a priority (the amount) and an end (the due day), most of them at keys that are found."""
GOODS = {
    "register": "goods", "label": {"en": "Goods"},
    "dimensions": [{"name": "item", "form": "item"}, {"name": "place", "form": "place"}, {"name": "lot", "form": "lot", "optional": True},
                   {"name": "zone", "type": "text", "from": "place.zone"}],
    "measures": [{"name": "on_hand"}, {"name": "held"}, {"name": "boxes", "decimals": 0}, {"name": "value", "type": "money"}],
    "valuation": {"quantity": "on_hand", "value": "value", "of": ["item", "zone"], "lot": "lot", "method": "item.method", "standard": "item.standard"},
    "reservation": {"measure": "held"}, "planning": {"measure": "on_hand"},
    "constraints": [
        {"name": "available", "of": ["item", "zone"], "that": "on_hand - held >= 0", "when": "not(item.free = true)"},
        {"name": "on_hand", "that": "on_hand >= 0", "when": "not(item.free = true)"},
        {"name": "boxes", "of": ["item", "place"], "that": "boxes between -5 and 5"},
        {"name": "frozen", "of": ["lot"], "that": "not(lot.frozen = true)", "guards": ["on_hand"]},
        {"name": "room", "of": ["place"], "that": "place.most = null or on_hand <= place.most"}],
    "postings": [
        _posting("in", add={"on_hand": "quantity"}), _posting("out", add={"on_hand": "-quantity"}), _posting("box", add={"boxes": "quantity"}),
        _posting("count", "set", to={"on_hand": "quantity"}), _posting("hold", "reserve", quantity="quantity"),
        _posting("ship", "settle", quantity="quantity", demand="record.order", add={"on_hand": "-quantity"}),
        _posting("expect", "plan", quantity="quantity", due="due"), _posting("need", "plan", quantity="-quantity", due="due"),
        _posting("arrive", "fulfil", quantity="quantity", demand="record.order"),
        _posting("arrived", add={"on_hand": "quantity"}, when='kind = "arrive"'),
        _posting("buy", add={"on_hand": "quantity", "value": "amount"}), _posting("send", add={"on_hand": "-quantity"}),
        _posting("get", when='kind = "send" and target != null', at=AT | {"place": "target"}, add={"on_hand": "quantity"}, cost={"from": ["send"]}),
        _posting("back", add={"on_hand": "quantity"}, cost={"returned": "record.order"}), _posting("use", add={"on_hand": "-quantity"}),
        _posting("aside", add={"on_hand": "quantity", "value": "amount"}),
        _posting("make", add={"on_hand": "quantity"}, cost={"from": ["use", "aside"], "shared": True, "own": "if amount = null then 0 else amount"}),
        *RESERVING,
        _posting("late", add={"value": "amount"}, cost={"onto": "record.order"}),
        {"name": "undo", "form": "entry", "on": "undone", "do": "reverse", "keeps_time": True},
        {"name": "reverse", "form": "entry", "on": "reversed", "do": "reverse"},
        {"name": "free", "form": "entry", "on": "closed", "do": "void"}, {"name": "unplan", "form": "entry", "on": "closed", "do": "unplan"}],
}  # fmt: skip
_ENTRIES = [
    {"form": name, "do": ["read", "create", "change"], "actions": ["*"]} for name in ("item", "lot", "place", "entry")
]
CLERK_ROLE = {"role": "clerk", "label": {"en": "Clerk"}, "grants": [*_ENTRIES, {"register": "goods"}]}
KEEPER_ROLE = {
    "role": "keeper",
    "label": {"en": "Keeper"},
    "grants": [*_ENTRIES, {"register": "goods", "backdate": 7, "periods": ["close"]}],
}
POSTER_ROLE = {"role": "poster", "label": {"en": "Poster"}, "grants": _ENTRIES}
"""Posts to registers without seeing any."""
HEAD = {"pack": "ledger", "version": "1.0.0", "label": {"en": "Ledger"}}
MONTH = date(2026, 3, 1)
NOON = datetime(2026, 3, 20, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
"""Now, in all cases: days before the 20th are past."""


def ledger_pack(**registers: Any) -> Pack:
    """The pack, with other registers if given."""
    files = {"pack.json": HEAD}
    files |= {f"forms/{f['form']}.json": f for f in (ITEM, LOT, PLACE, ENTRY)}
    files |= {f"roles/{role['role']}.json": role for role in (CLERK_ROLE, KEEPER_ROLE, POSTER_ROLE)}
    files |= {f"registers/{name}.json": r for name, r in ({"goods": GOODS} | registers).items()}
    pack = read_pack({name: json.dumps(definition) for name, definition in files.items()})
    assert not isinstance(pack, Problems), [(p.code, p.place, dict(p.params)) for p in pack]
    return pack


def ledger_site(url: str, clock: Clock | None = None) -> Engine:
    """An engine with the pack, lots L1 to L3, places P, Q (zone one), R and S (zone two); it is NOON unless a clock is given."""
    engine = open_engine(url, clock=clock or FixedClock(moment_at(NOON)))
    installed = install_pack(engine, ledger_pack())
    assert not isinstance(installed, Problems), [(p.code, p.file, p.place, dict(p.params)) for p in installed]
    for form, values in [
        *(("lot", {"code": code}) for code in ("L1", "L2", "L3")),
        *(("place", {"code": c, "zone": z}) for c, z in (("P", "one"), ("Q", "one"), ("R", "two"), ("S", "two"))),
    ]:
        made = perform(engine, SubmitRecord(form, values), SYSTEM)
        assert isinstance(made, Outcome), made
    return engine


_NUMBERS = count(1)


@dataclass
class Keeper:
    """Does what a line of a case says with an item of its own, on an engine that others may use as well."""

    engine: Engine
    item: str = field(default_factory=lambda: f"I{next(_NUMBERS)}")
    known: dict[str, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code in (self.item, f"{self.item}x"):
            assert isinstance(self.perform(SubmitRecord("item", {"code": code})), Outcome)

    def perform(self, command: Any) -> Outcome | Problems:
        """One command."""
        return perform(self.engine, command, SYSTEM)

    def do(self, text: str) -> Outcome | Problems:
        """`[day:] verb quantity [*]place[/lot][>place] [@ amount] [of name] [due day] [+ more] [as name]`, or `undo|reverse|close name`.
        A star means another item, made of the first."""
        text, _, name = text.partition(" as ")
        words = text.split()
        if words[0] in ("undo", "reverse", "close"):
            return self.perform(PerformAction("entry", self.known[words[1]], words[0]))
        made = self.perform(SubmitRecord("entry", self.entry(text), "post"))
        if isinstance(made, Outcome) and name:
            self.known[name] = UUID(made.answer["id"])
        return made

    def entry(self, text: str) -> dict[str, Any]:
        """What `do` fills the form with."""
        day, _, rest = text.rpartition(": ")
        values: dict[str, Any] = {"lines": []}
        if day:
            values["day"] = a_day(day)
        for part in rest.split(" + "):
            line, of = self._line(part)
            values["lines"].append(line)
            if of:
                values["order"] = str(self.known[of])
        return values

    def _line(self, text: str) -> tuple[dict[str, Any], str]:
        found = re.fullmatch(
            r"(\w+) (-?[\d.]+) (\*?)(\w+)(?:/(\w+))?(?:>(\w+))?(?: @ (-?[\d.]+))?(?: of (\w+))?(?: due (\d+))?",
            text.strip(),
        )
        assert found, text
        kind, quantity, other, place, lot, target, amount, of, due = found.groups()
        line = {"kind": kind, "item": self.item + ("x" if other else ""), "place": place, "quantity": quantity}
        line |= {name: given for name, given in (("target", target), ("amount", amount)) if given}
        if lot:
            line["lot"] = lot
        if due:
            line["due"] = a_day(due)
        return line, of or ""

    def balances(self, by: tuple[str, ...], *, other: bool = False, **options: Any) -> dict[str, dict[str, Decimal]]:
        """{place[/lot] or zone: measures and figures} of this item."""
        item = self._id("item", self.item + ("x" if other else ""))
        found = answer(self.engine, q.Balances("goods", by, {"item": item}, limit=200, **options), SYSTEM)
        assert not isinstance(found, Problems), list(found)
        rows = {}
        for row in found["rows"]:
            titles = [v["title"] if isinstance(v, dict) else v for v in (row["key"][n] for n in by)]
            numbers = {**row["measures"], **row["figures"]}
            rows["/".join(t for t in titles if t)] = {n: Decimal(v) for n, v in numbers.items() if v is not None}
        return rows

    def record(self, form: str, code: str) -> UUID:
        """A record by its code."""
        return UUID(self._id(form, code))

    def _id(self, form: str, code: str) -> str:
        found = answer(self.engine, q.LookUp(form, code, 1), SYSTEM)
        assert not isinstance(found, Problems)
        id: str = found["found"][0]["id"]
        return id

    def forecast(self, place: str) -> list[tuple[int, str, str, str]]:
        """(day, change, balance, promise) at a place."""
        where = {"item": self._id("item", self.item), "place": self._id("place", place)}
        found = answer(self.engine, q.Forecast("goods", ("item",), where), SYSTEM)
        assert not isinstance(found, Problems), list(found)
        return [
            (
                (date.fromisoformat(r["day"]) - MONTH).days + 1,
                str(Decimal(r["coming"]) - Decimal(r["going"])),
                r["balance"],
                r["promise"],
            )
            for r in found["rows"]
        ]


def a_day(number: str) -> str:
    """A day of the month in which the cases play."""
    return date.fromordinal(MONTH.toordinal() + int(number) - 1).isoformat()


def a_day_from_now(days: int) -> str:
    """The day so many days after today, by the computer's clock."""
    return (SystemClock().now().today + timedelta(days)).isoformat()


def day_end(number: str) -> datetime:
    """The last microsecond of a day of that month."""
    return datetime.fromisoformat(f"{a_day(number)}T23:59:59.999999").replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def told(problem: Problem) -> str:
    """A problem in the words of a case: its code, then the numbers it names."""
    params = problem.params
    names = ("date", "available", "open", "wanted", "requested", "missing")
    parts = [str(params[n]) for n in names if n in params]
    if "date" in params:
        parts[0] = str((date.fromisoformat(params["date"]) - MONTH).days + 1)
    return " ".join([problem.code.partition(".")[2], *parts])
