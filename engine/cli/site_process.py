"""The serving process: makes the application and its drainer. Told what to do by the environment, which is how a server's workers are told."""

import logging
import os
from typing import Any, Final

from engine.actions import open_engine
from engine.web import create_app
from engine.web.serving import STATIC
from engine.worker import Drainer

DATABASE: Final = "DOUGONG_DATABASE"


def application() -> Any:
    """The application of the site that DOUGONG_DATABASE names."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    engine = open_engine(os.environ[DATABASE])
    if not os.environ.get("DOUGONG_BROKER"):
        Drainer(engine).start()
    return create_app(
        engine, static=STATIC if STATIC.is_dir() else None, secure=os.environ.get("DOUGONG_SECURE") == "1"
    )
