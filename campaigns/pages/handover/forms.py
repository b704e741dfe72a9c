"""The form of a handover: a note, if there is something to say."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms

from campaigns.pages.fields import NoteField

NOTE_LENGTH = 4000


class HandoverForm(forms.Form):
    note = NoteField(
        NOTE_LENGTH,
        label="Note to the next shift",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What the lists below don’t show.",
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"key": uuid4().hex})
