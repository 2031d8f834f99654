"""What leaves the process: notifications and signed webhooks, each once, in this process and on Celery."""

import hmac
import json
import os
import subprocess
import sys
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from engine.actions import Engine, Webhook, put_webhooks, webhooks_for
from engine.actions.commands import SubmitRecord
from engine.actions.perform import perform
from engine.actor import SYSTEM
from engine.channels import Delivery, deliver, is_public
from engine.effects import Outcome
from engine.store import system
from engine.worker import Drainer
from tests.support.pack_site import ROOT, Browser, engine_with


class Receiver:
    """A server of this test that keeps what it was sent."""

    def __init__(self, failures: int = 0) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                nonlocal failures
                failures -= 1
                if failures < 0:
                    receiver.got.append((dict(self.headers), body))
                self.send_response(500 if failures >= 0 else 204)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def unit(engine: Engine, code: str) -> None:
    assert isinstance(perform(engine, SubmitRecord("unit", {"code": code, "name": code}), SYSTEM), Outcome)


def test_a_webhook_is_signed_and_retried(database_url: str) -> None:
    """A webhook that fails at first is sent again, carries a signature that can be checked, and then is done with."""
    engine = engine_with(database_url)
    receiver = Receiver(failures=1)
    put_webhooks(engine, [Webhook("unit", "created", receiver.url, "secret", inside=True)])
    unit(engine, "PC")
    drainer = Drainer(engine)
    assert drainer.drain() == 1
    assert receiver.got == []
    time.sleep(2.1)
    assert drainer.drain() == 1
    assert drainer.drain() == 0

    ((headers, body),) = receiver.got
    seconds = headers["X-Dougong-Signature"].split(",")[0].removeprefix("t=")
    expected = hmac.new(b"secret", f"{seconds}.".encode() + body, sha256).hexdigest()
    assert headers["X-Dougong-Signature"] == f"t={seconds},v1={expected}"
    assert json.loads(body)["on"] == "created"


def test_webhooks_do_not_reach_inside_the_network() -> None:
    """Addresses of the own network are refused unless the site's owner allowed them; so is everything that is not http."""
    inside = deliver(Delivery("http://127.0.0.1:1/x", {}, "s", "k", 0))
    other = deliver(Delivery("file:///etc/passwd", {}, "s", "k", 0))

    assert inside == "the address lies inside the network"
    assert other == "not an http address"
    assert not any(
        map(
            is_public,
            ("10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "127.0.0.1", "224.0.0.1", "0.0.0.0"),
        )
    )


def test_webhooks_are_set_by_administrators(sqlite_url: str) -> None:
    """An administrator sets webhooks over the API; what cannot happen is refused at its place; others may not."""
    engine = engine_with(sqlite_url)
    hook = {"form": "unit", "on": "created", "url": "http://example.org/x", "secret": "s"}

    done = Browser(engine).ask("PUT", "/webhooks", json={"webhooks": [hook]})
    wrong = Browser(engine).ask("PUT", "/webhooks", json={"webhooks": [{**hook, "on": "posted"}]})
    other = Browser(engine, "manager").ask("PUT", "/webhooks", json={"webhooks": []})

    assert done.status_code == 204
    assert [(p["code"], p["pointer"]) for p in wrong.get_json()["problems"]] == [
        ("actions.no_such_event", "/webhooks/0/on")
    ]
    assert other.status_code == 403
    assert [w.url for w in webhooks_for(engine, "unit", "created")] == ["http://example.org/x"]


def adjust(engine: Engine) -> None:
    admin = Browser(engine)
    admin.made("unit", {"code": "PC", "name": "piece"})
    admin.made("item", {"code": "A", "name": "a", "unit": "PC", "purchase_price": "100"})
    admin.made("warehouse", {"code": "W", "name": "w"})
    lines = [{"item": "A", "quantity": "20"}]
    admin.made("stock_adjustment", {"warehouse": "W", "reason": "r", "lines": lines}, "submit")


def told(engine: Engine, login: str) -> int:
    with engine.store.read() as reader:
        found = system.user_by_login(reader, login)
        assert found is not None
        return len(system.notifications(reader, found.id, 10))


def test_a_task_is_told_once_to_those_who_may_decide(database_url: str) -> None:
    """The manager is told of a waiting decision once, however often the message is handled; the storekeeper is not."""
    engine = engine_with(database_url)
    adjust(engine)
    drainer = Drainer(engine)
    drainer.drain()
    engine.store.run(lambda cursor, dialect: cursor.execute("UPDATE dg_outbox SET done_at = NULL, available_at = 0"))
    drainer.drain()

    assert (told(engine, "manager"), told(engine, "storekeeper")) == (1, 0)


@pytest.mark.slow
def test_the_same_tasks_on_celery(sqlite_url: str, redis_url: str) -> None:
    """With a broker, a Celery worker does what the drainer does."""
    engine = engine_with(sqlite_url)
    adjust(engine)
    settings = {**os.environ, "DOUGONG_DATABASE": sqlite_url, "DOUGONG_BROKER": redis_url}
    worker = subprocess.Popen([sys.executable, "-m", "celery", "-A", "engine.worker.celery_app", "worker", "--pool", "solo", "--loglevel", "warning"],
                              cwd=ROOT, env=settings)  # fmt: skip
    try:
        code = "from engine.worker.celery_app import relay, site; print(relay(site()))"
        relayed = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=settings, capture_output=True, text=True, check=True
        )
        assert relayed.stdout.strip() == "1"
        deadline = time.monotonic() + 60
        while told(engine, "manager") == 0 and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait(20)

    assert told(engine, "manager") == 1
