"""Definitions → Datasets and Dashboards: every expression is checked, and must be one the database can work out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.forms import Form
from engine.problems import Problem, Problems, pointer
from engine.registers import Register
from engine.reports import problems
from engine.reports.definition import Dashboard, Dataset, Group, Measured, Tile
from engine.rules import ANY, BOOLEAN, DATE, NUMBER, TEXT, Checked, Scope, Type, check
from engine.rules.known import PRESENT, Known

LIMIT: Final = 100
"""Rows of a dataset that declares no limit."""
LIMIT_MAX: Final = 1_000


def compile_datasets(
    definitions: Mapping[str, Mapping[str, Any]], forms: Mapping[str, Form], registers: Mapping[str, Register]
) -> Mapping[str, Dataset] | Problems:
    """The datasets by name, or every problem of every dataset."""
    made: dict[str, Dataset] = {}
    found: list[Problem] = []
    for name, json in definitions.items():
        compiler = _Compiler(json, forms, registers)
        dataset = compiler.dataset()
        if dataset is not None:
            made[name] = dataset
        found += [p.in_file(f"reports/{name}.json") for p in compiler.found]
    return Problems(tuple(found)) if found else made


@dataclass(slots=True)
class _Compiler:
    json: Mapping[str, Any]
    forms: Mapping[str, Form]
    registers: Mapping[str, Register]
    found: list[Problem] = field(default_factory=list)

    def dataset(self) -> Dataset | None:
        """The dataset, or None with its problems in `found`."""
        json = self.json
        source, scope = self._source(json["from"])
        if scope is None:
            return None
        where = self._checked(json["where"], scope, BOOLEAN, "where") if "where" in json else None
        groups = [self._group(at, g, scope) for at, g in enumerate(json.get("group", ()))]
        measures = [self._measure(at, m, scope) for at, m in enumerate(json["measure"])]
        names = tuple(g["name"] for g in json.get("group", ())) + tuple(m["name"] for m in json["measure"])
        for at, name in enumerate(json.get("sort", ())):
            if name.removeprefix("-") not in names:
                self.found.append(problems.unknown_column(name.removeprefix("-"), names).under(pointer("sort", at)))
        if self.found:
            return None
        return Dataset(
            json["dataset"],
            json.get("label", {"en": json["dataset"]}),
            source,
            where,
            tuple(g for g in groups if g),
            tuple(m for m in measures if m),
            tuple(json.get("sort", ())),
            min(json.get("limit", LIMIT), LIMIT_MAX),
        )

    def _source(self, given: Mapping[str, Any]) -> tuple[tuple[str, ...], Scope | None]:
        if "register" in given:
            register = self.registers.get(given["register"])
            if register is None:
                self.found.append(
                    problems.unknown_source(given["register"], tuple(self.registers)).under("/from/register")
                )
                return (), None
            return ("register", register.name), Scope(self._register_types(register), present=_known(register))
        form = self.forms.get(given.get("form", ""))
        if form is None:
            self.found.append(problems.unknown_source(str(given.get("form")), tuple(self.forms)).under("/from/form"))
            return (), None
        lines = given.get("lines")
        if lines is None:
            return ("form", form.name), form.scope
        if lines not in form.line_types:
            self.found.append(problems.unknown_source(lines, tuple(form.line_types)).under("/from/lines"))
            return (), None
        return ("lines", form.name, lines), form.line_scope(lines)

    def _register_types(self, register: Register) -> Mapping[str, Type]:
        types: dict[str, Type] = {m.name: NUMBER for m in register.measures}
        for d in register.dimensions:
            types[d.name] = self.forms[d.form].record_type if d.form else DATE if d.kind == "date" else TEXT
        return types

    def _group(self, at: int, json: Mapping[str, Any], scope: Scope) -> Group | None:
        checked = self._checked(json["value"], scope, ANY, "group", at, "value")
        return (
            None
            if checked is None
            else Group(json["name"], json.get("label", {"en": json["name"]}), checked, json.get("by"))
        )

    def _measure(self, at: int, json: Mapping[str, Any], scope: Scope) -> Measured | None:
        label = json.get("label", {"en": json["name"]})
        if "sum" not in json:
            return Measured(json["name"], label, None)
        checked = self._checked(json["sum"], scope, NUMBER, "measure", at, "sum")
        return None if checked is None else Measured(json["name"], label, checked)

    def _checked(self, text: Any, scope: Scope, expects: Type, *place: str | int) -> Checked | None:
        checked = check(str(text), scope, expects=expects)
        if isinstance(checked, Problems):
            self.found += [p.under(pointer(*place)) for p in checked]
            return None
        if checked.sql == "no":
            self.found.append(problems.not_in_sql(str(text)).under(pointer(*place)))
        return checked


def _known(register: Register) -> Known:
    """Measures and dimensions of a balance have a value, but for dimensions that may be left open."""
    names = [m.name for m in register.measures] + [d.name for d in register.dimensions if not d.optional]
    return dict.fromkeys(names, frozenset((PRESENT,)))


def compile_dashboards(
    definitions: Mapping[str, Mapping[str, Any]], datasets: Mapping[str, Dataset]
) -> Mapping[str, Dashboard] | Problems:
    """The dashboards by name, or every problem of every dashboard."""
    made: dict[str, Dashboard] = {}
    found: list[Problem] = []
    for name, json in definitions.items():
        tiles = []
        for at, tile in enumerate(json["tiles"]):
            notes = _tile_problems(tile, datasets)
            found += [p.under(pointer("tiles", at)).in_file(f"dashboards/{name}.json") for p in notes]
            tiles.append(
                Tile(
                    tile["name"],
                    tile.get("label", {"en": tile["name"]}),
                    tile["dataset"],
                    tile["chart"],
                    tile.get("x"),
                    tile["y"],
                    tile.get("wide", 6),
                    tile.get("drill"),
                )
            )
        made[name] = Dashboard(name, json.get("label", {"en": name}), tuple(tiles))
    return Problems(tuple(found)) if found else made


def _tile_problems(tile: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> list[Problem]:
    dataset = datasets.get(tile["dataset"])
    if dataset is None:
        return [problems.unknown_dataset(tile["dataset"], tuple(datasets)).under("/dataset")]
    names = tuple(g.name for g in dataset.groups) + tuple(m.name for m in dataset.measures)
    return [
        problems.unknown_column(tile[axis], names).under(pointer(axis))
        for axis in ("x", "y")
        if axis in tile and tile[axis] not in names
    ]
