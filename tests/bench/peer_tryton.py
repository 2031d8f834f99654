"""The peer's side of `bench tryton`: the same work done by Tryton, through Tryton's own interface inside one process.

Tryton is free software under the GNU GPL, version 3 or later. It is a separate program: whoever runs the benchmark fetches it from PyPI into an
environment of its own, where it runs as a process of its own. It is neither imported by this project's code, nor copied into it, nor
distributed with it. This file needs the standard library and Tryton only; nothing imports it, and `tests/bench/tryton.py` runs it there and
reads one JSON object from its standard output:

    python peer_tryton.py prepare shipping NAME               tables and master data into the empty database NAME
    python peer_tryton.py prepare planning NAME
    python peer_tryton.py run shipping NAME DOCUMENTS ROUNDS  the measured work
    python peer_tryton.py run planning NAME DEMAND ROUNDS

TRYTOND_DATABASE_URI (and, for SQLite, TRYTOND_DATABASE__PATH) say where the database is.

It is the fastest honest way that was found: models of the pool in a transaction, as Tryton's own scheduled tasks work. That leaves out HTTP, JSON,
sessions and the check of the user's rights, which any client (proteus, the desktop client) would pay for on top. Deliveries are
shipped straight from storage (one move a line, no picking), in a database that has the module for stock and nothing beyond.
"""

import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from trytond import __version__, backend, config
from trytond.pool import Pool
from trytond.transaction import Transaction

MODULES = {"shipping": "stock", "planning": "stock_supply_production"}
LEVELS, PARTS, EACH = 5, 4, 2
"""The structure: levels below the top, components of each parent, and how many of a component go into one parent."""
PARENTS = sum(PARTS**n for n in range(LEVELS))
ITEMS = PARENTS + PARTS**LEVELS
LEAST, MOST = 5, 10
"""Every item that is bought is kept between these."""
SHIPPED = 20
"""Items that are shipped."""
BULK = 50
"""Documents in one call, where many are done at once."""


def main() -> None:
    """Do what the command line says."""
    config.update_etc()
    verb, work, name, *numbers = sys.argv[1:]
    Pool.start()
    if verb == "prepare":
        database = backend.Database(name)
        database.connect()
        database.init()
        Pool(name).init(update=[MODULES[work]], activatedeps=True, lang=["en"])
        Peer(name).prepare(work)
    else:
        peer = Peer(name)
        peer.find()
        found = (peer.shipping if work == "shipping" else peer.planning)(*map(int, numbers))
        print(json.dumps({"version": __version__, **found}))


