"""Answers about the site: the release as the actor may see it, inbox, dashboards, notifications, health."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from engine.access import may_see
from engine.actions import problems
from engine.actions.gather import facts_of
from engine.actions.open_engine import Engine
from engine.actions.planner_commands import seen_planner
from engine.actions.planning import Planning
from engine.actions.queries import DescribeRelease, Inbox, Notifications, ShowDashboard
from engine.actions.showing import Shower
from engine.clock import from_microseconds
from engine.names import words
from engine.problems import Problems
from engine.reports import Dataset, Sources, Tile, dataset_query
from engine.reports.charts import figure
from engine.rules import RowFilter
from engine.store import site, system
from engine.values import to_wire

INBOX_MAX: Final = 200
NOTIFICATIONS_MAX: Final = 50
_KINDS: Final = ("form", "register", "dashboard", "structure", "planner")


def describe_release(query: DescribeRelease, planning: Planning) -> dict[str, Any]:
    """Menu, home tiles, and everything the actor may see."""
    release, info = planning.release, planning.release.info
    seen = {
        "form": {n: f.label for n, f in release.forms.items() if "read" in planning.grant(f).do},
        "register": {
            n: r.label for n, r in release.registers.items() if may_see(release.roles, planning.actor, "register", n)
        },
        "dashboard": {
            n: d.label for n, d in release.dashboards.items() if may_see(release.roles, planning.actor, "dashboard", n)
        },
        "structure": {
            n: s.label for n, s in release.structures.items() if may_see(release.roles, planning.actor, "structure", n)
        },
    }
    seen["planner"] = {
        n: p.label for n, p in release.planners.items() if not isinstance(seen_planner(n, planning), Problems)
    }
    tiles: list[Mapping[str, Any]] = []
    for home in info.home:
        if home["role"] in planning.actor.roles or planning.actor.is_admin:
            tiles += [t for t in home["tiles"] if _is_seen(t, seen) and t not in tiles]
    menu = [
        {"label": group["label"], "entries": [e for e in group["entries"] if _is_seen(e, seen)]} for group in info.menu
    ]
    return {
        "digest": release.digest,
        "pack": {"name": info.name, "version": info.version, "label": info.label},
        "currency": info.currency,
        "zone": info.zone,
        "menu": [g for g in menu if g["entries"]],
        "home": tiles,
        "today": planning.moment.today.isoformat(),
        "roles": [{"name": r.name, "label": r.label} for r in release.roles.values()],
        **{f"{kind}s": [{"name": n, "label": label} for n, label in names.items()] for kind, names in seen.items()},
        "structures": [
            {"name": n, "label": label, "form": release.structures[n].target} for n, label in seen["structure"].items()
        ],
        "planners": [
            {"name": n, "label": p.label, "form": p.suggestion.form}
            for n, p in release.planners.items()
            if not isinstance(seen_planner(n, planning), Problems)
        ],
    }


def _is_seen(entry: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(entry.get(kind) in seen[kind] for kind in _KINDS if kind in entry)


def inbox(query: Inbox, planning: Planning) -> dict[str, Any]:
    """Open tasks of the actor's roles, newest first."""
    reader = facts_of(planning).reader
    roles = None if planning.actor.is_admin else planning.actor.roles
    shower = Shower(planning)
    shown = []
    for task, workflow, opened in system.open_tasks(reader, roles, INBOX_MAX):
        known, form = planning.release.workflows.get(workflow), planning.release.forms.get(task.form)
        if known is None or form is None:
            continue
        node = next((n for n in known.nodes if n.name == task.node), None)
        shown.append(
            {
                "id": str(task.id),
                "workflow": known.label,
                "node": task.node,
                "label": node.label if node else {"en": task.node},
                "form": task.form,
                "form_label": form.label,
                "opened_at": to_wire(from_microseconds(opened)),
                "record": {"id": str(task.record), "title": shower.title(task.form, task.record)},
            }
        )
    return {"tasks": shown}


def dashboard(query: ShowDashboard, planning: Planning) -> dict[str, Any] | Problems:
    """A dashboard with the data of its tiles, each as far as the actor may see what it is about."""
    board = planning.release.dashboards.get(query.dashboard)
    if board is None or not may_see(planning.release.roles, planning.actor, "dashboard", query.dashboard):
        return problems.no_such_dashboard(query.dashboard, ())
    return {
        "name": board.name,
        "label": board.label,
        "tiles": [_tile(tile, planning) for tile in board.tiles],
        "at": to_wire(planning.moment.instant),
    }


