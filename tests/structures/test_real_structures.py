"""Real structures: AdventureWorks (dated lines, and the same as dated versions) and InvenTree (inherited lines, substitutes) come to what a
plain recursion over the files comes to: explosion, where-used and cost of every top product.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from engine.actions import Engine, answer, perform
from engine.actions.commands import SubmitMany, SubmitRecord
from engine.actions.queries import Demand, Explode, ListRecords, RollUp, WhereUsed
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.problems import Problems
from tests.structures.recipes import pack
from tests.support.pack_site import ROOT, engine_with

DATA = ROOT.parent / "shared" / "data"
DAYS = (date(2010, 6, 1), date(2010, 5, 3), date(2014, 7, 1))


def rows(folder: str, name: str) -> Iterator[dict[str, str]]:
    path = DATA / folder / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"the {folder} data is not at shared/data/{folder} beside the clone")
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@dataclass
class Plain:
    """The files as they are: assembly → [(component, quantity, first day, last day)], and what each part costs."""

    lines: dict[str, list[tuple[str, Fraction, date, date]]] = field(default_factory=lambda: defaultdict(list))
    costs: dict[str, Fraction] = field(default_factory=dict)

    def below(self, part: str, day: date) -> list[tuple[str, Fraction]]:
        return [(c, q) for c, q, first, last in self.lines.get(part, ()) if first <= day <= last]

    def explosion(
        self, part: str, demand: Fraction, day: date, path: tuple[str, ...] = ()
    ) -> Iterator[tuple[tuple[str, ...], Fraction]]:
        """(path, total), depth first."""
        for component, quantity in self.below(part, day):
            below = (*path, component)
            yield below, demand * quantity
            yield from self.explosion(component, demand * quantity, day, below)

    def cost(self, part: str, day: date) -> Fraction:
        below = self.below(part, day)
        if not below:
            return self.costs.get(part, Fraction(0))
        return sum((q * self.cost(c, day) for c, q in below), Fraction(0))

    def used(
        self, part: str, amount: Fraction, day: date, path: tuple[str, ...] = ()
    ) -> Iterator[tuple[tuple[str, ...], Fraction]]:
        """(path up, total), every way to the top."""
        for parent in self.lines:
            for component, quantity in self.below(parent, day):
                if component == part:
                    above = (*path, parent)
                    yield above, amount * quantity
                    yield from self.used(parent, amount * quantity, day, above)

    def tops(self) -> list[str]:
        inside = {c for lines in self.lines.values() for c, *_ in lines}
        return sorted(p for p in self.lines if p not in inside)

    def components(self) -> list[str]:
        return sorted({c for lines in self.lines.values() for c, *_ in lines})


class Site:
    """The files in an engine, through commands; answers by part numbers again."""

    def __init__(self, url: str, parts: Iterable[tuple[str, str]]) -> None:
        self.engine: Engine = engine_with(url, pack(rounding={"decimals": 10}), users=False)
        self.many("item", [{"code": code, "cost": cost} for code, cost in parts])
        self.ids: dict[str, UUID] = {}
        after = ""
        while True:
            page = answer(self.engine, ListRecords("item", columns=("code",), after=after, limit=200), SYSTEM)
            assert not isinstance(page, Problems)
            self.ids |= {r["values"]["code"]: UUID(r["id"]) for r in page["records"]}
            after = page["next"] or ""
            if not after:
                break
        self.codes = {str(id): code for code, id in self.ids.items()}

    def many(self, form: str, records: list[dict[str, Any]], then: str | None = None) -> None:
        for start in range(0, len(records), 200):
            batch = [SubmitRecord(form, r, then) for r in records[start : start + 200]]
            made = perform(self.engine, SubmitMany(form, batch), SYSTEM)
            assert isinstance(made, Outcome), [(p.code, p.place, dict(p.params)) for p in made][:5]

    def ask(self, query: Any) -> dict[str, Any]:
        found = answer(self.engine, query, SYSTEM)
        assert not isinstance(found, Problems), [(p.code, dict(p.params)) for p in found]
        return found

    def explosion(self, part: str, demand: int, day: date) -> list[tuple[tuple[str, ...], Fraction]]:
        found = self.ask(Explode(Demand("recipe", self.ids[part], str(demand), day)))
        return [(tuple(self.codes[id] for id in r["path"][1:]), Fraction(r["total"])) for r in found["rows"]]

    def totals(self, part: str, demand: int, day: date) -> dict[str, Fraction]:
        found = self.ask(Explode(Demand("recipe", self.ids[part], str(demand), day), summarised=True))
        return {self.codes[r["component"]["id"]]: Fraction(r["total"]) for r in found["rows"]}

    def cost(self, part: str, day: date) -> Fraction:
        return Fraction(self.ask(RollUp(Demand("recipe", self.ids[part], "1", day), "cost"))["value"])

    def used(self, part: str, day: date) -> list[tuple[tuple[str, ...], Fraction]]:
        found = self.ask(WhereUsed(Demand("recipe", self.ids[part], "1", day), top=True))
        return [
            (tuple(self.codes[id] for id in r["path"][1:]), Fraction(r["total"]))
            for r in found["rows"]
            if r["as"] == "part"
        ]


def compare(site: Site, plain: Plain, days: Iterable[date], parts: Iterable[str] | None = None) -> None:
    """Every top product on every day, and where-used of every component on the first of them."""
    deepest = 0
    for day in days:
        for top in plain.tops():
            expected = list(plain.explosion(top, Fraction(3), day))
            deepest = max([deepest, *(len(path) for path, _ in expected)])
            assert Counter(site.explosion(top, 3, day)) == Counter(expected), (top, day)
            sums: dict[str, Fraction] = defaultdict(Fraction)
            for path, total in expected:
                sums[path[-1]] += total
            assert site.totals(top, 3, day) == dict(sums), (top, day)
            assert site.cost(top, day) == round_half_even(plain.cost(top, day)), (top, day)
    day = next(iter(days))
    for part in parts if parts is not None else plain.components():
        assert Counter(site.used(part, day)) == Counter(plain.used(part, Fraction(1), day)), (part, day)
    assert deepest >= 3


def round_half_even(number: Fraction) -> Fraction:
    return Fraction(round(number * 10_000), 10_000)


@pytest.fixture(scope="module")
def adventure_works() -> Plain:
    """Lines by dates; rows without an assembly only name the top products."""
    plain = Plain()
    for r in rows("adventureworks", "bom_lines"):
        if r["product_assembly_id"]:
            last = date.fromisoformat(r["end_date"]) if r["end_date"] else date.max
            line = r["component_id"], Fraction(r["per_assembly_qty"]), date.fromisoformat(r["start_date"]), last
            plain.lines[r["product_assembly_id"]].append(line)
    for r in rows("adventureworks", "products"):
        plain.costs[r["product_id"]] = Fraction(r["standard_cost"])
    return plain


def wire(line: tuple[str, Fraction, date, date], *, dated: bool) -> dict[str, Any]:
    component, quantity, first, last = line
    dates = {"starts": first.isoformat(), **({"ends": last.isoformat()} if last != date.max else {})} if dated else {}
    return {"component": component, "quantity": exact_text(quantity), **dates}


@pytest.mark.slow
def test_adventureworks_with_dated_lines(database_url: str, adventure_works: Plain) -> None:
    """All top products on three days (one is the last day of old lines), and every way up from every component, with dates on the lines."""
    site = Site(database_url, [(p, exact_text(c)) for p, c in adventure_works.costs.items()])
    recipes = [
        {"item": a, "lines": [wire(line, dated=True) for line in lines]} for a, lines in adventure_works.lines.items()
    ]
    site.many("recipe", recipes, "release")
    compare(site, adventure_works, DAYS)


@pytest.mark.slow
def test_adventureworks_with_dated_versions(database_url: str, adventure_works: Plain) -> None:
    """The same answers when every day on which an assembly changed begins a version of it, some with an end and some without."""
    site = Site(database_url, [(p, exact_text(c)) for p, c in adventure_works.costs.items()])
    site.many("recipe", [v for a, lines in adventure_works.lines.items() for v in versions(a, lines)], "release")
    compare(site, adventure_works, DAYS, parts=adventure_works.components()[::7])


def versions(assembly: str, lines: list[tuple[str, Fraction, date, date]]) -> Iterator[dict[str, Any]]:
    """A version from every day on which a line begins or has just ended."""
    one = timedelta(days=1)
    starts = sorted({x for _, _, first, last in lines for x in (first, *([last + one] if last != date.max else []))})
    for at, start in enumerate(starts):
        held = [wire(line, dated=False) for line in lines if line[2] <= start <= line[3]]
        until = {"valid_to": (starts[at + 1] - one).isoformat()} if at + 1 < len(starts) and at % 2 else {}
        yield {"item": assembly, "version": str(at + 1), "valid_from": start.isoformat(), **until, "lines": held}


@pytest.mark.slow
def test_inventree_with_inherited_lines_and_substitutes(database_url: str) -> None:
    """All assemblies, with what variants inherit from their templates, equal a recursion; substitutes are told at their line."""
    plain = Plain()
    variant_of = {r["part_id"]: r["variant_of"] for r in rows("inventree", "parts")}
    own: dict[str, list[dict[str, str]]] = defaultdict(list)
    for r in rows("inventree", "bom_lines"):
        own[r["assembly_part_id"]].append(r)
    for r in rows("inventree", "part_cost_ranges"):
        plain.costs[r["part_id"]] = Fraction(r["overall_min"] or "0").limit_denominator(10**6)
    always = date(2000, 1, 1), date.max
    for part in variant_of:
        held, above = list(own.get(part, ())), variant_of[part]
        while above:
            held += [r for r in own.get(above, ()) if r["inherited"] == "true"]
            above = variant_of[above]
        for r in held:
            plain.lines[part].append((r["component_part_id"], Fraction(r["quantity"]), *always))
        if not held:
            plain.lines.pop(part, None)
    instead: dict[str, list[str]] = defaultdict(list)
    for r in rows("inventree", "bom_substitutes"):
        instead[r["bom_line_id"]].append(r["substitute_part_id"])

    site = Site(database_url, [(p, exact_text(plain.costs.get(p, Fraction(0)))) for p in variant_of])
    recipes: list[dict[str, Any]] = []
    for part, lines in plain.lines.items():
        known = {(r["component_part_id"], Fraction(r["quantity"])): r["bom_line_id"] for r in own.get(part, ())}
        written: list[dict[str, Any]] = []
        for line in lines:
            number = known.get((line[0], line[1]), "")
            others = instead.get(number, [])
            group = {"group": number} if others else {}
            written.append({**wire(line, dated=False), **group, **({"rank": 1} if group else {})})
            written += [{**wire((o, *line[1:]), dated=False), **group, "rank": 2 + n} for n, o in enumerate(others)]
        recipes.append({"item": part, "lines": written})
    site.many("recipe", recipes, "release")
    compare(site, plain, (date(2024, 1, 1),))
    told = {
        (site.codes[r["path"][0]], site.codes[r["component"]["id"]]): [
            site.codes[s["component"]["id"]] for s in r["substitutes"]
        ]
        for part in plain.lines
        for r in site.ask(Explode(Demand("recipe", site.ids[part], "1")))["rows"]
        if "substitutes" in r and r["level"] == 1
    }
    by_line = {
        r["bom_line_id"]: (r["assembly_part_id"], r["component_part_id"]) for lines in own.values() for r in lines
    }
    assert told == {by_line[n]: others for n, others in instead.items()}
    assert told


def exact_text(number: Fraction) -> str:
    shifted = number * 10**6
    assert shifted.denominator == 1
    text = f"{shifted.numerator:07d}"
    return f"{text[:-6]}.{text[-6:]}"
