"""Rule text → tokens. Words come in two languages; an expression is one token, and where it ends is found by FEEL's own lexer: at
depth zero, a word after an operand that joins nothing is the next word of the rule.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from engine.rules.dsl.words import CLOSING, EXPECTS_EXPRESSION, NAMES_FOLLOW, WORDS
from engine.rules.lexing import UnknownMark, bare_tokens

Part = tuple[str, str, int]
"""A token: its kind in rule_text.lark, its text, its offset."""

_WORD: Final = r"(?:[^\W\d]|[\U00010000-\U000EFFFF])(?:\w|[\U00010000-\U000EFFFF])*"
_SPELLED: Final = {spelling: token for token, spellings in WORDS.items() for spelling in spellings} | dict.fromkeys(
    CLOSING.values(), "CLOSING"
)


def _one_of(spellings: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(spellings, key=len, reverse=True)
    return re.compile("(?:" + "|".join(s.replace(" ", r"\s+") for s in longest_first) + r")(?!\w)")


_KEYWORD: Final = _one_of(_SPELLED)
_KEYWORD_BUT_WORKDAYS: Final = _one_of(s for s in _SPELLED if s != WORDS["WORKDAYS"][0])
_SKIP: Final = re.compile(r"(?:\s|;|；|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NAME: Final = re.compile(_WORD)
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BACKTICKED: Final = re.compile(r"`[^`\n]+`")
_MARKS: Final = {",": "COMMA", "，": "COMMA", "、": "COMMA", "=": "EQUALS"}
_OPENS: Final = frozenset(("_LPAR", "LBRACE", "_LSQB", "LIST_OPEN", "_RANGE_START"))
_CLOSES: Final = frozenset(("_RPAR", "_RBRACE", "_RSQB", "_RANGE_END"))
_OPERAND_ENDS: Final = frozenset(("NAME", "NUMBER", "STRING", "AT_STRING", "TRUE", "FALSE", "NULL")) | _CLOSES


class NotARule(Exception):
    """A mark that no token begins with, at an offset; never leaves this package's parser."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


def rule_tokens(text: str, start: int, end: int) -> Iterator[Part]:
    """The tokens of text[start:end]."""
    at, before = start, ""
    while True:
        skipped = _SKIP.match(text, at, end)
        at = skipped.end() if skipped else at
        if at >= end:
            return
        if before in EXPECTS_EXPRESSION:
            stop = _expression_end(text[at:end]) + at
            kind, value = "EXPRESSION", text[at:stop].rstrip()
            if not value:
                raise NotARule(at)
        else:
            kind, value, stop = _one(text, at, end, before)
        yield kind, value, at
        at, before = stop, kind


def _one(text: str, at: int, end: int, before: str) -> tuple[str, str, int]:
    # `on workdays` closes a schedule; elsewhere `on` stands before an expression, which may begin with any name.
    keyword = (_KEYWORD if before == "STRING" else _KEYWORD_BUT_WORKDAYS).match(text, at, end)
    if keyword and before not in NAMES_FOLLOW:
        return _SPELLED[" ".join(keyword[0].split())], keyword[0], keyword.end()
    for kind, pattern in (("STRING", _STRING), ("NAME", _BACKTICKED), ("NAME", _NAME)):
        found = pattern.match(text, at, end)
        if found:
            return kind, found[0].strip("`"), found.end()
    if text[at] in _MARKS:
        return _MARKS[text[at]], text[at], at + 1
    raise NotARule(at)


def _expression_end(text: str) -> int:
    """Where the expression that `text` begins with ends."""
    depth = thens = loops = 0
    before, end = "", 0
    try:
        for kind, value, at, _, _ in bare_tokens(text):
            if depth == 0 and _ends_before(kind, before, thens, loops):
                return at
            depth += (kind in _OPENS) - (kind in _CLOSES)
            thens += (kind == "IF") - (kind == "_THEN")
            loops += (kind in ("FOR", "QUANTIFIER")) - (kind in ("_RETURN", "_SATISFIES"))
            before, end = kind, at + len(value)
    except UnknownMark as unknown:
        return unknown.offset
    return max(end, len(text))


def _ends_before(kind: str, before: str, thens: int, loops: int) -> bool:
    if kind == "_THEN":
        return thens == 0
    if kind == "_COMMA":
        return loops == 0
    return before in _OPERAND_ENDS and (kind in ("NAME", "IF", "FOR") or kind == "STRING")
