"""Text → tokens. FEEL's grammar is not regular: what a bracket or a word is depends on what came before and on which names with spaces
are known (DMN 1.5 §10.3.1.2, §10.3.1.5). All of that is decided here, so that the grammar behind it can be LALR(1).
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from engine.rules.functions import SPACED_NAMES
from engine.rules.types import SPACED_TYPES

SPACED_PROPERTIES: Final = ("time offset", "start included", "end included")
_KEYWORDS: Final = {
    "if": "IF", "then": "_THEN", "else": "_ELSE", "for": "FOR", "in": "_IN", "return": "_RETURN", "some": "QUANTIFIER",
    "every": "QUANTIFIER", "satisfies": "_SATISFIES", "and": "AND", "or": "OR", "between": "_BETWEEN", "true": "TRUE",
    "false": "FALSE", "null": "NULL", "external": "EXTERNAL",
}  # fmt: skip
_MARKS: Final = {
    "**": "POWER", "->": "_ARROW", "..": "_DOTDOT", "<=": "COMPARE", ">=": "COMPARE", "!=": "COMPARE", "=": "COMPARE", "<": "LT", ">": "GT",
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", ".": "_DOT", ",": "_COMMA", ":": "_COLON", "(": "_LPAR", ")": "_RPAR",
    "{": "LBRACE", "}": "_RBRACE",
}  # fmt: skip
_OPERAND_ENDS: Final = frozenset(
    ("NAME", "NUMBER", "STRING", "AT_STRING", "TRUE", "FALSE", "NULL", "_RPAR", "_RSQB", "_RBRACE", "_RANGE_END")
)
_BEFORE_KEY: Final = frozenset(("LBRACE", "_COMMA", "_LPAR"))
_BEFORE_TYPE: Final = frozenset(("_INSTANCE_OF", "_COLON", "LT", "_ARROW", "_COMMA"))

_LETTER: Final = r"(?:[^\W\d]|[?\U00010000-\U000EFFFF])"
_WORD: Final = rf"{_LETTER}(?:\w|[?\U00010000-\U000EFFFF])*"
_TOKEN: Final = re.compile(
    rf"""(?P<skip>(?:[\s\u180e\u200b\ufeff]|//[^\n]*|/\*.*?\*/)+)
    |(?P<NUMBER>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<STRING>"(?:[^"\\]|\\.)*")
    |(?P<AT_STRING>@"[^"\n]*")
    |(?P<BACKTICKED>`[^`\n]+`)
    |(?P<_INSTANCE_OF>instance\s+of\b)
    |(?P<NAME>{_WORD})
    |(?P<mark>\*\*|->|\.\.|<=|>=|!=|[-+*/.,:(){{}}<>=])
    |(?P<square>[\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_KEY: Final = re.compile(rf"{_LETTER}[^:{{}}\[\](),\"`]*?(?=\s*:)")
_DECLARED: Final = re.compile(
    rf"""(?:[{{,(]\s*(?:"((?:[^"\\\n]|\\.)+)"|({_LETTER}[^:{{}}\[\](),"`]*?))\s*:)|(?:\b(?:for|some|every)\s+|,\s*)({_LETTER}[^:{{}}\[\](),"`]*?)\s+in\b"""
)
_ENDS_RANGE: Final = re.compile(
    r"\s*(?:[)\]},=*/+]|\.(?!\d)|!=|<|>|and\b|or\b|then\b|else\b|return\b|satisfies\b|in\b|$)"
)
_OPENS_RANGE: Final = re.compile(
    r"""\s*(?:[\d"@]|(?!and\b|or\b|in\b|between\b|instance\b|then\b|else\b|return\b|satisfies\b)[^\W\d])"""
)
"""Behind `[]`: what cannot follow an empty list, so that the `]` begins a range that is the first element (`[]2..4], …]`)."""
_PLAIN: Final = re.compile(rf"{_WORD}\Z")
_SPACED_CALL: Final = re.compile("(?:" + "|".join(n.replace(" ", r"\s+") for n in SPACED_NAMES) + r")(?=\s*\()")
_SPACED_TYPE: Final = re.compile("(?:" + "|".join(n.replace(" ", r"\s+") for n in SPACED_TYPES) + r")\b")


Part = tuple[str, str, int, int, int]
"""A token: its kind in grammar.lark, its text, its offset, and its line and column from 1."""


class UnknownMark(Exception):
    """A character that no token begins with; never leaves this package's parser."""

    def __init__(self, offset: int, line: int, column: int) -> None:
        super().__init__()
        self.offset, self.line, self.column = offset, line, column


def tokens(text: str, names: Iterable[str] = (), *, tests: bool = False) -> Iterator[Part]:
    """The tokens of `text`. `names` are the known names; only those that are no plain words matter. `tests`: a cell of a table."""
    return _Lexer(text, _known(text, names), tests).run()


def bare_tokens(text: str) -> Iterator[Part]:
    """The tokens of `text`, which may hold more than one expression: no names that it declares itself, only plain ones."""
    return _Lexer(text, _names_pattern(frozenset()), tests=False).run()


