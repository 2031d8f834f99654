"""Structures over the API and in definitions: parameters, rights, what is kept and never stale, and what a definition may not say."""

from typing import Any
from uuid import UUID

import pytest

from engine.actions import answer, install_pack, open_engine, perform
from engine.actions.commands import ChangeRecord, DeleteRecord, PerformAction, PutUser, SubmitMany, SubmitRecord
from engine.actions.queries import Demand, Explode
from engine.actor import SYSTEM
from engine.effects import Outcome
from engine.packs import Pack
from engine.problems import Problems
from tests.structures.recipes import Cook, T, pack
from tests.support.pack_site import Browser, engine_with


@pytest.fixture
def cook(database_url: str) -> Cook:
    """A site of recipes."""
    return Cook(engine_with(database_url, pack(), users=False), "x")


def totals(cook: Cook, name: str, structure: str = "recipe", **parameters: str) -> dict[str, str]:
    found = answer(
        cook.engine, Explode(Demand(structure, cook.item(name), parameters=parameters), summarised=True), SYSTEM
    )
    assert not isinstance(found, Problems), list(found)
    return {cook.name(r["component"]["title"]): r["total"] for r in found["rows"]}


def change(cook: Cook, form: str, id: UUID, **values: Any) -> None:
    done = perform(cook.engine, ChangeRecord(form, id, values), SYSTEM)
    assert isinstance(done, Outcome), [(p.code, p.place) for p in done]


def test_what_is_kept_is_never_stale(cook: Cook) -> None:
    """After every change of a version, its lines, its state, or of a component that expressions look into, the answer is the new one."""
    v = cook.version("A: 2 F; 1 B")
    cook.version("F: 3 S")
    assert isinstance(v, UUID)
    assert totals(cook, "A") == totals(cook, "A") == {"F": "2", "B": "1", "S": "6"}
    change(cook, "recipe", v, batch="2")
    assert totals(cook, "A") == {"F": "1", "B": "0.5", "S": "3"}
    change(cook, "recipe", v, batch="1", lines=[{"component": str(cook.item("F")), "quantity": "5"}])
    assert totals(cook, "A") == {"F": "5", "S": "15"}
    change(cook, "item", cook.item("F"), phantom=True)
    found = answer(cook.engine, Explode(Demand("recipe", cook.item("A")), collapsed=True), SYSTEM)
    assert not isinstance(found, Problems)
    assert [(r["level"], r["total"]) for r in found["rows"]] == [(1, "15")]
    draft = cook.version("A named 2 draft: 9 B")
    assert isinstance(draft, UUID)
    assert totals(cook, "A") == {"F": "0", "S": "15"}
    assert isinstance(perform(cook.engine, PerformAction("recipe", draft, "release"), SYSTEM), Outcome)
    assert totals(cook, "A") == {"B": "9"}
    assert isinstance(perform(cook.engine, DeleteRecord("recipe", draft), SYSTEM), Outcome)
    assert totals(cook, "A") == {"F": "0", "S": "15"}


def test_what_another_process_changes_is_seen(database_url: str) -> None:
    """Two engines on one database: what one has kept is not told after the other changed a record."""
    first = Cook(engine_with(database_url, pack(), users=False), "x")
    v = first.version("A: 2 B")
    assert isinstance(v, UUID)
    assert totals(first, "A") == {"B": "2"}
    second = Cook(open_engine(database_url), "x")
    second.items = first.items
    assert totals(second, "A") == {"B": "2"}
    change(second, "recipe", v, batch="4")
    assert totals(first, "A") == totals(second, "A") == {"B": "0.5"}


def test_without_versions_all_records_of_a_parent_hold_together(cook: Cook) -> None:
    """A quantity may be an expression over the line and its record; two records for one parent add up."""
    a, b = str(cook.item("A")), str(cook.item("B"))
    cook.made("part_list", {"item": a, "lines": [{"component": b, "quantity": "2"}]})
    cook.made("part_list", {"item": a, "batch": "2", "double": True, "lines": [{"component": b, "quantity": "3"}]})
    assert totals(cook, "A", "plain") == {"B": "5"}


def test_records_made_together_close_no_circle_together(cook: Cook) -> None:
    """Versions that come in one transaction see each other."""
    a, b, c = (str(cook.item(n)) for n in "ABC")
    ways = [(a, b), (b, c), (c, a)]
    records = [
        SubmitRecord("recipe", {"item": p, "lines": [{"component": x, "quantity": "1"}]}, "release") for p, x in ways
    ]
    refused = perform(cook.engine, SubmitMany("recipe", records), SYSTEM)
    assert isinstance(refused, Problems)
    assert [(p.code, p.place) for p in refused] == [("structures.circle", "/records/2/lines/0/component")]


