"""What verbs share: options, opening the site, printing problems."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from engine.actions import Engine, open_engine
from engine.problems import Problems
from engine.texts import wording

ROOT: Final = Path(__file__).resolve().parents[2]
"""The clone, or the folder that the wheel put its packs into."""
DATA: Final = "data"


def site_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--database and --data."""
    command = click.option(
        "--data",
        type=click.Path(path_type=Path),
        default=Path(DATA),
        show_default=True,
        help="Folder of the site's own files.",
    )(command)
    return click.option(
        "--database",
        envvar="DOUGONG_DATABASE",
        help="Database URL: sqlite:///file or postgresql://…  [default: a file in --data]",
    )(command)


def open_site(database: str | None, data: Path) -> Engine:
    """The site of these options."""
    data.mkdir(parents=True, exist_ok=True)
    return open_engine(database or f"sqlite:///{(data / 'dougong.db').resolve()}")


def pack_folder(pack: str) -> Path:
    """A pack by its path, or by its name among those that came along."""
    for folder in (
        Path(pack),
        ROOT / pack,
        ROOT / "apps" / pack,
        ROOT / "engine" / pack,
        ROOT / "engine" / "apps" / pack,
    ):
        if (folder / "pack.json").is_file():
            return folder
    raise click.ClickException(f"There is no pack at {pack}: a pack is a folder with a pack.json.")


def print_problems(found: Problems, language: str = "en") -> None:
    """Each problem with its place, what is wrong, and what to do."""
    for problem in found:
        title, hint = wording(problem, language)
        place = f"{problem.file}{'#' if problem.file else ''}{problem.place}"
        click.secho(f"{place or 'error'}", fg="yellow", err=True)
        click.echo(f"  {title}", err=True)
        click.echo(
            f"  {hint}"
            + (f" Did you mean: {', '.join(problem.ways)}?" if problem.ways else "")
            + f"  [{problem.code}]",
            err=True,
        )


def stop_if(result: Any) -> Any:
    """The result, or the end of the program with its problems."""
    if isinstance(result, Problems):
        print_problems(result)
        raise SystemExit(1)
    return result
