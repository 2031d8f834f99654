"""The Python environment of a clone: made once, brought up to date when a lock file changes."""

import os
import subprocess
import sys

from engine.house.places import PYTHON, ROOT, VENV, digest, say


def make_environment(*locks: str) -> None:
    """An environment with the packages of these lock files (requirements/<name>.lock)."""
    if sys.version_info < (3, 11):  # noqa: UP036  # said here in words, before anything fails in odder ways
        raise SystemExit("Dougong needs Python 3.11 or newer.")
    if not PYTHON.exists():
        say("Making the environment (.venv)")
        _make_venv()
    for lock in locks:
        _install(lock)


def _make_venv() -> None:
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SystemExit(
            f"The environment could not be made:\n{made.stdout}{made.stderr}\n"
            f"On Debian and Ubuntu, run first:  apt install python{version}-venv"
        )


def _install(lock: str) -> None:
    file, stamp = ROOT / "requirements" / f"{lock}.lock", VENV / f".{lock}.stamp"
    wanted = digest(file)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say(f"Installing packages ({lock}); this takes a while the first time")
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--no-deps",
        "-r",
        str(file),
    ]
    if subprocess.run(command, check=False, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}).returncode != 0:
        raise SystemExit(
            "The packages could not be installed; the reason stands above. Try again when the network answers."
        )
    _point_to_clone()
    stamp.write_text(wanted)


def _point_to_clone() -> None:
    """`import engine` in the environment means this clone."""
    packages = next((VENV / "lib").glob("python3*/site-packages"), VENV / "Lib" / "site-packages")
    (packages / "dougong.pth").write_text(f"{ROOT}\n")
