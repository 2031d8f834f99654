"""user: people who may sign in."""

from pathlib import Path

import click

from engine.actions import list_users, perform
from engine.actions.commands import MakeAccessToken, PutUser
from engine.actor import SYSTEM
from engine.cli.common import open_site, site_options, stop_if


@click.group("user")
def command() -> None:
    """Add, change and list users, and make API tokens."""


@command.command("list")
@site_options
def list_command(database: str | None, data: Path) -> None:
    """List all users."""
    for user in list_users(open_site(database, data)):
        rights = "administrator" if user.is_admin else ", ".join(user.roles) or "no roles"
        click.echo(f"{user.login:<20} {user.name:<20} {rights}{'' if user.is_active else ' (disabled)'}")


@command.command("put")
@click.argument("login")
@click.option("--name", default="", help="Name shown to others.")
@click.option("--role", "roles", multiple=True, help="A role of the pack. Repeat it.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when not given.")
@click.option("--language", type=click.Choice(["en", "zh-CN"]), help="[default for a new one: en]")
@click.option("--admin/--no-admin", default=None, help="May do everything.")
@click.option("--disable/--enable", default=None, help="May no longer sign in.")
@site_options
def put_command(
    login: str,
    name: str,
    roles: tuple[str, ...],
    password: str,
    language: str | None,
    *,
    admin: bool | None,
    disable: bool | None,
    database: str | None,
    data: Path,
) -> None:
    """Add the user LOGIN, or change the one there is: what is not named stays as it is."""
    engine = open_site(database, data)
    old = next((user for user in list_users(engine) if user.login == login), None)
    user = PutUser(
        login,
        name or (old.name if old else ""),
        password,
        roles or (old.roles if old else ()),
        language or (old.language if old else "en"),
        (old is not None and old.is_admin) if admin is None else admin,
        (old is None or old.is_active) if disable is None else not disable,
    )
    stop_if(perform(engine, user, SYSTEM))
    click.echo(f"User {login} is saved.")


@command.command("token")
@click.argument("login")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
@site_options
def token_command(login: str, label: str, database: str | None, data: Path) -> None:
    """Make an API token for LOGIN and print it once."""
    outcome = stop_if(perform(open_site(database, data), MakeAccessToken(login, label), SYSTEM))
    click.echo(outcome.answer["token"])
