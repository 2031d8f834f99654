"""test: everything that can fail a merge — types, style, the web app, and all tests, with a real browser and a real PostgreSQL."""

import os
import subprocess
import sys
import time

import click

from engine.house import node
from engine.house.places import DESIGNER, ROOT, is_clone


@click.command("test", context_settings={"ignore_unknown_options": True})
@click.option("-k", "expression", help="Only tests whose names match, as pytest's -k.")
@click.option("--fast", is_flag=True, help="Only SQLite, no browser, nothing slow: for daily work.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(expression: str | None, *, fast: bool, arguments: tuple[str, ...]) -> None:
    """Set up what tests need and run all of them. ARGUMENTS go to pytest (paths, -x, …)."""
    if not is_clone():
        raise click.ClickException("Tests run in a clone of the repository only.")
    failed: list[str] = []
    if not expression and not arguments:
        node.install_modules()
        for name, work in _CHECKS.items():
            if not _step(name, work):
                failed.append(name)
    pytest = [sys.executable, "-m", "pytest", *(["-k", expression] if expression else []), *arguments]
    if fast:
        pytest += ["-m", "not slow and not browser"]
    environment = {**os.environ, **({"DOUGONG_TEST_FAST": "1"} if fast else {})}
    code = subprocess.run(pytest, cwd=ROOT, env=environment, check=False).returncode
    if failed:
        click.secho(f"Failed: {', '.join(failed)}", fg="red", err=True)
    raise SystemExit(code or (1 if failed else 0))


_CHECKS = {
    "TypeScript types": [str(node.node_program()), "node_modules/typescript/bin/tsc", "--noEmit"],
    "TypeScript tests": [str(node.node_program()), "--test", "src/**/*.test.ts"],
    "ruff": [sys.executable, "-m", "ruff", "check", "--quiet", "."],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "--quiet", "."],
    "mypy": [sys.executable, "-m", "mypy"],
}


def _step(name: str, work: list[str]) -> bool:
    started = time.monotonic()
    cwd = DESIGNER if name.startswith("TypeScript") else ROOT
    done = subprocess.run(work, cwd=cwd, env=node.node_environment(), capture_output=True, text=True, check=False)
    click.echo(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name} ({time.monotonic() - started:.1f} s)")
    if done.returncode != 0:
        click.echo(done.stdout[-6000:] + done.stderr[-3000:])
    return done.returncode == 0
