"""Gather: the facts a plan may use, read in one snapshot that holds no lock, memoised, one statement a kind of question."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.access import grant
from engine.actions import problems
from engine.actions.gather_ledger import StoreLedger
from engine.actions.open_engine import Engine
from engine.actions.planning import Planning
from engine.actor import Actor
from engine.clock import Moment
from engine.effects import Outcome, RequestKey
from engine.facts import StoredInstance, StoredRecord, StoredTask
from engine.forms import actor_value, pointing_to, referring, resolver
from engine.packs import Release
from engine.problems import Problems
from engine.rules import RowFilter
from engine.rules.columns import decode, encode
from engine.store import Reader, site, system

IDS_AT_ONCE = 500
"""Ids in one statement."""


@contextmanager
def gather(engine: Engine, actor: Actor) -> Iterator[Planning | Problems]:
    """Everything a plan or an answer needs, over one snapshot."""
    with engine.store.read() as reader:
        release = engine.release(reader)
        if release is None:
            yield problems.no_release()
            return
        moment = engine.clock.now()
        facts = StoreFacts(reader, release, actor, moment)
        yield Planning(release, facts, actor, moment, engine.ids, engine.numbers)


def facts_of(planning: Planning) -> "StoreFacts":
    """The facts of a planning that was gathered from a store."""
    assert isinstance(planning.facts, StoreFacts)
    return planning.facts


class StoreFacts:
    """Facts from the store."""

    def __init__(self, reader: Reader, release: Release, actor: Actor, moment: Moment) -> None:
        self.reader = reader
        self._release = release
        self._actor = actor
        self._moment = moment
        self._records: dict[tuple[str, UUID], StoredRecord | None] = {}
        self._found: dict[tuple[str, str], dict[Any, UUID | None]] = {}
        self._filters: dict[str, RowFilter] = {}
        self._ledgers: dict[str, StoreLedger] = {}
        self._listeners: frozenset[tuple[str, str]] | None = None

    def answered(self, key: RequestKey) -> Outcome | Problems | None:
        """What this request key was answered before."""
        return system.answered_request(self.reader, key)

    def records(self, form: str, ids: Collection[UUID]) -> Mapping[UUID, StoredRecord]:
        """See Facts."""
        missing = [id for id in dict.fromkeys(ids) if (form, id) not in self._records]
        for start in range(0, len(missing), IDS_AT_ONCE):
            self._load(form, missing[start : start + IDS_AT_ONCE])
        return {id: found for id in ids if (found := self._records[form, id]) is not None}

    def _load(self, form: str, ids: Sequence[UUID]) -> None:
        reader, dialect = self._release.records[form], self.reader.dialect
        rows = self.reader.rows(reader.by_ids(ids, dialect))
        lines = {
            name: self.reader.rows(reader.lines_of(name, ids, dialect)) if rows else []
            for name in self._release.form_tables[form].lines
        }
        found = reader.records(rows, lines, dialect)
        for id in ids:
            self._records[form, id] = found.get(id)

    def visible(self, form: str, ids: Collection[UUID]) -> frozenset[UUID]:
        """See Facts."""
        rows = self._rows(form)
        if rows.everything:
            return frozenset(self.records(form, ids))
        tables = self._release.form_tables[form]
        seen = rows.condition(
            resolver(tables, self._release.form_tables), dialect=self.reader.dialect, moment=self._moment
        )
        wanted = [encode("id", id, self.reader.dialect) for id in ids]
        query = select(tables.record.c.id).where(
            tables.record.c.id.in_(wanted), tables.record.c.deleted_at.is_(None), seen
        )
        return frozenset(decode("id", row[0], self.reader.dialect) for row in self.reader.rows(query))

    def _rows(self, form: str) -> RowFilter:
        if form not in self._filters:
            parameters = {"actor": actor_value(self._actor)}
            self._filters[form] = grant(self._release.roles, self._actor, self._release.forms[form], parameters).rows
        return self._filters[form]

    def find(self, form: str, field: str, values: Collection[Any]) -> Mapping[Any, UUID]:
        """See Facts."""
        known = self._found.setdefault((form, field), {})
        missing = [v for v in dict.fromkeys(values) if v not in known]
        for start in range(0, len(missing), IDS_AT_ONCE):
            asked = missing[start : start + IDS_AT_ONCE]
            known |= dict.fromkeys(asked) | self._find(form, field, asked)
        return {v: id for v in values if (id := known[v]) is not None}

    def _find(self, form: str, field: str, values: Collection[Any]) -> dict[Any, UUID]:
        reader, dialect = self._release.records[form], self.reader.dialect
        found = reader.records(self.reader.rows(reader.find(field, values, dialect)), {}, dialect)
        if not self._release.form_tables[form].lines:
            self._records |= {(form, id): record for id, record in found.items()}  # who is looked up is asked for next
        return {record.values[field]: id for id, record in found.items()}

    def referring(self, form: str, record: UUID) -> str | None:
        """See Facts."""
        for name, tables in self._release.form_tables.items():
            if any(self.reader.rows(query) for query in referring(tables, form, record, self.reader.dialect)):
                return name
        return None

    def setting(self, name: str) -> Any:
        """See Facts."""
        return site.setting(self.reader, name)

    def ledger(self, register: str) -> StoreLedger:
        """See Facts."""
        if register not in self._ledgers:
            self._ledgers[register] = StoreLedger(self.reader, self._release, register)
        return self._ledgers[register]

    def pointing(self, form: str, field: str, ids: Collection[UUID]) -> tuple[StoredRecord, ...]:
        """See Facts."""
        tables, wanted, found = self._release.form_tables[form], list(ids), list[UUID]()
        for start in range(0, len(wanted), IDS_AT_ONCE):
            query = pointing_to(tables, field, wanted[start : start + IDS_AT_ONCE], self.reader.dialect)
            found += [decode("id", row[0], self.reader.dialect) for row in self.reader.rows(query)]
        return tuple(self.records(form, sorted(found)).values())

    def last_change(self, structure: str) -> int:
        """See Facts."""
        return system.last_structure_change(self.reader, structure)

    def listens(self, form: str, on: str) -> bool:
        """See Facts."""
        if self._listeners is None:
            self._listeners = frozenset((w["form"], w["on"]) for w in site.setting(self.reader, "webhooks") or [])
        return (form, on) in self._listeners

    def task(self, id: UUID) -> StoredTask | None:
        """See Facts."""
        return system.task(self.reader, id)

    def users_with_role(self, role: str) -> tuple[UUID, ...]:
        """See Facts."""
        return tuple(u.id for u in system.users(self.reader) if u.is_active and role in u.roles)

    def instance(self, id: UUID) -> StoredInstance | None:
        """See Facts."""
        return next(iter(system.instances(self.reader, id=id)), None)

    def instances(self, form: str, record: UUID) -> tuple[StoredInstance, ...]:
        """See Facts."""
        return system.instances(self.reader, record=record)
