"""A site in this process: an engine on a database with a pack, and the web application's test client."""

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.actions import Engine, install_pack, open_engine, perform
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.packs import Pack
from engine.problems import Problems
from engine.web import create_app

ROOT = Path(__file__).parents[2]
INVENTORY = ROOT / "apps" / "inventory_pack"


def engine_with(url: str, pack: Path | Pack = INVENTORY, *, users: bool = True) -> Engine:
    """An engine with the pack installed, and one user for each demo role."""
    engine = open_engine(url)
    installed = install_pack(engine, pack)
    assert not isinstance(installed, Problems), [(p.file, p.place, p.code) for p in installed]
    if users:
        for login, roles, admin in (("admin", (), True), ("storekeeper", ("storekeeper",), False), ("sales", ("sales",), False),
                                    ("manager", ("manager",), False)):  # fmt: skip
            made = perform(engine, PutUser(login, login, login, roles, "en", admin), SYSTEM)
            assert not isinstance(made, Problems), list(made)
    return engine


class Browser:
    """A person's browser on the test client: cookie, CSRF token, If-Match."""

    def __init__(self, engine: Engine, login: str = "admin", password: str = "") -> None:
        self.client: FlaskClient = create_app(engine).test_client()
        answer = self.client.post("/api/v1/session", json={"login": login, "password": password or login})
        assert answer.status_code == 200, answer.text
        self.csrf = answer.get_json()["csrf"]

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self.csrf, **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.ask("GET", path, **({"query_string": query} if query else {}))

    def create(self, form: str, values: dict[str, Any], then: str | None = None, **options: Any) -> TestResponse:
        return self.ask(
            "POST", f"/forms/{form}/records", json={"values": values, **({"then": then} if then else {})}, **options
        )

    def made(self, form: str, values: dict[str, Any], then: str | None = None) -> dict[str, Any]:
        answer = self.create(form, values, then)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.get_json()
        return found
