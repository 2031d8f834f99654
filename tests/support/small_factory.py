"""The smallest factory that can trade: one item, one warehouse with one place, one supplier, one customer."""

from dataclasses import dataclass
from typing import Any

from tests.support.live_site import Client


@dataclass(frozen=True)
class Factory:
    """The ids of what there is, and documents about it."""

    item: str
    item_title: str
    warehouse: str
    location: str
    supplier: str
    customer: str

    def order(self, quantity: str) -> dict[str, Any]:
        """A sales order of one line."""
        return {
            "customer": self.customer,
            "warehouse": self.warehouse,
            "lines": [{"item": self.item, "quantity": quantity, "price": "10"}],
        }

    def receipt(self, quantity: str) -> dict[str, Any]:
        """A goods receipt of one line."""
        return {
            "supplier": self.supplier,
            "warehouse": self.warehouse,
            "lines": [{"item": self.item, "location": self.location, "quantity": quantity}],
        }


def small_factory(client: Client) -> Factory:
    """Create it."""
    unit = client.created("unit", {"code": "PC", "name": "piece"})["id"]
    item = client.created("item", {"code": "LOCK-1", "name": "防火门锁", "unit": unit})["id"]
    warehouse = client.created("warehouse", {"code": "W1", "name": "Main"})["id"]
    location = client.created("location", {"code": "W1-A", "name": "Rack A", "warehouse": warehouse})["id"]
    supplier = client.created("supplier", {"code": "S1", "name": "Lock works"})["id"]
    customer = client.created("customer", {"code": "C1", "name": "Builder"})["id"]
    title = client.get(f"/forms/item/records/{item}")["title"]
    return Factory(item, title, warehouse, location, supplier, customer)


def put_in_stock(client: Client, factory: Factory, quantity: str) -> None:
    """Receive and post `quantity` of the item."""
    client.created("goods_receipt", factory.receipt(quantity), "post")


def on_hand_and_reserved(client: Client, factory: Factory) -> tuple[str, str]:
    """What the balance page says about the item."""
    rows = client.get("/registers/stock/balances", by="item", item=factory.item)["rows"]
    if not rows:
        return "0", "0"
    return rows[0]["measures"]["on_hand"], rows[0]["measures"]["reserved"]
