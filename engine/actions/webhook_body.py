"""The body of a webhook as rules see it: numbers exact, and an entry that was not sent is empty rather than a mistake."""

import json
from decimal import Decimal
from typing import Any


class Sent(dict[str, Any]):
    """An object of the body. Other systems leave out what is empty; so every entry is there, and null where none was sent."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __missing__(self, name: str) -> None:
        return None


def read_webhook(text: str) -> Any:
    """The value of a body that was found to be JSON when it came in."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal, object_hook=Sent) if text else None
