"""Rules: what there is and what fired, for administrators; and the hooks by which other systems set rules off."""

from typing import Final

from flask import Blueprint, Response, request

from engine.actions import Call, answer, receive_webhook, replace_site_hooks
from engine.actions.queries import ListRules, RuleFirings
from engine.web import problems
from engine.web.answers import answer_json
from engine.web.reading import read_body, read_id, read_json, refuse, unwrap
from engine.web.session_api import the_actor, the_engine

HOOKS_MAX: Final = 100
"""Hooks of one site."""

rules_api = Blueprint("rules_api", __name__)


@rules_api.get("/rules")
def list_rules() -> Response:
    """All rules in the order they fire, what they did last, and what is stuck."""
    return answer_json(unwrap(answer(the_engine(), ListRules(), the_actor())))


@rules_api.get("/rules/firings")
def firings() -> Response:
    """What fired, newest first: `rule` by name, `record` by id."""
    record = request.args.get("record")
    query = RuleFirings(request.args.get("rule", "")[:200], read_id(record, "record") if record else None)
    return answer_json(unwrap(answer(the_engine(), query, the_actor())))


@rules_api.put("/hooks")
def replace_hooks() -> Response:
    """Replace the hooks that other systems may call, {name: secret}. Administrators only; secrets are never read back."""
    body = read_body(request, {"hooks": dict}, required=("hooks",))
    hooks = body["hooks"]
    if len(hooks) > HOOKS_MAX or not all(isinstance(s, str) and len(s) >= 16 for s in hooks.values()):
        refuse(problems.not_an_object("/hooks", '{"name": "a secret of at least 16 characters"}'))
    unwrap(replace_site_hooks(the_engine(), hooks, the_actor()))
    return Response(status=204)


@rules_api.post("/hooks/<name>")
def call_hook(name: str) -> Response:
    """Another system calls: a JSON body signed as our webhooks are (X-Dougong-Signature, X-Dougong-Delivery)."""
    raw = request.get_data(cache=True)
    key, signature = (request.headers.get(f"X-Dougong-{part}", "").strip() for part in ("Delivery", "Signature"))
    if not 1 <= len(key) <= 100:
        refuse(problems.bad_parameter("X-Dougong-Delivery", "1 … 100"))
    read_json(raw)
    outcome = unwrap(receive_webhook(the_engine(), Call(name, raw, signature, key)))
    return answer_json(outcome.answer, 202)
