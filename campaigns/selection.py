"""Which campaigns a person wants to see, and in which order: what the list's address says, as a value."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower
from django.http import QueryDict

from campaigns.dialing import DialingState, in_list, in_state
from campaigns.models import Calendar, Campaign, FindingCode, Operation, has_tag
from campaigns.schedule import names_of, zone_key
from campaigns.states import ACTIVE, PAUSED, State

KNOWN_STATUSES = (ACTIVE, PAUSED)
GONE = "gone"  # as a status to filter by: no longer in CXone
NEEDS_YOU = "needs-you"  # as a state to filter by: with an open finding
STATES = (NEEDS_YOU, *(state for state in DialingState if state != DialingState.GONE))
COLUMNS = ("name", "status", "calls", "zone", "operation")
# What needs somebody first, then where most calls are.
URGENCY = "urgency"
# Of each column's two, the first is the one that a click on it gives first.
SORTS = {
    URGENCY: "What needs you",
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

# In place of a calendar's number: the campaigns that have none.
NO_CALENDAR = "none"
FILTERS = ("state", "status", "q", "zone", "calendar", "finding", "hold", "starred")
# What is held for its time, and a pause's end that nothing came of: neither may hide what became of the pause.
NEVER_BEGAN = Q(state=State.SCHEDULED) | Q(state=State.CANCELLED, undoes__isnull=False)

# Of a name and a text, with the colon between them; and of those, in one selection.
LONGEST_TAG = 121
MOST_TAGS = 50

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class CampaignSelection:
    """`state` is one of STATES, `sort` a key of SORTS, `zone` the current name of a zone, `calendar` the number of a
    holiday calendar or NO_CALENDAR, `finding` a finding's code, `starred` the name of the person whose stars count.
    `hold`: "1" for those on hold.
    `columns`: those that a view shows, by their keys with commas between; "" for what the reader has chosen.

    `attention`: with an open finding, of whatever code; `finding`: with one of that code.
    `tags`: as in "client:Northwind". Of tags with the same name one is enough, of different names all must match.
    """

    q: str = ""
    state: str = ""
    status: str = ""
    zone: str = ""
    calendar: str = ""
    tags: tuple[str, ...] = ()
    finding: str = ""
    starred: str = ""
    columns: str = ""
    sort: str = URGENCY
    page: int = 1
    hold: str = ""

    @classmethod
    def read(cls, address: QueryDict) -> "CampaignSelection":
        """From an address's parameters. What makes no sense there is left out."""
        sort, page, calendar = (address.get(name, "") for name in ("sort", "page", "calendar"))
        return cls(
            q=_clean(address.get("q", ""), 100),
            state=_known_state(address),
            status=_known_status(_clean(address.get("status", ""), 60)),
            zone=zone_key(_clean(address.get("zone", ""), 64)),
            calendar=calendar if re.fullmatch(rf"[1-9][0-9]{{0,17}}|{NO_CALENDAR}", calendar) else "",
            tags=_known_tags(address.getlist("tag")),
            finding=_one_of(set(FindingCode), address.get("finding", "")),
            hold="1" if address.get("hold") == "1" else "",
            starred=_clean(address.get("starred", ""), 150),
            columns=_columns(address),
            sort=sort if sort in SORTS else URGENCY,
            page=int(page) if re.fullmatch(r"[1-9][0-9]{0,5}", page) else 1,
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.tags) or any(getattr(self, name) for name in FILTERS)

    @property
    def query(self) -> str:
        """The shortest parameters that say the same."""
        said = {name: value for name, value in asdict(self).items() if value != getattr(EVERYTHING, name)}
        said["tag"] = said.pop("tags", ())
        return urlencode(said, doseq=True, safe=",")

    @property
    def view_query(self) -> str:
        """What a saved view keeps of it: not the page that somebody is on."""
        return replace(self, page=1, columns="").query

    def without(self, name: str) -> "CampaignSelection":
        """With that filter taken off."""
        return replace(self, page=1, **{name: getattr(EVERYTHING, name)})

    def without_tag(self, tag: str) -> "CampaignSelection":
        return replace(self, page=1, tags=tuple(each for each in self.tags if each != tag))

    @property
    def on_record(self) -> dict[str, Any]:
        """What it was narrowed to, for people who read of it later: a calendar by its name then."""
        filters = {name: getattr(self, name) for name in FILTERS if getattr(self, name)}
        if self.tags:
            filters["tags"] = list(self.tags)
        if self.calendar and self.calendar != NO_CALENDAR:
            calendar = Calendar.objects.filter(pk=int(self.calendar)).first()
            filters["calendar"] = calendar.name if calendar else f"number {self.calendar}"
        return filters

    def on_page(self, page: int) -> "CampaignSelection":
        return replace(self, page=page)

    def sorted_by(self, key: str) -> "CampaignSelection":
        """By that column; the other way round if it is sorted by it already."""
        first, second = (sort for sort in SORTS if sort.removeprefix("-") == key)
        return replace(self, sort=second if self.sort == first else first, page=1)


