"""Webhooks of a site: who is told of which events. A setting of the site, not of the pack: addresses and secrets belong to the place."""

from dataclasses import dataclass

from engine.actions import problems
from engine.actions.gather import gather
from engine.actions.open_engine import Engine
from engine.actor import Actor
from engine.problems import Problems, one
from engine.rules.dsl.tree import CallWebhook
from engine.store import site

SETTING = "webhooks"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Tell `url` when a record of `form` is created or enters a state (`on`), or when a rule for `form` calls `on` ("rule:<name>")."""

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


def replace_site_webhooks(engine: Engine, webhooks: list[Webhook], actor: Actor) -> Problems | None:
    """As put_webhooks, for an administrator, if every webhook listens to something that can happen."""
    if not actor.is_admin:
        return one("access.administrators_only")
    with gather(engine, actor) as planning:
        if isinstance(planning, Problems):
            return planning
        forms = planning.release.forms
        called = {
            (rule.rule.subject, f"rule:{step.action.name}")
            for rule in planning.release.rules
            for step in rule.steps
            if isinstance(step.action, CallWebhook)
        }
        for at, hook in enumerate(webhooks):
            if (hook.form, hook.on) in called:
                continue
            if hook.form not in forms:
                return problems.no_such_form(hook.form, tuple(forms)).under(f"/webhooks/{at}/form")
            if hook.on not in ("created", "deleted", *(s.name for s in forms[hook.form].states)):
                return problems.no_such_event(forms[hook.form].label, hook.on).under(f"/webhooks/{at}/on")
    put_webhooks(engine, webhooks)
    return None
