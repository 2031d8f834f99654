"""Cases as text: `## name`, then a line for each step. Empty lines and those that begin with # say nothing."""

from collections.abc import Iterator
from pathlib import Path


def read_cases(file: Path) -> Iterator[tuple[str, list[str]]]:
    """(name, lines) of each case of a file."""
    name, lines = "", list[str]()
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            if name:
                yield name, lines
            name, lines = line[3:], []
        elif line and not line.startswith("#"):
            lines.append(line)
    yield name, lines
