"""Handlers of outbox messages, by kind. At least once each; effects exactly once, because the message's id is the request key."""

from collections.abc import Callable, Mapping
from typing import Final

from engine.actions import Engine, perform, webhooks_for
from engine.actions.commands import Notify
from engine.actor import SYSTEM
from engine.channels import Delivery, deliver
from engine.problems import Problems
from engine.store.site import Message


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


HANDLERS: Final[Mapping[str, Callable[[Engine, Message], str | None]]] = {"task_opened": _task_opened, "event": _event}
