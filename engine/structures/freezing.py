"""A frozen copy of an explosion: plain wire values that the lines of another record can keep, whatever happens to the structure later."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

from engine.structures.definition import Structure
from engine.structures.explosion import Asked, Row
from engine.values import write_decimal

Kept = Literal["leaves", "direct", "all"]
KEPT: Final[tuple[Kept, ...]] = ("leaves", "direct", "all")
"""Which rows are kept: what is needed of leaves summed up, the first level, or every row with its level."""


def frozen_copy(
    structure: Structure, asked: Asked, rows: Sequence[Row], kept: Kept, final: Callable[[int, Fraction, bool], Decimal]
) -> list[dict[str, Any]]:
    """The rows under the names of the structure's own fields for component and quantity. `final` gives the quantity as it is to be kept:
    (node, exact total, is it a leaf); leaves are summed up before they are rounded. Outputs carry `output: true`."""
    ids, quantity = asked.graph.nodes, structure.rules.quantity_field or "quantity"

    def line(node: int, total: Fraction, is_leaf: bool, is_output: bool) -> dict[str, Any]:
        made = {structure.component: str(ids[node]), quantity: write_decimal(final(node, total, is_leaf))}
        return {**made, "output": True} if is_output else made

    if kept == "leaves":
        sums: dict[tuple[int, bool], Fraction] = {}
        for row in rows:
            if row.is_leaf or row.role == "output":
                key = row.node, row.role == "output"
                sums[key] = sums.get(key, Fraction(0)) + row.total
        return [line(node, total, not out, out) for (node, out), total in sums.items()]
    return [
        {
            **line(row.node, row.total, row.is_leaf, row.role == "output"),
            **({"level": row.level} if kept == "all" else {}),
        }
        for row in rows
        if kept == "all" or row.level == 1
    ]
