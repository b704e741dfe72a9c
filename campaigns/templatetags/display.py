"""How pages draw states and times: never by colour alone, never without a zone."""

from datetime import UTC, date, datetime, timedelta

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.deliveries.outbox import EVENTS
from campaigns.guard.outlook import GuardSignal
from campaigns.holidays.dates import hours_in_words
from campaigns.models import Delivery, DeliveryState, Operation
from campaigns.operations import descriptions
from campaigns.pages.menu import MenuEntry, menu_for
from campaigns.schedule import UNREADABLE, Opening
from campaigns.schedule.due_times import abbreviation_of
from campaigns.schedule.zones import offset_name
from campaigns.states import State

register = template.Library()

STATUSES = {"ACTIVE": ("good", "play", "Active"), "PAUSED": ("warning", "bars", "Paused")}
SHAPES = {
    State.QUEUED: "ring",
    State.RUNNING: "half",
    State.WAITING: "hourglass",
    State.ACCEPTED: "dot",
    State.CONFIRMED: "check",
    State.SKIPPED: "skip",
    State.REJECTED: "stop",
    State.CONFLICT: "clash",
    State.FAILED: "cross",
    State.UNCONFIRMED: "alert",
    State.CANCELLED: "slash",
    State.SUPERSEDED: "skip",
    State.SCHEDULED: "ring",
}
EVENT_LABELS = {event: kind.label for kind, event in EVENTS.items()}
DELIVERIES = {
    DeliveryState.PENDING: ("busy", "hourglass"),
    DeliveryState.DELIVERED: ("good", "check"),
    DeliveryState.PARKED: ("bad", "stop"),
}
MINUTE, HOUR, DAY = 60, 3600, 86_400
IN_UTC = "%Y-%m-%d %H:%M:%S UTC"
# A line never breaks between a time and its zone.
NBSP = "\N{NO-BREAK SPACE}"


@register.simple_tag(takes_context=True)
def main_menu(context: Context) -> list[MenuEntry]:
    """The entries of the main menu for whoever looks at the page."""
    return menu_for(context["request"], any_parked=context["freshness"].any_parked)


@register.simple_tag
def status_chip(status: str, gone: bool = False) -> SafeString:
    """A campaign's status; one that we don't know is shown as it is."""
    tone, shape, word = STATUSES.get(status, ("quiet", "diamond", status or "No status"))
    if gone:
        tone, shape, word = "quiet", "cross", "Not in CXone"
    return chip(tone, shape, word, "standing")


@register.simple_tag
def state_chip(operation: Operation, label: str = "") -> SafeString:
    """An operation's state, in the usual words or as `label`."""
    shape = SHAPES[State(operation.state)]
    return chip(descriptions.tone_of(operation), shape, label or descriptions.label_of(operation))


@register.filter
def state_shape(state: str) -> str:
    """The shape that stands for an operation's state."""
    return SHAPES[State(state)]


@register.simple_tag
def delivery_chip(delivery: Delivery) -> SafeString:
    state = DeliveryState(delivery.state)
    return chip(*DELIVERIES[state], state.label)


@register.filter
def event_label(event: str) -> str:
    """The kind of change that a delivery reports: Pause, Resume, Schedule change."""
    return EVENT_LABELS.get(event, event)


@register.filter
def without_id(words: str, campaign_id: str) -> str:
    return descriptions.without_campaign_id(words, campaign_id)


@register.simple_tag
def chip(tone: str, shape: str, word: str, extra: str = "") -> SafeString:
    return format_html(
        '<span class="chip tone-{} {}"><span class="shape {}" aria-hidden="true"></span>'
        '<span class="word">{}</span></span>',
        tone,
        extra,
        shape,
        word,
    )


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """A time in the reader's zone: 2026-11-21 14:03:20 EST, the date left out where it is today's."""
    if at is None:
        return ""
    here = timezone.localtime(at)
    if here.date() != timezone.localdate():
        return dated(at)
    return _time(at, f"{here:%H:%M:%S}{NBSP}{abbreviation_of(here)}")


