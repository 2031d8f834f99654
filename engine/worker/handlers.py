"""Handlers of outbox messages, by kind. At least once each; effects exactly once, because the message's id is the request key."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from engine.actions import Engine, Only, audit_as_job, perform, run_planner, webhooks_for
from engine.actions.commands import Notify, RecostRegister, RunRule
from engine.actor import SYSTEM
from engine.channels import Delivery, deliver
from engine.problems import Problems
from engine.store.site import Message
from engine.texts import wording


def handle(engine: Engine, message: Message) -> str | None:
    """Do what a message asks; None when it is done, else why not."""
    handler = HANDLERS.get(message.kind)
    return f"no handler for {message.kind}" if handler is None else handler(engine, message)


def _task_opened(engine: Engine, message: Message) -> str | None:
    payload = message.payload
    text = {
        "en": f"A decision is waiting for you: {payload['title']}",
        "zh-CN": f"有一项待办等您处理：{payload['title']}",
    }
    told = perform(
        engine,
        Notify(text, role=payload["role"], link=f"/forms/{payload['form']}/{payload['record']}"),
        SYSTEM,
        request_key=f"message {message.id}",
    )
    return told.first.code if isinstance(told, Problems) else None


def _event(engine: Engine, message: Message) -> str | None:
    """Tell every webhook of the event; the first failure, if any. Receivers drop what they have seen, by the delivery key."""
    payload, seconds = message.payload, engine.clock.now().microseconds // 1_000_000
    errors = [
        error
        for hook in webhooks_for(engine, payload["form"], payload["on"])
        if (error := deliver(Delivery(hook.url, payload, hook.secret, str(message.id), seconds, hook.inside)))
        is not None
    ]
    return errors[0] if errors else None


def _notify(engine: Engine, message: Message) -> str | None:
    payload = message.payload
    user = _id(payload.get("user"))
    if user is None and "user" in payload:
        return f"no user has the id {str(payload['user'])[:60]!r}"
    told = perform(
        engine,
        Notify(payload["text"], user, payload.get("role"), payload.get("link", "")),
        SYSTEM,
        request_key=f"message {message.id}",
    )
    return told.first.code if isinstance(told, Problems) else None


def _rule(engine: Engine, message: Message) -> str | None:
    """Run a rule. What stops it is kept with the message, in words, and it is tried again: the reason may pass."""
    payload = message.payload
    command = RunRule(
        payload["rule"],
        payload["event"],
        _id(payload.get("record")),
        {**payload.get("given", {}), **{name: payload[name] for name in ("balance", "before") if name in payload}},
        tuple(payload.get("added", ())),
        bool(payload.get("judged")),
        payload.get("actor", {}),
        int(payload.get("depth", 1)),
    )
    ran = perform(engine, command, RULES, request_key=f"message {message.id}")
    return "; ".join(wording(p, "en")[0] for p in ran) if isinstance(ran, Problems) else None


def _planner(engine: Engine, message: Message) -> str | None:
    """Do a planner's run. One that was refused or stopped has told so itself, and is not tried again."""
    payload = message.payload
    only = Only(frozenset(UUID(item) for item in payload.get("items", ())), bool(payload.get("only_changed")))
    run_planner(engine, payload["planner"], run_id=payload["run"], only=only, actor=PLANNERS)
    return None


def _recost(engine: Engine, message: Message) -> str | None:
    """One step of valuing again; the command asks for the next one itself."""
    done = perform(engine, RecostRegister(message.payload["register"]), SYSTEM, request_key=f"message {message.id}")
    return done.first.code if isinstance(done, Problems) else None


def _audit(engine: Engine, message: Message) -> str | None:
    """One that was stopped is not tried again."""
    done = audit_as_job(engine)
    if isinstance(done, Problems) and done.first.code != "actions.audit_stopped":
        return done.first.code
    return None


def _id(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


RULES: Final = replace(SYSTEM, name="rules", via="rule")
"""Who runs rules that run by themselves."""
PLANNERS: Final = replace(SYSTEM, name="planners", via="job")
"""Who writes suggestions."""
LONG: Final = frozenset(("audit", "planner"))
"""Kinds of messages that may take minutes to handle: nothing else waits for them."""
HANDLERS: Final[Mapping[str, Callable[[Engine, Message], str | None]]] = {
    "task_opened": _task_opened,
    "event": _event,
    "notify": _notify,
    "rule": _rule,
    "recost": _recost,
    "audit": _audit,
    "planner": _planner,
}
