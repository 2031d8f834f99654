"""store: database connections, the unit of work, system tables. Runs statements that others made; knows no form and no register."""

from engine.store.site import NewRelease, Numbers
from engine.store.store import Reader, Store

__all__ = ["NewRelease", "Numbers", "Reader", "Store"]
