"""A browser and a Chinese font for tests, on a machine that has neither: both from the npm registry, unpacked into the clone's cache."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.house.node import node_environment, node_program, npm_command
from engine.house.places import CACHE, say

PACKED: Final = "@sparticuz/chromium@153.0.0"
FONT: Final = "@expo-google-fonts/noto-sans-sc@0.4.3"
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
_UNPACK: Final = (
    "const z=require('zlib'),f=require('fs'),p=process.argv[1];"
    "for(const[a,b]of[['chromium.br','chromium'],['al2023.tar.br','lib.tar'],['fonts.tar.br','fonts.tar']])"
    "f.writeFileSync(b,z.brotliDecompressSync(f.readFileSync(p+'/'+a)))"
)


@dataclass(frozen=True)
class Browser:
    """A program, and the environment it needs."""

    program: str
    environment: dict[str, str]


def find_browser() -> Browser | None:
    """$DOUGONG_CHROMIUM, an installed one, or the packed one (Linux on x86-64). Always with a font that draws Chinese."""
    named = os.environ.get("DOUGONG_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if named is None and sys.platform == "darwin" and Path("/Applications/Google Chrome.app").is_dir():
        named = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    if named is not None and os.environ.get("DOUGONG_CHROMIUM") != "packed":
        return Browser(named, _font_environment())
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        folder = _packed()
        return Browser(
            str(folder / "chromium"), {"LD_LIBRARY_PATH": str(folder / "lib"), **_font_environment(folder / "fonts")}
        )
    return None


def _packed() -> Path:
    folder = CACHE / "chromium"
    if not (folder / ".ready").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        say("Fetching a headless browser into the test cache")
        package = _fetch(folder, PACKED)
        subprocess.run([str(node_program()), "-e", _UNPACK, str(package / "bin")], cwd=folder, check=True)
        for name in ("lib.tar", "fonts.tar"):
            with tarfile.open(folder / name) as archive:
                archive.extractall(folder, filter="data")
        (folder / "chromium").chmod(0o755)
        (folder / ".ready").write_text(PACKED)
    return folder


def _fetch(folder: Path, package: str) -> Path:
    (folder / "package.json").write_text(json.dumps({"private": True}))
    command = [
        *npm_command(),
        "install",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        package,
    ]
    if subprocess.run(command, cwd=folder, env=node_environment(), check=False).returncode != 0:
        raise SystemExit(f"{package} could not be fetched for the browser tests; the reason stands above.")
    return folder / "node_modules" / package.rpartition("@")[0]


def has_chinese_font() -> bool:
    """Can this machine draw Chinese?"""
    lister = shutil.which("fc-list")
    if lister is None or os.environ.get("DOUGONG_FONT") == "packed":
        return False
    return bool(subprocess.run([lister, ":lang=zh-cn"], capture_output=True, text=True, check=False).stdout.strip())


def _font_environment(*folders: Path) -> dict[str, str]:
    if not folders and has_chinese_font():
        return {}
    folder = CACHE / "fonts"
    if not (folder / ".ready").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        say("Fetching a Chinese font into the test cache")
        package = _fetch(folder, FONT)
        for font in package.rglob("*400Regular*.ttf"):
            shutil.copy(font, folder)
        (folder / ".ready").write_text(FONT)
    config = folder / "fonts.conf"
    places = "".join(f"<dir>{p}</dir>" for p in (folder, *folders, Path("/usr/share/fonts")))
    config.write_text(f'<?xml version="1.0"?><fontconfig>{places}<cachedir>{folder / "cache"}</cachedir></fontconfig>')
    return {"FONTCONFIG_FILE": str(config)}
