"""Changes of holiday calendars by admins. Each saves its rows and one audit record, with before and after, in one
transaction."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import transaction
from django.db.models import Model, QuerySet

from audit.kinds import RecordKind
from campaigns.audited_changes import deleted_meanwhile, lock, record_change, unless_taken
from campaigns.errors import Refusal
from campaigns.holidays.comparison import Outdated, missing_from
from campaigns.holidays.dates import HolidayEntry
from campaigns.models import HOLIDAY, Calendar, CalendarDeed, Campaign, Holiday, ReasonCode, SyncState
from campaigns.observation.assignments import note_assigned, note_calendar, note_removed
from campaigns.schedule.clock_face import date_in_words

HOLIDAY_FIELDS = ("name", "date", "starts", "ends", "every_year", "observed")
CALENDAR_FIELDS = ("name", "zone")
GUARD_FIELDS = ("guarded",)


class Imported(NamedTuple):
    added: int
    unchanged: int
    taken_out: int = 0


def make_calendar(*, name: str, zone: str = "", by: str) -> Calendar:
    """`zone`: an IANA name, or "" for each campaign's own. Refusal: the name is taken."""
    calendar = Calendar(name=name, zone=zone)
    with unless_taken(Calendar.objects.filter(name=name), _calendar_taken(name)):
        calendar.save(force_insert=True)
        # No bump: no campaign has the calendar yet, so pages that refresh themselves have nothing new to show.
        record_calendar(calendar, by, "made", after=_facts(calendar, CALENDAR_FIELDS))
    return calendar


def change_calendar(*, calendar: Calendar, name: str, zone: str, by: str) -> None:
    """Change a calendar's name or time zone. Refusal: the name is taken, or somebody deleted the calendar."""
    others = Calendar.objects.filter(name=name).exclude(pk=calendar.pk)
    with unless_taken(others, _calendar_taken(name)):
        locked = lock_calendar(calendar)
        before = _facts(locked, CALENDAR_FIELDS)
        locked.name, locked.zone = name, zone
        after = _facts(locked, CALENDAR_FIELDS)
        if before != after:
            locked.save()
            _renew(locked)
            note_calendar(locked, CalendarDeed.SETTINGS, by, before=before, after=after)
            record_calendar(locked, by, "changed", before=before, after=after)


def switch_guard(*, calendar: Calendar, guarded: bool, by: str) -> bool:
    """Let the holiday guard pause the calendar's campaigns, or no longer. False: it is so already.

    Refusal: the reason HOLIDAY can't be used for the guard's pauses, or somebody deleted the calendar.
    """
    with transaction.atomic():
        if guarded:
            _lock_guards_reason()
        locked = lock_calendar(calendar)
        if locked.guarded == guarded:
            return False
        before = _facts(locked, GUARD_FIELDS)
        locked.guarded = guarded
        locked.save(update_fields=["guarded"])
        note_calendar(locked, CalendarDeed.GUARD_ON if guarded else CalendarDeed.GUARD_OFF, by)
        SyncState.bump()
        record_calendar(locked, by, "changed", before=before, after=_facts(locked, GUARD_FIELDS))
    return True


def delete_calendar(*, calendar: Calendar, by: str) -> None:
    """Delete a calendar with its holidays. Refusal: somebody else deleted it."""
    with transaction.atomic():
        locked = lock_calendar(calendar)
        # With its holidays, which are deleted too: the record is all that is left of them.
        before = _facts(locked, CALENDAR_FIELDS + GUARD_FIELDS) | {
            "holidays": [f"{holiday.date} {holiday.name}" for holiday in locked.holidays.all()],
            "campaigns": sorted(locked.campaigns.values_list("pk", flat=True)),
        }
        note_calendar(calendar, CalendarDeed.DELETED, by)
        note_removed(calendar, None, by)
        locked.delete()
        SyncState.bump()
        record_calendar(calendar, by, "deleted", before=before)


