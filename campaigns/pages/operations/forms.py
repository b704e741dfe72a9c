"""What people type to pause and resume a campaign. Every refusal is a sentence, and nothing typed is lost."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.functional import cached_property

from campaigns.dialect import word_of_status
from campaigns.models import Campaign, Operation, OperationKind, ReasonCode
from campaigns.operations.labels import describe_control
from campaigns.operations.phrases import calls
from campaigns.pages.due_fields import DueForm, TypedTime, choice_field, clock_field, date_field
from campaigns.pages.fields import NoteField, NumberField
from campaigns.pages.operations.usual_reasons import OfferedReasons, offer_reasons
from campaigns.pages.ranges import LABELS as LABELS_OF_RANGES
from campaigns.policy.in_force import limit_for
from campaigns.prepared import fetch_objects
from campaigns.queueing.rows import database_now
from campaigns.schedule.due_times import DueTime, problem_of
from campaigns.states import LABELS, State

NO_REASON = "Choose a reason: it goes on record with the operation."
UNKNOWN_REASON = "This is not one of the reason codes. Choose one from the list."
NO_KEY = "This form was incomplete, so nothing was sent. It is complete now: check it and send it again."
TYPED_AND_NOT_CHOSEN = "You typed a time, but “At a time” isn’t chosen. Choose it, or empty the date and the time."
NO_SEEN = "This form was incomplete, so nothing was sent. It is complete now: check it and send it again."


def _known_reasons() -> QuerySet[ReasonCode]:
    return ReasonCode.objects.filter(retired=False)


class ReasonedForm(forms.Form):
    """Why something is asked for. `key` makes a double click one request; `offered_for`: the column of the reasons
    that are offered."""

    offered_for = "for_resume"

    reason = forms.CharField(max_length=40, error_messages={"required": NO_REASON, "max_length": UNKNOWN_REASON})
    note = NoteField()
    key = forms.UUIDField(error_messages=dict.fromkeys(("required", "invalid"), NO_KEY))

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        self.known_reasons = fetch_objects(_known_reasons)

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
    def chosen_reason(self) -> str:
        """The code of the reason that is chosen."""
        return self["reason"].value() or ""

    @property
    def needs_note(self) -> bool:
        """With the reason that is chosen."""
        return any(each.needs_note for each in self.known_reasons if each.code == self.chosen_reason)

    @property
    def reasons_with_note(self) -> list[ReasonCode]:
        """The offered ones that need a note."""
        return [each for each in self.reasons if each.needs_note]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        reason = cleaned.get("reason")
        if reason and reason.needs_note and cleaned.get("note") == "" and not self._was_sent():
            self.add_error("note", f"The reason “{reason.label}” needs a note: write what happened.")
        return cleaned

    def _was_sent(self) -> bool:
        """The form was sent before: it is judged by what it asked for then."""
        return False

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
    """`seen` is the status that the person decided on; `when`: at once, or at the time in the fields beside it.

    `begins_with`: the reason that is chosen when the form is opened.
    """

    campaign: Campaign

    kind = OperationKind.RESUME
    seen = forms.CharField(max_length=60, error_messages=dict.fromkeys(("required", "max_length"), NO_SEEN))
    when = forms.CharField(required=False, max_length=5)
    at_date, at_time, at_choice = date_field(), clock_field(), choice_field()

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        campaign: Campaign,
        *,
        begins_later: bool = False,
        begins_with: str = "",
    ) -> None:
        super().__init__(data)
        self.campaign = campaign
        self.begins_later, self.begins_with = begins_later, begins_with
        self.due: dict[str, DueTime | None] = {}

    @property
    def typed_at(self) -> TypedTime:
        return self.typed("at")

    @cached_property
    def offered(self) -> OfferedReasons:
        return offer_reasons(self.kind, self.campaign, self.reasons)

    @property
    def chosen_reason(self) -> str:
        """The code of the reason that is chosen. Most resumes are because something is resolved."""
        if self.is_bound:
            return self["reason"].value() or ""
        return self.begins_with or ("RESOLVED" if self.kind == OperationKind.RESUME else "")

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
            self.add_error("when", TYPED_AND_NOT_CHOSEN)
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
        change = (
            f"from {word_of_status(seen)} to {word_of_status(self.campaign.status)}, {describe_control(self.campaign)}"
        )
        return (
            f"While this form was open, {self.campaign} changed {change}. Nothing was sent. Look at it as it is now, "
            "and send the form again if you still want this."
        )

    def _was_sent(self) -> bool:
        key = self.cleaned_data.get("key")
        return key is not None and Operation.objects.filter(idempotency_key=str(key)).exists()


class PauseForm(ResumeForm):
    """`until_…`: when a resume of its own ends the pause; empty if it is to last. `wait_for_calls`: with at most how
    many calls in progress it is sent, where `when` says that it waits for that."""

    kind = OperationKind.PAUSE
    offered_for = "for_pause"
    until_date, until_time, until_choice = date_field(), clock_field(), choice_field()
    drop_active_calls = forms.BooleanField(required=False)
    drop_understood = forms.BooleanField(required=False)
    override = forms.BooleanField(required=False)
    wait_for_calls = forms.CharField(required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.waits_for_calls:
            self.fields["wait_for_calls"] = NumberField(0, self.limit, required=False)

    @cached_property
    def limit(self) -> int:
        return limit_for(self.campaign)

    @property
    def waits_for_calls(self) -> bool:
        """It is to happen once few enough calls are in progress."""
        return bool(self.data.get("when") == "calls") if self.is_bound else False

    @property
    def typed_calls(self) -> str:
        if self.is_bound:
            return str(self.data.get("wait_for_calls", ""))
        return str(self.limit)

    @property
    def is_over_limit(self) -> bool:
        """As far as is known now."""
        return self.campaign.active_calls > self.limit

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
                f"{number} in progress would be cut off in the middle. Tick this as well if you mean it; otherwise "
                "untick the line above, and they continue until they end.",
            )
        if self.waits_for_calls and self.cleaned_data.get("wait_for_calls") is None:
            if not self.has_error("wait_for_calls"):
                self.add_error("wait_for_calls", f"Write a whole number from 0 to the limit of {self.limit:,}.")
        elif self._must_be_confirmed():
            self.add_error(
                "override",
                f"{calls(self.campaign.active_calls)} are in progress, over the limit of {self.limit:,}, and "
                f"{self.cleaned_data['reason'].label} pauses the campaign all the same. Tick this if you mean it; "
                "otherwise choose another reason.",
            )
        return self.cleaned_data

    def _must_be_confirmed(self) -> bool:
        """Calls could be abandoned. Where none would be, an emergency takes one click."""
        reason = self.cleaned_data.get("reason")
        if reason is None or not reason.overrides_calls_check or self.cleaned_data["override"]:
            return False
        # One that was sent before was judged then.
        return not self.waits_for_calls and self.is_over_limit and not self._was_sent()

    @property
    def asked(self) -> dict[str, Any]:
        asked = super().asked | {"drop_active_calls": self.cleaned_data["drop_active_calls"]}
        if self.waits_for_calls:
            return asked | {"wait_for_calls": self.cleaned_data["wait_for_calls"]}
        return asked | {"override": self.cleaned_data["reason"].overrides_calls_check}


RANGES = ("", "hour", "shift", "today", "yesterday", "week", "month")


class OperationFilter(forms.Form):
    """What the list of operations is narrowed to; it lives in the address, and nonsense in it narrows nothing."""

    campaign = forms.CharField(required=False, max_length=300, label="Campaign")
    by = forms.CharField(required=False, max_length=150, label="Person")
    kind = forms.ChoiceField(required=False, choices=[("", "Any"), *OperationKind.choices])
    state = forms.ChoiceField(
        required=False, label="Outcome", choices=[("", "Any"), *((s.value, LABELS[s]) for s in State)]
    )
    range = forms.ChoiceField(required=False, label="Time", choices=[(key, LABELS_OF_RANGES[key]) for key in RANGES])
    mine = forms.BooleanField(required=False, label="Mine")
    open = forms.BooleanField(required=False, label="In progress")
    bulk = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # "due": only what is still to come, soonest first.
    when = forms.ChoiceField(required=False, choices=[("", ""), ("due", "")], widget=forms.HiddenInput)
