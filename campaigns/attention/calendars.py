"""Calendars without a restricted day next year: from November on, while there is time to add some."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from campaigns.holidays.agenda import Agenda
from campaigns.holidays.lookups import agendas_of
from campaigns.models import Calendar, Finding, FindingCode, FindingEnd, SyncState

FIRST_MONTH = 11
CODE = FindingCode.NO_CALENDAR_NEXT_YEAR


def judge_next_year(now: datetime) -> None:
    """Open and end the findings of all calendars. One query, except in the last months of a year: then three."""
    opened = {finding.calendar_id: finding for finding in Finding.objects.filter(ended_at=None, code=CODE)}
    if now.month < FIRST_MONTH and not opened:
        return
    wanted = _without_next_year(now.year) if now.month >= FIRST_MONTH else {}
    for key in opened.keys() - wanted.keys():
        _end(opened[key], now)
    for key in wanted.keys() - opened.keys():
        _open(key, wanted[key], now)


def _without_next_year(year: int) -> dict[int | None, int]:
    """By calendar that campaigns have, and that ends with this year: how many they are."""
    number = Count("campaigns", filter=Q(campaigns__gone_at=None))
    used = {each.pk: each for each in Calendar.objects.annotate(number=number).filter(number__gt=0)}
    agendas = agendas_of(used.values())
    return {
        key: calendar.number
        for key, calendar in used.items()
        if _restricts(agendas[key], year) and not _restricts(agendas[key], year + 1)
    }


def _restricts(agenda: Agenda, year: int) -> bool:
    return bool(agenda.between(date(year, 1, 1), date(year, 12, 31)))


def _open(calendar_id: int | None, campaigns: int, now: datetime) -> None:
    about: dict[str, Any] = {"calendar_id": calendar_id, "code": CODE, "cause": str(now.year + 1)}
    if Finding.objects.filter(end=FindingEnd.DISMISSED, **about).exists():
        return
    details = {"year": now.year + 1, "campaigns": campaigns}
    with transaction.atomic():
        # Two rounds at once: a constraint lets the first one open it.
        new = Finding(**about, since=now, opened_at=now, details=details)
        Finding.objects.bulk_create([new], ignore_conflicts=True)
        SyncState.bump()


def _end(finding: Finding, now: datetime) -> None:
    with transaction.atomic():
        if Finding.objects.filter(pk=finding.pk, ended_at=None).update(ended_at=now, end=FindingEnd.GONE):
            SyncState.bump()
