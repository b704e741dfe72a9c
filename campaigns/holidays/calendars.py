"""What an admin does with holiday calendars. Each verb saves its rows and one audit record, with before and after."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Model

from audit import ledger
from audit.kinds import RecordKind, Status
from campaigns.errors import Refusal
from campaigns.holidays.comparison import Outdated, missing_from
from campaigns.holidays.dates import Entry
from campaigns.models import Calendar, Campaign, Holiday, SyncState

HOLIDAY_FIELDS = ("name", "date", "starts", "ends", "every_year", "observed")
CALENDAR_FIELDS = ("name", "zone")


class Imported(NamedTuple):
    added: int
    unchanged: int
    taken_out: int = 0


def make_calendar(*, name: str, zone: str = "", by: str) -> Calendar:
    """`zone`: an IANA name, or "" for each campaign's own. Refusal: the name is taken."""
    calendar = Calendar(name=name, zone=zone)
    with _unless_taken(_calendar_taken(name)), transaction.atomic():
        calendar.save(force_insert=True)
        _record(RecordKind.CALENDAR_CHANGED, calendar, by, "made", after=_values(calendar, CALENDAR_FIELDS))
    return calendar


def change_calendar(*, calendar: Calendar, name: str, zone: str, by: str) -> None:
    """Rename it, or let its days begin and end elsewhere."""
    with _unless_taken(_calendar_taken(name)), transaction.atomic():
        locked = _lock(calendar)
        before = _values(locked, CALENDAR_FIELDS)
        locked.name, locked.zone = name, zone
        after = _values(locked, CALENDAR_FIELDS)
        if before != after:
            locked.save()
            _renew(locked)
            _record(RecordKind.CALENDAR_CHANGED, locked, by, "changed", before=before, after=after)


def delete_calendar(*, calendar: Calendar, by: str) -> None:
    """With its holidays: nothing warns of those days any more."""
    with transaction.atomic():
        locked = _lock(calendar)
        before = _values(locked, CALENDAR_FIELDS) | {
            "holidays": [f"{holiday.date} {holiday.name}" for holiday in locked.holidays.all()],
            "campaigns": sorted(locked.campaigns.values_list("pk", flat=True)),
        }
        locked.delete()
        SyncState.bump()
        _record(RecordKind.CALENDAR_CHANGED, calendar, by, "deleted", before=before)


def assign(*, calendar: Calendar, add: Collection[str] = (), remove: Collection[str] = (), by: str) -> tuple[int, int]:
    """Give it campaigns, by id, and take others away: how many were, that hadn't been so already."""
    with transaction.atomic():
        locked = _lock(calendar)
        before = set(locked.campaigns.values_list("pk", flat=True))
        known = set(Campaign.objects.filter(pk__in=set(add) - before).values_list("pk", flat=True))
        gone = before & set(remove)
        if known or gone:
            locked.campaigns.add(*known)  # type: ignore[arg-type]  # a campaign's id is text
            locked.campaigns.remove(*gone)  # type: ignore[arg-type]
            SyncState.bump()
            _record(
                RecordKind.CALENDAR_CHANGED,
                locked,
                by,
                "chose the campaigns of",
                before={"campaigns": len(before)},
                after={"campaigns": len(before) + len(known) - len(gone)},
                added=sorted(known),
                removed=sorted(gone),
            )
    return len(known), len(gone)


def add_holiday(*, calendar: Calendar, by: str, **values: Any) -> Holiday:
    """`values`: those of HOLIDAY_FIELDS. Refusal: the calendar has that name on that day."""
    with _unless_taken(_holiday_taken(values)), transaction.atomic():
        holiday = Holiday(calendar=_lock(calendar), **values)
        holiday.save(force_insert=True)
        _renew(holiday.calendar)
        _record_holiday(holiday, by, "added", after=_values(holiday, HOLIDAY_FIELDS))
    return holiday


def change_holiday(*, holiday: Holiday, by: str, **values: Any) -> None:
    with _unless_taken(_holiday_taken(values)), transaction.atomic():
        calendar = _lock(holiday.calendar)
        changed = _find(calendar, holiday)
        before = _values(changed, HOLIDAY_FIELDS)
        for name, value in values.items():
            setattr(changed, name, value)
        after = _values(changed, HOLIDAY_FIELDS)
        if before != after:
            changed.save()
            _renew(calendar)
            _record_holiday(changed, by, "changed", before=before, after=after)


