"""rebuild: are all balances the sum of all movements?"""

from pathlib import Path

import click

from engine.actions import rebuild_differences
from engine.cli.common import open_site, site_options, stop_if


@click.command("rebuild")
@click.argument("register", required=False)
@site_options
def command(register: str | None, database: str | None, data: Path) -> None:
    """Compare the balances and month totals of REGISTER (or of all) with the sum of all movements."""
    found = stop_if(rebuild_differences(open_site(database, data), register))
    for table, differences in found.items():
        click.secho(
            f"{table}: {'right' if differences == 0 else f'{differences} keys differ'}",
            fg="green" if differences == 0 else "red",
        )
    if any(found.values()):
        raise SystemExit(1)
