"""Dataset, Dashboard, Tile: a query over forms and registers, and its presentations. Frozen, compiled from JSON once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.names import Text
from engine.rules import Checked


@dataclass(frozen=True, slots=True)
class Group:
    """A column that rows are put together by; dates may be cut to the "month" or "year"."""

    name: str
    label: Text
    value: Checked
    by: str | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A number of each group: a count of rows, or the sum of an expression."""

    name: str
    label: Text
    sum: Checked | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A query. `source` is ("form", name), ("lines", form, lines) or ("register", name)."""

    name: str
    label: Text
    source: tuple[str, ...]
    where: Checked | None
    groups: tuple[Group, ...]
    measures: tuple[Measured, ...]
    sort: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One chart, number or table of a dashboard; `drill` says what a click opens."""

    name: str
    label: Text
    dataset: str
    chart: str
    x: str | None
    y: str
    wide: int
    drill: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Tiles on a page."""

    name: str
    label: Text
    tiles: tuple[Tile, ...]