EVERYTHING = CampaignSelection()


def matching_campaigns(selection: CampaignSelection, now: datetime) -> QuerySet[Campaign]:
    """The campaigns of a selection, in its order. Those that left CXone long ago appear only if asked for."""
    found = _in_status(selection.status, now)
    if selection.state:
        found = found.filter(in_selected_state(selection.state, now))
    if selection.zone:
        found = found.filter(timezone__in=names_of(selection.zone))
    if selection.calendar:
        found = found.filter(calendars=None if selection.calendar == NO_CALENDAR else int(selection.calendar))
    for name, texts in by_name(selection.tags).items():
        found = found.filter(has_tag(name, texts))
    found = _as_marked(found, selection)
    if selection.q:
        found = found.filter(has_in_its_name(selection.q) | Q(id__icontains=selection.q))
    return found.order_by(*_order(selection.sort))


def _as_marked(found: QuerySet[Campaign], selection: CampaignSelection) -> QuerySet[Campaign]:
    """By what somebody, or the product, has put on them."""
    if selection.finding:
        found = found.filter(findings__code=selection.finding, findings__ended_at__isnull=True)
    if selection.hold:
        found = found.filter(hold__isnull=False)
    if selection.starred:
        found = found.filter(stars__user__username=selection.starred)
    return found


def has_in_its_name(typed: str, campaign: str = "") -> Q:
    """Every word that was typed, in any order: people leave out a name's punctuation. `campaign`: the way to it from
    what is looked through, as in "campaign__"."""
    return reduce(and_, (Q(**{f"{campaign}name__icontains": word}) for word in typed.split()), Q())


def by_name(tags: Iterable[str]) -> dict[str, list[str]]:
    """ "client:Northwind" and the like, as the texts of each name."""
    found: dict[str, list[str]] = {}
    for tag in tags:
        name, _, text = tag.partition(":")
        found.setdefault(name, []).append(text)
    return found


def is_tag(text: str) -> bool:
    """Whether it reads "name:text"."""
    return re.fullmatch("[^:]+:.+", text) is not None


def with_tag(tag: str) -> QuerySet[Campaign]:
    """The campaigns that have it, as in "client:Northwind"."""
    name, _, text = tag.partition(":")
    return Campaign.objects.filter(has_tag(name, [text])).order_by()


def tag_label(name: str) -> str:
    """A tag's name as a heading. Only its first letter is raised: "CXone campaign" stays as it is."""
    return name[:1].upper() + name[1:]


def known_tags(among: QuerySet[Campaign] | None = None) -> dict[str, list[str]]:
    """The texts that campaigns have under each name, in their order: what may be chosen."""
    campaigns = Campaign.objects.filter(gone_at=None) if among is None else among
    found: dict[str, set[str]] = {}
    for tags in campaigns.order_by().values_list("tags", flat=True).distinct():
        for name, text in tags.items():
            found.setdefault(name, set()).add(text)
    return {name: sorted(found[name], key=str.casefold) for name in sorted(found)}


def _in_status(status: str, now: datetime) -> QuerySet[Campaign]:
    found = Campaign.objects.all()
    if status == GONE:
        return found.filter(gone_at__isnull=False)
    if status:
        return found.filter(status=status, gone_at__isnull=True)
    return found.filter(in_list(now))


def in_selected_state(state: str, now: datetime) -> Q:
    """`state`: one of STATES."""
    if state == NEEDS_YOU:
        return Q(urgency__gt=0)
    return in_state(DialingState(state), now)


def _order(sort: str) -> list[OrderBy]:
    key = sort.removeprefix("-")
    if key == URGENCY:
        # As the index is, so that a page of many campaigns needn't sort them all.
        return [F("urgency").desc(), F("active_calls").desc(), F("name").asc(), F("id").asc()]
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


def _known_tags(texts: Iterable[str]) -> tuple[str, ...]:
    tags = (_clean(text, LONGEST_TAG) for text in texts)
    return tuple(dict.fromkeys(filter(is_tag, tags)))[:MOST_TAGS]


def _known_status(text: str) -> str:
    if text.upper() in KNOWN_STATUSES:
        return text.upper()
    return text


def _known_state(address: QueryDict) -> str:
    # The list's addresses had `attention` before there were states.
    if address.get("attention") == "1":
        return NEEDS_YOU
    return _one_of(STATES, address.get("state", ""))


def _one_of(known: Collection[str], text: str) -> str:
    return str(text) if text in known else ""


def _columns(address: QueryDict) -> str:
    """Keys and nothing else: the list knows which columns there are."""
    text = address.get("columns", "")
    return text if re.fullmatch(r"[a-z_]{1,30}(,[a-z_]{1,30}){0,20}", text) else ""


def _clean(text: str, most: int) -> str:
    return _UNSAFE.sub(" ", text).strip()[:most]
