"""Many records at once say the same as records one by one."""

from uuid import UUID

from engine.actions import perform
from engine.actions.commands import ChangeRecord, DeleteRecord
from engine.actions.gather import facts_of, gather
from engine.actions.many_records import titles_of, values_of
from engine.actions.showing import Shower
from engine.actor import SYSTEM
from engine.forms import all_headers, all_lines, filled_lines, headers_of, id_of, pointing_to, state_of_all
from engine.problems import Problems
from engine.rules import NUMBER, Checked, check
from engine.rules.columns import decode
from engine.rules.runtime import plain
from tests.structures.recipes import Cook, pack
from tests.support.pack_site import engine_with


def three_versions(database_url: str) -> tuple[Cook, list[UUID]]:
    """A cook with three versions of recipes; their ids."""
    cook = Cook(engine_with(database_url, pack(), users=False), "x")
    for code, up, down in (("box", 12, 1), ("third", 1, 3)):
        cook.made("unit", {"code": code, "up": up, "down": down})
    cook.item("D", cost="2.5", decimals=3)
    made = [
        cook.version(w)
        for w in ("A named 1 per 2: 2box B scrap 3; 1.5 C from 2024-01-01", "B named 2: 1third C", "C draft: 5 D")
    ]
    ids = [v for v in made if isinstance(v, UUID)]
    assert len(ids) == 3
    return cook, ids


def test_cells_of_many_are_the_values_of_each(database_url: str) -> None:
    """Headers, lines, references and titles read together equal the records."""
    cook, ids = three_versions(database_url)
    with gather(cook.engine, SYSTEM) as planning:
        assert not isinstance(planning, Problems)
        reader, tables = facts_of(planning).reader, planning.release.form_tables["recipe"]
        d, records = reader.dialect, planning.facts.records("recipe", ids)
        names = {f.field.name for f in tables.header}
        for query in (all_headers(tables, names, d), headers_of(tables, names, [id.bytes for id in ids], d)):
            by_id = {id_of(r[0]): r for r in reader.rows(query.statement)}
            assert set(by_id) == set(ids)
            for id, row in by_id.items():
                assert row[1] == records[id].state
                told = {f.field.name: plain(v(row)) for f, v in zip(query.fields, query.values, strict=True)}
                assert told == {n: plain(records[id].values.get(n)) for n in names}
        inner = {f.field.name for f in tables.line_fields["lines"]}
        query = all_lines(tables, "lines", "component", inner, d)
        assert query.fields[0].field.name == "component"
        at = [f.field.name for f in query.fields].index("quantity")
        rows = reader.rows(query.statement)
        lines = sorted((id_of(r[0]), r[1], query.values[at](r)) for r in rows)
        assert lines == sorted(
            (r.id, x.position, x.values["quantity"]) for r in records.values() for x in r.lines["lines"]
        )
        counting, counted = filled_lines(tables, "lines", frozenset(inner), d)
        stored = [x for r in records.values() for x in r.lines["lines"]]
        filled = [sum(x.values[name] is not None for x in stored) for name in counted]
        assert tuple(reader.rows(counting)[0]) == (len(lines), *filled)
        assert set(counted) == inner
        assert len(lines) == 4
        found = reader.rows(pointing_to(tables, "item", [cook.item("A"), cook.item("C")], d))
        assert {decode("id", r[0], d) for r in found} == {ids[0], ids[2]}
        assert [r.id for r in planning.facts.pointing("recipe", "item", [cook.item("B")])] == [ids[1]]
        items = list(cook.items.values())
        assert titles_of("item", items, planning) == Shower(planning).titles("item", items)
        cost = check("if cost = null then 0 else cost * 2", planning.release.forms["item"].scope, expects=NUMBER)
        assert isinstance(cost, Checked)
        assert set(values_of(cost, "item", items, planning).values()) == {0, 5}


def test_every_change_is_another_state(database_url: str) -> None:
    """A change and a deletion are seen in the state of all; what is deleted is not among the headers."""
    cook, ids = three_versions(database_url)
    states = set()
    with gather(cook.engine, SYSTEM) as planning:
        assert not isinstance(planning, Problems)
        tables, d = planning.release.form_tables["recipe"], facts_of(planning).reader.dialect
        names = {f.field.name for f in tables.header}
    for command in (None, ChangeRecord("recipe", ids[0], {"version": "7"}), DeleteRecord("recipe", ids[2])):
        if command is not None:
            assert not isinstance(perform(cook.engine, command, SYSTEM), Problems)
        with cook.engine.store.read() as reader:
            states.add(tuple(reader.rows(state_of_all(tables, d))[0]))
    assert len(states) == 3
    with gather(cook.engine, SYSTEM) as planning:
        assert not isinstance(planning, Problems)
        assert {id_of(r[0]) for r in facts_of(planning).reader.rows(all_headers(tables, names, d).statement)} == set(
            ids[:2]
        )
