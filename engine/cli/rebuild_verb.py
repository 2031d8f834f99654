"""rebuild: is all that registers keep what their movements come to?"""

from pathlib import Path

import click

from engine.actions import audit_and_record, audit_registers
from engine.cli.common import open_site, site_options, stop_if


@click.command("rebuild")
@click.argument("register", required=False)
@site_options
def command(register: str | None, database: str | None, data: Path) -> None:
    """Work out balances, month totals, reservations and costs of REGISTER (or of all) from the movements, and compare. Posting may go on
    meanwhile."""
    engine = open_site(database, data)

    def tell(what: str, done: int) -> bool:
        if done % 100 == 0:
            click.echo(f"{what}: {done}", err=True)
        return True

    audit = stop_if(audit_registers(engine, register, tell) if register else audit_and_record(engine, tell))
    for table, wrong in audit.found.items():
        click.secho(f"{table}: {'right' if wrong == 0 else f'{wrong} keys differ'}", fg="red" if wrong else "green")
    if audit.waiting:
        click.echo(f"{audit.waiting} pools of cost wait to be valued again and were not compared.")
    if not audit.is_right:
        raise SystemExit(1)
