"""Actor: who asks. Rights are not here: they are a Grant, made by `access` from the roles named here."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.values import NIL


@dataclass(frozen=True, slots=True)
class Actor:
    """A user (or the system itself) and how the request came in.

    `roles` are role names; `is_admin` means every right on records, not on the machine. `via` is the way in: web, api,
    import, rule, workflow, job, cli. `language` is a BCP 47 tag for messages.
    """

    id: UUID
    name: str
    roles: frozenset[str] = frozenset()
    language: str = "en"
    via: str = "web"
    is_admin: bool = False


SYSTEM: Final = Actor(NIL, "system", frozenset(), "en", "job", is_admin=True)
