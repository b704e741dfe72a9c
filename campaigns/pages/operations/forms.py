"""What people type to pause and resume a campaign. Every refusal is a sentence, and nothing typed is lost."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms

from campaigns.models import Campaign, Operation, OperationKind, ReasonCode
from campaigns.operations.descriptions import calls, describe_control, status_word
from campaigns.pages.due_fields import DueForm, TypedTime, choice_field, clock_field, date_field
from campaigns.pages.fields import NoteField
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import DueTime, problem_of
from campaigns.states import LABELS, State

NO_REASON = "Choose a reason: it goes on record with the operation."
UNKNOWN_REASON = "This is not one of the reason codes. Choose one from the list."
NO_KEY = (
    "This form came without its own number, so it was not carried out. It has one now: look it over, send it again."
)
TYPED_AND_NOW = "A time is typed, but “Now” is chosen. Choose “At a time”, or empty the date and the time."
NO_SEEN = (
    "This form did not say which state of the campaign it was about. It does now: look it over and send it again."
)


class ReasonedForm(forms.Form):
    """Why something is asked for. `key` makes a double click one request; `offered_for`: the column of the reasons
    that are offered."""

    offered_for = "for_resume"

    reason = forms.CharField(max_length=40, error_messages={"required": NO_REASON, "max_length": UNKNOWN_REASON})
    note = NoteField()
    key = forms.UUIDField(error_messages=dict.fromkeys(("required", "invalid"), NO_KEY))

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        self.known_reasons = list(ReasonCode.objects.filter(retired=False))

    @property
    def reasons(self) -> list[ReasonCode]:
        """Those offered for this verb, and the one that came in, since any code that isn't retired is taken."""
        came = self.data.get("reason")
        return [each for each in self.known_reasons if getattr(each, self.offered_for) or each.code == came]

    def clean_reason(self) -> ReasonCode:
        for reason in self.known_reasons:
            if reason.code == self.cleaned_data["reason"]:
                return reason
        raise forms.ValidationError(UNKNOWN_REASON)

    @property
    def own_key(self) -> UUID:
        """The number that the form goes out with: the one it came in with, if it had one."""
        key: UUID | None = self.cleaned_data.get("key") if self.is_bound and not self.errors.get("key") else None
        return key or uuid4()

    @property
    def asked(self) -> dict[str, Any]:
        """What the action is given."""
        return {name: self.cleaned_data[name] for name in ("reason", "note")} | {"key": str(self.cleaned_data["key"])}


class ResumeForm(ReasonedForm, DueForm):
    """`seen` is the status that the person decided on; `when`: at once, or at the time in the fields beside it."""

    seen = forms.CharField(max_length=60, error_messages=dict.fromkeys(("required", "max_length"), NO_SEEN))
    when = forms.CharField(required=False, max_length=3)
    at_date, at_time, at_choice = date_field(), clock_field(), choice_field()

    def __init__(self, data: Mapping[str, Any] | None, campaign: Campaign, *, begins_later: bool = False) -> None:
        super().__init__(data)
        self.campaign = campaign
        self.begins_later = begins_later
        self.due: dict[str, DueTime | None] = {}

    @property
    def typed_at(self) -> TypedTime:
        return self.typed("at")

    @property
    def is_later(self) -> bool:
        """It is to happen at a time, or the form is opened for that."""
        return bool(self.data.get("when") == "at") if self.is_bound else self.begins_later

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_later:
            self.due["at"] = at = self.clean_due("at")
            self._check("at_time", at)
        elif self.is_typed("at"):
            self.add_error("when", TYPED_AND_NOW)
        return cleaned

    def _check(self, field: str, at: DueTime | None, until: DueTime | None = None) -> None:
        begin, end = (due.at if due else None for due in (at, until))
        problem = problem_of(begin, end, database_now())
        # One that was sent before is answered with the operation that it made, however late it comes again.
        if problem and not self._was_sent():
            self.add_error(field, problem)

    @property
    def asked(self) -> dict[str, Any]:
        return super().asked | {name: due for name, due in self.due.items() if due}

    def tell_change(self) -> str:
        """A sentence, if the campaign's status is no longer the one that the person decided on; else "".

        A form that was sent before is judged by what it asked for then: its own pause is no surprise.
        """
        seen = self.data.get("seen", "")
        # What the campaign does now decides nothing about a later time.
        if self.is_later:
            return ""
        if not seen or seen == self.campaign.status or self._was_sent():
            return ""
        change = f"from {status_word(seen)} to {status_word(self.campaign.status)}, {describe_control(self.campaign)}"
        return (
            f"While this form was open, {self.campaign} changed {change}. Nothing was sent. Look at it as it is now, "
            "and send the form again if you still want this."
        )

    def _was_sent(self) -> bool:
        key = self.cleaned_data.get("key")
        return key is not None and Operation.objects.filter(idempotency_key=str(key)).exists()


class PauseForm(ResumeForm):
    """`until_…`: when a resume of its own ends the pause; empty if it is to last."""

    offered_for = "for_pause"
    until_date, until_time, until_choice = date_field(), clock_field(), choice_field()
    drop_active_calls = forms.BooleanField(required=False)
    drop_understood = forms.BooleanField(required=False)
    override = forms.BooleanField(required=False)

    @property
    def typed_until(self) -> TypedTime:
        return self.typed("until")

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.is_typed("until"):
            self.due["until"] = until = self.clean_due("until")
            if not self.has_error("at_time"):
                self._check("until_time", self.due.get("at"), until)
        if self.cleaned_data["drop_active_calls"] and not self.cleaned_data["drop_understood"]:
            number = calls(self.campaign.active_calls)
            self.add_error(
                "drop_understood",
                f"{number} in progress would be cut off in the middle. Tick this as well if that is meant; otherwise "
                "untick the line above, and they go on until they end.",
            )
        reason = self.cleaned_data.get("reason")
        if reason and reason.overrides_calls_check and not self.cleaned_data["override"]:
            self.add_error(
                "override",
                f"{reason.label} pauses the campaign however many calls are in progress. Tick this if that is meant; "
                "otherwise choose another reason.",
            )
        return self.cleaned_data

    @property
    def asked(self) -> dict[str, Any]:
        overrides = self.cleaned_data["reason"].overrides_calls_check
        return super().asked | {
            "drop_active_calls": self.cleaned_data["drop_active_calls"],
            "override": overrides and self.cleaned_data["override"],
        }


class OperationFilter(forms.Form):
    """What the list of operations is narrowed to; it lives in the address, and nonsense in it narrows nothing."""

    state = forms.ChoiceField(required=False, choices=[("", "Any state"), *((s.value, LABELS[s]) for s in State)])
    kind = forms.ChoiceField(required=False, choices=[("", "Any kind"), *OperationKind.choices])
    by = forms.CharField(required=False, max_length=150, label="Person")
    campaign = forms.CharField(required=False, max_length=300, label="Campaign (name or id)")
    bulk = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # "due": only what is still to come, soonest first.
    when = forms.ChoiceField(required=False, choices=[("", ""), ("due", "")], widget=forms.HiddenInput)
