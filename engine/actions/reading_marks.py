"""Marks of having read: no part of any record's history, so no command."""

from engine.actions.open_engine import Engine
from engine.actor import Actor
from engine.store import site


def mark_notifications_read(engine: Engine, actor: Actor) -> None:
    """All the actor's notifications have been read."""
    site.read_notifications(engine.store, actor.id, engine.clock.now().microseconds)
