"""The workshop with rules that warn, comment, follow, wait for a time and get stuck; and people who set them off."""

from pathlib import Path

from engine.actions import open_engine, perform
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.effects import Outcome
from tests.support.live_site import Client, LiveSite
from tests.support.workshop import texts

RULES = """
rule "Large request"
about "More than ten pieces are asked about. / 超过十件时提醒。"
for request when changed quantity if quantity > 10
then warn {en: "More than ten pieces: is that what you want?", "zh-CN": "超过十件，确定吗？"} at quantity

rule "Never so many"
for request when created if quantity > 1000
then refuse {en: "A thousand pieces at most.", "zh-CN": "最多一千件。"} at quantity

rule "Urgent"
about "Due soon: graded and noted in the history. / 临期申请：定级并记入历史。"
for request when enters open if price != null and quantity * price > 100
then
  set grade to "A"
  comment {en: "Costs " + string(total) + ", so it is grade A.", "zh-CN": "金额 " + string(total) + "，定为 A 级。"}

rule "Buy what is asked for"
for request after enters open if grade = "A"
then
  create purchase with quantity = quantity, reason = "request " + code
  set note to "A purchase is planned."

rule "Kept while graded"
for request when deleted if grade != null
then warn {en: "It is graded.", "zh-CN": "此申请已定级。"}

rule "Morning round"
about "Each working day: requests that are still drafts. / 每个工作日：仍为草稿的申请。"
for each request when schedule "0 8 * * *" on workdays if state = "draft"
then notify role boss that {en: "Request " + code + " is still a draft", "zh-CN": "申请 " + code + " 仍为草稿"}

rule "Sort by number"
for request after created if number(code) > 500
then set grade to "B"
"""
"""Of these, the last cannot be worked out for a code that is no number."""


def write_pack(folder: Path, rules: str = RULES) -> Path:
    """The pack as files."""
    for name, text in texts(rules).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def a_busy_day(client: Client) -> None:
    """Requests that set off the rules: one that is graded and bought for, one that leaves a rule stuck."""
    client.created("request", {"code": "101", "quantity": 5, "price": 40, "note": "For the fair"}, "submit")
    client.created("request", {"code": "102", "quantity": 2, "price": 10}, "submit")
    client.created("request", {"code": "R-7", "quantity": 3})


def add_clerk(site: LiveSite) -> None:
    """Somebody who may not override rules nor see them."""
    engine = open_engine(site.database_url)
    made = perform(engine, PutUser("clerk", "Cleo", "clerk-1234", ("clerk",), "en", False), SYSTEM)
    engine.store.close()
    assert isinstance(made, Outcome)
