"""Which campaigns have which holiday calendar, and how those calendars change.

Written in the transaction of the change.
"""

from collections.abc import Collection
from typing import Any

from campaigns.models import Calendar, CalendarAssignment, CalendarChange, CalendarDeed
from campaigns.queueing.rows import database_now


def note_assigned(calendar: Calendar, campaigns: Collection[str], by: str) -> None:
    """`campaigns`: by id, those that have just got the calendar."""
    if not campaigns:
        return
    now = database_now()
    rows = [
        CalendarAssignment(
            campaign_id=campaign_id, calendar_number=calendar.pk, calendar_name=calendar.name, since=now, by=by
        )
        for campaign_id in sorted(campaigns)
    ]
    CalendarAssignment.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def note_removed(calendar: Calendar, campaigns: Collection[str] | None, by: str) -> None:
    """`campaigns`: those that no longer have it; None: all, since it is deleted."""
    lasting = CalendarAssignment.objects.filter(calendar_number=calendar.pk, until=None)
    if campaigns is not None:
        lasting = lasting.filter(campaign__in=sorted(campaigns))
    lasting.update(until=database_now(), until_by=by)


def note_calendar(calendar: Calendar, did: CalendarDeed, by: str, **details: Any) -> None:
    CalendarChange.objects.create(
        calendar_number=calendar.pk,
        calendar_name=calendar.name,
        did=did,
        by=by,
        at=database_now(),
        details=details,
    )
