"""Schema operations: the steps that carry a change of forms to their tables. Each can be described and turned into statements; the
store runs them. A column is never dropped or cast in place: what is no longer declared stays where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Index, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.forms.tables import FormTables
from engine.rules.columns import Dialect, statement_text


@dataclass(frozen=True, slots=True)
class MakeTable:
    """A new table with its indexes."""

    table: Table

    def describe(self) -> str:
        """In words, for the publish dialog."""
        return f"create table {self.table.name} ({len(self.table.columns)} columns)"

    def statements(self, dialect: Dialect) -> tuple[str, ...]:
        """The statements, in order."""
        made = [statement_text(CreateTable(self.table), dialect)[0]]
        made += [statement_text(CreateIndex(index), dialect)[0] for index in _sorted(self.table)]
        return tuple(made)


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A new column, empty in the rows there are."""

    table: Table
    column: str

    def describe(self) -> str:
        """In words, for the publish dialog."""
        return f"add column {self.column} to {self.table.name}"

    def statements(self, dialect: Dialect) -> tuple[str, ...]:
        """The statement."""
        created = statement_text(CreateTable(self.table), dialect)[0]
        line = next(
            part.strip().rstrip(",")
            for part in created.splitlines()
            if part.strip().split(" ")[0].strip('"') == self.column
        )
        return (f"ALTER TABLE {self.table.name} ADD COLUMN {line}",)


@dataclass(frozen=True, slots=True)
class MakeIndex:
    """A new index on a table that is there."""

    index: Index

    def describe(self) -> str:
        """In words, for the publish dialog."""
        return f"create index {self.index.name}"

    def statements(self, dialect: Dialect) -> tuple[str, ...]:
        """The statement."""
        return (statement_text(CreateIndex(self.index), dialect)[0],)


SchemaOperation = MakeTable | AddColumn | MakeIndex


def operations(old: FormTables | None, new: FormTables) -> tuple[SchemaOperation, ...]:
    """What the tables of a form need when it goes from `old` (None: not there yet) to `new`."""
    before = {t.name: t for t in old.all} if old is not None else {}
    return tuple(step for table in new.all for step in _table_operations(before.get(table.name), table))


def _table_operations(old: Table | None, new: Table) -> Sequence[SchemaOperation]:
    if old is None:
        return [MakeTable(new)]
    steps: list[SchemaOperation] = [AddColumn(new, c.name) for c in new.columns if c.name not in old.columns]
    known = {index.name for index in old.indexes}
    return steps + [MakeIndex(index) for index in _sorted(new) if index.name not in known]


def _sorted(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))
