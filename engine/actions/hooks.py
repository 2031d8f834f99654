"""Hooks of a site: the names under which other systems may call it, and the secrets that prove who calls. A setting of the site."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.accounts import is_signed
from engine.actions import problems
from engine.actions.commands import ReceiveWebhook
from engine.actions.gather import gather
from engine.actions.open_engine import Engine
from engine.actions.perform import perform
from engine.actor import SYSTEM, Actor
from engine.effects import Outcome
from engine.packs import Release
from engine.problems import Problems, one
from engine.rules.dsl.tree import WebhookReceived
from engine.store import site

SETTING: Final = "hooks"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came in: its body (JSON, UTF-8), the signature over it, and a `key` that makes a repeated delivery recognisable."""

    name: str
    raw: bytes
    signature: str
    key: str


def replace_site_hooks(engine: Engine, secrets: Mapping[str, str], actor: Actor) -> Problems | None:
    """Set the hooks that may be called, {name: secret}, for an administrator, if a rule waits for each."""
    if not actor.is_admin:
        return one("access.administrators_only")
    with gather(engine, actor) as planning:
        if isinstance(planning, Problems):
            return planning
        known = hook_names(planning.release)
        for name in secrets:
            if name not in known:
                return problems.no_such_hook(name).under(f"/hooks/{name}")
    site.put_setting(engine.store, SETTING, dict(secrets))
    return None


def hook_names(release: Release) -> tuple[str, ...]:
    """The names that rules of the release wait for."""
    return tuple(dict.fromkeys(r.rule.event.name for r in release.rules if isinstance(r.rule.event, WebhookReceived)))


def receive_webhook(engine: Engine, call: Call) -> Outcome | Problems:
    """Take a call whose signature is right; the rules that wait for it run from the outbox. The same key again changes nothing."""
    with engine.store.read() as reader:
        secret = (site.setting(reader, SETTING) or {}).get(call.name)
    now = engine.clock.now().microseconds // 1_000_000
    if not secret or not is_signed(secret, call.signature, call.raw, now):
        return problems.no_such_hook(call.name)
    return perform(
        engine, ReceiveWebhook(call.name, call.raw.decode()), SYSTEM, request_key=f"hook {call.name} {call.key}"
    )
