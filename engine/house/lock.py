"""Writes requirements/*.lock from what is installed in the environment: `python -m engine.house.lock`, after changing pyproject.toml."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

from engine.house.places import ROOT


def closure(roots: list[str]) -> dict[str, str]:
    """{name: version} of packages and everything they need here."""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        requirement = waiting.pop()
        match = re.match(r"([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?", requirement)
        assert match is not None
        name, extras = match[1].lower().replace("_", "-"), set((match[2] or "").replace(" ", "").split(","))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        is_new = name not in found
        found[name] = installed.version
        for needed in installed.requires or ():
            marker = needed.partition(";")[2]
            extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", marker)
            if (extra is None and is_new and "python_version <" not in marker) or (
                extra is not None and extra[1] in extras
            ):
                waiting.append(needed)
    return found


def main() -> None:
    """Write the lock files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    run = closure(project["dependencies"])
    for lock, roots in {"run": project["dependencies"], **project["optional-dependencies"]}.items():
        pinned = {name: version for name, version in closure(roots).items() if lock == "run" or name not in run}
        lines = [f"{name}=={version}" for name, version in sorted(pinned.items())]
        (ROOT / "requirements" / f"{lock}.lock").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
