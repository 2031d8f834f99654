"""Webhooks of a site: who is told of which events. A setting of the site, not of the pack: addresses and secrets belong to the place."""

from dataclasses import dataclass

from engine.actions.open_engine import Engine
from engine.store import site

SETTING = "webhooks"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Tell `url` when a record of `form` is created or enters a state (`on`)."""

    form: str
    on: str
    url: str
    secret: str
    inside: bool = False


def put_webhooks(engine: Engine, webhooks: list[Webhook]) -> None:
    """Replace the site's webhooks."""
    site.put_setting(
        engine.store,
        SETTING,
        [{"form": w.form, "on": w.on, "url": w.url, "secret": w.secret, "inside": w.inside} for w in webhooks],
    )


def webhooks_for(engine: Engine, form: str, on: str) -> list[Webhook]:
    """Who wants to be told."""
    with engine.store.read() as reader:
        found = site.setting(reader, SETTING) or []
    return [Webhook(**w) for w in found if w["form"] == form and w["on"] == on]
