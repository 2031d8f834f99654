"""Engine: one site — its store, its clock, and the release in force. Several may live in one process; nothing is global."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.accounts import Throttle
from engine.clock import Clock, IdSource, RandomIds, SystemClock
from engine.packs import Release, release_from_body
from engine.problems import Problems
from engine.store import Numbers, Reader, Store
from engine.store import site as stored


class SiteIds:
    """Physical ids: those the site has given, and new ones for what it has not seen, counting on."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)
        self._next = max((int(id) for id in known.values()), default=0) + 1
        self.made: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The id of a definition."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self.made[path] = str(self._next)
            self._next += 1
        return found


@dataclass(slots=True)
class Engine:
    """What every command and query is performed on."""

    store: Store
    clock: Clock
    ids: IdSource
    numbers: Numbers
    throttle: Throttle
    _release: Release | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def release(self, reader: Reader) -> Release | None:
        """The release in force, compiled once a process and digest; None before the first install."""
        digest = stored.current_digest(reader)
        cached = self._release
        if cached is not None and cached.digest == digest:
            return cached
        if digest is None:
            return None
        with self._lock:
            if self._release is None or self._release.digest != digest:
                self._release = _compiled(reader, digest)
            return self._release

    def adopt(self, release: Release) -> None:
        """Take a release that was just compiled and installed."""
        self._release = release


def open_engine(url: str, *, clock: Clock | None = None, ids: IdSource | None = None) -> Engine:
    """The site at a database URL (sqlite:///file or postgresql://…), with its system tables made."""
    store = Store(url)
    store.prepare()
    return Engine(store, clock or SystemClock(), ids or RandomIds(), Numbers(store), Throttle())


def _compiled(reader: Reader, digest: str) -> Release:
    body = stored.release_body(reader, digest)
    assert body is not None, f"release {digest} has no body"
    release = release_from_body(body, SiteIds(stored.physical_names(reader)))
    if isinstance(release, Problems):
        # It was compiled when it was installed: only a newer engine with stricter checks can get here.
        raise RuntimeError(f"release {digest} no longer compiles: {[(p.code, p.file, p.place) for p in release]}")
    return release
