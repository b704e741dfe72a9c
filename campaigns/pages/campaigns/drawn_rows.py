"""The rows of the list as HTML, each drawn once for all who see the same (decision 0022).

What a process has drawn it keeps, together with what that was drawn from: the campaign's own columns, and an epoch
that is another one whenever anything else that a row shows may have changed. A row of the same columns and epoch is
looked up. In another epoch all are drawn again; their versions tell what changed.
"""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from audit.models import Head
from audit.pages.kept import Kept
from campaigns.models import Campaign, Finding, Operation, Policy, Star
from campaigns.pages.actions import Rights, actions_on_many
from campaigns.pages.campaigns.rows import CampaignRow, ListColumn, RowDetails, read_row_details, row_of
from campaigns.pages.freshness import Freshness
from campaigns.prepared import fetch_of, fetch_rows
from campaigns.schedule.clock_face import has_twelve_hours
from campaigns.selection import CampaignSelection, matching_campaigns
from campaigns.states import IN_PROGRESS

# Of rows, in each process: 1 kB each. A page has 50.
MOST_KEPT = 10_000
# Of pages, as lists of rows. A person sees one at a time.
MOST_PAGES = 500
# With more of them, telling whether one has changed costs more than drawing all rows again.
MOST_IN_PROGRESS = 200

# In the order in which a page reads them. The first is the id.
FIELDS = tuple(field.attname for field in Campaign._meta.concrete_fields)

Raw = tuple[Any, ...]


@dataclass(frozen=True)
class Reader:
    """For whom rows are drawn. `person`: whose stars are shown."""

    person: int | None
    rights: Rights
    columns: tuple[ListColumn, ...]

    @cached_property
    def look(self) -> Hashable:
        """Whatever makes two readers' rows of the same data look different, but for their stars."""
        clock = timezone.get_current_timezone_name(), has_twelve_hours()
        return self.rights, tuple(column.key for column in self.columns), clock


@dataclass(frozen=True, slots=True)
class RowMarkup:
    """`version` is another one whenever `html` is."""

    version: str
    html: SafeString


# What was drawn, by campaign, look and star, with the stamp of what it was drawn from.
_drawn: Kept[Hashable, tuple[int, RowMarkup]] = Kept(MOST_KEPT)
# By campaign, with the epoch in which they were read.
_details: Kept[str, tuple[int, RowDetails]] = Kept(MOST_KEPT)
# By what they show, and for whom.
_pages: Kept[Hashable, list[RowMarkup]] = Kept(MOST_PAGES)
_epochs: Kept[Hashable, int] = Kept(2)


def mark_up_row(row: CampaignRow, rights: Rights) -> RowMarkup:
    context = {"row": row, "campaign": row.campaign, "picks": bool(actions_on_many(rights))}
    html = get_template("campaigns/_campaign_row.html").render(context).strip()
    version = urlsafe_b64encode(sha256(html.encode()).digest()[:9]).decode()
    marked = html.replace("<tr ", f'<tr data-v="{version}" ', 1)
    return RowMarkup(version, mark_safe(marked))  # noqa: S308


def draw_page(selection: CampaignSelection, size: int, reader: Reader, fresh: Freshness) -> list[RowMarkup]:
    """The rows of a page, in its order."""
    minute = minute_of(fresh)
    starred = frozenset(str(key) for (key,) in fetch_rows(_stars_of, person=reader.person or 0))
    # "Data age" is the only column that shows when all were read.
    read_at = fresh.read_at if any(column.key == "age" for column in reader.columns) else None

    def draw() -> list[RowMarkup]:
        # First: what is read later may be newer than the epoch says, and then the next epoch is another one.
        epoch = _epochs.get_or_make((fresh.version, minute), lambda: _epoch_of(fresh, minute))
        return _draw_page(fetch_rows(_page_of, selection, minute, size), reader, fresh, (epoch, read_at), starred)

    if selection.starred:
        # No version tells of somebody else's stars.
        return draw()
    shown = selection, size, fresh.version, minute, read_at
    return _pages.get_or_make((shown, reader.look, starred), draw)


def _draw_page(
    raws: Sequence[Raw],
    reader: Reader,
    fresh: Freshness,
    since: tuple[int, datetime | None],
    starred: Collection[str],
) -> list[RowMarkup]:
    """`since`: the epoch, and when all were read."""
    stamps = {str(raw[0]): hash((raw, since)) for raw in raws}
    rows = {key: _look_up((key, reader.look, key in starred), stamp) for key, stamp in stamps.items()}
    missing = [key for key, row in rows.items() if row is None]
    if missing:
        rows |= _draw(missing, reader, fresh, epoch=since[0], starred=starred, stamps=stamps)
    return [row for row in map(rows.get, stamps) if row]


