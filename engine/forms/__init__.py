"""forms: what a record is, and whether it is right. Knows no register, no workflow and no role; executes no SQL."""

from engine.forms.auditing import changes, wire
from engine.forms.bulk import (
    AT_ONCE,
    BulkQuery,
    all_headers,
    all_lines,
    filled_lines,
    headers_of,
    id_of,
    pointing_to,
    state_of_all,
)
from engine.forms.compile import compile_forms
from engine.forms.definition import Action, Check, Field, Form, State
from engine.forms.describing import describe, record_schema
from engine.forms.fetching import RecordReader, every_id, referring
from engine.forms.gates import Gates
from engine.forms.kinds import BUILT_IN, FieldKinds
from engine.forms.listing import COUNT_MAX, ListQuery, ListRequest, list_query
from engine.forms.resolving import behind, line_resolver, resolver
from engine.forms.schema import SchemaOperation, operations
from engine.forms.scopes import ACTOR_TYPE, Reads, actor_value, record_scope, reference
from engine.forms.tables import FormTables
from engine.forms.validate import Draft, assign, validate
from engine.forms.writing import RecordWriter

__all__ = [
    "ACTOR_TYPE",
    "AT_ONCE",
    "BUILT_IN",
    "COUNT_MAX",
    "Action",
    "BulkQuery",
    "Check",
    "Draft",
    "Field",
    "FieldKinds",
    "Form",
    "FormTables",
    "Gates",
    "ListQuery",
    "ListRequest",
    "Reads",
    "RecordReader",
    "RecordWriter",
    "SchemaOperation",
    "State",
    "actor_value",
    "all_headers",
    "all_lines",
    "assign",
    "behind",
    "changes",
    "compile_forms",
    "describe",
    "every_id",
    "filled_lines",
    "headers_of",
    "id_of",
    "line_resolver",
    "list_query",
    "operations",
    "pointing_to",
    "record_schema",
    "record_scope",
    "reference",
    "referring",
    "resolver",
    "state_of_all",
    "validate",
    "wire",
]