class Peer:
    """A database of Tryton. What is kept between transactions is ids: instances end with theirs."""

    def __init__(self, name: str) -> None:
        """Open it."""
        self.name = name
        self.pool = Pool(name)
        self.pool.init()
        self.user, self.company = 0, 0  # Tryton's root, until there is another

    def transaction(self) -> Any:
        """A transaction of the user; leaving it commits. SQLite has no locks of rows: there the table is locked from the start, which
        Tryton would find out by failing once."""
        locks = ["stock_move"] if backend.name == "sqlite" and self.company else []
        context = {"company": self.company} if self.company else {}
        return Transaction().start(self.name, self.user, context=context, _lock_tables=locks)

    def get(self, name: str) -> Any:
        """A model of the pool."""
        return self.pool.get(name)

    def create(self, name: str, rows: list[dict[str, Any]]) -> list[Any]:
        """New records. Not all at once: of many, Tryton makes a condition that is too deep for Python on SQLite."""
        made: list[Any] = []
        for at in range(0, len(rows), 50):
            made += self.get(name).create(rows[at : at + 50])
        return made

    # Master data

    def prepare(self, work: str) -> None:
        """Master data of a work."""
        with self.transaction():
            self.make_company()
        with self.transaction():
            self.make_places()
        self.find()
        with self.transaction():
            if work == "shipping":
                self.items = self.make_items(SHIPPED)
                self.fill()
            else:
                self.items = self.make_items(ITEMS, PARENTS)
                self.make_structure()
                self.make_levels()

    def make_company(self) -> None:
        """A company and a user who may do everything in it."""
        currency = self.get("currency.currency")(name="Euro", symbol="E", code="EUR", rounding=Decimal("0.01"))
        currency.save()
        company = self.get("company.company")(party=self.party("Company"), currency=currency)
        company.save()
        user = self.get("res.user")(
            login="bench", name="Bench", administrator=True, companies=[company], company=company
        )
        user.save()

    def party(self, name: str) -> Any:
        """A new party with an address."""
        made = self.get("party.party")(name=name, addresses=[self.get("party.address")(street="1")])
        made.save()
        return made

    def make_places(self) -> None:
        """A customer, and a warehouse whose deliveries leave from its storage."""
        self.party("Customer")
        (warehouse,) = self.get("stock.location").search([("type", "=", "warehouse")])
        warehouse.output_location = warehouse.storage_location
        warehouse.save()

    def find(self) -> None:
        """Ids of what `prepare` made."""

        def only(model: str, *where: tuple[str, str, Any]) -> Any:
            return self.get(model).search(list(where))[0]

        self.today = dt.date.today()
        with self.transaction():
            user = only("res.user", ("login", "=", "bench"))
            customer = only("party.party", ("name", "=", "Customer"))
            warehouse = only("stock.location", ("type", "=", "warehouse"))
            self.customer, self.address = customer.id, customer.addresses[0].id
            self.warehouse, self.storage = warehouse.id, warehouse.storage_location.id
            self.customers = only("stock.location", ("type", "=", "customer")).id
            self.lost = only("stock.location", ("type", "=", "lost_found")).id
            self.unit = only("product.uom", ("name", "=", "Unit")).id
            self.currency = only("currency.currency").id
            products = self.get("product.product").search([])
            self.items = [p.id for p in sorted(products, key=lambda p: int(p.suffix_code))]
            company = user.company.id
            found = user.id
        self.user, self.company = found, company

    def make_items(self, count: int, parents: int | None = None) -> list[int]:
        """So many items. The first `parents` are produced, the others bought; without `parents` they are neither."""

        def source(n: int) -> dict[str, Any]:
            if parents is None:
                return {}
            return {"producible": True} if n < parents else {"purchasable": True, "purchase_uom": self.unit}

        made = self.create(
            "product.template",
            [
                {"name": f"Item {n}", "type": "goods", "default_uom": self.unit, "list_price": Decimal(1), **source(n),
                 "products": [("create", [{"suffix_code": str(n)}])]}
                for n in range(count)
            ],
        )  # fmt: skip
        return [template.products[0].id for template in made]

    def fill(self) -> None:
        """A million of each item."""
        move = self.get("stock.move")
        move.do(move.create([self.move(item, 1_000_000, self.lost, self.storage) for item in self.items]))

    def move(self, item: int, quantity: int, come: int, go: int) -> dict[str, Any]:
        """The values of one move."""
        priced = {"unit_price": Decimal(1), "currency": self.currency} if go == self.customers else {}
        return {"product": item, "unit": self.unit, "quantity": quantity, "from_location": come, "to_location": go,
                "company": self.company, "planned_date": self.today, **priced}  # fmt: skip

    def make_structure(self) -> None:
        """Item n has the components 4n + 1 to 4n + 4: 1,364 lines on 5 levels."""

        def line(n: int, quantity: int) -> dict[str, Any]:
            return {"product": self.items[n], "unit": self.unit, "quantity": quantity}

        made = self.create(
            "production.bom",
            [
                {"name": f"Item {n}", "outputs": [("create", [line(n, 1)])],
                 "inputs": [("create", [line(PARTS * n + k, EACH) for k in range(1, PARTS + 1)])]}
                for n in range(PARENTS)
            ],
        )  # fmt: skip
        self.create(
            "product.product-production.bom",
            [{"product": self.items[n], "bom": one.id} for n, one in enumerate(made)],
        )

    def make_levels(self) -> None:
        """A least and a most for every item that is bought."""
        self.create(
            "stock.order_point",
            [
                {"product": item, "location": self.warehouse, "type": "purchase", "min_quantity": LEAST, "target_quantity": MOST,
                 "company": self.company}
                for item in self.items[PARENTS:]
            ],
        )  # fmt: skip

    # Shipping

    def shipping(self, documents: int, rounds: int) -> dict[str, Any]:
        """Documents a second, reserved and shipped, one by one and many in a call: (by the clock, by the processor time of this process),
        of every round. A first document warms up."""
        self.ship_bulk(1)
        return {
            "single": [rates(lambda: self.ship_each(documents), documents) for _ in range(rounds)],
            "bulk": [rates(lambda: self.ship_bulk(BULK), BULK) for _ in range(rounds)],
        }

    def ship_each(self, documents: int) -> None:
        """Each document alone."""
        for _ in range(documents):
            self.ship_bulk(1)

    turn = 0

    def ship_bulk(self, documents: int) -> None:
        """Reserve and commit, ship and commit: in between another may look or fail, as in this project."""
        items = [self.items[(self.turn + n) % SHIPPED] for n in range(documents)]
        self.turn += documents
        with self.transaction():
            made = [one.id for one in self.reserve(items)]
        with self.transaction():
            self.ship(made)

    def reserve(self, items: list[int]) -> list[Any]:
        """A delivery of one piece for each item; it takes its stock."""
        shipment = self.get("stock.shipment.out")
        made = self.deliver([(item, 1) for item in items])
        shipment.assign_try(made)
        assert {one.state for one in made} == {"assigned"}
        return made

    def deliver(self, wanted: list[tuple[int, int]]) -> list[Any]:
        """Deliveries to the customer with one line each, waiting."""
        shipment = self.get("stock.shipment.out")
        head = {"customer": self.customer, "delivery_address": self.address, "company": self.company, "warehouse": self.warehouse,
                "warehouse_storage": self.storage, "warehouse_output": self.storage, "planned_date": self.today}  # fmt: skip
        made: list[Any] = shipment.create(
            [
                {**head, "outgoing_moves": [("create", [self.move(item, quantity, self.storage, self.customers)])]}
                for item, quantity in wanted
            ]
        )
        shipment.wait(made)
        return made

    def ship(self, ids: list[int]) -> None:
        """The deliveries leave: packed and done. They need no picking where nothing lies between storage and the door."""
        shipment = self.get("stock.shipment.out")
        found = shipment.browse(ids)
        shipment.pack(found)
        shipment.do(found)
        assert {one.state for one in shipment.browse(ids)} == {"done"}

    # Planning

    def planning(self, demand: int, rounds: int) -> dict[str, Any]:
        """Seconds of an explosion (median) and of one run of requirements, and what came of them."""
        times = []
        lines: list[dict[str, Any]] = []
        for _ in range(rounds):
            started = time.perf_counter()
            lines = list(below(self.explode(demand)))
            times.append(time.perf_counter() - started)
        total = sum(Decimal(str(line["quantity"])) for line in lines)
        taken, proposals, wanted = self.plan(demand)
        return {"explosion": statistics.median(times), "lines": len(lines), "total": str(total),
                "planning": taken, "proposals": proposals, "wanted": wanted}  # fmt: skip

    def explode(self, quantity: int) -> list[dict[str, Any]]:
        """All levels under the top, in a transaction of its own."""
        with self.transaction():
            top = self.get("product.product")(self.items[0])
            found: list[dict[str, Any]] = self.get("production.bom.tree").tree(top, quantity, top.default_uom)
        return found

    def plan(self, demand: int) -> tuple[float, int, str]:
        """A delivery of the top waits: what must be produced and bought for it. This is what the supply wizard calls; but the wizard works out
        again after each level what is to be bought, which is left out here: once, at the end, comes to the same. Nothing is committed, which
        the time leaves out. Seconds, proposals, and the sum of their quantities."""
        produce, buy = self.get("production"), self.get("purchase.request")
        with self.transaction() as transaction:
            self.deliver([(self.items[0], demand)])
            places = self.get("stock.location").browse([self.warehouse])
            started = time.perf_counter()
            is_first = True
            while produce.generate_requests(clean=is_first, warehouses=places):
                is_first = False
            buy.generate_requests(warehouses=places)
            taken = time.perf_counter() - started
            quantities = [one.quantity for model in (produce, buy) for one in model.search([])]
            transaction.rollback()
        return taken, len(quantities), str(sum(Decimal(str(quantity)) for quantity in quantities))


def rates(work: Callable[[], None], documents: int) -> tuple[float, float]:
    """Documents a second by the clock, and by the processor time of this process."""
    started, busy = time.perf_counter(), time.process_time()
    work()
    return documents / (time.perf_counter() - started), documents / (time.process_time() - busy)


def below(lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All lines of a tree."""
    for line in lines:
        yield line
        yield from below(line["childs"])


if __name__ == "__main__":
    main()