def leave_out_known(rows: Sequence[RowMarkup], known: Sequence[str]) -> list[SafeString]:
    """The rows as they are sent to a page that has rows of the versions `known`, in that order. Of those it gets only
    their positions there, as ranges: rows mostly stay where they are."""
    positions = {version: position for position, version in enumerate(known)}
    sent: list[SafeString] = []
    first = last = None
    for row in (*rows, None):
        position = positions.get(row.version) if row else None
        if last is not None and position == last + 1:
            last = position
            continue
        if last is not None:
            sent.append(format_html('<tr data-same="{}-{}">', first, last))
        first = last = position
        if row and position is None:
            sent.append(row.html)
    return sent


def minute_of(fresh: Freshness) -> datetime:
    """A moment that all who read within a minute share. Windows change at whole minutes."""
    return fresh.now.replace(second=0, microsecond=0)


def _look_up(key: Hashable, stamp: int) -> RowMarkup | None:
    kept = _drawn.get(key)
    return kept[1] if kept and kept[0] == stamp else None


def _draw(
    ids: Sequence[str],
    reader: Reader,
    fresh: Freshness,
    *,
    epoch: int,
    starred: Collection[str],
    stamps: dict[str, int],
) -> dict[str, RowMarkup]:
    campaigns = fetch_of(_campaigns, ids)
    details, rows = _details_of(campaigns, fresh, epoch), {}
    for campaign in campaigns:
        key, is_starred = campaign.pk, campaign.pk in starred
        row = row_of(campaign, details[key], reader.rights, fresh, is_starred=is_starred, columns=reader.columns)
        rows[key] = mark_up_row(row, reader.rights)
        _drawn.set((key, reader.look, is_starred), (stamps[key], rows[key]))
    return rows


def _details_of(campaigns: list[Campaign], fresh: Freshness, epoch: int) -> dict[str, RowDetails]:
    found, missing = {}, []
    for campaign in campaigns:
        kept = _details.get(campaign.pk)
        if kept and kept[0] == epoch:
            found[campaign.pk] = kept[1]
        else:
            missing.append(campaign)
    if missing:
        for key, details in read_row_details(missing, fresh).items():
            found[key] = details
            _details.set(key, (epoch, details))
    return found


def _page_of(selection: CampaignSelection, minute: datetime, size: int) -> QuerySet[Any, Any]:
    first = (selection.page - 1) * size
    return matching_campaigns(selection, minute).values_list(*FIELDS)[first : first + size]


def _campaigns(ids: Sequence[str]) -> QuerySet[Campaign]:
    return Campaign.objects.filter(pk__in=ids).select_related("hold").order_by()


def _stars_of(person: int) -> QuerySet[Any, Any]:
    return Star.objects.filter(user=person).order_by().values_list("campaign_id")


# --- The epoch ---


def _epoch_of(fresh: Freshness, minute: datetime) -> int:
    """Another number whenever what a row shows besides its campaign's columns may have changed.

    Whatever ends, is decided or set is on record in the same transaction, so the audit's head is another one then.
    What isn't on record are the steps of operations in progress and the figures of open findings: they are read. The
    minute is for what changes by the clock, and bounds how long anything forgotten here could stay.
    """
    in_progress = fetch_rows(_operations_in_progress)
    if len(in_progress) > MOST_IN_PROGRESS:
        return hash((minute, fresh.version))
    parts = (fetch_rows(_head), fetch_rows(_policy), in_progress, fetch_rows(_open_findings))
    # In any order: sorting is what the database does last.
    return hash((minute, *map(frozenset, parts)))


def _head() -> QuerySet[Any, Any]:
    return Head.objects.order_by().values_list("number", "digest")


def _policy() -> QuerySet[Any, Any]:
    return Policy.objects.order_by().values_list()


def _operations_in_progress() -> QuerySet[Any, Any]:
    found = Operation.objects.filter(ended_at=None, state__in=IN_PROGRESS).order_by()
    return found.values_list(*OPERATION_FIELDS)[: MOST_IN_PROGRESS + 1]


def _open_findings() -> QuerySet[Any, Any]:
    return Finding.objects.filter(ended_at=None).order_by().values_list()


OPERATION_FIELDS = tuple(field.attname for field in Operation._meta.concrete_fields)
