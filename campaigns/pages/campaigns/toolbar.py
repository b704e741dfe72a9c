"""What stands above the list: the filters that are on, views, and columns to choose from; and the list in words."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from campaigns.models import FindingCode
from campaigns.pages.campaigns.campaign_list import STATE_LABELS, FilterChoices, read_filter_choices
from campaigns.pages.campaigns.columns import COLUMNS
from campaigns.pages.campaigns.desk import Desk, ViewLink, views_for
from campaigns.pages.campaigns.rows import ListColumn, status_label
from campaigns.pages.freshness import Freshness
from campaigns.selection import FILTERS, NO_CALENDAR, CampaignSelection


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A filter that is on. `query`: the address parameters without it."""

    key: str
    label: str
    query: str


@dataclass(frozen=True, slots=True)
class Toolbar:
    """`columns`: all that there are, the shown ones first, each with whether it is shown."""

    choices: FilterChoices
    chips: list[FilterChip]
    views: list[ViewLink]
    columns: list[tuple[ListColumn, bool]]


def read_toolbar(selection: CampaignSelection, user: User | AnonymousUser, desk: Desk, fresh: Freshness) -> Toolbar:
    choices = read_filter_choices(selection, fresh)
    shown = desk.columns_for(selection)
    tags = {choice.name for choice in choices.tags}
    others = [column for column in COLUMNS.values() if column not in shown and (not column.tag or column.tag in tags)]
    return Toolbar(
        choices=choices,
        chips=_chips(selection, choices, user.get_username()),
        views=views_for(user, selection),
        columns=[*((column, True) for column in shown), *((column, False) for column in others)],
    )


def _chips(selection: CampaignSelection, choices: FilterChoices, reader: str) -> list[FilterChip]:
    calendars = {str(number): name for number, name in choices.calendars} | {NO_CALENDAR: "No calendar"}
    labels = {
        "q": f"“{selection.q}”",
        "status": status_label(selection.status),
        "zone": selection.zone,
        "calendar": calendars.get(selection.calendar, f"Calendar {selection.calendar}"),
        "finding": FindingCode(selection.finding).label if selection.finding else "",
        "hold": "On hold" if selection.hold else "",
        "starred": "Starred" if selection.starred == reader else f"Starred by {selection.starred}",
    }
    chips = [
        FilterChip(name, label, selection.without(name).query)
        for name, label in labels.items()
        if getattr(selection, name)
    ]
    tags = [
        FilterChip(f"tag-{number}", tag.partition(":")[2], selection.without_tag(tag).query)
        for number, tag in enumerate(selection.tags)
    ]
    return [*chips, *tags]


def shown_in_words(selection: CampaignSelection, count: int) -> str:
    """What the list shows, to lead back to it: "the 5 in Anchorage", "the 39 paused", "all campaigns", and "the
    filtered list" where nothing matched."""
    if not selection.is_filtered:
        return "all campaigns"
    if count == 0:
        return "the filtered list"
    words = {
        "state": STATE_LABELS.get(selection.state, "").lower(),
        "status": status_label(selection.status).lower(),
        "zone": f"in {selection.zone.rpartition('/')[2].replace('_', ' ')}",
        "hold": "on hold",
        "calendar": "without a calendar" if selection.calendar == NO_CALENDAR else "",
    }
    narrowed = [name for name in FILTERS if getattr(selection, name)]
    said = words.get(narrowed[0], "") if len(narrowed) == 1 and not selection.tags else ""
    if not narrowed and len(selection.tags) == 1:
        said = f"of {selection.tags[0].partition(':')[2]}"
    return f"the {count:,} {said or 'that match'}"