@register.filter
def dated(at: datetime | None) -> SafeString | str:
    """The same, always with its date."""
    if at is None:
        return ""
    here = timezone.localtime(at)
    return _time(at, f"{here:%Y-%m-%d %H:%M:%S}{NBSP}{abbreviation_of(here)}")


def _time(at: datetime, words: str) -> SafeString:
    """The same time in UTC appears when the pointer rests on it."""
    utc = at.astimezone(UTC)
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>', utc.isoformat(), f"{utc:{IN_UTC}}", words
    )


@register.filter
def day(on: date) -> SafeString:
    """A date with its weekday: Thu 2026-11-26."""
    return format_html('<time class="nowrap" datetime="{}">{}</time>', f"{on:%Y-%m-%d}", f"{on:%a %Y-%m-%d}")


@register.filter
def clock_with_zone(at: datetime) -> str:
    """The time of day in its own zone: 09:03 EST, or 19:48 UTC+5:45 where the zone has no short name."""
    return f"{at:%H:%M}{NBSP}{abbreviation_of(at)}"


@register.filter
def dialing(window: Opening) -> str:
    """A schedule's opening in its own zone: open until 17:00 EST, opens Mon 09:00 EST."""
    if window.problem == UNREADABLE:
        if window.is_open:
            return "open, until when can't be read"
        return f"unknown: {UNREADABLE}"
    if window.problem:
        return window.problem
    if window.changes_at is None:
        if window.is_open:
            return "open all week"
        return "closed"
    return f"{'open until' if window.is_open else 'opens'} {_in_words(window.changes_at)}"


@register.filter
def when(at: datetime) -> SafeString:
    """A time to come, in its own zone: Fri 25 Dec 00:00 EST."""
    return _time(at, f"{_weekday_and_date(at)} {clock_with_zone(at)}")


@register.filter
def guard_signal(signal: GuardSignal) -> str:
    """What the holiday guard does next, where the zone is known: Guard pauses Fri 25 Dec 00:00."""
    return f"{signal.words} {_weekday_and_date(signal.at)}{NBSP}{signal.at:%H:%M}"


def _weekday_and_date(at: datetime) -> str:
    """With the year only if it is another than now's."""
    year = "" if at.year == timezone.now().astimezone(at.tzinfo).year else f" {at.year}"
    return f"{at:%a} {at.day} {at:%b}{year}".replace(" ", NBSP)


def _in_words(at: datetime) -> str:
    days = (at.date() - timezone.now().astimezone(at.tzinfo).date()).days
    if days == 0:
        return clock_with_zone(at)
    # From a week ahead on, the name of the day alone would be taken for that of this week.
    if days < 7:
        return f"{at:%a} {clock_with_zone(at)}"
    return f"{at:%a} {at.day} {at:%b} {clock_with_zone(at)}"


@register.filter
def offset(iso: str) -> str:
    """The offset of a time in ISO 8601: UTC-5, UTC+5:45."""
    east = datetime.fromisoformat(iso).utcoffset() or timedelta()
    return offset_name(int(east.total_seconds()) // 60)


@register.filter
def listed(things: list[object]) -> str:
    """1, 2 and 3."""
    return descriptions.join_words([str(thing) for thing in things])


@register.filter
def restricted_hours(closed: tuple[int, int] | None) -> str:
    """Which hours of its day a holiday restricts."""
    return hours_in_words(closed)


@register.filter
def short_duration(seconds: float | None) -> str:
    """4 s, 3 min, 2 h or 5 days. live.js counts on in the same words."""
    if seconds is None:
        return ""
    if seconds < MINUTE:
        return f"{int(seconds)} s"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min"
    if seconds < 2 * DAY:
        return f"{int(seconds // HOUR)} h"
    return f"{int(seconds // DAY)} days"


@register.simple_tag(takes_context=True)
def ago(context: Context, at: datetime | None) -> SafeString | str:
    """How long ago; the exact time appears when the pointer rests on it."""
    if at is None:
        return ""
    # By the database's clock, which the head of each page has read: the web server's own may be ahead or behind.
    seconds = (context["freshness"].now - at).total_seconds()
    return _time(at, f"{short_duration(max(seconds, 0))} ago")
