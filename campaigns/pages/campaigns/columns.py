"""The columns of the list that a person may choose. Each is drawn for the page, and written out for a CSV file.

A row's HTML says moments, never how far away they are: times.js counts those. So it changes only when its data does.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from audit.csv_safe import Cell
from campaigns.pages.campaigns.rows import CampaignRow, LastAction, ListColumn
from campaigns.schedule import UNREADABLE, Opening
from campaigns.schedule.clock_face import date_in_words, time_of_day
from campaigns.selection import tag_label

# The bar is of no use beside the number that it draws.
BAR = '<meter aria-hidden="true" max="{}" value="{}"></meter>'


def _calls(row: CampaignRow) -> SafeString:
    calls, limit = row.campaign.active_calls, row.limit
    if calls > limit:
        shape = mark_safe('<span class="shape alert tone-warning" aria-hidden="true"></span>')
        over = '<td class="calls"><b class="over">{}{}</b><span class="limit">over {}</span></td>'
        return format_html(over, shape, intcomma(calls), intcomma(limit))
    words = format_html("{}<i> of {}</i>", intcomma(calls), intcomma(limit))
    bar = format_html(BAR, max(limit, 1), min(calls, limit)) if calls else ""
    return format_html('<td class="calls">{}{}</td>', words, bar)


def _hours(row: CampaignRow) -> SafeString:
    opening = row.opening
    if opening.changes_at is None or opening.problem:
        return format_html('<td class="hours shut">{}</td>', hours_without_end(opening))
    at = opening.changes_at
    return format_html(
        '<td class="hours{}">{} <time data-until datetime="{}">{}</time></td>',
        "" if opening.is_open else " shut",
        "closes" if opening.is_open else "opens",
        f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}",
        f"{at:%a} {time_of_day(at)}",
    )


def hours_without_end(opening: Opening) -> str:
    """Of a window of which nobody can say when it changes, or that never does."""
    if opening.problem == UNREADABLE:
        return "open, until when can’t be read" if opening.is_open else f"unknown: {UNREADABLE}"
    if opening.problem:
        return opening.problem
    return "open all week" if opening.is_open else "closed"


def _signals(row: CampaignRow) -> SafeString:
    """The most urgent one in words; how many more there are, and which, beside it."""
    signals = row.signals
    if not signals:
        return mark_safe('<td class="signals"></td>')
    first, *others = signals
    more: SafeString | str = ""
    if others:
        labels = ", ".join(signal.label for signal in others)
        more = format_html(' <abbr title="{}" aria-label="and: {}">+{}</abbr>', labels, labels, len(others))
    return format_html(
        '<td class="signals"><span class="tone-{}" title="{}">'
        '<span class="shape {}" aria-hidden="true"></span>{}</span>{}</td>',
        first.tone,
        first.why,
        first.shape,
        first.label,
        more,
    )


def _last(row: CampaignRow) -> SafeString:
    if row.last is None:
        return mark_safe('<td class="last"></td>')
    return format_html('<td class="last">{}{}, {}</td>', _deed(row.last), _by(row.last), time_ago(row.last.at))


def _deed(last: LastAction) -> SafeString | str:
    if last.operation is None:
        return last.words
    address = f"/operations/{last.operation.pk}/"
    if not last.is_bad:
        return format_html('<a href="{}">{}</a>', address, last.words)
    return format_html('<a class="bad" href="{}" title="{}">{}</a>', address, last.story, last.words)


def _by(last: LastAction) -> str:
    if not last.by:
        return ""
    return f" · {last.by}" if last.is_bad or (last.operation and last.operation.in_progress) else f" by {last.by}"


def time_ago(at: datetime) -> SafeString:
    """A moment that was. How long ago is for times.js to say."""
    utc = at.astimezone(UTC)
    return format_html(
        '<time data-ago datetime="{}">{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{date_in_words(utc)} {time_of_day(utc)} UTC",
    )


def _local_time(row: CampaignRow) -> SafeString:
    if row.local_time is None:
        return mark_safe('<td class="local">not known</td>')
    zone = row.local_time.tzinfo
    return format_html('<td class="local"><time data-zone="{}">{}</time></td>', str(zone), row.campaign.timezone)


def _holiday(row: CampaignRow) -> SafeString:
    if row.holiday is None:
        return mark_safe('<td class="holiday"></td>')
    on = date_in_words(row.holiday.date)
    return format_html('<td class="holiday" title="{0}">{1} · {0}</td>', row.holiday.name, on)


def tag_column(name: str) -> ListColumn:
    def read(row: CampaignRow) -> str:
        return str(row.campaign.tags.get(name, ""))

    def draw(row: CampaignRow) -> SafeString:
        return format_html('<td class="tag">{}</td>', read(row))

    return ListColumn(slugify(name), tag_label(name), draw, {tag_label(name): read}, tag=name)


def _control(row: CampaignRow) -> SafeString:
    return format_html('<td class="control">{}</td>', row.controller)


def _age(row: CampaignRow) -> SafeString:
    if row.campaign.gone_at:
        return format_html('<td class="ages">gone {}</td>', time_ago(row.campaign.gone_at))
    if row.reported_at:
        return format_html('<td class="ages">{}</td>', time_ago(row.reported_at))
    return mark_safe('<td class="ages" data-head-age>with all</td>')


def in_iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _last_field(read: Callable[[LastAction], Cell]) -> Callable[[CampaignRow], Cell]:
    return lambda row: read(row.last) if row.last else None


COLUMNS = {
    column.key: column
    for column in (
        ListColumn(
            "calls",
            "Calls",
            _calls,
            {"Calls": lambda row: row.campaign.active_calls, "Limit": lambda row: row.limit},
            sort="calls",
        ),
        ListColumn(
            "hours",
            "Dialing window",
            _hours,
            {
                "Dialing window": lambda row: _window_in_a_word(row.opening),
                "Window changes": lambda row: in_iso(row.opening.changes_at),
            },
        ),
        ListColumn(
            "signals", "Signals", _signals, {"Signals": lambda row: ", ".join(each.label for each in row.signals)}
        ),
        ListColumn(
            "last",
            "Last action",
            _last,
            {
                "Last action": _last_field(lambda last: last.words),
                "By": _last_field(lambda last: last.by),
                "Last action at": _last_field(lambda last: in_iso(last.at)),
            },
            sort="operation",
        ),
        ListColumn(
            "local",
            "Local time",
            _local_time,
            {"Local time": lambda row: f"{row.local_time:%Y-%m-%d %H:%M}" if row.local_time else ""},
            sort="zone",
        ),
        ListColumn(
            "holiday",
            "Next holiday",
            _holiday,
            {
                "Next holiday": lambda row: row.holiday.date.isoformat() if row.holiday else "",
                "Holiday": lambda row: row.holiday.name if row.holiday else "",
            },
        ),
        tag_column("client"),
        tag_column("region"),
        tag_column("CXone campaign"),
        ListColumn("control", "In control", _control, {"In control": lambda row: row.controller}),
        ListColumn("age", "Data age", _age, {"Read at": lambda row: in_iso(row.campaign.read_at)}),
    )
}
USUAL_COLUMNS = ("calls", "hours", "signals", "last")


def _window_in_a_word(opening: Opening) -> str:
    if opening.problem and not opening.is_open:
        return opening.problem
    return "open" if opening.is_open else "closed"


def chosen_columns(*choices: Collection[str]) -> list[ListColumn]:
    """Those of the first choice that names any that there are."""
    for keys in (*choices, USUAL_COLUMNS):
        found = [COLUMNS[key] for key in dict.fromkeys(keys) if key in COLUMNS]
        if found:
            return found
    return []