def assign_calendar(
    *, calendar: Calendar, add: Collection[str] = (), remove: Collection[str] = (), by: str
) -> tuple[int, int]:
    """Assign the calendar to campaigns, by id, and remove it from others.

    Returns the numbers of campaigns added and removed; unknown ids, and campaigns for which nothing changes, don't
    count. Refusal: somebody deleted the calendar.
    """
    with transaction.atomic():
        locked = lock_calendar(calendar)
        before = set(locked.campaigns.values_list("pk", flat=True))
        added = set(Campaign.objects.filter(pk__in=set(add) - before).values_list("pk", flat=True))
        removed = before & set(remove)
        if added or removed:
            change_campaigns(locked, added, removed, by=by)
    return len(added), len(removed)


def change_campaigns(
    locked: Calendar,
    added: Collection[str],
    removed: Collection[str] = (),
    *,
    by: str,
    did: str = "chose the campaigns of",
    **details: Any,
) -> None:
    """Assign a locked calendar to campaigns that don't have it, and remove it from others that do, on record.

    `did`, `details`: what the record says of the reason.
    """
    before = locked.campaigns.count()
    locked.campaigns.add(*added)  # type: ignore[arg-type]  # a campaign's id is text
    locked.campaigns.remove(*removed)  # type: ignore[arg-type]
    note_assigned(locked, added, by)
    note_removed(locked, removed, by)
    SyncState.bump()
    record_calendar(
        locked,
        by,
        did,
        before={"campaigns": before},
        after={"campaigns": before + len(added) - len(removed)},
        added=sorted(added),
        removed=sorted(removed),
        **details,
    )


def add_holiday(*, calendar: Calendar, by: str, **values: Any) -> Holiday:
    """`values`: those of HOLIDAY_FIELDS. Refusal: the calendar has that name on that day, or somebody deleted it."""
    with unless_taken(_same_holidays(calendar, values), _holiday_taken(values)):
        holiday = Holiday(calendar=lock_calendar(calendar), **values)
        holiday.save(force_insert=True)
        _renew(holiday.calendar)
        note_calendar(holiday.calendar, CalendarDeed.ADDED, by, after=_on_record(holiday))
        _record_holiday(holiday, by, "added", after=_facts(holiday, HOLIDAY_FIELDS))
    return holiday


def change_holiday(*, holiday: Holiday, by: str, **values: Any) -> None:
    """`values`: those of HOLIDAY_FIELDS. Refusal: the calendar has that name on that day, or somebody deleted it."""
    others = _same_holidays(holiday.calendar, values).exclude(pk=holiday.pk)
    with unless_taken(others, _holiday_taken(values)):
        changed = _lock_holiday(holiday)
        before, was = _facts(changed, HOLIDAY_FIELDS), _on_record(changed)
        for name, value in values.items():
            setattr(changed, name, value)
        after = _facts(changed, HOLIDAY_FIELDS)
        if before != after:
            changed.save()
            _renew(changed.calendar)
            note_calendar(changed.calendar, CalendarDeed.CHANGED, by, before=was, after=_on_record(changed))
            _record_holiday(changed, by, "changed", before=before, after=after)


def delete_holiday(*, holiday: Holiday, by: str) -> None:
    """Delete a holiday. Refusal: somebody else deleted it, or its calendar."""
    with transaction.atomic():
        deleted = _lock_holiday(holiday)
        before = _facts(deleted, HOLIDAY_FIELDS)
        deleted.delete()
        _renew(deleted.calendar)
        note_calendar(deleted.calendar, CalendarDeed.REMOVED, by, before=_on_record(deleted))
        _record_holiday(deleted, by, "deleted", before=before)


def import_holidays(
    *, calendar: Calendar, entries: Iterable[HolidayEntry], source: str, by: str, take_out: Iterable[Outdated] = ()
) -> Imported:
    """Add the entries that the calendar lacks, by date and name or by date and UID; the others stay unchanged.

    `take_out`: holidays to delete, unless somebody has changed their name or date since the preview. The whole import
    is one audit record. Refusal: somebody deleted the calendar.
    """
    with transaction.atomic():
        locked = lock_calendar(calendar)
        # Compared again under the lock: the preview may be a day old.
        wanted = {(entry.date, entry.name): entry for entry in entries}
        new = missing_from(locked, wanted.values())
        old = _unchanged(locked, take_out)
        Holiday.objects.filter(pk__in=[holiday.pk for holiday in old]).delete()
        Holiday.objects.bulk_create(
            Holiday(calendar=locked, date=e.date, name=e.name, starts=e.starts, ends=e.ends, uid=e.uid) for e in new
        )
        if new or old:
            _renew(locked)
            note_calendar(locked, CalendarDeed.IMPORTED, by, added=len(new), removed=len(old), source=source)
        record_change(
            RecordKind.HOLIDAY_CHANGED,
            by=by,
            calendar=locked.name,
            did="imported",
            holiday="1 holiday" if len(new) == 1 else f"{len(new)} holidays",
            source=source,
            added=len(new),
            unchanged=len(wanted) - len(new),
            taken_out=len(old) or None,
            before=[_on_record(holiday) for holiday in old] or None,
            after=[_on_record(entry) for entry in new],
        )
    return Imported(len(new), len(wanted) - len(new), len(old))


