"""rules: check, format, explain and test expressions and decision tables from the command line."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import click

from engine.cli.common import print_problems
from engine.clock import SystemClock
from engine.problems import Problems
from engine.rules import Expression, RuleSyntaxError, analyse_table, check, evaluate, explain, parse, read_table, write
from engine.rules.dsl import parse_rules, to_json, write_rule, write_rules
from engine.rules.dsl.tree import Rule
from engine.rules.evaluate import names_of, value_in
from engine.rules.scope import Scope
from engine.rules.showing import show_inside
from engine.rules.types import ANY

_LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "zh-CN"]), default="en", show_default=True, help="Language of the messages."
)
_WITH = click.option("--with", "context", default="{}", help="The context, as JSON; numbers are exact.")


@click.group("rules")
def command() -> None:
    """Work with expressions of the rule language. TEXT may be @FILE, or - for standard input."""


@command.command("check")
@click.argument("text")
@_LANGUAGE
@_WITH
def check_verb(text: str, language: str, context: str) -> None:
    """Check the expression TEXT; of a file that ends in .json the decision table in it (mistakes, gaps and overlaps), of one that ends in
    .rule how its rules are written (`check PACK` also checks what they name)."""
    if text.endswith(".rule"):
        click.echo(f"The {len(_rules(text, language))} rules are written right.")
        return
    if text.endswith(".json"):
        _check_table(Path(text.removeprefix("@")), language)
        return
    values = _context(context)
    parsed = parse(_text(text), names_of(values))
    found = (
        check(_text(text), Scope(dict.fromkeys(values, ANY))) if values and isinstance(parsed, Expression) else parsed
    )
    if isinstance(found, Problems):
        _stop(found, language)
    click.echo("The expression is right.")


def _check_table(file: Path, language: str) -> None:
    table = read_table(_json(file.read_text(encoding="utf-8")))
    if isinstance(table, Problems):
        _stop(table, language)
    found = analyse_table(table)
    for name, findings in (("gap", found.gaps), ("conflict", found.conflicts), ("overlap", found.overlaps), ("masked", found.masked),
                           ("unmatchable", found.unmatchable)):  # fmt: skip
        for finding in findings:
            rules = ", ".join(f"rule {at + 1}" for at in finding.rules)
            example = f"  e.g. {show_inside(finding.example)}" if finding.example else ""
            click.echo(f"{name}: {rules or 'no rule for ' + ' | '.join(finding.region)}{example}")
    if found.opaque:
        click.echo(
            "not analysed (cells that depend on more than their input): "
            + ", ".join(f"rule {at + 1}" for at in found.opaque)
        )
    if not any((found.gaps, found.overlaps, found.masked, found.unmatchable)):
        click.echo("The table has no gaps, no overlaps and no rule without effect.")
    if found.gaps or found.conflicts or found.masked or found.unmatchable:
        raise SystemExit(1)


@command.command("format")
@click.argument("text")
@_LANGUAGE
@click.option("--json", "as_json", is_flag=True, help="Print rules as JSON instead.")
def format_verb(text: str, language: str, *, as_json: bool) -> None:
    """Print the expression TEXT in the one way of writing it; of a file that ends in .rule all its rules, in the words of LANGUAGE."""
    if text.endswith(".rule"):
        rules = _rules(text, language)
        body = {"rules": Path(text.removeprefix("@")).stem, "items": [to_json(rule) for rule in rules]}
        written = json.dumps(body, ensure_ascii=False, indent=2) if as_json else write_rules(rules, language)
        click.echo(written.rstrip("\n"))
        return
    parsed = parse(_text(text))
    if isinstance(parsed, Problems):
        _stop(parsed, language)
    click.echo(write(parsed.tree))


@command.command("explain")
@click.argument("text")
@_LANGUAGE
@_WITH
def explain_verb(text: str, language: str, context: str) -> None:
    """Print the value of the expression TEXT and of each of its parts; of a file that ends in .rule the conditions of its rules."""
    if text.endswith(".rule"):
        for rule in _rules(text, language):
            click.echo(write_rule(rule, language))
            if rule.condition is not None:
                _explain(rule.condition.text, language, context)
                click.echo()
        return
    _explain(_text(text), language, context)


def _explain(text: str, language: str, context: str) -> None:
    values = {name: value_in(value) for name, value in _context(context).items()}
    parsed = parse(text, names_of(values))
    if isinstance(parsed, Problems):
        _stop(parsed, language)
    found = explain(parsed.tree, values, SystemClock().now())
    for step in found.steps:
        shown = ", ".join(show_inside(v) for v in step.values) or "(not needed)"
        click.echo(f"{'  ' * step.depth}{step.text} → {shown}")
    for warning in found.warnings:
        click.echo(
            f"{warning.code} at line {warning.at[0]}, column {warning.at[1]}: {warning.expression}  {', '.join(warning.values)}"
        )


@command.command("test")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def test_verb(file: Path) -> None:
    """Run the examples of FILE: lines `expression => value`; a line `with {…}` gives the context of those after it."""
    context: Mapping[str, Any] = {}
    done = failed = 0
    for at, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if text.startswith("with {"):
            context = _context(text.removeprefix("with "))
        elif " => " in text and not text.startswith(("#", "//")):
            expression, _, wanted = text.rpartition(" => ")
            done += 1
            try:
                got, value = evaluate(expression, context), evaluate(wanted)
                told = None if got == value and type(got) is type(value) else f"{show_inside(got)} instead of {wanted}"
            except RuleSyntaxError as error:
                told = str(error)
            if told is not None:
                failed += 1
                click.echo(f"{file}:{at}: {expression}: {told}")
    click.echo(f"{done - failed} of {done} examples hold.")
    if failed:
        raise SystemExit(1)


def _rules(file: str, language: str) -> tuple[Rule, ...]:
    path = Path(file.removeprefix("@"))
    if not path.is_file():
        raise click.ClickException(f"There is no file {path}.")
    found = parse_rules(path.read_text(encoding="utf-8"))
    return _stop(found, language) if isinstance(found, Problems) else found


def _text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    return Path(given[1:]).read_text(encoding="utf-8") if given.startswith("@") and Path(given[1:]).is_file() else given


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise click.ClickException(f"This is not JSON: {error}") from None


def _context(text: str) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise click.ClickException("The context is a JSON object, as in --with '{\"qty\": 3}'.")
    return found


def _stop(found: Problems, language: str) -> NoReturn:
    print_problems(found, language)
    raise SystemExit(1)
