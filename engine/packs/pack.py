"""Pack: an application as a folder of JSON and rule text, read and nothing more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.packs import problems
from engine.problems import Problem, Problems
from engine.rules.dsl import parse_rules, to_json

KINDS: Final[Mapping[str, str]] = {
    "forms": "form",
    "registers": "register",
    "structures": "structure",
    "replenishment": "planner",
    "workflows": "workflow",
    "reports": "dataset",
    "dashboards": "dashboard",
    "roles": "role",
    "rules": "rules",
}
"""Folders of a pack, and the key under which a definition names itself. The file's name is that name."""
FILE_MAX: Final = 1 << 20
"""Bytes of one definition."""
FILES_MAX: Final = 2_000
"""Definitions of one pack."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as written: its head (pack.json) and its definitions by folder and name. `folder` is where its sample data lies."""

    head: Mapping[str, Any]
    parts: Mapping[str, Mapping[str, Mapping[str, Any]]]
    folder: Path | None = None
    rule_texts: Mapping[str, str] = field(default_factory=dict)
    """Rule files as they were written, by name: problems in them are told by line and column."""

    def definitions(self) -> Mapping[str, Any]:
        """All of it as one JSON value; its canonical text is what the digest is taken of."""
        return {"pack": self.head, **self.parts}


def load_pack(folder: Path) -> Pack | Problems:
    """The pack in a folder, or every file that cannot be read."""
    files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.glob("*.json"))}
    for kind in KINDS:
        files |= {p.relative_to(folder).as_posix(): p for p in sorted((folder / kind).glob("*.json"))}
    files |= {p.relative_to(folder).as_posix(): p for p in sorted((folder / "rules").glob("*.rule"))}
    if "pack.json" not in files:
        return Problems((problems.no_pack(str(folder)),))
    if len(files) > FILES_MAX:
        return Problems((problems.too_many_files(len(files), FILES_MAX),))
    texts: dict[str, str | Problem] = {name: _text(name, path) for name, path in files.items()}
    return read_pack(texts, folder)


def read_pack(texts: Mapping[str, str | Problem], folder: Path | None = None) -> Pack | Problems:
    """A pack from the texts of its files ("forms/item.json": "{…}")."""
    found: list[Problem] = []
    head: Mapping[str, Any] = {}
    parts: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in KINDS}
    rule_texts: dict[str, str] = {}
    for name, text in texts.items():
        if name.startswith("rules/") and name.endswith(".rule") and isinstance(text, str):
            rules = parse_rules(text)
            if isinstance(rules, Problems):
                found += [p.in_file(name) for p in rules]
                continue
            file = name.removeprefix("rules/").removesuffix(".rule")
            rule_texts[file] = text
            parts["rules"][file] = {"rules": file, "items": [to_json(rule) for rule in rules]}
            continue
        value = text if isinstance(text, Problem) else _parse(name, text)
        if isinstance(value, Problem):
            found.append(value)
            continue
        kind, _, file = name.rpartition("/")
        if name == "pack.json":
            head = value
        elif kind in KINDS:
            parts[kind][file.removesuffix(".json")] = value
        else:
            found.append(problems.unknown_file(name))
    return Problems(tuple(found)) if found else Pack(head, parts, folder, rule_texts)


def _text(name: str, path: Path) -> str | Problem:
    if path.stat().st_size > FILE_MAX:
        return problems.file_too_large(name, FILE_MAX)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return problems.not_utf8(name)


def _parse(name: str, text: str) -> Any:
    try:
        value = json.loads(text, parse_float=str, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        return problems.not_json(name, error.lineno, error.colno)
    except _Twice as twice:
        return problems.member_twice(name, str(twice))
    except RecursionError:
        return problems.not_json(name, 1, 1)
    return value if isinstance(value, dict) else problems.not_json(name, 1, 1)


class _Twice(Exception):
    """A member that stands twice in one object; goes no further than `_parse`."""


def _unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(items)
    if len(made) < len(items):
        keys = [k for k, _ in items]
        raise _Twice(next(k for k in keys if keys.count(k) > 1))
    return made