def _facts(row: Model, fields: Iterable[str]) -> dict[str, Any]:
    """The fields of a row as in audit records: booleans, otherwise text; None if empty."""
    facts: dict[str, Any] = {}
    for name in fields:
        value = getattr(row, name)
        if not isinstance(value, bool):
            value = str(value) if value else None
        facts[name] = value
    return facts


def _unchanged(calendar: Calendar, outdated: Iterable[Outdated]) -> list[Holiday]:
    """The holidays of `outdated` that the calendar still has with the same name and date."""
    as_it_was = {one.pk: (one.date, one.name) for one in outdated}
    found = calendar.holidays.filter(pk__in=list(as_it_was))
    return [holiday for holiday in found if (holiday.date, holiday.name) == as_it_was[holiday.pk]]


def _calendar_taken(name: str) -> Refusal:
    return Refusal(f"There is a calendar called {name} already. Choose another name.", "name")


def _same_holidays(calendar: Calendar, values: dict[str, Any]) -> QuerySet[Holiday]:
    return Holiday.objects.filter(calendar=calendar, date=values["date"], name=values["name"])


def _holiday_taken(values: dict[str, Any]) -> Refusal:
    sentence = (
        f"This calendar has {values['name']} on {date_in_words(values['date'])} already. Change that one, or choose "
        "another name."
    )
    return Refusal(sentence, "name")


def lock_calendar(calendar: Calendar) -> Calendar:
    """Lock the calendar, with its key, so that it and its holidays are changed by one transaction at a time."""
    return lock(calendar, f"The calendar {calendar.name}", with_key=True)


def _lock_guards_reason() -> None:
    """Refusal: the reason of the guard's pauses isn't as they need it. It stays so until the transaction ends."""
    reason = ReasonCode.objects.select_for_update(no_key=True).filter(pk=HOLIDAY).first()
    if reason is None or not reason.serves_the_guard:
        named = f"“{reason.label}”" if reason else HOLIDAY
        raise Refusal(
            f"The guard pauses with the reason {named}, and in the policy that is retired, deleted, not offered for "
            "pauses, or doesn’t override the calls limit. Change that first. Nothing was changed."
        )


def _lock_holiday(holiday: Holiday) -> Holiday:
    calendar = lock_calendar(holiday.calendar)
    found = calendar.holidays.filter(pk=holiday.pk).first()
    if found is None:
        raise deleted_meanwhile(holiday.name)
    return found


def _renew(calendar: Calendar) -> None:
    """Mark the calendar as changed."""
    # Processes cache its restricted days under the edition: a new one makes them compute these again.
    calendar.edition = uuid4()
    calendar.save(update_fields=["edition"])
    SyncState.bump()


def _on_record(entry: HolidayEntry | Holiday) -> str:
    """ "2026-12-24 13:00-18:00 Christmas Eve"."""
    if entry.starts and entry.ends:
        hours = f" {entry.starts:%H:%M}-{entry.ends:%H:%M}"
    else:
        hours = ""
    return f"{entry.date}{hours} {entry.name}"


def record_calendar(calendar: Calendar, by: str, did: str, **details: Any) -> None:
    record_change(RecordKind.CALENDAR_CHANGED, by=by, calendar=calendar.name, did=did, **details)


def _record_holiday(holiday: Holiday, by: str, did: str, **details: Any) -> None:
    calendar = holiday.calendar.name
    record_change(RecordKind.HOLIDAY_CHANGED, by=by, calendar=calendar, did=did, holiday=holiday.name, **details)
