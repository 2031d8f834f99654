"""run: the site. On first run it installs the pack, makes the demo logins and loads the sample factory."""

import logging
import os
import socket
import time
from pathlib import Path
from typing import Final

import click

from engine.actions import Engine, install_pack, is_empty, load_sample, perform
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.cli.common import open_site, pack_folder, print_problems, site_options, stop_if

DATABASE: Final = "DOUGONG_DATABASE"
DEMO_LOGINS: Final = (
    ("admin", "Administrator", (), True),
    ("storekeeper", "王芳", ("storekeeper",), False),
    ("sales", "陈静", ("sales",), False),
    ("manager", "赵敏", ("manager",), False),
)
"""login, name, roles, is_admin. Passwords are the logins: for trying out on one's own machine only."""


@click.command("run")
@site_options
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, help="Port to listen on.")
@click.option("--pack", default="apps/inventory_pack", show_default=True, help="Pack to install on first run.")
@click.option("--sample/--no-sample", default=True, show_default=True, help="Load the pack's sample data on first run.")
@click.option("--threads", default=8, show_default=True, help="Requests handled at once.")
def command(database: str | None, data: Path, host: str, port: int, pack: str, sample: bool, threads: int) -> None:
    """Start the site and print where it is."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    _stop_if_taken(host, port)
    engine = open_site(database, data)
    first = is_empty(engine)
    if first:
        _set_up(engine, pack_folder(pack), sample=sample)
    _serve(engine, host, port, threads, first=first)


def _stop_if_taken(host: str, port: int) -> None:
    """Somebody else's port is told before anything is made. The server would share it in silence, and answer only some of the requests."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name != "nt":  # what was just closed may be opened again
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            other = f"python3 -m engine run --port {port + 1}"
            raise click.ClickException(f"Port {port} cannot be used: {error.strerror}. Take another: {other}") from None


def _set_up(engine: Engine, folder: Path, *, sample: bool) -> None:
    started = time.monotonic()

    def progress(what: str, done: int, of: int) -> None:
        click.echo(f"  [{done:>2}/{of}] {what}")

    click.echo(f"Installing {folder.name}")
    stop_if(install_pack(engine, folder, progress))
    with engine.store.read() as reader:
        release = engine.release(reader)
    roles = release.roles if release is not None else {}
    for login, name, wanted, is_admin in DEMO_LOGINS:
        if all(role in roles for role in wanted):
            language = "zh-CN" if wanted else "en"
            stop_if(perform(engine, PutUser(login, name, login, wanted, language, is_admin), SYSTEM))
    if sample:
        click.echo("Loading the sample data")
        found = load_sample(engine, folder, progress)
        if found is not None:
            print_problems(found)
    click.echo(f"Ready after {time.monotonic() - started:.1f} s")


def _serve(engine: Engine, host: str, port: int, threads: int, *, first: bool) -> None:
    from engine.web.serving import serve

    os.environ[DATABASE] = engine.store.url
    engine.store.close()  # the serving process opens its own
    _announce(host, port, first=first)
    serve("engine.cli.site_process:application", host, port, threads)


def _announce(host: str, port: int, *, first: bool) -> None:
    click.secho(f"\nDougong is running at  http://localhost:{port}", bold=True)
    address = _lan_address() if host == "0.0.0.0" else None
    if address:
        import segno

        phone = f"http://{address}:{port}"
        click.echo(f"On a phone in the same network:  {phone}\n")
        segno.make(phone, error="l").terminal(compact=True)
    click.echo("Demo logins (password = login): " + ", ".join(login for login, *_ in DEMO_LOGINS))
    click.echo(
        "Stop with Ctrl-C."
        + ("  These logins are for trying out: change them before others can reach this machine." if first else "")
    )


def _lan_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which address would be used
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return address if not address.startswith("127.") else None
