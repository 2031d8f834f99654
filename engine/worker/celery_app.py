"""The same handlers on Celery, for many machines: the relay puts ids of due messages on the broker, tasks handle them.

Started with `celery -A engine.worker.celery_app worker` and the settings DOUGONG_DATABASE and DOUGONG_BROKER. Celery is only a transport:
the outbox stays the truth, a lost or doubled task changes nothing.
"""

import os
from functools import cache
from uuid import UUID

from celery import Celery

from engine.actions import Engine, end_reservations, open_engine, run_due_schedules
from engine.store.site import Message, claim_messages
from engine.worker.drainer import BATCH, run_message

app = Celery("dougong", broker=os.environ.get("DOUGONG_BROKER", "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_acks_late=True, worker_prefetch_multiplier=1, task_ignore_result=True, broker_connection_retry_on_startup=True
)


@cache
def site() -> Engine:
    """The site of this worker."""
    return open_engine(os.environ["DOUGONG_DATABASE"])


@app.task(name="dougong.handle")  # type: ignore[untyped-decorator]  # Celery is not typed
def handle_message(id: str, kind: str, payload: dict[str, object], attempts: int) -> None:
    """Handle one message."""
    run_message(site(), Message(UUID(id), kind, payload, attempts))


def relay(engine: Engine) -> int:
    """Put due messages on the broker; how many that were. Schedules that are due become messages first, and reservations that are over end.
    The lease of the messages gives the workers time."""
    run_due_schedules(engine)
    end_reservations(engine)
    messages = claim_messages(engine.store, engine.clock.now().microseconds, BATCH)
    for message in messages:
        handle_message.delay(str(message.id), message.kind, dict(message.payload), message.attempts)
    return len(messages)
