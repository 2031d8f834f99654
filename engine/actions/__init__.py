"""actions: the use cases. `perform` changes, `answer` reads; every way in goes through one of the two."""

from engine.actions.accounts import (
    Session,
    SignedIn,
    actor_by_login,
    bearer_actor,
    change_language,
    list_users,
    open_session,
    sign_in,
    sign_out,
)
from engine.actions.answer import answer, health
from engine.actions.audit import Audit, audit_and_record, audit_as_job, audit_registers, stop_audit
from engine.actions.describing import release_schemas
from engine.actions.hooks import Call, receive_webhook, replace_site_hooks
from engine.actions.importing import Import, ImportSummary, RowProblem, import_rows
from engine.actions.installing import Installed, install_pack, is_empty, load_sample
from engine.actions.open_engine import Engine, open_engine
from engine.actions.perform import perform, preview, submit_each
from engine.actions.planner_changes import Only
from engine.actions.reading_marks import mark_notifications_read
from engine.actions.run_planner import run_planner
from engine.actions.schedules import end_reservations, run_due_schedules
from engine.actions.webhooks import Webhook, put_webhooks, replace_site_webhooks, webhooks_for

__all__ = [
    "Audit",
    "Call",
    "Engine",
    "Import",
    "ImportSummary",
    "Installed",
    "Only",
    "RowProblem",
    "Session",
    "SignedIn",
    "Webhook",
    "actor_by_login",
    "answer",
    "audit_and_record",
    "audit_as_job",
    "audit_registers",
    "bearer_actor",
    "change_language",
    "end_reservations",
    "health",
    "import_rows",
    "install_pack",
    "is_empty",
    "list_users",
    "load_sample",
    "mark_notifications_read",
    "open_engine",
    "open_session",
    "perform",
    "preview",
    "put_webhooks",
    "receive_webhook",
    "release_schemas",
    "replace_site_hooks",
    "replace_site_webhooks",
    "run_due_schedules",
    "run_planner",
    "sign_in",
    "sign_out",
    "stop_audit",
    "submit_each",
    "webhooks_for",
]
