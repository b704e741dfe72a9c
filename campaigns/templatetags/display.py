"""How pages draw states and times: never by colour alone, never without a zone."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from campaigns.attention.notices import ATTENTION_NEEDED
from campaigns.deliveries.outbox import EVENTS
from campaigns.dialect import word_of_status
from campaigns.dialing import LOOKS, dialing_state
from campaigns.holidays.dates import hours_in_words
from campaigns.models import Campaign, Delivery, DeliveryState, Operation
from campaigns.operations import labels, phrases
from campaigns.operations.four_eyes import APPROVAL_NEEDED
from campaigns.operations.timed import begin_of, zone_of_due
from campaigns.pages.campaigns.state import state_word
from campaigns.pages.find.destinations import PAGES, Findable, destinations_for
from campaigns.pages.menu import MainMenu, MenuEntry, menu_for, number_waiting, settings_for
from campaigns.schedule import UNREADABLE, Opening
from campaigns.schedule.clock_face import date_in_words, for_reader, has_twelve_hours, time_of_day
from campaigns.schedule.due_times import DueTime, abbreviation_of, reads_alike, shown_in
from campaigns.schedule.zones import offset_name
from campaigns.states import State, without_campaign_id

register = template.Library()

SETTING = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")

STATUSES = {"ACTIVE": ("good", "play"), "PAUSED": ("warning", "bars")}
SHAPES = {
    State.PENDING: "hourglass",
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
EVENT_LABELS |= {ATTENTION_NEEDED: "Attention notice", APPROVAL_NEEDED: "Approval wanted"}
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
def main_menu(context: Context) -> MainMenu:
    """The main menu of whoever looks at the page."""
    fresh, request = context["freshness"], context["request"]
    return menu_for(
        request,
        gave_up=fresh.gave_up,
        findings=fresh.findings,
        approvals=number_waiting(request.user, fresh),
        wants_approvals=fresh.wants_approvals or bool(fresh.approvals),
    )


@register.simple_tag(takes_context=True)
def settings_menu(context: Context) -> list[MenuEntry]:
    """The pages of settings, for whoever looks at one of them."""
    return settings_for(context["request"])


@register.simple_tag(takes_context=True)
def go_keys(context: Context) -> list[Findable]:
    """The pages that g and a letter lead to, for whoever looks at the page."""
    return [each for each in destinations_for(context["request"].user, PAGES) if each.key]


@register.simple_tag
def status_chip(status: str, gone: bool = False) -> SafeString:
    """A campaign's status in CXone."""
    tone, shape = STATUSES.get(status, ("quiet", "diamond"))
    word = word_of_status(status).capitalize() or "No status"
    if gone:
        tone, shape, word = "quiet", "cross", "Not in CXone"
    return chip(tone, shape, word, "standing")


@register.simple_tag
def dialing_chip(campaign: Campaign, now: datetime) -> SafeString:
    """What a campaign does now, in the list's words."""
    state = dialing_state(campaign, now)
    return chip(*LOOKS[state], state_word(campaign, state), "standing")


@register.simple_tag
def state_chip(operation: Operation, label: str = "") -> SafeString:
    """An operation's state, in the usual words or as `label`."""
    shape = SHAPES[State(operation.state)]
    return chip(labels.tone_of(operation), shape, label or labels.label_of(operation))


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
    return without_campaign_id(words, campaign_id)


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


register.filter("for_reader", for_reader)
register.filter("time_of_day", time_of_day)


@register.simple_tag
def reader_has_twelve_hours() -> bool:
    """For scripts, which write times beside those of the server."""
    return has_twelve_hours()


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """A time in the reader's zone: 14:03:20 EST, and of another day Sat 21 Nov 14:03:20 EST, with its year if that is
    another one, too."""
    if at is None:
        return ""
    here, today = timezone.localtime(at), timezone.localdate()
    if here.date() == today:
        return clock_time(at)
    return _time(at, f"{date_in_words(here, this_year=today.year)} {_clock(here)}")


@register.filter
def dated(at: datetime | None) -> SafeString | str:
    """The same with its whole date, for what is printed or kept: Sat 21 Nov 2026 14:03:20 EST."""
    if at is None:
        return ""
    here = timezone.localtime(at)
    return _time(at, f"{date_in_words(here)} {_clock(here)}")


@register.filter
def clock_time(at: datetime) -> SafeString:
    """The time of day in the reader's zone, where the date stands above: 14:03:20 EST."""
    return _time(at, _clock(timezone.localtime(at)))


def _clock(here: datetime) -> str:
    return f"{time_of_day(here, seconds=True)}{NBSP}{abbreviation_of(here)}"


def _time(at: datetime, words: str) -> SafeString:
    """The same time in UTC appears when the pointer rests on it."""
    utc = at.astimezone(UTC)
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>', utc.isoformat(), f"{utc:{IN_UTC}}", words
    )


