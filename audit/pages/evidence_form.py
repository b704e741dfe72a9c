"""The form for the range of an evidence file: numbers, times, or empty for all records."""

from datetime import datetime
from typing import Any

from django import forms

from audit.pages.filters import FilterForm


class RangeForm(forms.Form):
    """`chosen()` has the arguments of `ranges.choose_range`. Times are read as in the filter of the list."""

    first = forms.IntegerField(required=False, min_value=1, label="From record")
    last = forms.IntegerField(required=False, min_value=1, label="To record")
    since = forms.CharField(required=False, max_length=40, label="Since")
    until = forms.CharField(required=False, max_length=40, label="Until")
    zone = forms.CharField(required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        typed = {name: self.cleaned_data.get(name, "") for name in ("since", "until", "zone")}
        times = FilterForm(typed)
        for field, faults in times.errors.items():
            self.add_error(field, list(faults))
        read: dict[str, datetime | None] = {name: times.cleaned_data.get(name) for name in ("since", "until")}
        self.times = {name: value for name, value in read.items() if value}
        if self.times and self._numbers():
            self.add_error(None, "Choose by numbers or by times, not by both. Empty one of the pairs.")
        return self.cleaned_data

    def chosen(self) -> dict[str, Any]:
        return self._numbers() or self.times

    def _numbers(self) -> dict[str, int]:
        typed = {name: self.cleaned_data.get(name) for name in ("first", "last")}
        return {name: value for name, value in typed.items() if value is not None}
