"""What was found in a schedule, as lines beside a day: one for each error, and one for all its holidays."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from campaigns.schedule import Code, ScheduleFinding, Severity, digest_of_warnings
from campaigns.schedule.clock_face import date_in_words

# A line names this many dates, and counts the rest.
MOST_DATES = 6


class ToCorrect(NamedTuple):
    """What must be corrected in a refused form. `where`: the id of the input."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class WarningLine:
    """Warnings in one line. `details`: the warnings in full."""

    summary: str
    details: list[ScheduleFinding]

    def summary_of(self, day: str) -> str:
        return f"{day}: {self.summary}" if day else self.summary


def errors_in(findings: Iterable[ScheduleFinding]) -> list[ScheduleFinding]:
    return [found for found in findings if found.severity == Severity.ERROR]


def digest_of(findings: Iterable[ScheduleFinding]) -> str:
    """What stands for the warnings among them in an acknowledgement; "" if there are none."""
    return digest_of_warnings(found.as_json() for found in findings)


def warning_lines(findings: Iterable[ScheduleFinding]) -> list[WarningLine]:
    """The warnings, those of holidays ahead in one line."""
    warnings = [found for found in findings if found.severity == Severity.WARNING]
    ahead = [found for found in warnings if found.code == Code.HOLIDAY_AHEAD]
    lines = [WarningLine(found.message, [found]) for found in warnings if found.code != Code.HOLIDAY_AHEAD]
    if ahead:
        lines.append(WarningLine(_on_holidays(ahead), ahead))
    return lines


def _on_holidays(ahead: list[ScheduleFinding]) -> str:
    days = dict.fromkeys(date.fromisoformat(found.on) for found in ahead)
    dates = ", ".join(date_in_words(day, this_year=min(days).year) for day in list(days)[:MOST_DATES])
    more = f" and {len(days) - MOST_DATES} more" if len(days) > MOST_DATES else ""
    holidays = "1 holiday" if len(days) == 1 else f"{len(days)} holidays"
    return f"Falls on {holidays}: {dates}{more}"
