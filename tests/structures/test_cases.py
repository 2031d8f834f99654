"""Structures as tables: a few versions, and what they multiply out to, worked out by hand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.actions import Engine, answer, perform
from engine.actions.commands import PerformAction
from engine.actions.queries import CompareVersions, Demand, Explode, RollUp, WhereUsed
from engine.actor import SYSTEM
from engine.problems import Problems
from tests.conftest import FAST
from tests.structures.recipes import Cook, pack
from tests.support.case_files import read_cases
from tests.support.pack_site import engine_with

CASES = list(read_cases(Path(__file__).parent / "cases.txt"))


@pytest.fixture(scope="module", params=["sqlite"] if FAST else ["sqlite", "postgresql"])
def kitchen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One site for all cases: each has items of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('kitchen') / 'site.db'}"
        engine = engine_with(url, pack(), users=False)
        yield engine
        engine.store.close()
        return
    import psycopg

    from tests.conftest import database_at

    server = request.getfixturevalue("postgres_server")
    name = f"dougong_structures_{id(request) % 10**9}"
    with psycopg.connect(database_at(server, "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    engine = engine_with(database_at(server, name), pack(), users=False)
    yield engine
    engine.store.close()
    with psycopg.connect(database_at(server, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class Eater:
    """Does what a line says and writes the answer as the cases write it."""

    def __init__(self, cook: Cook) -> None:
        self.cook = cook

    def do(self, line: str) -> str | Problems | None:
        verb, _, rest = line.partition(" ")
        if verb == "item":
            name, *more = rest.split()
            self.cook.item(name, **dict(zip(more[::2], (m == "true" or m for m in more[1::2]), strict=True)))
            return None
        if verb == "make":
            made = self.cook.version(rest)
            return made if isinstance(made, Problems) else None
        if verb == "release":
            done = perform(self.cook.engine, PerformAction("recipe", self.cook.versions[rest], "release"), SYSTEM)
            return done if isinstance(done, Problems) else None
        if verb in ("chain", "diamonds"):
            self.towers(verb, [int(n) for n in rest.split()])
            return None
        found = self.ask(verb, rest.split())
        if isinstance(found, Problems) or verb == "roll":
            return found if isinstance(found, Problems) else str(found["value"])
        written: str = getattr(self, f"_{verb}")(found.get("rows", found))
        return written

    def towers(self, verb: str, numbers: list[int]) -> None:
        """`chain 40 2`: forty levels, two of each in the one above; `diamonds 15`: each level twice in the one above."""
        for level in range(numbers[0] - 1, -1, -1):
            lines = f"{numbers[1]} L{level + 1}" if verb == "chain" else f"1 L{level + 1}; 1 L{level + 1}"
            assert not isinstance(self.cook.version(f"L{level}: {lines}"), Problems)

    def ask(self, verb: str, words: list[str]) -> dict[str, Any] | Problems:
        engine = self.cook.engine
        if verb in ("compare", "totals"):
            first, second = (self.cook.versions[w] for w in words)
            return answer(engine, CompareVersions(Demand("recipe", None, version=first), second), SYSTEM)
        record = None if words[0] == "-" else self.cook.item(words[0])
        self.last_only = "last" in words
        collapsed = "collapsed" in words
        on = date.fromisoformat(words[words.index("on") + 1]) if "on" in words else None
        version = self.cook.versions[words[words.index("version") + 1]] if "version" in words else None
        parameters = dict(w.split("=") for w in words if "=" in w)
        if verb == "roll":
            demand = Demand("recipe", record, words[2] if len(words) > 2 else "1")
            return answer(engine, RollUp(demand, words[1]), SYSTEM)
        demand = Demand("recipe", record, words[1], on, version, parameters)
        if verb in ("used", "top", "usedsum"):
            return answer(engine, WhereUsed(demand, top=verb == "top", summarised=verb == "usedsum"), SYSTEM)
        kept = words[2] if verb == "freeze" else ""
        return answer(engine, Explode(demand, summarised=verb == "sum", collapsed=collapsed, frozen=kept), SYSTEM)

    def _name(self, shown: dict[str, str]) -> str:
        return self.cook.name(shown["title"])

    def _explode(self, rows: list[dict[str, Any]]) -> str:
        return " ; ".join(self._row(r) for r in rows)

    def _row(self, r: dict[str, Any]) -> str:
        role = {"part": "", "phantom": " phantom", "output": " out"}[r["role"]]
        others = "".join(f" | {self._name(s['component'])} {s['total']}" for s in r.get("substitutes", ()))
        return f"{r['level']} {self._name(r['component'])} {self._amount(r)}{role}{others}"

    def _amount(self, r: dict[str, Any]) -> str:
        rounded = r.get("rounded", r["total"])
        return str(r["total"]) if rounded == r["total"] else f"{r['total']}->{rounded}"

    def _sum(self, rows: list[dict[str, Any]]) -> str:
        texts = sorted(
            f"{self._name(r['component'])} {self._amount(r)} {r['low_level_code']}"
            + (f" phantom {r['phantom']}" if "phantom" in r else "")
            + (f" out {r['output']}" if "output" in r else "")
            for r in (rows[-1:] if self.last_only else rows)
        )
        return " ; ".join(texts)

    def _freeze(self, rows: list[dict[str, Any]]) -> str:
        names = {str(id): name for name, id in self.cook.items.items()}
        return " ; ".join(
            f"{names[r['component']]} {r['quantity']}" + (f" {r['level']}" if "level" in r else "") for r in rows
        )

    def _used(self, rows: list[dict[str, Any]]) -> str:
        texts = []
        for r in rows:
            as_what = "" if r["as"] in ("part", "phantom") else f" {r['as']}"
            texts.append(f"{r['level']} {self._name(r['parent'])} {r['total']}{as_what}{' top' if r['top'] else ''}")
        return " ; ".join(texts)

    _top = _used

    def _usedsum(self, rows: list[dict[str, Any]]) -> str:
        return " ; ".join(
            f"{self._name(r['parent'])} {r['total']} {r['level']}{' top' if r['top'] else ''}" for r in rows
        )

    def _compare(self, found: dict[str, Any]) -> str:
        return " ; ".join(
            f"{c['change']} {self._name(c['component'])} {n} {before}->{after}"
            for c in found["lines"]
            for n, (before, after) in sorted(c["fields"].items())
        )

    def _totals(self, found: dict[str, Any]) -> str:
        return " ; ".join(f"{self._name(t['component'])} {t['before']}->{t['after']}" for t in found["totals"])


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[name.replace(" ", "-") for name, _ in CASES])
def test_structures_come_to_what_a_hand_works_out(kitchen: Engine, number: int, case: tuple[str, list[str]]) -> None:
    """Every case of the table: rows, totals, refusals with their place, where-used, roll-ups, comparisons."""
    cook = Cook(kitchen, f"{number}")
    ensure_units(cook)
    eater = Eater(cook)
    lines = case[1]
    for at, line in enumerate(lines):
        if line[:1] in "=!":
            continue
        found = eater.do(line)
        expected = lines[at + 1] if at + 1 < len(lines) and lines[at + 1][:1] in "=!" else None
        if isinstance(found, Problems):
            told = f"{found.first.code} {found.first.place} {cook.name(str(found.first.params.get('path', '')))}"
            assert f"! {' '.join(told.split())}" == expected, line
        elif found is not None:
            assert expected is not None, line
            assert found == expected[2:].strip(), line
        else:
            assert expected is None, f"{line}: it was not refused"


def ensure_units(cook: Cook) -> None:
    for code, up, down in (("box", 12, 1), ("third", 1, 3)):
        cook.submit(
            "unit", {"code": code, "up": up, "down": down}
        )  # refused when it is there already: one for all cases


def test_there_are_enough_cases() -> None:
    """The table keeps its size."""
    assert len(CASES) >= 40
