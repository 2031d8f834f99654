"""kill -9 of the server while it posts: what was acknowledged is there once, and nothing is half there."""

import random
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.live_site import Client, LiveSite, running_site
from tests.support.small_factory import Factory, on_hand_and_reserved, small_factory

KILLS = 3
CLERKS = 4


def receive_until_stopped(
    site: LiveSite, factory: Factory, acknowledged: list[dict[str, Any]], asked: list[str], stop: threading.Event
) -> None:
    """A clerk posts receipts of one piece, each with a request key, until the line goes dead."""
    client = site.client()
    while not stop.is_set():
        key = uuid.uuid4().hex
        asked.append(key)
        try:
            answer = client.create("goods_receipt", factory.receipt("1"), "post", key=key)
        except httpx.HTTPError:
            return
        assert answer.status_code == 201, answer.text
        acknowledged.append({"key": key, **answer.json()})


@pytest.mark.slow
def test_acknowledged_receipts_survive_kill_nine(database_url: str, tmp_path: Path) -> None:
    """After each kill every acknowledged receipt is there once, asking again gives the same answer, and stock fits."""
    with running_site(database_url, tmp_path) as site:
        factory = small_factory(site.client())
        acknowledged: list[dict[str, Any]] = []
        asked: list[str] = []
        for _ in range(KILLS):
            stop = threading.Event()
            clerks = [
                threading.Thread(target=receive_until_stopped, args=(site, factory, acknowledged, asked, stop))
                for _ in range(CLERKS)
            ]
            for clerk in clerks:
                clerk.start()
            time.sleep(1.0 + random.random())
            site.kill()
            stop.set()
            for clerk in clerks:
                clerk.join()
            site.start()

        client = site.client()
        assert len(acknowledged) >= KILLS
        for receipt in acknowledged:
            again = client.create("goods_receipt", factory.receipt("1"), "post", key=receipt["key"])
            assert again.json()["id"] == receipt["id"]
        posted = _all_receipts(client)
        assert {r["id"] for r in acknowledged} <= posted
        assert len(posted) <= len(asked)
        assert on_hand_and_reserved(client, factory) == (str(len(posted)), "0")


def _all_receipts(client: Client) -> set[str]:
    found: list[str] = []
    after = ""
    while True:
        page = client.get("/forms/goods_receipt/records", filter='state = "posted"', limit=200, after=after)
        found += [r["id"] for r in page["records"]]
        after = page["next"]
        if not after:
            assert len(found) == len(set(found))
            return set(found)