def test_a_structure_over_the_api(database_url: str) -> None:
    """Parameters, days, versions, where-used, roll-up and comparison by address; what cannot be read is told; the description names all."""
    engine = engine_with(database_url, pack(), users=False)
    assert isinstance(perform(engine, PutUser("admin", "admin", "admin", (), "en", True), SYSTEM), Outcome)
    cook, browser = Cook(engine, "x"), Browser(engine)
    one, two = cook.version("A named 1 from 2020-01-01: =w B"), cook.version("A named 2 from 2024-01-01: 2 B; 1 C")
    a, b = cook.item("A"), cook.item("B")
    path = "/structures/recipe"

    def rows(what: str, **query: Any) -> Any:
        found = browser.get(f"{path}/{what}", **query)
        assert found.status_code == 200, found.text
        return found.get_json()["rows"]

    assert [p["name"] for p in browser.get(path).get_json()["parameters"]] == ["w", "h", "colour", "motor"]
    assert [r["total"] for r in rows("explosion", parent=a, quantity="3")] == ["6", "3"]
    assert [r["total"] for r in rows("explosion", parent=a, on="2021-01-01", **{"parameter.w": "1.5"})] == ["1.5"]
    assert [r["total"] for r in rows("explosion", version=one)] == ["1000"]
    kept = [{"component": str(b), "quantity": "2"}, {"component": str(cook.item("C")), "quantity": "1"}]
    assert rows("explosion", parent=a, frozen="leaves") == kept
    assert [r["total"] for r in rows("where-used", component=b, top="true")] == ["2"]
    assert browser.get(f"{path}/roll-up", parent=a, measure="lead").get_json()["value"] == "0"
    changes = browser.get(f"{path}/comparison", version=one, **{"with": two}).get_json()["lines"]
    assert [(c["change"], c["fields"].get("quantity")) for c in changes] == [
        ("changed", [None, "2"]),
        ("added", [None, "1"]),
    ]
    for query, status, code in (
        ({}, 400, "web.bad_parameter"), ({"parent": a, "on": "yesterday"}, 400, "web.bad_parameter"),
        ({"parent": a, "parameter.x": "1"}, 422, "structures.unknown_parameter"), ({"parent": a, "phantoms": "no"}, 400, "web.bad_parameter"),
        ({"parent": b, "version": one}, 422, "structures.no_such_version"), ({"version": a}, 422, "structures.no_such_version"),
        ({"parent": a, "frozen": "ice"}, 400, "web.bad_parameter"), ({"parent": a, "quantity": "0"}, 422, "actions.bad_quantity"),
    ):  # fmt: skip
        refused = browser.get(f"{path}/explosion", **query)
        assert (refused.status_code, refused.get_json()["code"]) == (status, code), query
    described = browser.get("/openapi.json").get_json()["paths"]
    assert {p for p in described if p.startswith("/structures")} == {
        f"/structures/{{structure}}{x}" for x in ("", "/explosion", "/where-used", "/roll-up", "/comparison")
    }


ROLE = {"role": "cook", "label": T, "grants": [
    {"form": "item", "do": ["read"], "read": ["code", "weight"], "rows": 'not(ends with(code, "secret"))'},
    {"structure": "recipe"}]}  # fmt: skip


def test_rights_reach_into_structures(database_url: str) -> None:
    """Who may not see a structure finds none; titles only of records that may be read; measures only of fields that may be."""
    made = pack()
    parts = {**made.parts, "roles": {"cook": ROLE, "guest": {"role": "guest", "label": T, "grants": []}}}
    engine = engine_with(database_url, Pack(made.head, parts), users=False)
    for login in ("cook", "guest"):
        assert isinstance(perform(engine, PutUser(login, login, login, (login,), "en", False), SYSTEM), Outcome)
    cook = Cook(engine, "x")
    cook.version("A: 1 B; 1 secret")
    a = cook.item("A")
    seeing, blind = Browser(engine, "cook"), Browser(engine, "guest")
    shown = seeing.get("/structures/recipe/explosion", parent=a).get_json()["rows"]
    assert [r["component"]["title"] for r in shown] == ["x.B", ""]
    assert [m["name"] for m in seeing.get("/structures/recipe").get_json()["measures"]] == ["weight"]
    assert seeing.get("/structures/recipe/roll-up", parent=a, measure="weight").status_code == 200
    refused = seeing.get("/structures/recipe/roll-up", parent=a, measure="cost")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "structures.measure_not_readable")
    for what in ("", "/explosion", "/where-used", "/roll-up", "/comparison"):
        asked = {"parent": a, "component": a, "measure": "weight", "version": a, "with": a}
        assert blind.get(f"/structures/recipe{what}", **asked).status_code == 404, what


BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"form": "no"}, "structures.unknown_form", "/form"),
    ({"parent": "nobody"}, "structures.unknown_field", "/parent"),
    ({"parent": "version"}, "structures.wrong_field", "/parent"),
    ({"lines": "item"}, "structures.unknown_field", "/lines"),
    ({"formula": "quantity"}, "structures.wrong_field", "/formula"),
    ({"quantity": "quantity +"}, "rules.ends_too_early", "/quantity"),
    ({"quantity": "colour"}, "rules.wrong_type", "/quantity"),
    ({"formula": None, "share": None}, "rules.may_be_empty", "/quantity"),
    ({"per": "batch - 1"}, "rules.may_divide_by_zero", "/per"),
    ({"yield": "version"}, "rules.no_operation", "/yield"),
    ({"scrap": "weight"}, "rules.unknown_name", "/scrap"),
    ({"factor": {"numerator": "top", "denominator": "botom"}}, "rules.unknown_name", "/factor/denominator"),
    ({"when": "quantity"}, "rules.wrong_type", "/when"),
    ({"phantom": "component.fantom"}, "rules.unknown_entry", "/phantom"),
    ({"co_product": {"when": "1"}}, "rules.wrong_type", "/co_product/when"),
    ({"substitutes": {"group": "starts"}}, "structures.wrong_field", "/substitutes/group"),
    ({"versions": {"from": "version"}}, "structures.wrong_field", "/versions/from"),
    ({"versions": {"active": "item.phantom = true"}}, "structures.active_reads_more", "/versions/active"),
    ({"versions": {"active": "valid_from < today()"}}, "structures.active_reads_more", "/versions/active"),
    ({"line_dates": {"to": "quantity"}}, "structures.wrong_field", "/line_dates/to"),
    (
        {"parameters": [{"name": "quantity", "type": "number", "sample": 1}]},
        "structures.name_taken",
        "/parameters/0/name",
    ),
    (
        {"parameters": [{"name": "w", "type": "number", "sample": "wide"}]},
        "structures.bad_parameter",
        "/parameters/0/sample",
    ),
    ({"parameters": [{"name": "w", "type": "colour", "sample": "red"}]}, "packs.wrong_value", "/parameters/0/type"),
    ({"rounding": {"decimals": "code"}}, "rules.wrong_type", "/rounding/decimals"),
    ({"measures": [{"name": "m", "of": "prise"}]}, "rules.unknown_name", "/measures/0/of"),
    (
        {"measures": [{"name": "m", "of": "cost"}, {"name": "m", "of": "cost"}]},
        "structures.name_taken",
        "/measures/1/name",
    ),
]


@pytest.mark.parametrize(("changes", "code", "place"), BROKEN, ids=[f"{c}{p}" for _, c, p in BROKEN])
def test_a_definition_that_cannot_be_meant_is_refused(
    changes: dict[str, Any], code: str, place: str, sqlite_url: str
) -> None:
    """Each mistake of a definition is told at its place."""
    made = pack(**changes)
    for name in [n for n, v in changes.items() if v is None]:
        del made.parts["structures"]["recipe"][name]  # type: ignore[attr-defined]
    refused = install_pack(open_engine(sqlite_url), made)
    assert isinstance(refused, Problems)
    assert (code, place) in [(p.code, p.place) for p in refused if p.file == "structures/recipe.json"], [
        (p.code, p.place) for p in refused
    ]


def test_a_field_that_is_no_number_can_be_no_quantity(sqlite_url: str) -> None:
    """The plain structure, too, is checked: its quantity is an expression over the line and the record."""
    made = pack()
    made.parts["structures"]["plain"] = {**made.parts["structures"]["plain"], "quantity": "record.item"}  # type: ignore[index]
    refused = install_pack(open_engine(sqlite_url), made)
    assert isinstance(refused, Problems)
    assert {(p.code, p.place) for p in refused} == {("rules.wrong_type", "/quantity")}
