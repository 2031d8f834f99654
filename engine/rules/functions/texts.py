"""Functions of strings (DMN 1.5 §10.3.4.3). Positions and lengths count code points."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import regex

from engine.rules.functions.kinds import built_in
from engine.rules.limits import PATTERN_MAX, PATTERN_SECONDS, STRING_MAX
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


_REFERENCE_IN_CLASS: Final = re.compile(r"(?<!\\)\[[^\]]*\\\d")
_NOT_XPATH: Final = re.compile(r"(?<!\\)(?:\\\\)*\(\?(?!:)")
"""Flags, names and looks within a pattern: XPath has only `(?:…)`."""
_XPATH_ESCAPE: Final = re.compile(r"\\\\|\\([icIC])|\\([pP])\{Is([^}]+)\}|(\[)|(\])")
_XPATH_CLASSES: Final = {"i": r"\p{L}_:", "c": r"\p{L}\p{M}\p{N}_:.\-\u00B7"}
"""The characters of XML names (XML Schema part 2, F.1.1): those that begin one, and all."""


@lru_cache(maxsize=500)
def pattern(text: str, flags: str) -> "regex.Pattern[str] | None":
    """An XPath regular expression (F&O §5.6) as one of ours; None when it is none."""
    if len(text) > PATTERN_MAX:
        raise Fault("LIMIT_EXCEEDED")
    if any(f not in "smixq" for f in flags):
        return None
    if "q" not in flags:
        if _REFERENCE_IN_CLASS.search(text) or _NOT_XPATH.search(text):
            return None
        text = _without_xpath_escapes(text)
    options = regex.VERSION1 if "-[" in text else regex.VERSION0
    for flag, option in (("s", regex.DOTALL), ("m", regex.MULTILINE), ("i", regex.IGNORECASE)):
        options |= option if flag in flags else 0
    if "q" in flags:
        text = regex.escape(text)
    elif "x" in flags:
        text = re.sub(r"(\[[^\]]*\])|\s+", lambda m: m[1] or "", text)
    # In XPath, "$" is the end of the text, not also the place before a last newline; and -[…] subtracts from a class.
    if "m" not in flags and "q" not in flags:
        text = re.sub(
            r"(\\.)|(\[(?:\\.|[^\]])*\])|\$", lambda m: m[0] if m[1] or m[2] else r"\Z", text, flags=re.DOTALL
        )
    if "-[" in text and "q" not in flags:
        text = text.replace("-[", "--[")
    try:
        return regex.compile(text, options)
    except (regex.error, RecursionError, OverflowError):
        return None


def _without_xpath_escapes(text: str) -> str:
    """`\\i`, `\\c` and `\\p{IsBlock}`, which only XPath has, written out."""
    depth = 0

    def put(match: "re.Match[str]") -> str:
        nonlocal depth
        depth += bool(match[4]) - bool(match[5])
        if match[1]:
            inner = _XPATH_CLASSES[match[1].lower()]
            if depth and match[1].islower():
                return inner
            return f"[{'' if match[1].islower() else '^'}{inner}]"
        return f"\\{match[2]}{{In{match[3].replace('-', '')}}}" if match[3] else match[0]

    return _XPATH_ESCAPE.sub(put, text)


def _matches(text: str, wanted: str, flags: str | None = None) -> bool | None:
    found = pattern(wanted, flags or "")
    if found is None:
        return None
    try:
        return found.search(text, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        raise Fault("LIMIT_EXCEEDED") from None


def _replace(text: str, wanted: str, replacement: str, flags: str | None = None) -> str | None:
    found = pattern(wanted, flags or "")
    if found is None or re.search(r"(?<!\\)(?:\\\\)*(\\[^$\\]|\$(?!\d))", replacement):
        return None
    put = replacement if "q" in (flags or "") else _template(replacement, found.groups)
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
    found = pattern(delimiter, "")
    if found is None:
        return None
    try:
        if not found.groups:
            return list(found.splititer(text, timeout=PATTERN_SECONDS))
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
