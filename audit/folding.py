"""What is derived from the records follows them by a watermark: each record is folded in exactly once.

Numbers are gapless and become visible in their order (the head's lock), so "up to number n" says it all.
"""

from django.db import connection, transaction

from audit import rollups
from audit.models import Progress, Record

STEP = 500


def fold(limit: int = STEP) -> int:
    """Fold in the next records, at most `limit`, in one transaction; how many there were. 0 while another folds."""
    with transaction.atomic():
        progress = _take()
        if progress is None:
            return 0
        records = list(Record.objects.defer("body").filter(number__gt=progress.number).order_by("number")[:limit])
        if records:
            rollups.add(records)
            Progress.objects.update(number=records[-1].number)
        return len(records)


def rebuild() -> int:
    """Make everything derived anew, in steps; how many records there were. Meanwhile charts say how far they tell."""
    with transaction.atomic():
        progress = Progress.objects.select_for_update().get()
        rollups.clear()
        Progress.objects.update(number=0, generation=progress.generation + 1)
    count = 0
    while step := fold():
        count += step
    return count


def _take() -> Progress | None:
    """The one row, locked; None while another folds. On SQLite the transaction has the only writer's lock already."""
    rows = Progress.objects.all()
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return rows.first()
