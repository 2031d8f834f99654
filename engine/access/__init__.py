"""access: who may do what to which rows and fields. Deny by default; what no grant gives, nobody has."""

from engine.access.compile import compile_roles
from engine.access.definition import Fields, FormGrant, LedgerGrant, Role
from engine.access.granting import Grant, grant, ledger_grant, may_see

__all__ = ["Fields", "FormGrant", "Grant", "LedgerGrant", "Role", "compile_roles", "grant", "ledger_grant", "may_see"]
