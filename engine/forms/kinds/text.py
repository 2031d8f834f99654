"""text: words in one or several lines. Sequence: a text that the engine writes."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from engine.forms.definition import Field
from engine.forms.kinds.kind import refused
from engine.forms.kinds.plain import PlainKind

TEXT_MAX: Final = 10_000
"""Characters of a text field that declares no `max`."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class TextKind(PlainKind):
    """A text: NFC, trimmed, without control characters; empty is no value."""

    name = "text"

    def parse(self, field: Field, wire: Any) -> Any:
        """See FieldKind. Options: max (characters), pattern (the whole text must match), multiline."""
        if not isinstance(wire, str):
            return refused("not_a_text")
        text = unicodedata.normalize("NFC", wire).strip()
        most = field.options.get("max", TEXT_MAX)
        if len(text) > most:
            return refused("text_too_long", most=most, found=len(text))
        if _CONTROL.search(text) or _lone_surrogate(text):
            return refused("text_has_control_characters")
        if "\n" in text and not field.options.get("multiline"):
            text = " ".join(text.split())
        pattern = field.options.get("pattern")
        if pattern and text and re.fullmatch(pattern, text) is None:
            return refused("pattern_not_matched", pattern=pattern)
        return text or None

    def json_schema(self, field: Field) -> Mapping[str, Any]:
        """See FieldKind."""
        schema: dict[str, Any] = {"type": "string", "maxLength": field.options.get("max", TEXT_MAX)}
        if "pattern" in field.options:
            schema["pattern"] = f"^(?:{field.options['pattern']})$"
        return schema


class SequenceKind(TextKind):
    """A number such as SO-2026-0001, drawn when the record is made. `pattern` has {yyyy} {yy} {mm} {dd} and zeros {0000}; numbers
    start again when the date part changes, and widen rather than wrap."""

    name = "sequence"


def _lone_surrogate(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text)
