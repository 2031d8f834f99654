"""The problems of packs as files: what cannot be read, what has the wrong shape, what does not fit together."""

from engine.names import nearest
from engine.problems import Problem


def no_pack(folder: str) -> Problem:
    """The folder holds no pack.json."""
    return Problem("packs.no_pack", "", {"folder": folder}, file="pack.json")


def too_many_files(found: int, most: int) -> Problem:
    """More definitions than a pack may have."""
    return Problem("packs.too_many_files", "", {"found": found, "most": most})


def file_too_large(name: str, most: int) -> Problem:
    """A definition over the limit."""
    return Problem("packs.file_too_large", "", {"most": most}, file=name)


def not_utf8(name: str) -> Problem:
    """A file in another encoding."""
    return Problem("packs.not_utf8", "", {}, file=name)


def not_json(name: str, line: int, column: int) -> Problem:
    """A file that is not a JSON object."""
    return Problem("packs.not_json", "", {"line": line, "column": column}, file=name)


def member_twice(name: str, member: str) -> Problem:
    """A member stands twice in one object; one of the two would be lost."""
    return Problem("packs.member_twice", "", {"member": member}, file=name)


def unknown_file(name: str) -> Problem:
    """A JSON file in a place where packs have none."""
    return Problem("packs.unknown_file", "", {"name": name}, file=name)


def name_is_not_file(name: str, file: str) -> Problem:
    """A definition that names itself otherwise than its file."""
    return Problem("packs.name_is_not_file", "", {"name": name}, file=file)


def missing_member(name: str, place: str) -> Problem:
    """A member that must be there."""
    return Problem("packs.missing_member", place, {"name": name})


def unknown_member(name: str, place: str, known: tuple[str, ...]) -> Problem:
    """A member that means nothing there."""
    return Problem("packs.unknown_member", place, {"name": name}, ways=nearest(name, known))


def wrong_value(expected: str, found: str, place: str, ways: tuple[str, ...] = ()) -> Problem:
    """A value of the wrong type or not among those possible."""
    return Problem("packs.wrong_value", place, {"expected": expected, "found": found[:60]}, ways=ways)


def unknown_name(kind: str, name: str, known: tuple[str, ...], place: str) -> Problem:
    """A menu or home entry leads nowhere."""
    return Problem("packs.unknown_name", place, {"kind": kind, "name": name}, ways=nearest(name, known))


def type_changed(name: str, before: str, after: str) -> Problem:
    """A field that holds values cannot become another type in place."""
    return Problem("packs.type_changed", "", {"name": name, "before": before, "after": after})


def rule_twice(name: str) -> Problem:
    """Two rules of one name: their firings could not be told apart."""
    return Problem("packs.rule_twice", "", {"name": name})


def rule_each(event: str) -> Problem:
    """`each` with an event that concerns one record anyway."""
    return Problem("packs.rule_each", "", {"event": event})


def bad_cron(text: str) -> Problem:
    """A schedule that is no cron expression of five parts."""
    return Problem("packs.bad_cron", "", {"text": text[:40]})


def no_such_grain(wanted: str, known: tuple[str, ...]) -> Problem:
    """The register keeps no balance by these dimensions."""
    return Problem("packs.no_such_grain", "", {"wanted": wanted, "known": "; ".join(known)}, ways=known)


def balance_not_a_sum() -> Problem:
    """What a rule watches must be a sum of measures of one scale."""
    return Problem("packs.balance_not_a_sum", "", {})


def action_not_here(action: str, why: str) -> Problem:
    """An action that a rule of this event or phase cannot take."""
    return Problem(_NOT_HERE[why], "", {"action": action})


_NOT_HERE = {
    "before": "packs.action_not_after",
    "deleted": "packs.action_not_when_deleted",
    "record": "packs.action_not_without_record",
}


def not_a_message(found: str) -> Problem:
    """A message is text, or a context of texts by language."""
    return Problem("packs.not_a_message", "", {"found": found})


def not_a_record(found: str) -> Problem:
    """The value of a reference is wanted here."""
    return Problem("packs.not_a_record", "", {"found": found})


def field_not_for_rules(name: str) -> Problem:
    """A computed field, a number, or a sub-table: rules do not set it."""
    return Problem("packs.field_not_for_rules", "", {"name": name})


def rules_loop(way: str) -> Problem:
    """Rules that set each other off in a circle."""
    return Problem("packs.rules_loop", "", {"way": way})


def constraint_with_number(name: str) -> Problem:
    """A rule waits for a constraint that compares with a number other than zero."""
    return Problem("packs.constraint_with_number", "", {"name": name})


def register_changed(part: str) -> Problem:
    """A part of a register that its movements cannot follow."""
    return Problem("packs.register_changed", "", {"name": part})
