"""The tenant of CXone, and how many requests were sent to it today: for pages, which never ask CXone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Subquery, Sum
from django.db.models.functions import JSONObject, Now

from campaigns.cxone.gateway import TenantFacts
from campaigns.models import CXoneTenant, RequestSlot, SyncState

# Of the daily limit, in per cent. CXone blocks nothing beyond it, but raises an alert.
WARN_FROM = 80


@dataclass(frozen=True, slots=True)
class RequestsToday:
    """`limit`: from which CXone raises an alert; None if it states none. `is_near`: soon, or already."""

    requests: int
    limit: int | None

    @property
    def percent(self) -> int | None:
        return None if self.limit is None else 100 * self.requests // self.limit

    @property
    def is_near(self) -> bool:
        return self.percent is not None and self.percent >= WARN_FROM


def requests_today() -> RequestsToday | None:
    """Since midnight, UTC. None: CXone says nothing of a day, or hasn't been read today."""
    tenant = CXoneTenant.objects.filter(counted_day__isnull=False).annotate(now=Now()).first()
    if tenant is None or tenant.counted_day != _day(tenant.now):
        return None
    return RequestsToday(max(0, _sent() - tenant.counted_from), tenant.daily_limit)


def kept_tenant() -> Subquery:
    """What is kept of the tenant, None for nothing, for a statement about something else."""
    columns = {name: name for name in ("zone", "zone_problem", "daily_limit", "counted_day")}
    return Subquery(CXoneTenant.objects.filter(pk=1).values_list(JSONObject(**columns)))


def is_kept(kept: Mapping[str, Any] | None, tenant: TenantFacts, now: datetime) -> bool:
    """Whether a full read that ends at `now` found nothing but what is `kept`."""
    return kept == _values(tenant) | {"counted_day": _day(now).isoformat()}


def note_tenant(tenant: TenantFacts, now: datetime) -> None:
    """Keep what a full read that ends at `now` found."""
    values = _values(tenant)
    known = CXoneTenant.objects.filter(pk=1).first()
    if known is None or known.counted_day != _day(now):
        values |= {"counted_day": _day(now), "counted_from": _sent()}
    elif all(getattr(known, name) == value for name, value in values.items()):
        return
    CXoneTenant.objects.update_or_create(pk=1, defaults=values)
    if known is None or known.zone_problem != tenant.zone_problem:
        SyncState.bump()


def zone_problem() -> str:
    """Why no schedule can be written at CXone, for people; "" if one can, or nobody knows yet."""
    return CXoneTenant.objects.filter(pk=1).values_list("zone_problem", flat=True).first() or ""


def _values(tenant: TenantFacts) -> dict[str, Any]:
    return {"zone": tenant.zone, "zone_problem": tenant.zone_problem, "daily_limit": tenant.daily_limit}


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def _sent() -> int:
    """Requests that were ever sent."""
    return RequestSlot.objects.aggregate(sent=Sum("uses"))["sent"] or 0
