"""Where things are in a clone."""

import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
VENV: Final = ROOT / ".venv"
CACHE: Final = ROOT / ".cache"
DESIGNER: Final = ROOT / "designer"
STATIC: Final = ROOT / "engine" / "web" / "static"
PYTHON: Final = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_clone() -> bool:
    """Is this a clone (and not an installed wheel)?"""
    return (ROOT / "pyproject.toml").is_file() and (ROOT / "requirements").is_dir()


def in_environment() -> bool:
    """Does this process run in the clone's own environment?"""
    return Path(sys.prefix).resolve() == VENV.resolve()


def digest(*files: Path) -> str:
    """One digest of the contents of files."""
    total = sha256()
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)
