"""Which campaigns a person wants to see, and in which order: what the list's address says, as a value."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower

from campaigns.models import Campaign, Control, Operation, Policy
from campaigns.policy.in_force import limit_in_sql
from campaigns.schedule import names_of, zone_key
from campaigns.states import BAD_ENDS, IN_PROGRESS, State, WaitingFor

KNOWN_STATUSES = ("ACTIVE", "PAUSED")
GONE = "gone"  # as a status to filter by: no longer in CXone
COLUMNS = ("name", "status", "calls", "zone", "operation")
# Of each column's two, the first is the one that a click on it gives first.
SORTS = {
    "name": "Name",
    "-name": "Name, reversed",
    "status": "Status",
    "-status": "Status, reversed",
    "-calls": "Most calls",
    "calls": "Fewest calls",
    "zone": "Time zone",
    "-zone": "Time zone, reversed",
    "-operation": "Newest operation",
    "operation": "Oldest operation",
}

# Trouble older than this is history, and no longer asks for attention.
RECENT = timedelta(days=3)
# An operation that is in progress for longer is stuck.
LONG = timedelta(minutes=5)
# What is held for its time, and a pause's end that nothing came of: neither may hide what became of the pause.
NEVER_BEGAN = Q(state=State.SCHEDULED) | Q(state=State.CANCELLED, undoes__isnull=False)

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class CampaignSelection:
    """`sort` is a key of SORTS, `zone` the current name of a zone, `calendar` the number of a holiday calendar."""

    q: str = ""
    status: str = ""
    zone: str = ""
    calendar: str = ""
    attention: bool = False
    sort: str = "name"
    page: int = 1

    @classmethod
    def read(cls, address: Mapping[str, Any]) -> "CampaignSelection":
        """From an address's parameters. What makes no sense there is left out."""
        sort, page, calendar = (address.get(name, "") for name in ("sort", "page", "calendar"))
        return cls(
            q=_clean(address.get("q", ""), 100),
            status=_known_status(_clean(address.get("status", ""), 60)),
            zone=zone_key(_clean(address.get("zone", ""), 64)),
            calendar=calendar if re.fullmatch(r"[1-9][0-9]{0,17}", calendar) else "",
            attention=address.get("attention") == "1",
            sort=sort if sort in SORTS else "name",
            page=int(page) if re.fullmatch(r"[1-9][0-9]{0,5}", page) else 1,
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.status or self.zone or self.calendar or self.attention)

    @property
    def query(self) -> str:
        """The shortest parameters that say the same."""
        said = {name: value for name, value in asdict(self).items() if value != getattr(EVERYTHING, name)}
        return urlencode({name: "1" if value is True else value for name, value in said.items()})

    def on_page(self, page: int) -> "CampaignSelection":
        return replace(self, page=page)

    def sorted_by(self, key: str) -> "CampaignSelection":
        """By that column; the other way round if it is sorted by it already."""
        first, second = (sort for sort in SORTS if sort.removeprefix("-") == key)
        return replace(self, sort=second if self.sort == first else first, page=1)


EVERYTHING = CampaignSelection()


def matching_campaigns(selection: CampaignSelection, policy: Policy, now: datetime) -> QuerySet[Campaign]:
    """The campaigns of a selection, in its order. Those that left CXone long ago appear only if asked for."""
    found = Campaign.objects.all()
    if selection.status == GONE:
        found = found.filter(gone_at__isnull=False)
    elif selection.status:
        found = found.filter(status=selection.status, gone_at__isnull=True)
    else:
        found = found.filter(Q(gone_at__isnull=True) | Q(gone_at__gte=now - RECENT))
    if selection.zone:
        found = found.filter(timezone__in=names_of(selection.zone))
    if selection.calendar:
        found = found.filter(calendars=int(selection.calendar))
    if selection.q:
        found = found.filter(Q(name__icontains=selection.q) | Q(id__icontains=selection.q))
    if selection.attention:
        found = found.filter(needs_attention(policy, now))
    return found.order_by(*_order(selection.sort))


def needs_attention(policy: Policy, now: datetime) -> Q:
    """The one definition of a campaign that somebody should look at.

    Its last operation ended badly, or its newest takes too long; or it was changed outside, has a status that we
    don't know, or has left CXone; or it is paused and yet has more calls in progress than its limit.
    """
    return (
        Q(Exists(_ended_badly(now)))
        | Q(Exists(_stuck(now)))
        | Q(control=Control.OUTSIDE, status_since__gte=now - RECENT)
        | ~Q(status__in=KNOWN_STATUSES)
        | Q(gone_at__gte=now - RECENT)
        | Q(status="PAUSED", active_calls__gt=limit_in_sql(policy))
    )


def _ended_badly(now: datetime) -> QuerySet[Operation]:
    """A campaign's last operation to end, if it ended badly. One for a later time may have been requested long before
    others that ended sooner. A look at each campaign's last costs the same whether there are a thousand operations or
    a million."""
    ended = _begun().filter(ended_at__isnull=False).order_by("-ended_at", "-id")
    bad = Operation.objects.filter(state__in=BAD_ENDS, ended_at__gte=now - RECENT)
    return bad.filter(pk=Subquery(ended.values("pk")[:1])).order_by()


def _stuck(now: datetime) -> QuerySet[Operation]:
    """A campaign's newest operation, if it is in progress for too long; before its time, none is."""
    newest = _begun().order_by("-requested_at", "-id")
    long_ago = Q(requested_at__lt=now - LONG) & (Q(not_before=None) | Q(not_before__lt=now - LONG))
    # One that waits for its turn in a bulk is late, not stuck: thousands take as long as CXone's rate demands.
    waits_its_turn = Q(bulk__isnull=False) & (Q(state=State.QUEUED) | Q(waiting_for=WaitingFor.TURN))
    in_progress = Operation.objects.filter(long_ago, ~waits_its_turn, state__in=IN_PROGRESS)
    return in_progress.filter(pk=Subquery(newest.values("pk")[:1])).order_by()


def _begun() -> QuerySet[Operation]:
    return Operation.objects.filter(campaign=OuterRef(OuterRef("pk"))).exclude(NEVER_BEGAN)


def _order(sort: str) -> list[OrderBy]:
    key = sort.removeprefix("-")
    by_name = [Lower("name").asc(), F("id").asc()]
    if key == "name":
        if sort == "-name":
            return [Lower("name").desc(), F("id").desc()]
        return by_name
    value = OrderBy(_VALUES[key](), descending=sort.startswith("-"), nulls_last=True)
    return [value, *by_name]


def _status() -> Case:
    """Those that are gone come last."""
    return Case(When(gone_at__isnull=True, then=F("status")), default=None, output_field=CharField(null=True))


def _newest_asked() -> Subquery:
    newest = Operation.objects.filter(campaign=OuterRef("pk")).order_by("-requested_at")
    return Subquery(newest.values("requested_at")[:1])


_VALUES: dict[str, Callable[[], F | Case | Subquery]] = {
    "status": _status,
    "calls": lambda: F("active_calls"),
    "zone": lambda: F("timezone"),
    "operation": _newest_asked,
}


def _known_status(text: str) -> str:
    if text.upper() in KNOWN_STATUSES:
        return text.upper()
    return text


def _clean(text: str, most: int) -> str:
    return _UNSAFE.sub(" ", text).strip()[:most]
