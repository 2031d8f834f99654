"""Rules ↔ JSON: the same tree, lossless both ways. The shape is engine/rules/dsl/schema.json; what has it can be read without failing."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from engine.rules.dsl import tree as d


def to_json(rule: d.Rule) -> dict[str, Any]:
    """A rule as JSON; what is empty is left out."""
    made: dict[str, Any] = {"rule": rule.name}
    if rule.comments:
        made["comments"] = list(rule.comments)
    if rule.about:
        made["about"] = rule.about
    made["for"] = rule.subject
    if rule.each:
        made["each"] = True
    made[_WHEN[rule.phase]] = {"event": d.kind_of(rule.event), **_members(rule.event)}
    if rule.condition is not None:
        made["if"] = rule.condition.text
    made["then"] = [{"do": d.kind_of(action), **_members(action)} for action in rule.actions]
    return made


def from_json(json: Mapping[str, Any]) -> d.Rule:
    """The rule of a JSON value that has the shape of the schema."""
    phase = "before" if "when" in json else "after"
    when = json[_WHEN[phase]]
    return d.Rule(
        json["rule"],
        json["for"],
        _made(d.EVENTS[when["event"]], when),
        phase,
        tuple(_made(d.ACTIONS[action["do"]], action) for action in json["then"]),
        d.Formula(json["if"], source=json["if"]) if "if" in json else None,
        bool(json.get("each")),
        json.get("about", ""),
        tuple(json.get("comments", ())),
    )


_WHEN = {"before": "when", "after": "after"}


def _members(part: Any) -> dict[str, Any]:
    return {f.name: _out(value) for f in fields(part) if (value := getattr(part, f.name)) not in (None, (), False)}


def _out(value: Any) -> Any:
    if isinstance(value, d.Formula):
        return value.text
    if isinstance(value, tuple):
        return {name: f.text for name, f in value} if isinstance(value[0], tuple) else list(value)
    return value


def _made(kind: type[Any], json: Mapping[str, Any]) -> Any:
    return kind(**{f.name: _in(f.type, json[f.name]) for f in fields(kind) if f.name in json})


def _in(kind: Any, value: Any) -> Any:
    name = str(kind)
    if "Formula" in name and isinstance(value, str):
        return d.Formula(value, source=value)
    if isinstance(value, Mapping):
        return tuple((key, d.Formula(text, source=text)) for key, text in value.items())
    return tuple(value) if isinstance(value, list) else value
