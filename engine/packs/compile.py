"""Pack → Release: structure, link, check, compile. Each stage collects all its problems; a stage runs when those it needs have passed, so
one run shows everything that can be known.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, Protocol

from engine.access import compile_roles
from engine.forms import BUILT_IN, Form, FormTables, RecordReader, compile_forms
from engine.names import folded
from engine.packs import problems
from engine.packs.key_tests import key_tests
from engine.packs.pack import KINDS, Pack
from engine.packs.release import PackInfo, Release, ReleaseWriter
from engine.packs.rule_definition import LinkedRule
from engine.packs.rule_linking import Surroundings, link_rules
from engine.packs.structure import structure_problems
from engine.problems import Problem, Problems, pointer
from engine.registers import (
    AdviceReader,
    PlannedReader,
    Register,
    RegisterReader,
    RegisterTables,
    ReservationReader,
    TurnoverReader,
    compile_registers,
)
from engine.replenishment.compile import Surroundings as PlannerSurroundings
from engine.replenishment.compile import compile_planners
from engine.reports import compile_dashboards, compile_datasets
from engine.rules.dsl import from_json, parse_rules
from engine.rules.dsl.times import read_calendar
from engine.rules.dsl.tree import Rule
from engine.structures import compile_structures
from engine.values import canonical
from engine.workflow import Workflow, compile_workflows


class PhysicalIds(Protocol):
    """Gives every definition its immutable id."""

    def of(self, path: str) -> str: ...


class TemporaryIds:
    """Ids for a pack that is only checked."""

    def __init__(self) -> None:
        self._made: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The id of a definition."""
        return self._made.setdefault(path, str(len(self._made) + 1))


def check_pack(pack: Pack) -> Problems | None:
    """Every problem of a pack, or None."""
    compiled = compile_pack(pack, TemporaryIds())
    return compiled if isinstance(compiled, Problems) else None


def compile_pack(pack: Pack, ids: PhysicalIds) -> Release | Problems:
    """The release of a pack, or everything that is wrong with it."""
    found = structure_problems(pack)
    broken = {p.file for p in found}
    sound = {
        kind: {n: d for n, d in definitions.items() if f"{kind}/{n}.json" not in broken}
        for kind, definitions in pack.parts.items()
    }
    found += _names_twice(sound)
    if "pack.json" in broken:
        return Problems(tuple(found))
    compiler = _Compiler(pack, sound, ids, found, whole=not found)
    return compiler.release()


def release_from_body(body: str, ids: PhysicalIds) -> Release | Problems:
    """A release from what was stored of it."""
    parts = json.loads(body)
    head = parts.pop("pack")
    return compile_pack(Pack(head, {kind: parts.get(kind, {}) for kind in KINDS}), ids)


