"""Packs: every mistake in one run with its place; installing is all or nothing and the same pack changes nothing."""

import json
from pathlib import Path

import pytest

from engine.actions import install_pack, open_engine
from engine.packs import TemporaryIds, check_pack, compile_pack, load_pack, operations, read_pack
from engine.packs.release import Release
from engine.problems import Problems
from tests.support.pack_site import INVENTORY, ROOT, Browser, engine_with

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.json"))
PACKS = sorted(p.parent for p in (ROOT / "apps").glob("*/pack.json"))


@pytest.mark.parametrize("case", BROKEN, ids=[b.stem for b in BROKEN])
def test_each_mistake_is_told_at_its_place(case: Path) -> None:
    """A broken pack gives exactly the problems its case names: code, file, JSON pointer, nearest name; all in one run."""
    given = json.loads(case.read_text(encoding="utf-8"))
    pack = read_pack(given["files"])
    found = pack if isinstance(pack, Problems) else check_pack(pack)

    got = [(p.code, p.file, p.place) for p in found or ()]
    assert got == [(e["code"], e["file"], e["place"]) for e in given["expect"]]
    for problem, expected in zip(found or (), given["expect"], strict=True):
        if "ways" in expected:
            assert list(problem.ways[:1]) == expected["ways"][:1]


def release_of(folder: Path) -> Release:
    pack = load_pack(folder)
    assert not isinstance(pack, Problems)
    release = compile_pack(pack, TemporaryIds())
    assert isinstance(release, Release)
    return release


@pytest.mark.parametrize("folder", PACKS, ids=[p.name for p in PACKS])
def test_every_pack_speaks_both_languages(folder: Path) -> None:
    """Every text of a shipped pack is there in English and Chinese."""
    missing: list[str] = []

    def look(value: object, place: str) -> None:
        if isinstance(value, dict):
            if "en" in value and all(isinstance(v, str) for v in value.values()):
                if not value.get("zh-CN"):
                    missing.append(place)
                return
            for key, inner in value.items():
                look(inner, f"{place}/{key}")
        elif isinstance(value, list):
            for at, inner in enumerate(value):
                look(inner, f"{place}/{at}")

    for file in folder.rglob("*.json"):
        if "sample_data" not in file.parts:
            look(json.loads(file.read_text(encoding="utf-8")), file.name)
    assert missing == []


@pytest.mark.parametrize("folder", PACKS, ids=[p.name for p in PACKS])
def test_every_state_and_action_is_of_use(folder: Path) -> None:
    """Every state can be reached and every action is granted to somebody or taken by a workflow."""
    release = release_of(folder)
    taken = {(w.form, n.action) for w in release.workflows.values() for n in w.nodes if n.action}
    granted = {
        (form, a) for r in release.roles.values() for form, grants in r.forms.items() for g in grants for a in g.actions
    }
    for form in release.forms.values():
        reached = {form.states[0].name} if form.states else set()
        for _ in form.states:
            reached |= {a.to for a in form.actions if set(a.from_states) & reached}
        assert reached == {s.name for s in form.states}, form.name
        assert {(form.name, a.name) for a in form.actions} <= granted | taken, form.name


def test_the_same_pack_changes_nothing(database_url: str) -> None:
    """Installing twice gives the same digest, no operations, and no new release."""
    engine = open_engine(database_url)
    first, again = install_pack(engine, INVENTORY), install_pack(engine, INVENTORY)

    assert not isinstance(first, Problems) and not isinstance(again, Problems)
    assert (first.is_new, again.is_new, first.digest == again.digest) == (True, False, True)
    release = release_of(INVENTORY)
    assert operations(release, release) == []


def test_a_broken_pack_leaves_the_old_release(sqlite_url: str, tmp_path: Path) -> None:
    """A pack with a mistake is not half-installed: the release before it stays in force."""
    engine = engine_with(sqlite_url)
    pack = load_pack(INVENTORY)
    assert not isinstance(pack, Problems)
    broken = read_pack({"pack.json": '{"pack": "inventory"}'})
    assert not isinstance(broken, Problems)

    refused = install_pack(engine, broken)

    assert isinstance(refused, Problems)
    assert Browser(engine).get("/forms/item/records").status_code == 200


def test_a_new_field_comes_to_tables_with_data(database_url: str) -> None:
    """A pack with one more field is installed over records: they keep their values and can take the new one; a type change is refused."""
    engine = engine_with(database_url)
    browser = Browser(engine)
    unit = browser.made("unit", {"code": "PC", "name": "piece"})
    files = {
        p.relative_to(INVENTORY).as_posix(): p.read_text(encoding="utf-8")
        for p in INVENTORY.rglob("*.json")
        if "sample_data" not in p.parts
    }
    form = json.loads(files["forms/unit.json"])
    form["fields"].append(
        {"name": "weight", "type": "quantity", "label": {"en": "Weight", "zh-CN": "重量"}, "decimals": 3}
    )
    wider = read_pack({**files, "forms/unit.json": json.dumps(form)})
    assert not isinstance(wider, Problems)
    assert not isinstance(install_pack(engine, wider), Problems)

    changed = browser.ask(
        "PATCH", f"/forms/unit/records/{unit['id']}", json={"values": {"weight": "1.5"}}, headers={"If-Match": '"1"'}
    )
    values = browser.get(f"/forms/unit/records/{unit['id']}").get_json()["values"]
    form["fields"][-1]["type"] = "text"
    del form["fields"][-1]["decimals"]
    other = read_pack({**files, "forms/unit.json": json.dumps(form)})
    assert not isinstance(other, Problems)
    refused = install_pack(engine, other)

    assert changed.status_code == 200, changed.text
    assert (values["code"], values["weight"]) == ("PC", "1.5")
    assert isinstance(refused, Problems) and refused.first.code == "packs.type_changed"
