"""Installing packs and loading their sample data."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.actions.importing import Import, RowProblem, import_rows
from engine.actions.open_engine import Engine, SiteIds
from engine.actor import SYSTEM
from engine.packs import Pack, Release, changes, compile_pack, load_pack, operations
from engine.problems import Problem, Problems
from engine.store import NewRelease
from engine.store import site as stored

Progress = Callable[[str, int, int], None]
"""(what, done, of how many)."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What installing a pack came to."""

    digest: str
    is_new: bool
    described: tuple[str, ...]


def install_pack(
    engine: Engine, source: Path | Pack, progress: Progress = lambda what, done, of: None
) -> Installed | Problems:
    """Put a pack in force: check all of it, change the tables and the release in one transaction. The same pack again changes nothing."""
    pack = source if isinstance(source, Pack) else load_pack(source)
    if isinstance(pack, Problems):
        return pack
    progress("check", 0, 3)
    with engine.store.read() as reader:
        ids = SiteIds(stored.physical_names(reader))
        old = engine.release(reader)
    new = compile_pack(pack, ids)
    if isinstance(new, Problems):
        return new
    if old is not None and old.digest == new.digest:
        return Installed(new.digest, False, ())
    steps = operations(old, new)
    if isinstance(steps, Problems):
        return steps
    progress("tables", 1, 3)
    stored.put_release(engine.store, NewRelease(new.digest, new.body, ids.made, engine.clock.now().microseconds), steps)
    engine.adopt(new)
    progress("done", 3, 3)
    return Installed(new.digest, True, _described(old, new))


def _described(old: Release | None, new: Release) -> tuple[str, ...]:
    return tuple(f"{c.what}: {c.kind} {c.name}" for c in changes(old, new))


def load_sample(engine: Engine, folder: Path, progress: Progress = lambda what, done, of: None) -> Problems | None:
    """Load the sample data of a pack, in the order of sample_data/plan.json. Loading twice writes nothing twice."""
    plan_file = folder / "sample_data" / "plan.json"
    if not plan_file.is_file():
        return None
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    found: list[Problem] = []
    for at, step in enumerate(plan):
        progress(step["form"], at, len(plan))
        rows = list(_rows(folder / "sample_data" / step["file"]))

        def note(problem: RowProblem, file: str = step["file"]) -> None:
            if problem.refused:
                found.append(problem.problem.under(f"/{problem.number}").in_file(f"sample_data/{file}"))

        import_rows(
            engine, Import(step["form"], rows, step.get("then"), f"sample {folder.name} {at}", report=note), SYSTEM
        )
    progress("done", len(plan), len(plan))
    return Problems(tuple(found)) if found else None


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix == ".json":
        yield from json.loads(path.read_text(encoding="utf-8"), parse_float=str)
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: value for name, value in row.items() if value != ""}


def is_empty(engine: Engine) -> bool:
    """Has nothing been installed here yet?"""
    with engine.store.read() as reader:
        return stored.current_digest(reader) is None
