"""The ledger's rows as the database keeps them: plain tuples, without the model."""

from typing import TYPE_CHECKING, Any

from django.db import connection

from audit import chain, jcs

if TYPE_CHECKING:
    from audit.models import Record

COLUMNS = (*chain.FIELDS, "body")
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
TIMESTAMP, OPERATION, DETAILS = (COLUMNS.index(name) for name in ("timestamp", "operation", "details"))


def pack(record: "Record") -> list[Any]:
    """A record's values as the table takes them. Details as their canonical text: SQLite keeps it, as it is hashed."""
    values = [getattr(record, name) for name in COLUMNS]
    values[TIMESTAMP] = connection.ops.adapt_datetimefield_value(record.timestamp)
    if record.operation and not connection.features.has_native_uuid_field:
        values[OPERATION] = record.operation.hex
    values[DETAILS] = jcs.text(record.details)
    return values
