"""Sites that many tests of a module share, one on each kind of database: for tests that each work with things of their own."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from engine.actions import Engine
from tests.conftest import FAST, database_at


def one_site_each(make: Callable[[str], Engine]) -> Any:
    """A module's fixture: the engine that `make` opens on a fresh database of each kind, kept for all tests of the module."""

    @pytest.fixture(scope="module", params=["sqlite"] if FAST else ["sqlite", "postgresql"])
    def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
        if request.param == "sqlite":
            engine = make(f"sqlite:///{tmp_path_factory.mktemp('site') / 'site.db'}")
            yield engine
            engine.store.close()
            return
        server: str = request.getfixturevalue("postgres_server")
        name = f"dougong_{uuid4().hex[:12]}"
        with psycopg.connect(database_at(server, "postgres"), autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        engine = make(database_at(server, name))
        yield engine
        engine.store.close()
        with psycopg.connect(database_at(server, "postgres"), autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    return site
