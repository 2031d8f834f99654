"""import: rows of a CSV file into a form, with an error file of every row that was refused or warned of."""

import csv
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from engine.actions import Import, ImportSummary, RowProblem, actor_by_login, import_rows
from engine.actor import SYSTEM
from engine.cli.common import open_site, site_options, stop_if
from engine.texts import wording


@click.command("import")
@click.argument("form")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--map",
    "renames",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="A column of the file is a field of another name. Repeat it.",
)
@click.option("--only", is_flag=True, help="Leave out columns that no --map names.")
@click.option("--then", help="State action for each record, e.g. post.")
@click.option(
    "--errors", type=click.Path(path_type=Path), help="File for refused rows and warnings.  [default: FILE.errors.csv]"
)
@click.option("--as", "login", help="Import with the rights of this user.  [default: the system]")
@click.option("--key", help="Makes the import repeatable: rows of the same key are not written twice.")
@click.option("--limit", type=int, help="Only so many rows.")
@click.option("--chunk", default=500, show_default=True, help="Rows in one transaction.")
@site_options
def command(form: str, file: Path, **options: Any) -> None:
    """Import the rows of FILE (CSV, UTF-8) into FORM. Columns are fields; references by key. Good rows are written, bad ones reported."""
    engine = open_site(options["database"], options["data"])
    actor = stop_if(actor_by_login(engine, options["login"], "import")) if options["login"] else SYSTEM
    errors = options["errors"] or file.with_suffix(".errors.csv")
    total = sum(1 for _ in _rows(file, {}, only=False, limit=options["limit"]))
    started = time.monotonic()
    with errors.open("w", encoding="utf-8", newline="") as out, click.progressbar(length=total, label=form) as bar:
        writer = csv.writer(out)
        writer.writerow(["row", "outcome", "place", "problem", "hint", "code", "values"])

        def report(problem: RowProblem) -> None:
            title, hint = wording(problem.problem, actor.language)
            writer.writerow(
                [
                    problem.number,
                    "refused" if problem.refused else "warning",
                    problem.problem.place,
                    title,
                    hint,
                    problem.problem.code,
                    "; ".join(f"{k}={v}" for k, v in problem.values.items()),
                ]
            )

        def progress(summary: ImportSummary) -> None:
            bar.update(summary.written + summary.refused - bar.pos)

        renames = dict(pair.split("=", 1) for pair in options["renames"])
        rows = _rows(file, renames, only=options["only"], limit=options["limit"])
        summary = import_rows(
            engine, Import(form, rows, options["then"], options["key"], options["chunk"], progress, report), actor
        )
    _tell(summary, errors, time.monotonic() - started)


def _tell(summary: ImportSummary, errors: Path, seconds: float) -> None:
    click.echo(
        f"{summary.written} written, {summary.refused} refused, {summary.warned} warnings in {seconds:.1f} s "
        f"({(summary.written + summary.refused) / max(seconds, 1e-9):.0f} records/s)."
    )
    if summary.refused or summary.warned:
        click.echo(f"Details: {errors}")
    else:
        errors.unlink()


def _rows(file: Path, renames: Mapping[str, str], *, only: bool, limit: int | None) -> Iterator[Mapping[str, Any]]:
    with file.open(encoding="utf-8-sig", newline="") as source:
        for number, row in enumerate(csv.DictReader(source)):
            if limit is not None and number >= limit:
                return
            yield {
                renames.get(name, name): value
                for name, value in row.items()
                if value not in ("", None) and (not only or name in renames)
            }
