"""worker: what leaves the process. Drains the outbox in a thread of this process, or hands messages to Celery; the handlers are the same."""

from engine.worker.drainer import Drainer
from engine.worker.handlers import HANDLERS, handle

__all__ = ["HANDLERS", "Drainer", "handle"]
