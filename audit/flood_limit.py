"""A limit on records of frequent events: one at the counts 1, 2, 4, 8, … within an hour, and no more.

Strangers can cause failed sign-ins and refused pages in any number; the ledger must not grow with them.
"""

from datetime import datetime

from django.db import transaction

from audit import clock
from audit.models import Tally

# Different values of one key in one hour: more than a person causes by mistake. Further ones are only counted.
MOST_DISTINCT = 100
# Characters stored of each value: anybody can type them, and up to 200 are in one row.
LONGEST = 200


def tally(key: str, *, distinct: str = "", sort: str = "", now: datetime | None = None) -> int | None:
    """Count an event under `key` in this hour (UTC). Returns the count if it should be recorded, otherwise None.

    The first event with each `distinct` value should always be recorded, up to 100 of them, and so should the first of
    each `sort`, of which there are few. There must be few keys (one for each user, for example), and none may be typed
    text. Rows of past hours are deleted.
    """
    # What happens often must not hide what happens once.
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
    if is_new or is_new_sort or is_power_of_two:
        return row.count
    return None


def _note(row: Tally, one: str, most: int) -> bool:
    """Add a value to those of this hour. False if it is already there, or if there are `most` of them."""
    if not one or one in row.seen or len(row.seen) >= most:
        return False
    row.seen.append(one)
    return True
