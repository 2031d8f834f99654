"""A site of its own for one test: a real server process on a database, and clients that talk to it over HTTP."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


@dataclass
class LiveSite:
    """A server process. `kill` is kill -9; `start` may be called again on the same database."""

    database_url: str
    folder: Path
    pack: str = "apps/inventory_pack"
    sample: bool = False
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "LiveSite":
        """Start the server and wait until it is healthy."""
        self.port = self.port or free_port()
        command = [
            sys.executable,
            "-m",
            "engine.cli",
            "run",
            "--port",
            str(self.port),
            "--host",
            "127.0.0.1",
            "--database",
            self.database_url,
            "--data",
            str(self.folder),
            "--pack",
            self.pack,
        ]
        if not self.sample:
            command.append("--no-sample")
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(self.url + "/api/v1/health", timeout=2).status_code == 200:
                    return self
            time.sleep(0.05)
        raise AssertionError("the server did not start:\n" + (self.folder / "server.log").read_text()[-4000:])

    def kill(self) -> None:
        """kill -9 of the server and all its children."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End the server as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, 2)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def client(self, login: str = "admin", password: str = "admin") -> "Client":
        """A client signed in with a session."""
        return Client(self.url).sign_in(login, password)


class Client:
    """Speaks the REST API as the web app does: session cookie, CSRF token, If-Match, Idempotency-Key."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url + "/api/v1", timeout=60)

    def sign_in(self, login: str, password: str) -> "Client":
        answer = self.http.post("/session", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        self.http.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return self

    def get(self, path: str, **params: Any) -> Any:
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(
        self, form: str, values: dict[str, Any], then: str | None = None, *, key: str | None = None
    ) -> httpx.Response:
        body: dict[str, Any] = {"values": values}
        if then:
            body["then"] = then
        return self.http.post(f"/forms/{form}/records", json=body, headers={"Idempotency-Key": key} if key else {})

    def created(self, form: str, values: dict[str, Any], then: str | None = None) -> dict[str, Any]:
        answer = self.create(form, values, then)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def act(self, form: str, record: dict[str, Any], action: str, *, key: str | None = None) -> httpx.Response:
        headers = {"If-Match": f'"{record["revision"]}"'}
        if key:
            headers["Idempotency-Key"] = key
        return self.http.post(f"/forms/{form}/records/{record['id']}/actions/{action}", json={}, headers=headers)


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running_site(database_url: str, folder: Path, **options: Any) -> Iterator[LiveSite]:
    """A started site that is ended afterwards, whatever happens."""
    site = LiveSite(database_url, folder, **options)
    try:
        yield site.start()
    finally:
        site.stop()
