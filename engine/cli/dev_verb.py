"""dev: the web app's development server."""

import click

from engine.house import node
from engine.house.places import is_clone


@click.command("dev")
def command() -> None:
    """Serve the web app from its sources with live reload; requests to /api go to a site on port 8765."""
    if not is_clone():
        raise click.ClickException("The development server runs in a clone of the repository only.")
    node.install_modules()
    raise SystemExit(node.run_node("node_modules/vite/bin/vite.js"))
