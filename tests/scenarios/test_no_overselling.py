"""Nobody can sell what is not there, however many try at once, over HTTP, on both databases."""

import multiprocessing
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.live_site import Client, running_site
from tests.support.small_factory import on_hand_and_reserved, put_in_stock, small_factory

IN_STOCK = 1000
SELLERS = 8
ORDERS_EACH = 500


def sell(url: str, order: dict[str, Any], count: int, results: "multiprocessing.Queue[Any]") -> None:
    """One seller's day: confirm `count` orders of one piece each, as fast as the server answers."""
    client = Client(url).sign_in("admin", "admin")
    outcomes: Counter[int] = Counter()
    refusal: Any = None
    for _ in range(count):
        answer = client.create("sales_order", order, "confirm")
        outcomes[answer.status_code] += 1
        if answer.status_code == 409:
            refusal = answer.json()
        elif answer.status_code != 201:
            refusal = refusal or answer.text
    results.put((dict(outcomes), refusal))


@pytest.mark.slow
def test_eight_sellers_reserve_exactly_what_is_in_stock(database_url: str, tmp_path: Path) -> None:
    """8 processes confirm 500 orders each for one item with 1,000 in stock: 1,000 are reserved, the rest refused by name."""
    with running_site(database_url, tmp_path) as site:
        client = site.client()
        factory = small_factory(client)
        put_in_stock(client, factory, str(IN_STOCK))
        order = factory.order("1")
        results: multiprocessing.Queue[Any] = multiprocessing.get_context("spawn").Queue()
        sellers = [
            multiprocessing.get_context("spawn").Process(target=sell, args=(site.url, order, ORDERS_EACH, results))
            for _ in range(SELLERS)
        ]
        for seller in sellers:
            seller.start()
        days = [results.get(timeout=600) for _ in sellers]
        for seller in sellers:
            seller.join()

        outcomes: Counter[int] = Counter()
        for day, refusal in days:
            outcomes.update(day)
            if day.get(409):
                problem = refusal["problems"][0]
                assert problem["code"] == "registers.constraint_broken"
                assert factory.item_title in problem["title"]
                assert problem["params"]["wanted"] == "1"
                assert problem["params"]["available"] == "0"
                assert problem["pointer"].startswith("/lines/0")
        assert outcomes == {201: IN_STOCK, 409: SELLERS * ORDERS_EACH - IN_STOCK}
        assert on_hand_and_reserved(client, factory) == ("1000", "1000")
        assert movement_sums(client) == ("1000", "1000")


def movement_sums(client: Client) -> tuple[str, str]:
    """On hand and reserved, added up from every movement."""
    on_hand = reserved = 0
    after = ""
    while True:
        page = client.get("/registers/stock/movements", limit=200, after=after)
        for row in page["rows"]:
            on_hand += int(row["amounts"]["on_hand"])
            reserved += int(row["amounts"]["reserved"])
        after = page["next"]
        if not after:
            return str(on_hand), str(reserved)
