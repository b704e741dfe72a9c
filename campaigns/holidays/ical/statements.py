"""Statements about events: later ones replace earlier ones (RFC 5546, 2.1.4 and 2.1.5).

For each event (UID), and for each of its recurrences with a statement of its own (RECURRENCE-ID), the highest SEQUENCE
counts, then the latest DTSTAMP, then LAST-MODIFIED; also if it says that the event is cancelled.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from campaigns.holidays.ical.lines import Component
from campaigns.holidays.ical.moments import FindZone, Moment, read_moment
from campaigns.holidays.ical.problems import Broken
from campaigns.holidays.ical.properties import Property, properties, property_text

# Methods that publish events (RFC 5546, 3.2). The others, such as REPLY and COUNTER, are answers and proposals.
_PUBLISHING = {"", "PUBLISH", "REQUEST", "CANCEL"}
_WITHDRAWN = "The file withdraws it (METHOD:CANCEL)."
_CANCELLED = "It was cancelled."


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """What a VEVENT says about an event. `replaces`: the recurrence concerned; None: the event. `rank`: the higher of
    two counts. `cancels`: a sentence if it cancels the event, otherwise ""."""

    component: Component
    find_zone: FindZone
    uid: str
    replaces: Moment | None
    is_from_then_on: bool
    rank: tuple[int, str, str]
    cancels: str

    @property
    def begins(self) -> str:
        given = properties(self.component, "DTSTART")
        return given[0].value if given else ""

    @property
    def key(self) -> object:
        if self.replaces is None:
            return None
        return self.replaces.instant or (self.replaces.at, self.replaces.is_date), self.is_from_then_on


@dataclass(slots=True)
class EventSeries:
    """An event with the statements about single recurrences. Without masters the file only contains these.
    `withdrawn`: the statements that cancel the event, if no newer one restores it."""

    masters: list[Statement] = field(default_factory=list)
    overrides: list[Statement] = field(default_factory=list)
    withdrawn: list[Statement] = field(default_factory=list)


def read_statement(component: Component, method: str, find_zone: FindZone) -> Statement:
    """Read a VEVENT as a statement. Raises Broken if its END is missing, its METHOD publishes nothing, or its
    RECURRENCE-ID can't be read."""
    if not component.ended:
        raise Broken(component.line, "Its END:VEVENT is missing.")
    if method not in _PUBLISHING:
        raise Broken(component.line, f"It is part of a {method} message, which publishes no event.")
    replaces, is_from_then_on = _replaces(properties(component, "RECURRENCE-ID"), find_zone)
    return Statement(
        component=component,
        find_zone=find_zone,
        uid=property_text(component, "UID"),
        replaces=replaces,
        is_from_then_on=is_from_then_on,
        rank=(_sequence(component), _stamp(component, "DTSTAMP"), _stamp(component, "LAST-MODIFIED")),
        cancels=_cancels(component, method),
    )


def _cancels(component: Component, method: str) -> str:
    if method == "CANCEL":
        return _WITHDRAWN
    is_cancelled = property_text(component, "STATUS").upper() in {"CANCELLED", "CANCELED"}
    return _CANCELLED if is_cancelled else ""


def _replaces(given: list[Property], find_zone: FindZone) -> tuple[Moment | None, bool]:
    if not given:
        return None, False
    reach = given[0].params.get("RANGE", "").upper()
    # RFC 5545, 3.2.13, no longer allows THISANDPRIOR.
    if reach not in {"", "THISANDFUTURE"}:
        raise Broken(given[0].line, "It changes all earlier recurrences (RANGE=THISANDPRIOR), which is not read here.")
    return read_moment(given[0].value, given[0], find_zone), bool(reach)


def _sequence(component: Component) -> int:
    # An integer has ten digits at most (RFC 5545, 3.3.8). 0 is the default (3.8.7.4).
    text = property_text(component, "SEQUENCE")
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text)
    return 0


def _stamp(component: Component, name: str) -> str:
    """A time in UTC, as text that sorts by time; "" if it is missing."""
    given = properties(component, name)
    if given:
        return given[0].value.upper().rstrip("Z")
    return ""


def in_force(statements: Iterable[Statement]) -> tuple[list[EventSeries], list[tuple[Statement, str]]]:
    """The events with the statements that count; and the other statements, each with the reason."""
    by_uid: dict[object, dict[object, list[Statement]]] = {}
    # Of events without a UID, which RFC 5545 requires, each is an event of its own.
    for number, statement in enumerate(statements):
        by_uid.setdefault(statement.uid or number, {}).setdefault(statement.key, []).append(statement)
    found: list[EventSeries] = []
    left: list[tuple[Statement, str]] = []
    for versions in by_uid.values():
        series = EventSeries()
        for key, given in versions.items():
            latest = _latest(given, left)
            (series.overrides if key else series.masters).extend(latest)
        _withdraw(series, left)
        found.append(series)
    return found, left


def _latest(given: list[Statement], left: list[tuple[Statement, str]]) -> list[Statement]:
    """The newest statements of those about one event or recurrence; the others are appended to `left`."""
    # All of the same rank are kept, since some programs give every event the same UID. One that cancels only applies
    # to those with the same start.
    newest = max(statement.rank for statement in given)
    latest = [statement for statement in given if statement.rank == newest]
    left += [(one, _replaced(latest[-1])) for one in given if one.rank != newest]
    begins = {one.begins: one.cancels for one in latest if one.cancels}
    kept = []
    for one in latest:
        reason = "" if one.cancels else begins.get(one.begins) or begins.get("", "")
        if reason:
            left.append((one, reason))
        else:
            kept.append(one)
    return kept


def _replaced(by: Statement) -> str:
    return f"Line {by.component.line:,} has a later version of it."


def _withdraw(series: EventSeries, left: list[tuple[Statement, str]]) -> None:
    """Remove a cancelled event with its recurrences, except those with a newer statement."""
    cancelling = [master for master in series.masters if master.cancels]
    series.masters = [master for master in series.masters if not master.cancels]
    left += [(master, master.cancels) for master in cancelling]
    if not cancelling or series.masters:
        return
    series.withdrawn = [master for master in cancelling if master.uid]
    newest = max(master.rank[0] for master in cancelling)
    left += [(one, cancelling[0].cancels) for one in series.overrides if one.rank[0] <= newest]
    series.overrides = [one for one in series.overrides if one.rank[0] > newest]
