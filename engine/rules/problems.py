"""The problems of the rule language. Places are "" (the caller knows where the expression stands); params carry line and column."""

from engine.problems import Problem, Problems
from engine.rules.tree import Position


def _at(code: str, at: Position, ways: tuple[str, ...] = (), **params: object) -> Problem:
    return Problem(code, "", {"line": at[0], "column": at[1], **params}, ways=ways)


def syntax(at: Position, found: str) -> Problems:
    """The text is no expression."""
    return Problems((_at("rules.syntax", at, found=found),))


def ends_too_early(at: Position) -> Problems:
    """The text stops in the middle of an expression."""
    return Problems((_at("rules.ends_too_early", at),))


def too_long(most: int) -> Problems:
    """The text is over the limit."""
    return Problems((_at("rules.too_long", (1, 1), most=most),))


def too_deep(most: int) -> Problems:
    """The text nests deeper than the limit."""
    return Problems((_at("rules.too_deep", (1, 1), most=most),))


def number_too_large(at: Position, text: str) -> Problems:
    """A number literal with more digits or a larger exponent than numbers have."""
    return Problems((_at("rules.number_too_large", at, text=text[:40]),))


def bad_date(at: Position, text: str) -> Problem:
    """A date literal that is no date."""
    return _at("rules.bad_date", at, text=text[:40])


def unknown_name(at: Position, name: str, ways: tuple[str, ...]) -> Problem:
    """A name that means nothing in the scope."""
    return _at("rules.unknown_name", at, ways, name=name)


def unknown_entry(at: Position, name: str, ways: tuple[str, ...]) -> Problem:
    """A path step that leads nowhere."""
    return _at("rules.unknown_entry", at, ways, name=name)


def unknown_function(at: Position, name: str, ways: tuple[str, ...]) -> Problem:
    """No function of this name."""
    return _at("rules.unknown_function", at, ways, name=name)


def wrong_argument_count(at: Position, function: str, expected: str, found: int) -> Problem:
    """A function got too many or too few arguments."""
    return _at("rules.wrong_argument_count", at, function=function, expected=expected, found=found)


def wrong_type(at: Position, expected: str, found: str) -> Problem:
    """A value of another type than this place needs."""
    return _at("rules.wrong_type", at, expected=expected, found=found)


def not_comparable(at: Position, left: str, right: str) -> Problem:
    """Two values that cannot be compared."""
    return _at("rules.not_comparable", at, left=left, right=right)


def no_operation(at: Position, operator: str, left: str, right: str) -> Problem:
    """An operator that these two types do not have."""
    return _at("rules.no_operation", at, operator=operator, left=left, right=right)


def not_in_sql(at: Position, part: str) -> Problem:
    """A part of an expression that the database cannot work out exactly."""
    return _at("rules.not_in_sql", at, part=part)


def twice(at: Position, name: str) -> Problem:
    """A context with two entries of one name."""
    return _at("rules.twice", at, name=name)


def may_be_empty(at: Position, part: str) -> Problem:
    """A part that may have no value, where the engine needs one."""
    return _at("rules.may_be_empty", at, part=part)


def may_divide_by_zero(at: Position, part: str) -> Problem:
    """A divisor that may be zero."""
    return _at("rules.may_divide_by_zero", at, part=part)


def table_wrong(place: str, found: str) -> Problem:
    """A part of a decision table that is missing or unknown."""
    return Problem("rules.table_wrong", place, {"line": 1, "column": 1, "found": found[:40]})


def table_row(place: str, inputs: int, outputs: int) -> Problem:
    """A rule of a decision table with too many or too few cells."""
    return Problem("rules.table_row", place, {"line": 1, "column": 1, "inputs": inputs, "outputs": outputs})


def table_too_large(rules: int, columns: int) -> Problem:
    """A decision table over the limit."""
    return Problem("rules.table_too_large", "", {"line": 1, "column": 1, "rules": rules, "columns": columns})


def rule_syntax(at: Position, found: str, ways: tuple[str, ...] = ()) -> Problems:
    """The text is no rule."""
    return Problems((_at("rules.rule_syntax", at, ways, found=found),))


def rule_text_too_long(most: int) -> Problems:
    """A rule file over the limit."""
    return Problems((_at("rules.rule_text_too_long", (1, 1), most=most),))


def too_many_rules(most: int) -> Problems:
    """More rules than one file may have."""
    return Problems((_at("rules.too_many_rules", (1, 1), most=most),))


def too_many_actions(at: Position, most: int) -> Problems:
    """More actions than one rule may have."""
    return Problems((_at("rules.too_many_actions", at, most=most),))
