"""What comes in with a decision."""

from django import forms

from campaigns.pages.fields import NoteField


class RefusalForm(forms.Form):
    reason = NoteField()

    def clean_reason(self) -> str:
        reason = str(self.cleaned_data["reason"]).strip()
        if not reason:
            raise forms.ValidationError("Write why. The person who asked reads it, and it is on record.")
        return reason