def _known(text: str, names: Iterable[str]) -> re.Pattern[str] | None:
    """What finds names that are not one word: those given, those the text itself declares, and properties."""
    found = {n for n in names if not _PLAIN.match(n)}
    for match in _DECLARED.finditer(text):
        name = match[1] or match[2] or match[3]
        if not _PLAIN.match(name) and "\n" not in name and (match[1] or _KEYWORDS.keys().isdisjoint(name.split())):
            found.add(" ".join(name.split()))
    return _names_pattern(frozenset(found))


@lru_cache(maxsize=1_000)
def _names_pattern(names: frozenset[str]) -> re.Pattern[str] | None:
    ordered = sorted({*names, *SPACED_PROPERTIES}, key=len, reverse=True)
    return re.compile(
        "(?:" + "|".join(r"\s+".join(map(re.escape, n.split())) for n in ordered if n.split()) + r")(?!\w)"
    )


class _Lexer:
    def __init__(self, text: str, known: re.Pattern[str] | None, tests: bool) -> None:
        self.text = text
        self.known = known
        self.tests = tests
        self.before = ""
        self.open: list[list[bool]] = []  # one for each open bracket: has it a ".." in it?
        self.line, self.line_start, self.counted = 1, 0, 0

    def run(self) -> Iterator[Part]:
        """One token after another."""
        text, at, end = self.text, 0, len(self.text)
        while at < end:
            name = self._name_at(at)
            if name is not None:
                yield self._token("NAME", " ".join(name.split()), at)
                at += len(name)
                continue
            match = _TOKEN.match(text, at)
            if match is None:
                self._place(at)
                raise UnknownMark(at, self.line, at - self.line_start + 1)
            kind, value = str(match.lastgroup), match[0]
            if kind != "skip":
                if kind == "mark":
                    kind = self._mark(value)
                elif kind == "square":
                    kind = self._square(value, match.end())
                elif kind == "NAME":
                    kind, value = self._word(value, match.end())
                elif kind == "BACKTICKED":
                    kind, value = "NAME", value[1:-1]
                yield self._token(kind, value, at)
            at = match.end() if kind != "_NOT_TESTS" else text.index("(", match.end()) + 1

    def _name_at(self, at: int) -> str | None:
        """A name of several words that begins here."""
        mark = self.text[at]
        if not (mark.isalpha() or mark in "_?" or mark > "\uffff"):
            return None
        if self.known is not None and (found := self.known.match(self.text, at)) is not None:
            return found[0]
        if (found := _SPACED_CALL.match(self.text, at)) is not None:
            return found[0]
        if self.before in _BEFORE_TYPE and (found := _SPACED_TYPE.match(self.text, at)) is not None:
            return found[0]
        if self.before in _BEFORE_KEY and (found := _KEY.match(self.text, at)) is not None:
            return found[0]
        return None

    def _token(self, kind: str, value: str, at: int) -> Part:
        self._place(at)
        self.before = kind
        return kind, value, at, self.line, at - self.line_start + 1

    def _place(self, at: int) -> None:
        newlines = self.text.count("\n", self.counted, at)
        if newlines:
            self.line += newlines
            self.line_start = self.text.rindex("\n", self.counted, at) + 1
        self.counted = at

    def _word(self, word: str, end: int) -> tuple[str, str]:
        if self.before == "_DOT":
            return "NAME", word
        if word == "function" and self.text[end:].lstrip()[:1] == "(":
            return "FUNCTION", word
        if word == "not" and self.tests and not self.before and self._wraps_all(end):
            self.open.append([False])
            return "_NOT_TESTS", word
        return _KEYWORDS.get(word, "NAME"), word

    def _wraps_all(self, end: int) -> bool:
        """Is the rest one pair of brackets? (`not(1, 2)`, but not `not(a) and b`.)"""
        rest = self.text[end:].strip()
        depth = 0
        for at, mark in enumerate(rest):
            depth += (mark == "(") - (mark == ")")
            if depth == 0:
                return mark == ")" and at == len(rest) - 1
        return False

    def _mark(self, mark: str) -> str:
        if mark in "({":
            self.open.append([False])
        elif mark in ")}":
            del self.open[-1:]
        elif mark == ".." and self.open:
            self.open[-1][0] = True
        return _MARKS[mark]

    def _square(self, mark: str, end: int) -> str:
        after_operand = self.before in _OPERAND_ENDS
        if mark == "]":
            if after_operand or (self.before == "LIST_OPEN" and not _OPENS_RANGE.match(self.text, end)):
                del self.open[-1:]
                return "_RSQB"
            self.open.append([False])
            return "_RANGE_START"
        if after_operand and self.open and self.open[-1][0] and _ENDS_RANGE.match(self.text, end):
            self.open.pop()
            return "_RANGE_END"
        self.open.append([False])
        return "_LSQB" if after_operand else "LIST_OPEN"
