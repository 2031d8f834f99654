"""Posting rules in words: made from the definition, in both languages, with nothing that the reader may not see."""

import json
from typing import Any

import pytest

from engine.actions import Engine, answer, install_pack, open_engine
from engine.actions import queries as q
from engine.actions.gather import gather
from engine.actions.posting_words import posting_words
from engine.actor import SYSTEM, Actor
from engine.names import Text
from engine.packs import read_pack
from engine.problems import Problems
from engine.values import NIL
from tests.browser import ledger_at_work as workshop
from tests.support.ledger import Keeper, ledger_site
from tests.support.sites import one_site_each

ledger = one_site_each(ledger_site)
READER = Actor(NIL, "Rea", frozenset({"reader"}))
READS = {
    "role": "reader", "label": workshop.words("Reader / 读者"),
    "grants": [{"register": "goods"}, {"form": "receipt", "do": ["read"], "read": ["number", "place", "lines.part", "lines.quantity"]}],
}  # fmt: skip


@pytest.fixture
def shop(sqlite_url: str) -> Engine:
    """The workshop, with a reader who may not read all of its receipts and none of its issues."""
    files = {"pack.json": workshop.HEAD, "roles/looker.json": workshop.LOOKERS, "roles/reader.json": READS}
    files |= {f"forms/{f['form']}.json": f for f in workshop.FORMS}
    files |= {"registers/goods.json": workshop.GOODS, "structures/recipes.json": workshop.RECIPES, "replenishment/needs.json": workshop.NEEDS}  # fmt: skip
    pack = read_pack({name: json.dumps(given) for name, given in files.items()})
    assert not isinstance(pack, Problems), list(pack)
    engine = open_engine(sqlite_url)
    installed = install_pack(engine, pack)
    assert not isinstance(installed, Problems), [(p.code, p.place, dict(p.params)) for p in installed]
    return engine


def said(engine: Engine, form: str, posting: str, actor: Actor = SYSTEM) -> Text | None:
    with gather(engine, actor) as planning:
        assert not isinstance(planning, Problems)
        return posting_words(planning.release.registers["goods"], form, posting, planning)


@pytest.mark.parametrize(
    ("posting", "clauses"),
    [
        ("get", ["When an Entry becomes “Posted”, for every row of Lines:", 'if `kind = "send" and target != null`', "add Quantity to on_hand",
                 "of Item, Place = Target, Lot", "at the cost that `send` took in the same row"]),
        ("out", ['if `kind = "out"`', "take Quantity off on_hand"]),
        ("count", ["on_hand becomes what was counted: Quantity"]),
        ("ship", ["take Quantity off what Order has reserved", "take Quantity off on_hand"]),
        ("expect", ["expect Quantity to come in on Due"]), ("need", ["expect Quantity to go out on Due"]),
        ("arrive", ["take Quantity off what Order has planned"]),
        ("fresh", ["reserve Quantity", "the lowest `lot.expires` first", "only where `lot.expires = null or lot.expires >= today()`",
                   "all of it or nothing", "with priority `if amount = null then 0 else amount`", "until Due"]),
        ("each", ["from the oldest on", "each row in full or not at all"]),
        ("back", ["at the cost that Order had taken"]), ("late", ["add Amount to value", "as a later cost of what Order brought in"]),
        ("make", ["at the cost of all that `use`, `aside` took, shared by on_hand", "plus `if amount = null then 0 else amount`"]),
        ("undo", ["When an Entry becomes “Undone”:", "post the opposite of all that it has posted", "at the same cost", "for the days that it was posted for"]),
        ("free", ["give back all that it still has reserved"]), ("unplan", ["withdraw all that it still has planned"]),
    ],
)  # fmt: skip
def test_every_kind_of_rule_has_words(ledger: Engine, posting: str, clauses: list[str]) -> None:
    """Each thing that a posting rule can do, where and at what cost, is a clause of its own."""
    found = said(ledger, "entry", posting)
    assert found is not None
    lines = found["en"].splitlines()
    assert [line for line in lines if line in clauses] == clauses, lines
    assert len(found["zh-CN"].splitlines()) == len(lines)


def test_labels_are_those_of_the_language(shop: Engine) -> None:
    """Form, rows, fields, measures and dimensions are called as the reader's language calls them; expressions stay as written."""
    found = said(shop, "receipt", "receive")
    assert found is not None
    assert found["zh-CN"].splitlines() == [
        "新建入库单时，对明细的每一行：", "现存量增加 数量", "金额增加 `if amount = null then 0 else amount`", "维度：物料、库位", "生效日：日期",
    ]  # fmt: skip


def test_what_one_may_not_read_has_no_words(shop: Engine) -> None:
    """Of a form that one may not read nothing is said; of a field only that there is something; the rest stays."""
    assert said(shop, "issue", "issue", READER) is None
    found = said(shop, "receipt", "receive", READER)
    assert found is not None
    assert found["en"].splitlines() == [
        "When a Receipt is created, for every row of Lines:", "add Quantity to On hand", "add something that you may not see to Value", "of Part, Place",
        "taking effect on something that you may not see",
    ]  # fmt: skip
    assert "amount" not in found["en"] + found["zh-CN"]


def test_explaining_tells_the_rules_in_words(ledger: Engine) -> None:
    """The rules behind a balance, and the one behind a movement; of a rule that there is no more nothing is said."""
    keeper = Keeper(ledger)
    keeper.do("1: buy 10 P @ 100 as r")
    where = {"item": str(keeper.record("item", keeper.item))}
    told: Any = answer(ledger, q.ExplainBalance("goods", where), SYSTEM)
    assert told["postings"][0]["words"] == said(ledger, "entry", "buy")
    rows: Any = answer(ledger, q.Movements("goods", where), SYSTEM)
    movement: Any = answer(ledger, q.ExplainMovement("goods", int(rows["rows"][0]["id"])), SYSTEM)
    assert movement["words"] == said(ledger, "entry", "buy")
    assert said(ledger, "entry", "an older rule") is None
