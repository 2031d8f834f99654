"""`preview=1`: nothing is written, and the answer says what the command would change of the costs of others."""

from flask import Response, request

from engine.actions import preview
from engine.actions.commands import Command
from engine.web.answers import answer_json
from engine.web.reading import unwrap
from engine.web.session_api import the_actor, the_engine


def previewed(command: Command) -> Response | None:
    """What the command would change, if that is all that is asked; else None."""
    if request.args.get("preview") != "1":
        return None
    return answer_json(unwrap(preview(the_engine(), command, the_actor())))
