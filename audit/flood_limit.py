"""Counting what may come in floods: the ledger tells of it at counts 1, 2, 4, 8, … within an hour, and no oftener."""

from datetime import datetime

from django.db import transaction

from audit import clock
from audit.models import Tally

# Different ones of one key in one hour: more than a person comes upon by mistake.
MOST_DISTINCT = 100
LONGEST = 200


def tally(key: str, *, distinct: str = "", sort: str = "", now: datetime | None = None) -> int | None:
    """Count one more `key` in this hour (UTC). The count where it is to be recorded, else None.

    Whatever the count, the first of each that differs (`distinct`) is to be recorded, for the first 100 of them, and
    so is the first of each `sort`, of which there are few: what is repeated often doesn't hide what comes once. Keys
    are few (one for each person, say), never typed text. The rows of hours gone by are deleted.
    """
    window = (now or clock.now()).replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        row, made = Tally.objects.select_for_update().get_or_create(key=key, window=window)
        if made:
            Tally.objects.filter(window__lt=window).delete()
        is_new = _note(row, distinct[:LONGEST], MOST_DISTINCT)
        is_new_sort = _note(row, sort[:LONGEST], 2 * MOST_DISTINCT)
        row.count += 1
        row.save(update_fields=["count", "seen"])
    is_power_of_two = row.count & (row.count - 1) == 0
    return row.count if is_new or is_new_sort or is_power_of_two else None


def _note(row: Tally, one: str, most: int) -> bool:
    """Whether it is one that was not counted before; once the list is full, none is."""
    if not one or one in row.seen or len(row.seen) >= most:
        return False
    row.seen.append(one)
    return True
