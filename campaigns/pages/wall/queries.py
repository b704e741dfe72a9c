"""What a wallboard shows. A fixed number of queries, and few of them while nothing changes."""

from dataclasses import dataclass

from django.db.models import Count, Q

from campaigns.attention.findings import FindingView, open_findings, view_of
from campaigns.floor import Floor, FloorCounts, read_floor
from campaigns.models import Bulk, WallLink
from campaigns.pages.freshness import Freshness
from campaigns.pages.version import version_of
from campaigns.states import ENDS

# What fits on a screen of 1080 lines without scrolling: nobody is there to scroll.
MOST_FINDINGS = 6
MOST_GROUPS = 13
MOST_BULKS = 3


@dataclass(frozen=True, slots=True)
class TagGroup:
    """Campaigns with the same text of a tag."""

    name: str
    counts: FloorCounts


@dataclass(frozen=True, slots=True)
class WallBulk:
    """`words`: what it does, such as "Pausing 39 campaigns"."""

    words: str
    by: str
    number: int
    ended: int


@dataclass(frozen=True, slots=True)
class Wall:
    """`more_…`: how many there is no room for."""

    link: WallLink
    total: FloorCounts
    groups: list[TagGroup]
    more_groups: int
    findings: list[FindingView]
    more_findings: int
    bulks: list[WallBulk]

    @property
    def group_word(self) -> str:
        return self.link.group_by.capitalize()


def read_wall(link: WallLink, fresh: Freshness) -> Wall:
    """In three queries."""
    floor = read_floor(fresh.now, link.group_by)
    groups = _groups(floor)
    findings = [view_of(finding) for finding in open_findings()[:MOST_FINDINGS]] if fresh.findings else []
    return Wall(
        link=link,
        total=floor.total,
        groups=groups[:MOST_GROUPS],
        more_groups=max(0, len(groups) - MOST_GROUPS),
        findings=findings,
        more_findings=max(0, fresh.findings - len(findings)),
        bulks=_bulks(),
    )


def wall_version(link: WallLink, fresh: Freshness) -> str:
    """What is shown depends on these, and how long something lasts on the minute."""
    minute = f"{fresh.now:%Y%m%d%H%M}"
    return version_of(link.pk, fresh.version, fresh.shown, fresh.failing_since, fresh.notices, minute)


def _groups(floor: Floor) -> list[TagGroup]:
    """Those that need somebody first, then by calls."""
    groups = [TagGroup(name, counts) for name, counts in floor.by_tag.items()]

    def order(group: TagGroup) -> tuple[bool, int, int, str]:
        return not group.counts.needs_you, -group.counts.needs_you, -group.counts.calls, group.name.casefold()

    return sorted(groups, key=order)


def _bulks() -> list[WallBulk]:
    running = Bulk.objects.filter(ended_at=None).defer("campaign_ids").order_by("requested_at", "id")
    ended = Count("operations", filter=Q(operations__state__in=ENDS))
    doing = {"pause": "Pausing", "resume": "Resuming"}
    return [
        WallBulk(f"{doing.get(bulk.kind, 'Changing')} {_campaigns(bulk.number)}", bulk.by, bulk.number, bulk.ended)
        for bulk in running.annotate(ended=ended)[:MOST_BULKS]
    ]


def _campaigns(number: int) -> str:
    return "1 campaign" if number == 1 else f"{number:,} campaigns"