def delete_holiday(*, holiday: Holiday, by: str) -> None:
    with transaction.atomic():
        calendar = _lock(holiday.calendar)
        deleted = _find(calendar, holiday)
        before = _values(deleted, HOLIDAY_FIELDS)
        deleted.delete()
        _renew(calendar)
        _record_holiday(deleted, by, "deleted", before=before)


def import_holidays(
    *, calendar: Calendar, entries: Iterable[Entry], source: str, by: str, take_out: Iterable[Outdated] = ()
) -> Imported:
    """Add those that the calendar hasn't yet, by date and name, or by date and the file's id of the event. What it has
    stays as it is, but for what is to be taken out: that goes if nobody has changed it meanwhile. One record for
    all."""
    with transaction.atomic():
        locked = _lock(calendar)
        wanted = {(entry.date, entry.name): entry for entry in entries}
        new = missing_from(locked, wanted.values())
        old = _still_there(locked, take_out)
        Holiday.objects.filter(pk__in=[holiday.pk for holiday in old]).delete()
        Holiday.objects.bulk_create(
            Holiday(calendar=locked, date=e.date, name=e.name, starts=e.starts, ends=e.ends, uid=e.uid) for e in new
        )
        if new or old:
            _renew(locked)
        done = Imported(len(new), len(wanted) - len(new), len(old))
        _record(
            RecordKind.HOLIDAY_CHANGED,
            locked,
            by,
            "imported",
            holiday="1 holiday" if len(new) == 1 else f"{len(new)} holidays",
            source=source,
            **_counts(done),
            **({"before": [_told(holiday) for holiday in old]} if old else {}),
            after=[_told(entry) for entry in new],
        )
    return done


def _still_there(calendar: Calendar, outdated: Iterable[Outdated]) -> list[Holiday]:
    as_it_was = {one.pk: (one.date, one.name) for one in outdated}
    found = calendar.holidays.filter(pk__in=list(as_it_was))
    return [holiday for holiday in found if (holiday.date, holiday.name) == as_it_was[holiday.pk]]


def _counts(done: Imported) -> dict[str, int]:
    """`taken_out` only where something was."""
    return {name: number for name, number in done._asdict().items() if number or name != "taken_out"}


@contextmanager
def _unless_taken(refused: Refusal) -> Iterator[None]:
    """A constraint refused the row: its name is taken."""
    try:
        yield
    except IntegrityError:
        raise refused from None


def _calendar_taken(name: str) -> Refusal:
    return Refusal(f"There is a calendar called {name} already. Choose another name.", "name")


def _holiday_taken(values: dict[str, Any]) -> Refusal:
    sentence = (
        f"This calendar has {values['name']} on {values['date']} already. Change that one, or choose another name."
    )
    return Refusal(sentence, "name")


def _lock(calendar: Calendar) -> Calendar:
    """One change of a calendar at a time."""
    locked = Calendar.objects.select_for_update().filter(pk=calendar.pk).first()
    if locked is None:
        raise Refusal(f"The calendar {calendar.name} was deleted meanwhile. Nothing was changed.")
    return locked


def _renew(calendar: Calendar) -> None:
    """It or its holidays changed: what was worked out from them is worked out again, and pages show it."""
    calendar.edition = uuid4()
    calendar.save(update_fields=["edition"])
    SyncState.bump()


def _find(calendar: Calendar, holiday: Holiday) -> Holiday:
    found = calendar.holidays.filter(pk=holiday.pk).first()
    if found is None:
        raise Refusal(f"{holiday.name} was deleted meanwhile. Nothing was changed.")
    return found


def _values(row: Model, fields: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in fields}
    return {
        name: value if isinstance(value, bool) else str(value) if value else None for name, value in values.items()
    }


def _told(entry: Entry | Holiday) -> str:
    hours = f" {entry.starts:%H:%M}-{entry.ends:%H:%M}" if entry.starts and entry.ends else ""
    return f"{entry.date}{hours} {entry.name}"


def _record_holiday(holiday: Holiday, by: str, did: str, **details: Any) -> None:
    _record(RecordKind.HOLIDAY_CHANGED, holiday.calendar, by, did, holiday=holiday.name, **details)


def _record(kind: RecordKind, calendar: Calendar, by: str, did: str, **details: Any) -> None:
    """The transaction's last step."""
    ledger.append(kind, by=by, status=Status.SUCCESS, details={"calendar": calendar.name, "did": did, **details})
