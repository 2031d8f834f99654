"""texts: every message, zh-CN and en, one catalogue for web, command line and designer. Data, and the one function that reads it."""

import json
import re
import string
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from engine.names import words
from engine.problems import Problem


def wording(problem: Problem, language: str) -> tuple[str, str]:
    """(title, hint) of a problem. Its own text, written by an admin, wins as title. A slot without a value stays visible as its name."""
    entry = problem_texts().get(problem.code, {})
    texts = entry.get(language) or entry.get("en") or {"title": problem.code, "hint": ""}
    slots = _Slots({name: _shown(value, language) for name, value in problem.params.items()})
    title = words(problem.text, language) or string.Formatter().vformat(texts["title"], (), slots)
    return title, string.Formatter().vformat(texts["hint"], (), slots)


@cache
def problem_texts() -> Mapping[str, Any]:
    """All problems: {code: {language: {"title", "hint"}, "about"}}."""
    found: dict[str, Any] = {}
    for file in sorted(files("engine.texts").joinpath("problems").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".json"):
            found |= json.loads(file.read_text(encoding="utf-8"))
    return found


_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _shown(value: Any, language: str) -> str:
    """A value in the reader's language; a day as the web app writes it."""
    day = _DAY.fullmatch(str(value)) if isinstance(value, str | date) else None
    if day and 1 <= int(day[2]) <= len(_MONTHS):
        year, month, number = day[1], int(day[2]), int(day[3])
        return f"{year}年{month}月{number}日" if language == "zh-CN" else f"{_MONTHS[month - 1]} {number}, {year}"
    if isinstance(value, Mapping):
        return (
            words(value, language)
            if set(value) & {"en", "zh-CN"} or not value
            else ", ".join(f"{k}: {v}" for k, v in value.items())
        )
    return str(value)


class _Slots(dict[str, str]):
    """Values of slots; a missing one shows its name instead of failing."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
