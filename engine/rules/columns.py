"""How values lie in columns, the same for records and registers: storage kinds, their SQLAlchemy types on both databases, and the
conversion of a single value. Tables and statements are made elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Date, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Storage = Literal["integer", "text", "boolean", "date", "id"]
"""integer: 64 bits, also scaled numbers and microseconds since 1970 UTC. id: uuid, 16 bytes on SQLite. text compares by code point."""
Dialect = Literal["sqlite", "postgresql"]

_TYPES: Final[Mapping[Storage, TypeEngine[Any]]] = {
    "integer": BigInteger().with_variant(Integer(), "sqlite"),
    "text": Text(collation="C").with_variant(Text(), "sqlite"),
    "boolean": Boolean().with_variant(Integer(), "sqlite"),
    "date": Date().with_variant(Text(), "sqlite"),
    "id": Uuid().with_variant(LargeBinary(), "sqlite"),
}


def column_type(storage: Storage) -> TypeEngine[Any]:
    """The SQLAlchemy type of a storage kind."""
    return _TYPES[storage]


def encode(storage: Storage, value: Any, dialect: Dialect) -> Any:
    """A value as the driver takes it."""
    if value is None or dialect == "postgresql":
        return value
    if storage == "id":
        return value.bytes
    if storage == "date":
        return value.isoformat()
    return int(value) if storage == "boolean" else value


def decode(storage: Storage, raw: Any, dialect: Dialect) -> Any:
    """A value as the driver gives it."""
    if raw is None or dialect == "postgresql":
        return raw
    if storage == "id":
        return UUID(bytes=raw)
    if storage == "date":
        return date.fromisoformat(raw)
    return bool(raw) if storage == "boolean" else raw


def statement_text(statement: ClauseElement, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """A statement in the driver's notation, and the names of its parameters in order (SQLite takes tuples in that order,
    psycopg mappings by name)."""
    compiled = statement.compile(dialect=_dialect(dialect))
    if not isinstance(compiled, SQLCompiler):
        return str(compiled).strip(), ()
    order = compiled.positiontup if dialect == "sqlite" else list(compiled.params)
    return str(compiled), tuple(order or ())


def constants_of(statement: ClauseElement, dialect: Dialect) -> Mapping[str, Any]:
    """The values of those parameters of a statement that it brings itself, by name."""
    compiled = statement.compile(dialect=_dialect(dialect))
    assert isinstance(compiled, SQLCompiler)
    return {name: value for name, value in compiled.params.items() if value is not None}


def rows_for(dialect: Dialect, order: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    """Parameter rows in the driver's notation."""
    if dialect == "postgresql":
        return rows
    if len(order) < 2:
        return [tuple(row[name] for name in order) for row in rows]
    return list(map(itemgetter(*order), rows))


@cache
def _dialect(name: Dialect) -> Any:
    make: Callable[[], Any] = sqlite.dialect if name == "sqlite" else postgresql.psycopg.dialect
    return make()
