"""Rules that are wrong: told with file, line and code when the pack is checked, and not installed."""

from pathlib import Path

import pytest

from engine.actions import install_pack, open_engine
from engine.problems import Problems
from tests.support.workshop import workshop

CIRCLE = """rule "a" for request when changed note then set grade to note
rule "b" for request when changed grade then set note to grade"""
CIRCLE_BY_COMPUTED = """rule "a" for request when changed total then set grade to "x"
rule "b" for request when changed grade then set price to 1"""


@pytest.mark.parametrize(
    ("rules", "code", "line"),
    [
        ('rule "a" for nobody when created then set a to 1', "packs.unknown_name", 1),
        ('rule "a" for request when created\nthen set nothing to 1', "packs.unknown_name", 1),
        ('rule "a" for request when created\nif quantity > "x"\nthen set note to "1"', "rules.not_comparable", 2),
        ('rule "a" for request when created\nif quantty > 1\nthen set note to "1"', "rules.unknown_name", 2),
        ('rule "a" for request when created\nif quantity\nthen set note to "1"', "rules.wrong_type", 2),
        ('rule "a" for request when created then set note to 1', "rules.wrong_type", 1),
        ('rule "a" for request when created then set total to 1', "packs.field_not_for_rules", 1),
        ('rule "a" for request when created then set lines to []', "packs.field_not_for_rules", 1),
        ('rule "a" for request when enters nowhere then set note to "1"', "packs.unknown_name", 1),
        ('rule "a" for request after created then refuse "x"', "packs.action_not_after", 1),
        ('rule "a" for request after deleted then set note to "x"', "packs.action_not_when_deleted", 1),
        ('rule "a" for request when schedule "0 8 * * *" then set note to "x"', "packs.action_not_without_record", 1),
        ('rule "a" for request when schedule "often" then create purchase', "packs.bad_cron", 1),
        ('rule "a" for each request when created then set note to "x"', "packs.rule_each", 1),
        ('rule "a" for pieces after balance on_hand falls below 1 per place then create purchase', "packs.no_such_grain", 1),
        ('rule "a" for pieces after balance on_hand * 2 falls below 1 per item then create purchase', "packs.balance_not_a_sum", 1),
        ('rule "a" for request when created then change note with code = "x"', "packs.not_a_record", 1),
        ('rule "a" for request when created then refuse 1', "packs.not_a_message", 1),
        ('rule "a" for request when created then notify role nobody that "x"', "packs.unknown_name", 1),
        ('rule "a" for request when created then reserve in pieces by moved', "packs.unknown_name", 1),
        ('rule "a" for request when created then take fly', "packs.unknown_name", 1),
        ('rule "a" for request when created then set note to "1"\nrule "a" for request when created then set note to "1"', "packs.rule_twice", 2),
        (CIRCLE, "packs.rules_loop", None),
        (CIRCLE_BY_COMPUTED, "packs.rules_loop", None),
    ],
)  # fmt: skip
def test_mistakes_in_rules_are_told(tmp_path: Path, rules: str, code: str, line: int | None) -> None:
    """What is wrong with a rule is told with its file, line and code, and the pack is not installed."""
    engine = open_engine(f"sqlite:///{tmp_path / 'site.db'}")
    pack = workshop(rules)
    assert not isinstance(pack, Problems), [(p.code, dict(p.params)) for p in pack]
    found = install_pack(engine, pack)
    assert isinstance(found, Problems)
    assert [(p.code, p.file) for p in found] == [(code, "rules/main.rule")], [(p.code, dict(p.params)) for p in found]
    if line is not None:
        assert found.first.params["line"] == line
