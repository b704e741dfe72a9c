"""Why a finding is dismissed."""

from django import forms

from campaigns.pages.fields import NoteField


class DismissalForm(forms.Form):
    note = NoteField()

    def clean_note(self) -> str:
        note = str(self.cleaned_data["note"]).strip()
        if not note:
            raise forms.ValidationError("Write why nothing needs to be done, for whoever reads the record later.")
        return note
