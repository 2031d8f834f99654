"""Regular expressions of XPath (Functions and Operators §5.6, XML Schema part 2 appendix F), as matches(), replace() and split() take
them, read strictly and written as patterns of the `regex` package. What XPath does not have (looks, `\\b`, `a++`) is no pattern.
"""

import re
from functools import lru_cache
from typing import Final

import regex

from engine.rules.limits import PATTERN_MAX
from engine.rules.runtime import Fault

_TOKEN: Final = re.compile(
    r"""(?P<escape>\\(?:[pP]\{[^}]*\}|[0-9]+|.))|(?P<set>\[)|(?P<repeat>(?:[?*+]|\{[0-9]+(?:,[0-9]*)?\})\??)
    |(?P<open>\((?:\?:)?)|(?P<close>\))|(?P<mark>[|^$.])|(?P<plain>[^\\\[\](){}?*+|^$.])""",
    re.VERBOSE | re.DOTALL,
)
_ITEM: Final = re.compile(r"\\(?:[pP]\{[^}]*\}|.)|[^\\\[\]]", re.DOTALL)
_CATEGORY: Final = re.compile(
    r"L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cofn]?|Is[A-Za-z0-9-]+", re.ASCII
)
_SETS: Final = {
    "d": r"\p{Nd}",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
    "s": r" \t\n\r",
    "i": r"\p{L}_:",
    "c": r"\p{L}\p{M}\p{N}_:.\-\u00B7",
}
"""The characters of `\\d` and the like; `\\i` and `\\c` are those that begin an XML name, and all of one."""
_CONTROLS: Final = {"n": r"\n", "r": r"\r", "t": r"\t"}
_ESCAPED: Final = frozenset("\\|.?*+(){}-[]^$")


@lru_cache(maxsize=500)
def pattern(text: str, flags: str) -> "regex.Pattern[str] | None":
    """A pattern of XPath with its flags (`s`, `m`, `i`, `x`, `q`); None when it is none."""
    if len(text) > PATTERN_MAX:
        raise Fault("LIMIT_EXCEEDED")
    if any(f not in "smixq" for f in flags):
        return None
    options = (regex.DOTALL if "s" in flags else 0) | (regex.IGNORECASE if "i" in flags else 0)
    try:
        written = (
            regex.escape(text) if "q" in flags else _Reader(_squeezed(text) if "x" in flags else text, flags).all()
        )
        return regex.compile(written, regex.VERSION0 | options)
    except (NoPattern, regex.error, RecursionError, OverflowError):
        return None


class NoPattern(Exception):
    """The text is no pattern; never leaves this module."""


def _squeezed(text: str) -> str:
    """The text without its white space outside of sets: the flag `x`."""
    kept: list[str] = []
    depth, escaped = 0, False
    for mark in text:
        if not depth and mark in " \t\n\r":
            continue
        kept.append(mark)
        if not escaped:
            depth += (mark == "[") - (mark == "]")
        escaped = mark == "\\" and not escaped
    return "".join(kept)


