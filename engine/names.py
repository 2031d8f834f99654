"""Names: what people call things, and what tables call them.

A name in JSON or FEEL may be of any script (NFC, at most 40 characters, unique after case folding, no FEEL keyword). A
physical id is given once, at first install, and never changes: renaming is metadata only, and a re-used name gets a new id.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

Text = Mapping[str, str]
"""Words for people: {language tag: text}, at least "en"."""

LANGUAGES: Final = ("en", "zh-CN")
NAME_MAX: Final = 40
KEYWORDS: Final = frozenset(
    [
        "and",
        "or",
        "not",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "true",
        "false",
        "null",
        "function",
        "instance",
        "of",
    ]
)
_NAME: Final = re.compile(r"[^\W\d]\w*\Z")


def is_name(text: str) -> bool:
    """May `text` name a form, field, state, …?"""
    return (
        len(text) <= NAME_MAX
        and _NAME.match(text) is not None
        and unicodedata.normalize("NFC", text) == text
        and text not in KEYWORDS
    )


def folded(name: str) -> str:
    """The form under which names must be unique."""
    return unicodedata.normalize("NFC", name).casefold()


def nearest(name: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """The known names that `name` was most likely meant to be, best first."""
    by_fold = {folded(k): k for k in known}
    return tuple(by_fold[m] for m in difflib.get_close_matches(folded(name), by_fold, n=most, cutoff=0.6))


def words(text: Text | None, language: str, otherwise: str = "") -> str:
    """`text` in `language`, else in English, else in any language, else `otherwise`."""
    if not text:
        return otherwise
    return text.get(language) or text.get("en") or next(iter(text.values()), otherwise)