class _Compiler:
    def __init__(
        self, pack: Pack, parts: Mapping[str, Mapping[str, Any]], ids: PhysicalIds, found: list[Problem], *, whole: bool
    ) -> None:
        self._pack = pack
        self._parts = parts
        self._ids = ids
        self._found = found
        self._whole = whole

    def _take(self, compiled: Any) -> Any:
        """The result of a stage; of a stage that failed, nothing, with its problems noted."""
        if isinstance(compiled, Problems):
            # While some files are broken, what refers to them cannot be found; those problems would only repeat the first.
            self._found += compiled if self._whole else [p for p in compiled if not p.code.endswith(_FOLLOWS)]
            return {}
        return compiled

    def release(self) -> Release | Problems:
        """All stages."""
        parts, ids = self._parts, self._ids
        currency = str(self._pack.head.get("currency", "CNY"))
        forms: Mapping[str, Form] = self._take(compile_forms(parts["forms"], ids, BUILT_IN, currency))
        if not forms and parts["forms"]:
            return Problems(tuple(self._found))
        registers = self._take(compile_registers(parts["registers"], forms, ids))
        structures = self._take(compile_structures(parts["structures"], forms))
        planners = (
            self._take(compile_planners(parts["replenishment"], PlannerSurroundings(forms, registers, structures)))
            if len(registers) == len(parts["registers"]) and len(structures) == len(parts["structures"])
            else {}
        )
        workflows = self._take(compile_workflows(parts["workflows"], forms, list(parts["roles"])))
        datasets, dashboards = self._reports(forms, registers)
        names = {
            "register": tuple(parts["registers"]),
            "dashboard": tuple(parts["dashboards"]),
            "structure": tuple(parts["structures"]),
        }
        roles = self._take(compile_roles(parts["roles"], forms, names))
        rules = self._take(self._rules(forms, registers, workflows))
        every = {kind[:-1]: tuple(found) for kind, found in self._pack.parts.items()}
        every["planner"] = tuple(parts["replenishment"])
        self._found += _menu_problems(self._pack.head, every)
        if self._found:
            return Problems(tuple(self._found))
        form_tables = {n: FormTables(f) for n, f in forms.items()}
        register_tables = {n: RegisterTables(r) for n, r in registers.items()}
        body = canonical(dict(self._pack.definitions()))
        return Release(
            sha256(body.encode()).hexdigest()[:32],
            body,
            _info(self._pack.head),
            forms,
            registers,
            structures,
            planners,
            workflows,
            datasets,
            dashboards,
            roles,
            rules or (),
            read_calendar(self._pack.head.get("calendar", {})),
            form_tables,
            register_tables,
            {n: RecordReader(t) for n, t in form_tables.items()},
            *_readers(register_tables),
            {n: TurnoverReader(t) for n, t in register_tables.items()},
            ReleaseWriter(form_tables, register_tables, key_tests(register_tables, form_tables)),
        )

    def _reports(self, forms: Mapping[str, Form], registers: Mapping[str, Register]) -> tuple[Any, Any]:
        """Datasets and dashboards, each only where all that it may name is there."""
        parts = self._parts
        if len(registers) != len(parts["registers"]):
            return {}, {}
        datasets = self._take(compile_datasets(parts["reports"], forms, registers))
        if len(datasets) != len(parts["reports"]):
            return datasets, {}
        return datasets, self._take(compile_dashboards(parts["dashboards"], datasets))

    def _rules(
        self, forms: Mapping[str, Form], registers: Mapping[str, Register], workflows: Mapping[str, Workflow]
    ) -> tuple[LinkedRule, ...] | Problems:
        files: dict[str, tuple[tuple[Rule, ...], bool]] = {}
        for name, definition in self._parts.get("rules", {}).items():
            text = self._pack.rule_texts.get(name)
            written = parse_rules(text) if text is not None else None
            if isinstance(written, tuple):
                files[name] = (written, True)
            else:
                files[name] = (tuple(from_json(rule) for rule in definition["items"]), False)
        return link_rules(files, Surroundings(forms, registers, workflows, tuple(self._parts["roles"])))


_FOLLOWS: Final = ("unknown_form", "unknown_name", "unknown_reference", "unknown_source", "unknown_dataset")


def _readers(
    tables: Mapping[str, RegisterTables],
) -> tuple[
    Mapping[str, RegisterReader],
    Mapping[str, PlannedReader],
    Mapping[str, ReservationReader],
    Mapping[str, AdviceReader],
]:
    """What reads each register, in the order of a release."""
    return (
        {n: RegisterReader(t) for n, t in tables.items()},
        {n: PlannedReader(t) for n, t in tables.items()},
        {n: ReservationReader(t) for n, t in tables.items()},
        {n: AdviceReader(t) for n, t in tables.items()},
    )


def _info(head: Mapping[str, Any]) -> PackInfo:
    return PackInfo(
        head["pack"],
        head["version"],
        head.get("label", {"en": head["pack"]}),
        head.get("currency", "CNY"),
        head.get("zone", "Asia/Shanghai"),
        tuple(head.get("menu", ())),
        tuple(head.get("home", ())),
    )


def _names_twice(parts: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    found: list[Problem] = []
    for kind, definitions in parts.items():
        seen: dict[str, str] = {}
        for name in definitions:
            if folded(name) in seen:
                found.append(
                    Problem("forms.name_taken", "", {"name": name, "first": seen[folded(name)]}, f"{kind}/{name}.json")
                )
            seen.setdefault(folded(name), name)
    return found


def _menu_problems(head: Mapping[str, Any], every: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """Entries that lead nowhere. Files that are broken themselves are there all the same."""
    known, roles = (
        {kind: every[kind] for kind in ("form", "register", "dashboard", "structure", "planner")},
        every["role"],
    )
    found: list[Problem] = []
    groups = [("menu", "entries"), ("home", "tiles")]
    for key, inner in groups:
        for at, group in enumerate(head.get(key, ())):
            if key == "home" and group["role"] not in roles:
                found.append(problems.unknown_name("role", group["role"], roles, pointer(key, at, "role")))
            for step, entry in enumerate(group.get(inner, ())):
                found += [
                    problems.unknown_name(kind, entry[kind], names, pointer(key, at, inner, step, kind))
                    for kind, names in known.items()
                    if kind in entry and entry[kind] not in names
                ]
    return [p.in_file("pack.json") for p in found]
