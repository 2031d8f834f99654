"""The serving process: makes the application and its drainer. Told what to do by the environment, which is how a server's workers are told."""

import logging
import os
import sys
from typing import Any, Final

from engine.actions import open_engine
from engine.web import create_app
from engine.web.serving import STATIC
from engine.worker import Drainer

DATABASE: Final = "DOUGONG_DATABASE"
SWITCH_SECONDS: Final = 0.001
"""How long a thread that computes keeps those waiting that answer people: each of their statements ends in such a wait. With the usual 5 ms a
posting on PostgreSQL took 80 ms beside an audit, now half of that; the audit takes a sixth longer."""


def application() -> Any:
    """The application of the site that DOUGONG_DATABASE names."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    sys.setswitchinterval(SWITCH_SECONDS)
    engine = open_engine(os.environ[DATABASE])
    if not os.environ.get("DOUGONG_BROKER"):
        Drainer(engine).start()
    return create_app(
        engine, static=STATIC if STATIC.is_dir() else None, secure=os.environ.get("DOUGONG_SECURE") == "1"
    )
