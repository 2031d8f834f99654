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
