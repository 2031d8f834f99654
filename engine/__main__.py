"""`python3 -m engine`: makes the environment, then hands over to the command line in it. Standard library only."""

import os
import sys

from engine.house.places import PYTHON, ROOT, in_environment, is_clone

NEED_TESTS = ("test", "bench", "dev")
NEED_NOTHING_MORE = ("version", "--version", "-h", "--help", "check")


def main() -> None:
    """Run the program, in the clone's environment."""
    if is_clone() and (not in_environment() or not (ROOT / ".venv" / ".run.stamp").is_file()):
        _prepare(sys.argv[1] if len(sys.argv) > 1 else "run")
        os.execv(PYTHON, [str(PYTHON), "-m", "engine.cli", *sys.argv[1:]])
    from engine.cli import main as program

    program()


def _prepare(verb: str) -> None:
    from engine.house.environment import make_environment
    from engine.house.node import build_web

    os.chdir(ROOT)
    make_environment("run", *(("build", "test") if verb in NEED_TESTS else ()))
    if verb not in NEED_NOTHING_MORE and "--help" not in sys.argv:
        build_web()


main()
