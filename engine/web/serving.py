"""Serving the application: granian, one worker process with threads, since the SQLite writer of a process commits in groups."""

from pathlib import Path
from typing import Final

from granian import Granian
from granian.constants import Interfaces

STATIC: Final = Path(__file__).parent / "static"
"""Where the built web app lies."""


def serve(target: str, host: str, port: int, threads: int) -> None:
    """Serve the application that `target` ("module:function") makes, until the process is told to stop."""
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        factory=True,
        respawn_failed_workers=True,
        log_enabled=False,
        websockets=False,
    ).serve()
