"""web: HTTP in, HTTP out. Never sees a database session, a table or a row: it makes Commands and Queries and writes answers."""

from engine.web.app import create_app

__all__ = ["create_app"]
