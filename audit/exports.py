"""The export: the records as JSON lines, a stream that is on record itself."""

import json
from collections.abc import Iterator, Mapping

from django.db import transaction

from audit import ledger, queries
from audit.kinds import Kind, Status
from audit.queries import Selection


def export_jsonl(records: Selection, *, by: str, filters: Mapping[str, str]) -> Iterator[str]:
    """A line of JSON for each record, oldest first, with `chain.FIELDS` in their order. Leaves an export.made record.

    What is appended after the export was asked for isn't in it, its own record neither.
    """
    upto = queries.read_head()[1]
    count = queries.count(records, upto=upto)
    with transaction.atomic():
        ledger.append(
            Kind.EXPORT_MADE,
            by=by,
            status=Status.SUCCESS,
            details={"records": count, "upto": upto, "format": "jsonl", "filters": filters},
        )
    return (json.dumps(record.shown()) for record in queries.read_all(records, upto=upto))
