"""The program: its verbs do what they say, and say what is wrong."""

import socket
import subprocess
import sys
from pathlib import Path

from tests.support.pack_site import ROOT


def dougong(*arguments: str, folder: Path | None = None, fails: bool = False) -> str:
    options = ["--data", str(folder)] if folder else []
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli", *arguments, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_help_names_every_verb() -> None:
    """Help lists the verbs with a sentence each, and each verb has help of its own."""
    from engine.cli import VERBS

    listed = dougong("--help")
    assert all(verb in listed for verb in VERBS)
    for verb in VERBS:
        assert "Usage: dougong" in dougong(verb, "--help")


def test_check_install_user_import_rebuild(tmp_path: Path) -> None:
    """A pack is checked and installed, a user made, rows imported with an error file, and balances compared."""
    assert "The pack is right." in dougong("check", "apps/inventory_pack")
    assert "is in force" in dougong("install", "apps/inventory_pack", folder=tmp_path)
    assert "Nothing to do" in dougong("install", "inventory_pack", folder=tmp_path)
    assert "saved" in dougong(
        "user", "put", "wang", "--password", "correct horse", "--role", "storekeeper", folder=tmp_path
    )
    dougong("user", "put", "wang", "--password", "another horse", "--admin", folder=tmp_path)
    dougong("user", "put", "wang", "--password", "a third horse", "--name", "Wang", folder=tmp_path)
    assert ["wang", "Wang", "administrator"] in [
        s.split() for s in dougong("user", "list", folder=tmp_path).splitlines()
    ]
    dougong("user", "put", "wang", "--password", "a fourth horse", "--no-admin", "--disable", folder=tmp_path)
    told = dougong("user", "list", folder=tmp_path)
    assert ["wang", "Wang", "storekeeper", "(disabled)"] in [s.split() for s in told.splitlines()]
    dougong("user", "put", "wang", "--password", "a fifth horse", "--enable", folder=tmp_path)
    assert "disabled" not in dougong("user", "list", folder=tmp_path)
    assert dougong("user", "token", "wang", folder=tmp_path).startswith("dg_")
    rows = tmp_path / "units.csv"
    rows.write_text("code,name\nPC,piece\nKG,kilogram\nPC,again\n", encoding="utf-8")
    assert "2 written, 1 refused" in dougong("import", "unit", str(rows), folder=tmp_path)
    errors = (tmp_path / "units.errors.csv").read_text(encoding="utf-8").splitlines()
    assert len(errors) == 2
    assert errors[1].startswith("3,refused,/code,")
    assert "right" in dougong("rebuild", folder=tmp_path)


def test_mistakes_are_told_in_words(tmp_path: Path) -> None:
    """What cannot be done is told in words with a way out, never as a trace."""
    (tmp_path / "pack.json").write_text('{"pack": "x"}')
    assert "“version” is missing" in dougong("check", str(tmp_path), fails=True)
    assert "There is no pack" in dougong("check", str(tmp_path / "nothing"), fails=True)
    assert "no role “stroekeeper”" in dougong(
        "user", "put", "x", "--password", "correct horse", "--role", "stroekeeper", folder=_site(tmp_path), fails=True
    )
    assert "no user “nobody”" in dougong("user", "token", "nobody", folder=_site(tmp_path), fails=True)


def _site(folder: Path) -> Path:
    dougong("install", "inventory_pack", folder=folder)
    return folder


def test_rules(tmp_path: Path) -> None:
    """Expressions and tables are checked, formatted, explained and tested from the command line."""
    assert "The expression is right." in dougong("rules", "check", "1 + 1")
    assert "Did you mean: qty?" in dougong("rules", "check", "qtty + 1", "--with", '{"qty": 1}', fails=True)
    assert dougong("rules", "format", "if  a>1 then (b)else  c").strip() == "if a > 1 then b else c"
    explained = dougong("rules", "explain", "qty * 2 > 5", "--with", '{"qty": 3}')
    assert "qty * 2 → 6" in explained
    assert "DIVISION_BY_ZERO at line 1, column 1: 1 / 0" in dougong("rules", "explain", "1 / 0")
    table = tmp_path / "table.json"
    table.write_text('{"hit_policy": "U", "inputs": [{"expression": "x", "type": "number"}], "outputs": [{"name": "y"}],'
                     '"rules": [{"when": ["> 1"], "then": ["1"]}]}')  # fmt: skip
    assert "gap: no rule for < 1, 1" in dougong("rules", "check", str(table), fails=True)
    rules = tmp_path / "main.rule"
    rules.write_text('rule "a" for x when created if 1>0 then set b to  2')
    assert "The 1 rules are written right." in dougong("rules", "check", str(rules))
    assert dougong("rules", "format", str(rules), "--language", "zh-CN").splitlines()[0] == '规则 "a"'
    assert '"do": "set"' in dougong("rules", "format", str(rules), "--json")
    assert "1 > 0 → true" in dougong("rules", "explain", str(rules))
    rules.write_text('rule "a" for x when created\nthen jump')
    assert "line 2, column 6" in dougong("rules", "check", str(rules), fails=True)
    examples = tmp_path / "examples.txt"
    examples.write_text('with {"a": 2}\na + 1 => 3\na + 1 => 4\n')
    told = dougong("rules", "test", str(examples), fails=True)
    assert "examples.txt:3: a + 1: 3 instead of 4" in told
    assert "1 of 2 examples hold." in told


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """Before anything is made, with the way out: a second server would share the port in silence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = dougong("run", "--host", "127.0.0.1", "--port", str(port), folder=tmp_path, fails=True)
    assert f"Port {port} cannot be used" in told
    assert f"run --port {port + 1}" in told
    assert list(tmp_path.iterdir()) == []
