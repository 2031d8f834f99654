"""version."""

import click

from engine import __version__


@click.command("version")
def command() -> None:
    """Print the version."""
    click.echo(f"dougong {__version__}")