class _Reader:
    def __init__(self, text: str, flags: str) -> None:
        self.text, self.at = text, 0
        self.any_case, self.lines = "i" in flags, "m" in flags
        self.groups = 0
        self.open: list[int] = []  # the numbers of the groups that are open; 0 has none
        self.closed: set[int] = set()

    def all(self) -> str:
        """The whole text as a pattern of ours."""
        out: list[str] = []
        repeatable = False
        while self.at < len(self.text):
            match = _TOKEN.match(self.text, self.at)
            if match is None:
                raise NoPattern
            self.at = match.end()
            kind, found = str(match.lastgroup), match[0]
            if kind == "repeat" and not repeatable:
                raise NoPattern
            out.append(self._written(kind, found))
            repeatable = kind in ("escape", "set", "close", "plain") or found == "."
        if self.open:
            raise NoPattern
        return "".join(out)

    def _written(self, kind: str, found: str) -> str:
        match kind:
            case "escape":
                return self._reference(found[1:]) if found[1] in "0123456789" else self._escape(found)
            case "set":
                return self._set()
            case "open":
                self.groups += found == "("
                self.open.append(self.groups if found == "(" else 0)
                return found
            case "close":
                if not self.open:
                    raise NoPattern
                self.closed.add(self.open.pop())
                return found
            case "mark" if found in "^$":
                return self._anchor(found)
            case "plain":
                return str(regex.escape(found))
        return found

    def _anchor(self, mark: str) -> str:
        """`$` is no place before a last newline, and with `m` there is no line behind it."""
        if mark == "^":
            return r"(?:\A|(?<=\n)(?!\Z))" if self.lines else r"\A"
        return r"(?:(?=\n)|\Z)" if self.lines else r"\Z"

    def _reference(self, digits: str) -> str:
        """A group that took no part is empty text; as many digits as there are groups for."""
        known = [n for n in range(1, len(digits) + 1) if int(digits[:n]) in self.closed - {0}]
        if not known:
            raise NoPattern
        group, rest = digits[: known[-1]], digits[known[-1] :]
        return f"(?({group})\\{group}|){rest}"

    def _escape(self, found: str) -> str:
        """One escape, outside of a set or as a part of one. A category is as it is, whatever the flag `i` says."""
        single = _single(found)
        if single is not None:
            return single
        letter = found[1]
        if letter in "pP":
            return f"(?-i:{_category(found)})" if self.any_case else _category(found)
        known = _SETS.get(letter.lower())
        if known is None:
            raise NoPattern
        return f"[{'' if letter.islower() else '^'}{known}]"

    def _set(self) -> str:
        """A set whose `[` is read: characters, ranges and classes, perhaps less another set (`[a-z-[aeiou]]`)."""
        negative = self._take("^")
        characters: list[str] = []
        classes: list[str] = []
        without = ""
        while not self._take("]"):
            if (characters or classes) and self._take("-["):
                without = self._set()
                if not self._take("]"):
                    raise NoPattern
                break
            self._item(characters, classes)
        if not characters and not classes:
            raise NoPattern
        if classes:
            made = "(?:" + "|".join([f"[{''.join(characters)}]"] * bool(characters) + classes) + ")"
            made = f"(?:(?!{made})[\\s\\S])" if negative else made
        else:
            made = f"[{'^' if negative else ''}{''.join(characters)}]"
        return f"(?:(?!{without}){made})" if without else made

    def _take(self, mark: str) -> bool:
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) * found
        return found

    def _item(self, characters: list[str], classes: list[str]) -> None:
        """One character, range or class of a set."""
        first = self._character()
        low = _single(first)
        if low is None:
            classes.append(self._escape(first))
            return
        if not self.text.startswith("-", self.at) or self.text[self.at + 1 : self.at + 2] in ("]", "["):
            characters.append(low)
            return
        self.at += 1
        high = _single(self._character())
        if high is None:
            raise NoPattern
        characters.append(f"{low}-{high}")

    def _character(self) -> str:
        match = _ITEM.match(self.text, self.at)
        if match is None:
            raise NoPattern
        self.at = match.end()
        return match[0]


def _single(found: str) -> str | None:
    """A found that is one character, as it is written in a pattern of ours; None for a class of characters."""
    if found[0] != "\\":
        return str(regex.escape(found))
    return _CONTROLS.get(found[1]) or (found if found[1] in _ESCAPED else None)


def _category(found: str) -> str:
    """`\\p{…}` of a general category, or of a block (`\\p{IsBasicLatin}`)."""
    name = found[3:-1]
    if len(found) < 4 or _CATEGORY.fullmatch(name) is None:
        raise NoPattern
    return f"{found[:3]}{'In' + name[2:].replace('-', '') if name.startswith('Is') else name}}}"
