"""A site whose pack has rules: what tests of rules at work do with it, by a clock that they move."""

from datetime import datetime
from typing import Any
from uuid import UUID

from engine.actions import Engine, answer, install_pack, open_engine, perform
from engine.actions.commands import ChangeRecord, PerformAction, PutUser, SubmitRecord
from engine.actions.queries import Balances, GetRecord, ListRecords, ListRules, RuleFirings
from engine.actor import SYSTEM, Actor
from engine.clock import moment_at
from engine.effects import Outcome
from engine.problems import Problems
from engine.store import system
from engine.texts import wording
from engine.worker import Drainer
from tests.support.workshop import workshop

BOSS = Actor(UUID(int=7), "Bo", frozenset({"boss"}))
CLERK = Actor(UUID(int=8), "Cleo", frozenset({"clerk"}))


class Clock:
    """A clock that the test moves."""

    def __init__(self, text: str = "2026-09-30T00:00:00Z") -> None:
        self.instant = datetime.fromisoformat(text)

    def now(self) -> Any:
        return moment_at(self.instant, "Asia/Shanghai")


class Site:
    """A site with the workshop pack and some rules."""

    def __init__(self, url: str, rules: str) -> None:
        self.clock = Clock()
        self.engine: Engine = open_engine(url, clock=self.clock)
        pack = workshop(rules)
        assert not isinstance(pack, Problems), [(p.code, p.file, dict(p.params)) for p in pack]
        installed = install_pack(self.engine, pack)
        assert not isinstance(installed, Problems), [
            (p.code, p.file, p.place, dict(p.params), p.ways) for p in installed
        ]
        for login, role in (("bo", "boss"), ("cleo", "clerk")):
            self.did(perform(self.engine, PutUser(login, login, "password", (role,)), SYSTEM))

    @staticmethod
    def did(outcome: Outcome | Problems) -> Any:
        assert isinstance(outcome, Outcome), [(wording(p, "en"), p.place) for p in outcome]
        return outcome.answer

    def create(self, form: str, then: str | None = None, actor: Actor = BOSS, **values: Any) -> Any:
        return self.did(perform(self.engine, SubmitRecord(form, values, then), actor))

    def try_create(self, form: str, actor: Actor = BOSS, accept: tuple[str, ...] = (), **values: Any) -> Any:
        return perform(self.engine, SubmitRecord(form, values, accept=accept), actor)

    def change(self, form: str, made: Any, **values: Any) -> Any:
        return self.did(perform(self.engine, ChangeRecord(form, UUID(made["id"]), values), BOSS))

    def act(self, form: str, made: Any, action: str) -> Any:
        return self.did(perform(self.engine, PerformAction(form, UUID(made["id"]), action), BOSS))

    def get(self, form: str, made: Any) -> Any:
        found = answer(self.engine, GetRecord(form, UUID(made["id"])), SYSTEM)
        assert not isinstance(found, Problems)
        return {**found["values"], "state": found["state"]}

    def all(self, form: str) -> list[Any]:
        found = answer(self.engine, ListRecords(form), SYSTEM)
        assert not isinstance(found, Problems)
        return [self.get(form, row) for row in sorted(found["records"], key=lambda row: str(row["id"]))]

    def firings(self, **about: Any) -> list[Any]:
        found = answer(self.engine, RuleFirings(**about), SYSTEM)
        assert not isinstance(found, Problems)
        return list(found["firings"])

    def drain(self) -> None:
        while Drainer(self.engine).drain():
            pass

    def stuck(self) -> list[Any]:
        found = answer(self.engine, ListRules(), SYSTEM)
        assert not isinstance(found, Problems)
        return list(found["stuck"])

    def users(self) -> Any:
        with self.engine.store.read() as reader:
            return system.users(reader)

    def balance(self) -> tuple[str, str]:
        """(on hand, held) of the only item."""
        found = answer(self.engine, Balances("pieces", by=("item",)), SYSTEM)
        assert not isinstance(found, Problems)
        measures = found["rows"][0]["measures"]
        return measures["on_hand"], measures["held"]