@register.filter
def day(on: date) -> SafeString:
    """A whole date: Thu 26 Nov 2026."""
    return format_html('<time class="nowrap" datetime="{}">{}</time>', f"{on:%Y-%m-%d}", date_in_words(on))


@register.filter
def near_day(on: date) -> str:
    """A date of these weeks: Fri 25 Dec, with its year only if that is another than now's."""
    return date_in_words(on, this_year=timezone.localdate().year)


@register.filter
def moment_in(at: datetime, zone: tzinfo) -> SafeString:
    """A time in that zone, which stands above: Fri 25 Dec 14:03:20."""
    return _time(at, f"{_weekday_and_date(at.astimezone(zone))} {time_of_day(at.astimezone(zone), seconds=True)}")


@register.filter
def day_and_time(at: datetime) -> str:
    """A time in the reader's zone, which the page says elsewhere: Fri 25 Dec 14:03:20."""
    day = date_in_words(timezone.localtime(at), this_year=timezone.localdate().year)
    return f"{day} {to_the_second(at)}"


@register.filter
def to_the_second(at: datetime) -> str:
    """A time of day in the reader's zone, which the page says elsewhere: 14:03:20."""
    return time_of_day(timezone.localtime(at), seconds=True)


@register.filter
def is_due_elsewhere(operation: Operation) -> bool:
    """Whether its time reads otherwise where the reader is than where its campaign is."""
    at = operation.not_before
    return at is not None and _is_elsewhere(at, zone_of_due(operation))


@register.filter
def is_elsewhere(due: DueTime) -> bool:
    """Whether a time that is being entered reads otherwise where the reader is."""
    return _is_elsewhere(due.at, due.zone)


def _is_elsewhere(at: datetime, zone: str) -> bool:
    return not reads_alike(shown_in(at, zone), timezone.localtime(at))


@register.filter
def clock_with_zone(at: datetime) -> str:
    """The time of day in its own zone: 09:03 EST, or 19:48 UTC+5:45 where the zone has no short name."""
    return f"{time_of_day(at)}{NBSP}{abbreviation_of(at)}"


@register.filter
def dialing(window: Opening) -> str:
    """A schedule's opening in its own zone: open until 17:00 EST, opens Mon 09:00 EST."""
    if window.problem == UNREADABLE:
        if window.is_open:
            return "open, until when can’t be read"
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


def _weekday_and_date(at: datetime) -> str:
    """With the year only if it is another than now's."""
    return date_in_words(at, this_year=timezone.now().astimezone(at.tzinfo).year).replace(" ", NBSP)


def _in_words(at: datetime) -> str:
    days = (at.date() - timezone.now().astimezone(at.tzinfo).date()).days
    if days == 0:
        return clock_with_zone(at)
    # From a week ahead on, the name of the day alone would be taken for that of this week.
    if days < 7:
        return f"{at:%a} {clock_with_zone(at)}"
    return f"{_weekday_and_date(at)} {clock_with_zone(at)}"


@register.filter
def offset(iso: str) -> str:
    """The offset of a time in ISO 8601: UTC-5, UTC+5:45."""
    east = datetime.fromisoformat(iso).utcoffset() or timedelta()
    return offset_name(int(east.total_seconds()) // 60)


@register.filter
def listed(things: list[object]) -> str:
    """1, 2 and 3."""
    return phrases.join_words([str(thing) for thing in things])


@register.filter
def restricted_hours(closed: tuple[int, int] | None) -> str:
    """Which hours of its day a holiday restricts."""
    return for_reader(hours_in_words(closed))


@register.filter
def with_settings_marked(text: str) -> SafeString:
    """The text with each name of a setting as the code that it is, to be copied as it stands."""
    escaped = conditional_escape(text)
    return mark_safe(SETTING.sub(r"<code>\g<0></code>", escaped))  # noqa: S308 (escaped, and then marked)


@register.filter
def hours_text(length: timedelta) -> str:
    """A length of time in hours and minutes: 8 h, 8 h 30 min, 45 min."""
    hours, minutes = divmod(int(length.total_seconds()) // MINUTE, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(filter(None, parts)) or "0 h"


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
def waited(context: Context, operation: Operation) -> SafeString:
    """How long it has waited since it was asked for, or was due: 14 s. It counts on."""
    # By the database's clock, as below.
    seconds = max(int((context["freshness"].now - begin_of(operation)).total_seconds()), 0)
    return format_html('<span data-age="{}" data-waits>{}</span>', seconds, short_duration(seconds))


@register.simple_tag(takes_context=True)
def ago(context: Context, at: datetime | None) -> SafeString | str:
    """How long ago; the exact time appears when the pointer rests on it."""
    if at is None:
        return ""
    # By the database's clock, which the head of each page has read: the web server's own may be ahead or behind.
    seconds = (context["freshness"].now - at).total_seconds()
    return _time(at, f"{short_duration(max(seconds, 0))} ago")
