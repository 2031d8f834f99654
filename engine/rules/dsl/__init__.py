"""The rule DSL: rule text in English or Chinese, its JSON, and the one tree behind both. Knows no form and no register."""

from engine.rules.dsl.json_form import from_json, to_json
from engine.rules.dsl.parse import moved, parse_rules
from engine.rules.dsl.writing import write_rule, write_rules

__all__ = ["from_json", "moved", "parse_rules", "to_json", "write_rule", "write_rules"]
