"""bench: benchmarks, each against a floor or a peer in the same run."""

import subprocess
import sys

import click

from engine.house.places import ROOT, is_clone


@click.command("bench")
@click.argument("names", nargs=-1)
def command(names: tuple[str, ...]) -> None:
    """Run the benchmarks of tests/bench, or only NAMES (rules, posting, structures, replenishment, ledger_reads, ledger_rebuild, tryton, adventureworks)."""
    if not is_clone():
        raise click.ClickException("Benchmarks run in a clone of the repository only.")
    raise SystemExit(subprocess.run([sys.executable, "-m", "tests.bench", *names], cwd=ROOT, check=False).returncode)
