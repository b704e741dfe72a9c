"""A time in a form: a date and a time of day, and the instant that they mean where the campaign is.

A local time that clocks skip or show twice there is asked about: the form comes back with both instants as choices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from campaigns.holidays.lookups import zone_of_campaign
from campaigns.models import Campaign
from campaigns.pages.fields import ClockField, OptionalDayField
from campaigns.schedule import find_zone
from campaigns.schedule.due_times import DueTime, as_iso, in_words, meanings_in, question_about

NO_DATE = "Choose the date."
NO_TIME = "Write the time of day."
CHOOSE = "Choose which one is meant."
OUT_OF_RANGE = "This date is too far away. Choose an earlier one."


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two instants. `value`: the instant as the form sends it back."""

    due: DueTime
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class TimeReading:
    """What was typed means `due`, or one of `choices`; or nothing, because of `problem` ("" while it is empty)."""

    due: DueTime | None = None
    words: str = ""
    question: str = ""
    choices: tuple[Choice, ...] = ()
    problem: str = ""


def read_due(day: date, clock: time, zone: ZoneInfo, chosen: str) -> TimeReading:
    """What a date and a time of day mean in `zone`. `chosen`: the choice that the form sent back."""
    local = datetime.combine(day, clock)
    try:
        meanings = meanings_in(local, zone)
    except OverflowError:
        return TimeReading(problem=OUT_OF_RANGE)
    if len(meanings.instants) == 1:
        (due,) = meanings.instants
        return TimeReading(due, in_words(due.at, zone.key))
    choices = tuple(
        Choice(due, as_iso(due), in_words(due.at, zone.key), as_iso(due) == chosen) for due in meanings.instants
    )
    # A choice among the instants of another time isn't one of this one's.
    due_by_choice = {choice.value: choice.due for choice in choices}
    question = question_about(local, zone, meanings)
    return TimeReading(due_by_choice.get(chosen), "", question, choices)


def read_typed(name: str, data: Mapping[str, Any], zone: ZoneInfo) -> TimeReading:
    """The same, of fields as they are being filled in. `name`: how their names begin."""
    day_text, clock_text = data.get(f"{name}_date", ""), data.get(f"{name}_time", "")
    if not (day_text and clock_text):
        return TimeReading()
    try:
        day, clock = OptionalDayField().clean(day_text), ClockField().clean(clock_text)
    except forms.ValidationError as error:
        return TimeReading(problem=str(error.messages[0]))
    if not (isinstance(day, date) and isinstance(clock, time)):
        return TimeReading()
    return read_due(day, clock, zone, data.get(f"{name}_choice", ""))


@dataclass(frozen=True, slots=True)
class TypedTime:
    """One time of a form, as a template shows it."""

    name: str
    date: BoundField
    time: BoundField
    choice: BoundField
    zone: str
    reading: TimeReading

    @property
    def is_filled(self) -> bool:
        return any(field.value() for field in self.parts)

    @property
    def parts(self) -> tuple[BoundField, BoundField]:
        return self.date, self.time


class DueForm(forms.Form):
    """A form with times in the zone of its campaign. Subclasses declare the fields NAME_date, NAME_time, NAME_choice
    of each.

    `campaign` is None if the form is about several that share no zone: then times are in the reader's.
    """

    campaign: Campaign | None

    @cached_property
    def zone(self) -> ZoneInfo:
        if self.campaign is None:
            known = find_zone(timezone.get_current_timezone_name())
        else:
            known = zone_of_campaign(self.campaign)
        return known or ZoneInfo("UTC")

    @property
    def zone_is_unknown(self) -> bool:
        return self.campaign is not None and zone_of_campaign(self.campaign) is None

    def is_typed(self, name: str) -> bool:
        return any(self.data.get(f"{name}_{part}") for part in ("date", "time"))

    def clean_due(self, name: str) -> DueTime | None:
        """The instant of a time that has to be there. None: its fields have errors now, which say why."""
        day, clock = (self.cleaned_data.get(f"{name}_{part}") for part in ("date", "time"))
        for part, missing in (("date", NO_DATE), ("time", NO_TIME)):
            if self.cleaned_data.get(f"{name}_{part}") is None and not self.has_error(f"{name}_{part}"):
                self.add_error(f"{name}_{part}", missing)
        if not (isinstance(day, date) and isinstance(clock, time)):
            return None
        reading = read_due(day, clock, self.zone, self.cleaned_data.get(f"{name}_choice", ""))
        if reading.problem:
            self.add_error(f"{name}_date", reading.problem)
        elif reading.due is None:
            self.add_error(f"{name}_choice", f"{reading.question} {CHOOSE}")
        return reading.due

    def typed(self, name: str) -> TypedTime:
        data = self.data if self.is_bound else self.initial
        return TypedTime(
            name,
            date=self[f"{name}_date"],
            time=self[f"{name}_time"],
            choice=self[f"{name}_choice"],
            zone=self.zone.key,
            reading=read_typed(name, data, self.zone),
        )


def date_field() -> OptionalDayField:
    return OptionalDayField(required=False, label="Date")


def clock_field() -> ClockField:
    return ClockField(required=False, label="Time")


def choice_field() -> forms.CharField:
    return forms.CharField(required=False, max_length=40)
