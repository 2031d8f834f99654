"""channels: the way out. Called only by the worker; the home of the HTTP client."""

from engine.channels.webhook import Delivery, deliver, is_public, sign

__all__ = ["Delivery", "deliver", "is_public", "sign"]
