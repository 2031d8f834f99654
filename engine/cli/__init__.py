"""cli: the verbs of `python3 -m engine` and of `dougong`, one file each. Everything heavy is imported when its verb runs."""

import importlib
from typing import Any, Final

import click

from engine import __version__

VERBS: Final = {
    "run": "Start the site: web server, worker, and on first run the pack and its sample data.",
    "check": "Check a pack and print everything that is wrong with it.",
    "rules": "Check, format, explain and test expressions, decision tables and rules.",
    "install": "Install a pack into the site's database.",
    "import": "Import rows of a CSV file into a form.",
    "user": "Add, change and list users, and make API tokens.",
    "rebuild": "Compare balances with the sum of all movements.",
    "version": "Print the version.",
    "test": "Run every test (in a clone).",
    "bench": "Run the benchmarks (in a clone).",
    "dev": "Start the web app's development server (in a clone).",
}


class _Verbs(click.Group):
    """Loads a verb's module only when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The verbs in the order of the README."""
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """One verb."""
        if name not in VERBS:
            return None
        module = importlib.import_module(f"engine.cli.{name}_verb")
        command: click.Command = module.command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of verbs, without loading them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dougong")
@click.pass_context
def program(context: click.Context) -> None:
    """Dougong, a low-code platform. Without a verb it runs the site."""
    if context.invoked_subcommand is None:
        run = program.get_command(context, "run")
        assert run is not None
        context.invoke(run)


def main(arguments: list[str] | None = None) -> Any:
    """Run the program."""
    return program(args=arguments, prog_name="dougong")
