"""Functions of strings (DMN 1.5 §10.3.4.3). Positions and lengths count code points."""

import re
from decimal import Decimal
from typing import Any, Final

from engine.rules.functions.kinds import built_in
from engine.rules.functions.patterns import pattern
from engine.rules.limits import PATTERN_SECONDS, STRING_MAX
from engine.rules.runtime import Fault
from engine.rules.showing import show
from engine.rules.types import BOOLEAN, NUMBER, TEXT, list_of
from engine.values import read_decimal


def _substring(text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    first = int(start)
    if first == 0 or (length is not None and length < 1):
        return None
    begin = first - 1 if first > 0 else len(text) + first
    if not 0 <= begin < max(len(text), 1):
        return "" if first > 0 else None
    return text[begin:] if length is None else text[begin : begin + int(length)]


def _substring_before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


def _substring_after(text: str, match: str) -> str:
    return text if not match else text.partition(match)[2]


_NUMBER: Final = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def _number(text: str, grouping: str | None = None, point: str | None = None) -> Decimal | None:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping and grouping == point):
        return None
    if grouping:
        text = text.replace(grouping, "")
    if point:
        text = text.replace(point, ".")
    return read_decimal(text) if _NUMBER.fullmatch(text) else None


def _join(items: list[Any], delimiter: str | None = None) -> str | None:
    parts = [i for i in items if i is not None]
    return _limited((delimiter or "").join(parts))


def _limited(text: str) -> str:
    if len(text) > STRING_MAX:
        raise Fault("LIMIT_EXCEEDED")
    return text


def _matches(text: str, wanted: str, flags: str | None = None) -> bool | None:
    found = pattern(wanted, flags or "")
    if found is None:
        return None
    try:
        return found.search(text, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        raise Fault("LIMIT_EXCEEDED") from None


_REPLACEMENT: Final = re.compile(r"(?:[^\\$]|\\[\\$]|\$\d)*", re.DOTALL)


def _separating(wanted: str, flags: str) -> Any:
    """A pattern that cuts a text up; None for one that matches nothing at all (F&O §5.6.3), too."""
    found = pattern(wanted, flags)
    return None if found is None or found.search("") is not None else found


def _replace(text: str, wanted: str, replacement: str, flags: str | None = None) -> str | None:
    found, literally = _separating(wanted, flags or ""), "q" in (flags or "")
    if found is None or not (literally or _REPLACEMENT.fullmatch(replacement)):
        return None
    put = (lambda _: replacement) if literally else _template(replacement, found.groups)
    try:
        return _limited(found.sub(put, text, timeout=PATTERN_SECONDS))
    except TimeoutError:
        raise Fault("LIMIT_EXCEEDED") from None


def _template(replacement: str, groups: int) -> Any:
    """`$1` is a group (as many digits as there are groups for), `\\$` a dollar sign."""
    parts: list[str | int] = []
    for match in re.finditer(r"\\(.)|\$(\d+)|([^\\$]+)", replacement):
        if match[2]:
            digits = match[2]
            while len(digits) > 1 and int(digits) > groups:
                digits = digits[:-1]
            parts += [int(digits), match[2][len(digits) :]]
        else:
            parts.append(match[1] or match[3])

    def put(found: Any) -> str:
        return "".join(p if isinstance(p, str) else (found[p] or "") if p <= groups else "" for p in parts)

    return put


def _split(text: str, delimiter: str) -> list[str] | None:
    found = _separating(delimiter, "")
    if found is None:
        return None
    try:
        parts, begin = [], 0
        for match in found.finditer(text, timeout=PATTERN_SECONDS):
            parts.append(text[begin : match.start()])
            begin = match.end()
    except TimeoutError:
        raise Fault("LIMIT_EXCEEDED") from None
    return [*parts, text[begin:]]


_MATCH: Final = "string: text, match: text"

FUNCTIONS: Final = (
    built_in("string", "from: any", TEXT, show),
    built_in("number", "from: text, [grouping separator: text?], [decimal separator: text?]", NUMBER, _number),
    built_in("string length", "string: text", NUMBER, lambda t: Decimal(len(t)), sql=True),
    built_in("upper case", "string: text", TEXT, str.upper),
    built_in("lower case", "string: text", TEXT, str.lower),
    built_in("substring", "string: text, start position: number, [length: number]", TEXT, _substring),
    built_in("substring before", _MATCH, TEXT, _substring_before),
    built_in("substring after", _MATCH, TEXT, _substring_after),
    built_in("contains", _MATCH, BOOLEAN, lambda t, m: m in t, sql=True),
    built_in("starts with", _MATCH, BOOLEAN, str.startswith, sql=True),
    built_in("ends with", _MATCH, BOOLEAN, str.endswith, sql=True),
    built_in("trim", "string: text", TEXT, str.strip),
    built_in("string join", "list: list<text>, [delimiter: text?]", TEXT, _join),
    built_in("matches", "input: text, pattern: text, [flags: text?]", BOOLEAN, _matches, browser=False),
    built_in("replace", "input: text, pattern: text, replacement: text, [flags: text?]", TEXT, _replace, browser=False),
    built_in("split", "string: text, delimiter: text", list_of(TEXT), _split, browser=False),
)
