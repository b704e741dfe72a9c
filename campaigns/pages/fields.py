"""Form fields that several pages share. Each error is a sentence that says what to type instead."""

import re
from datetime import date, time
from typing import Any

from django import forms

from campaigns.holidays import public
from campaigns.schedule import DAY_MINUTES, clock
from campaigns.schedule.typed_time import Edge, as_clock, meanings

# In characters, as the database column has it.
NOTE_LENGTH = 500
# The years for which public holidays can be imported.
EARLIEST, LATEST = date(public.FIRST_YEAR, 1, 1), date(public.LAST_YEAR, 12, 31)
# Characters without a meaning in a note that can't be stored, or would change the order of the words around it. They
# come along when something is pasted: no pause has to wait until somebody has found them.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NoteField(forms.CharField):
    """Optional free text for the audit record."""

    def __init__(self, longest: int = NOTE_LENGTH, **options: Any) -> None:
        too_long = "The note has %(show_value)d characters; %(limit_value)d fit. Shorten it."
        super().__init__(required=False, max_length=longest, error_messages={"max_length": too_long}, **options)

    def to_python(self, value: object) -> str:
        # Browsers count a line break as one character for `maxlength`, but send two: without this, a note that just
        # fits would be refused.
        return _UNSEEN.sub("", str(super().to_python(value)).replace("\r\n", "\n")).strip()


class NameField(forms.CharField):
    """Text on one line, with single spaces."""

    def to_python(self, value: object) -> str:
        return " ".join(str(super().to_python(value)).split())


class DayField(forms.CharField):
    """A date as browsers send it: 2026-07-04."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: object) -> object:
        text = super().clean(str(value) if isinstance(value, date) else value)
        # fromisoformat alone also accepts 20260704 and 2026-W27-6.
        try:
            day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            raise forms.ValidationError(f"“{text[:40]}” isn’t a date. Write it as year-month-day: 2026-07-04.")
        if not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(f"Choose a date from {EARLIEST.year} to {LATEST.year}.")
        return day


class ClockField(forms.CharField):
    """A time of day in any spelling that people type; None if empty. `edge`: midnight as an end ends the day."""

    def __init__(self, *, edge: Edge = Edge.ANY, **options: Any) -> None:
        # data-time: typed_time.js reads what is typed by the same rules.
        attributes = {"data-time": str(edge), "class": "short", "autocomplete": "off", "placeholder": "9:30 or 5 pm"}
        super().__init__(widget=forms.TimeInput(attrs=attributes, format="%H:%M"), **options)
        self.edge = edge

    def bound_data(self, data: object, initial: object) -> object:
        """The time as it was understood, for a form that is shown again with errors."""
        if isinstance(data, str):
            return as_clock(data, self.edge)
        return data

    def clean(self, value: object) -> object:
        text = super().clean(f"{value:%H:%M}" if isinstance(value, time) else value)
        if not text:
            return None
        found = meanings(text, self.edge)
        if len(found) > 1:
            early, late = (clock(minutes) for minutes in found)
            raise forms.ValidationError(f"“{text[:40]}” can be {early} or {late}. Write the one that you mean.")
        if not found:
            raise forms.ValidationError(f"“{text[:40]}” is not a time of day. Write one such as 9:30, 17:00 or 5 pm.")
        # No time of day is 24:00; as an end, 23:59 is the end of the day.
        return time(*divmod(min(found[0], DAY_MINUTES - 1), 60))


class NumberField(forms.CharField):
    """A whole number from `least` to `most`, in ASCII digits; None if empty."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "short", "autocomplete": "off"})
        super().__init__(widget=widget, **options)
        self.least, self.most = least, most
        self.error_messages["required"] = f"Write a whole number from {least} to {most:,}."

    def clean(self, value: object) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        # int() alone also accepts signs, underscores and the digits of other scripts.
        if not re.fullmatch("[0-9]{1,7}", text) or not self.least <= int(text) <= self.most:
            sentence = f"“{text[:40]}” is not a whole number from {self.least} to {self.most:,}. Write one in digits."
            raise forms.ValidationError(sentence)
        return int(text)


class LineField(NameField):
    """Visible text on one line, of at most `most` characters. `noun`: what messages call it."""

    def __init__(self, noun: str, most: int, required: str, **options: Any) -> None:
        self.noun = noun
        errors = {
            "required": required,
            "max_length": f"The {noun} has %(show_value)d characters; %(limit_value)d fit. Shorten it.",
        }
        super().__init__(max_length=most, error_messages=errors, **options)

    def to_python(self, value: object) -> str:
        text = super().to_python(value)
        # False for control characters too, and for marks that hide text or reverse its direction.
        if not text.isprintable():
            raise forms.ValidationError(f"The {self.noun} holds characters that can’t be seen. Type it again.")
        return text


class OptionalDayField(DayField):
    def clean(self, value: object) -> object:
        return super().clean(value) if value else None