def _tile(tile: Tile, planning: Planning) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": tile.name,
        "label": tile.label,
        "chart": tile.chart,
        "wide": tile.wide,
        "figure": None,
        "number": None,
        "table": None,
        "drill": tile.drill,
        "allowed": True,
    }
    dataset = planning.release.datasets[tile.dataset]
    rows = _rows(dataset, planning)
    if rows is None:
        return {**shown, "allowed": False}
    named = _named(dataset, rows, planning)
    labels = {g.name: g.label for g in dataset.groups} | {m.name: m.label for m in dataset.measures}
    if tile.chart == "number":
        shown["number"] = to_wire(rows[0][tile.y]) if rows else "0"
    elif tile.chart == "table" or tile.x is None:
        shown["table"] = {
            "columns": [{"name": n, "label": label} for n, label in labels.items()],
            "rows": to_wire(named),
        }
    else:
        shown["figure"] = figure(tile.chart, named, tile.x, tile.y)
        shown["rows"] = [
            {"value": to_wire(row[tile.x]), "title": str(name[tile.x])} for row, name in zip(rows, named, strict=True)
        ]
        shown["x"] = tile.x
    return shown


def _rows(dataset: Dataset, planning: Planning) -> list[dict[str, Any]] | None:
    reader = facts_of(planning).reader
    kind, name = dataset.source[0], dataset.source[1]
    if kind == "register":
        if not may_see(planning.release.roles, planning.actor, "register", name):
            return None
        rows: RowFilter = planning.grant(next(iter(planning.release.forms.values()))).rows
    else:
        granted = planning.grant(planning.release.forms[name])
        if granted.require("read") is not None or not _covered(dataset, granted):
            return None
        rows = granted.rows
    sources = Sources(planning.release.form_tables, planning.release.register_tables, rows)
    query = dataset_query(dataset, sources, dialect=reader.dialect, moment=planning.moment)
    assert not isinstance(query, Problems), query
    return query.values(reader.rows(query.statement), reader.dialect)


def _covered(dataset: Dataset, granted: Any) -> bool:
    """May the actor read every field the dataset reads?"""
    prefix = f"{dataset.source[2]}." if dataset.source[0] == "lines" else ""
    expressions = (
        [g.value for g in dataset.groups]
        + [m.sum for m in dataset.measures if m.sum]
        + ([dataset.where] if dataset.where else [])
    )
    paths = {path for e in expressions for path in e.reads}
    return all(
        granted.may_read(path[1] if path[0] == "record" and len(path) > 1 else prefix + path[0])
        for path in paths
        if path[0] not in ("actor", "id", "state", "created_at", "created_by")
    )


def _named(dataset: Dataset, rows: Sequence[Mapping[str, Any]], planning: Planning) -> list[dict[str, Any]]:
    """Rows with references told by their titles and choices by their words."""
    shower = Shower(planning)
    forms = {g.name: _target(dataset, g.value.tree, planning) for g in dataset.groups}
    for name, form in forms.items():
        if form:
            shower.titles(form, {row[name] for row in rows if isinstance(row[name], UUID)})
    language = planning.actor.language
    made = []
    for row in rows:
        shown = dict(row)
        for name, form in forms.items():
            value = row[name]
            if form and isinstance(value, UUID):
                shown[name] = shower.title(form, value)
            elif value is None:
                shown[name] = "–"
            elif dataset.source[0] == "form" and name == "state":
                shown[name] = words(planning.release.forms[dataset.source[1]].state_label(value), language)
        made.append(shown)
    return made


def _target(dataset: Dataset, tree: Any, planning: Planning) -> str | None:
    """The form a group's ids belong to, found along its path."""
    steps: list[str] = []
    while hasattr(tree, "source"):
        steps.insert(0, tree.name)
        tree = tree.source
    steps.insert(0, getattr(tree, "name", ""))
    if dataset.source[0] == "register":
        register = planning.release.registers[dataset.source[1]]
        at = register.dimension_index(steps[0])
        form = register.dimensions[at].form if at is not None else None
    else:
        here = planning.release.forms[dataset.source[1]]
        fields = here.fields
        if dataset.source[0] == "lines" and steps[0] != "record":
            lines = here.field(dataset.source[2])
            fields = lines.fields if lines is not None else ()
        elif steps[0] == "record":
            steps = steps[1:]
        form = next((f.target for f in fields if steps and f.name == steps[0]), None)
    for step in steps[1:]:
        found = planning.release.forms[form].field(step) if form else None
        form = found.target if found is not None else form if step == "id" else None
    return form


def notifications(query: Notifications, planning: Planning) -> dict[str, Any]:
    """What the actor was told, newest first."""
    found = system.notifications(facts_of(planning).reader, planning.actor.id, NOTIFICATIONS_MAX)
    return {
        "notifications": [
            {
                "id": str(n["id"]),
                "text": n["text"],
                "link": n["link"],
                "at": to_wire(from_microseconds(n["at"])),
                "is_read": n["read_at"] is not None,
            }
            for n in found
        ],
        "unread": sum(n["read_at"] is None for n in found),
    }


def health(engine: Engine) -> dict[str, Any]:
    """Is the database there, and with which release?"""
    with engine.store.read() as reader:
        digest = site.current_digest(reader)
        audit, progress = site.setting(reader, "audit"), site.setting(reader, "audit progress")
        return {
            "status": "ok" if digest else "empty",
            "release": digest,
            "outbox": system.outbox_counts(reader),
            "audit": audit and {"at": audit["at"], "wrong": sum(audit["wrong"].values()), "waiting": audit["waiting"]},
            "audit_progress": progress,
        }
