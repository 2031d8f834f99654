"""install: put a pack in force."""

from pathlib import Path

import click

from engine.actions import install_pack
from engine.cli.common import open_site, pack_folder, site_options, stop_if


@click.command("install")
@click.argument("pack")
@site_options
def command(pack: str, database: str | None, data: Path) -> None:
    """Install the pack in folder PACK. The same pack again changes nothing."""
    engine = open_site(database, data)
    installed = stop_if(
        install_pack(engine, pack_folder(pack), lambda what, done, of: click.echo(f"  [{done}/{of}] {what}"))
    )
    if not installed.is_new:
        click.echo(f"Nothing to do: release {installed.digest} is in force.")
        return
    for line in installed.described:
        click.echo(f"  {line}")
    click.echo(f"Release {installed.digest} is in force.")
