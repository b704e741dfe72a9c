"""What people type to place and lift holds. Every refusal is a sentence, and nothing typed is lost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms

from campaigns.models import Campaign
from campaigns.operations.holding import LONGEST_REASON, NO_REASON
from campaigns.pages.due_fields import DueForm, TypedTime, choice_field, clock_field, date_field
from campaigns.pages.fields import NoteField
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import problem_of

NO_REASON_TO_LIFT = "Say why the hold is lifted: the reason stays on record."
NO_SEEN = "This form was incomplete, so nothing was changed. It is complete now: check it and send it again."


class HoldForm(DueForm):
    """`pause`: those that dial are paused, too. A form that is opened ticks it where any of them does.

    `until_…`: when the holds end by themselves, where the campaigns are, or where the reader is if they are in several
    zones; empty if somebody is to lift them.
    """

    reason = NoteField(LONGEST_REASON)
    pause = forms.BooleanField(required=False)
    until_date, until_time, until_choice = date_field(), clock_field(), choice_field()

    def __init__(self, data: Mapping[str, Any] | None, campaigns: Sequence[Campaign], *, share_a_zone: bool) -> None:
        super().__init__(data)
        self.is_dialing = any(campaign.may_be_paused for campaign in campaigns)
        self.campaign = campaigns[0] if share_a_zone else None
        self.until: datetime | None = None

    @property
    def pauses(self) -> bool:
        """The tick, as it is shown."""
        return bool(self.data.get("pause")) if self.is_bound else self.is_dialing

    def clean_reason(self) -> str:
        reason = str(self.cleaned_data["reason"]).strip()
        if not reason:
            raise forms.ValidationError(NO_REASON)
        return reason

    @property
    def typed_until(self) -> TypedTime:
        return self.typed("until")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        due = self.clean_due("until") if self.is_typed("until") else None
        if due is None:
            return cleaned
        self.until = due.at
        if problem := problem_of(None, due.at, database_now()):
            self.add_error("until_time", problem)
        return cleaned


class LiftForm(forms.Form):
    """`seen`: the number of the hold that the person lifts."""

    reason = NoteField(LONGEST_REASON)
    seen = forms.IntegerField(min_value=1, error_messages=dict.fromkeys(("required", "invalid", "min_value"), NO_SEEN))

    def clean_reason(self) -> str:
        reason = str(self.cleaned_data["reason"]).strip()
        if not reason:
            raise forms.ValidationError(NO_REASON_TO_LIFT)
        return reason
