"""All 202,696 stock transactions of AdventureWorks through the import, checked against a sum over the CSV."""

import os
import subprocess
import sys

from tests.support.pack_site import ROOT


def main() -> None:
    """The test of the same name, on all rows."""
    environment = {**os.environ, "DOUGONG_ADVENTUREWORKS_ROWS": "1000000"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-s", "tests/scenarios/test_adventureworks.py"],
        cwd=ROOT,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.returncode)
