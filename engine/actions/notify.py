"""Tell users something inside the app."""

from engine.actions.commands import Notify
from engine.actions.planning import Planning, make_plan
from engine.effects import Plan, PutNotification
from engine.problems import Problems


def plan(command: Notify, planning: Planning) -> Plan | Problems:
    """One notification for each user meant."""
    users = [command.user] if command.user is not None else []
    if command.role is not None:
        users += [u for u in planning.facts.users_with_role(command.role) if u not in users]
    told = [PutNotification(planning.ids.new(), user, command.text, command.link) for user in users]
    return make_plan(planning, told, {"told": len(told)})
