"""What the API description is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.actions.gather import gather
from engine.actions.open_engine import Engine
from engine.actor import SYSTEM
from engine.forms import record_schema
from engine.names import words
from engine.problems import Problems


@dataclass(frozen=True, slots=True)
class ReleaseSchemas:
    """The schema of each form's records and the names of its state actions."""

    label: str
    version: str
    forms: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, tuple[str, ...]]


def release_schemas(engine: Engine) -> ReleaseSchemas | Problems:
    """The schemas of the release in force."""
    with gather(engine, SYSTEM) as planning:
        if isinstance(planning, Problems):
            return planning
        release = planning.release
        return ReleaseSchemas(
            words(release.info.label, "en"),
            release.info.version,
            {n: record_schema(f) for n, f in release.forms.items()},
            {n: tuple(a.name for a in f.actions) for n, f in release.forms.items()},
        )
