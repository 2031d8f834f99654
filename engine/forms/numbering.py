"""Numbering: the text of the next number of a sequence field."""

import re
from typing import Final

from engine.forms.definition import Field
from engine.forms.scopes import Planning

_SLOT: Final = re.compile(r"\{(yyyy|yy|mm|dd|0+)\}")


def next_number(f: Field, planning: Planning) -> str:
    """The next number by the field's pattern. It counts within what the pattern's date parts say today, so it starts again with them;
    more digits than the zeros widen it."""
    today = planning.moment.today
    parts = {
        "yyyy": f"{today.year:04}",
        "yy": f"{today.year % 100:02}",
        "mm": f"{today.month:02}",
        "dd": f"{today.day:02}",
    }
    pattern = f.options.get("pattern", "{0000}")
    dated = _SLOT.sub(lambda m: parts.get(m[1], m[0]), pattern)
    count = planning.numbers.next(f"{f.id}:{dated}")
    return _SLOT.sub(lambda m: str(count).zfill(len(m[1])), dated)
