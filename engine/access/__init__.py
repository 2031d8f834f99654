"""access: who may do what to which rows and fields. Deny by default; what no grant gives, nobody has."""

from engine.access.compile import compile_roles
from engine.access.definition import Fields, FormGrant, Role
from engine.access.granting import Grant, grant, may_see

__all__ = ["Fields", "FormGrant", "Grant", "Role", "compile_roles", "grant", "may_see"]
