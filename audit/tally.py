"""Counting what may come in floods: the ledger tells of it at counts 1, 2, 4, 8, … within an hour, and no oftener."""

from datetime import datetime

from django.db import transaction

from audit import clock
from audit.models import Tally


def tally(key: str, *, now: datetime | None = None) -> int | None:
    """Count one more `key` in this hour (UTC). The count where it is to be recorded, else None.

    Keys are few (one for each person, say), never typed text. The rows of hours gone by are deleted.
    """
    window = (now or clock.now()).replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        row, made = Tally.objects.select_for_update().get_or_create(key=key, window=window)
        if made:
            Tally.objects.filter(window__lt=window).delete()
        row.count += 1
        row.save(update_fields=["count"])
    is_power_of_two = row.count & (row.count - 1) == 0
    return row.count if is_power_of_two else None
