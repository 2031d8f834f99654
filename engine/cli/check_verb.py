"""check: everything that is wrong with a pack, in one run."""

import click

from engine.cli.common import pack_folder, print_problems, stop_if
from engine.packs import check_pack, load_pack


@click.command("check")
@click.argument("pack")
@click.option(
    "--language", type=click.Choice(["en", "zh-CN"]), default="en", show_default=True, help="Language of the messages."
)
def command(pack: str, language: str) -> None:
    """Check the pack in folder PACK and print everything that is wrong with it."""
    found = check_pack(stop_if(load_pack(pack_folder(pack))))
    if found is not None:
        print_problems(found, language)
        click.echo(f"{len(found)} problem(s).", err=True)
        raise SystemExit(1)
    click.echo("The pack is right.")
