"""The forms of the policy. Every error is a sentence, and nothing that was typed is lost."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django import forms
from django.db.models import Model
from django.http import QueryDict

from campaigns.models import CallingHoursRule
from campaigns.pages.fields import ClockField, LineField, NumberField, OptionalDayField
from campaigns.policy.changes import Facts, fact_of, facts_of
from campaigns.policy.presets import HoursPreset
from campaigns.schedule import DAY_NAMES, DAYS
from campaigns.schedule.typed_time import Edge

NO_SEEN = "This form had lost what it started from. It has it again: check it, and save it again."


class PolicyForm(forms.Form):
    """A form that changes `row`, or adds one if there is none."""

    # The facts that the person saw, as JSON: a change of the row by somebody else in the meantime isn't overwritten.
    seen = forms.CharField(required=False, max_length=5000, error_messages={"max_length": NO_SEEN})

    def __init__(self, data: Mapping[str, Any] | None = None, row: Model | None = None) -> None:
        self.row = row
        self.facts = facts_of(row) if row else {}
        self.changes: list[str] = []
        super().__init__(data, initial={name: self.typed(value) for name, value in self.facts.items()})

    def clean_seen(self) -> Facts:
        seen = _read(self.cleaned_data["seen"])
        if self.row and seen is None:
            raise forms.ValidationError(NO_SEEN)
        return seen or {}

    @property
    def own_seen(self) -> str:
        """The facts to render the form with."""
        # The submitted ones, if there are any: they are still what the person saw.
        came = str(self.data.get("seen", ""))
        if _read(came) is not None:
            return came
        return json.dumps(self.facts)

    @property
    def values(self) -> dict[str, Any]:
        """The valid values, without `seen`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    @property
    def asked(self) -> dict[str, Any]:
        return self.values | ({"seen": self.cleaned_data["seen"]} if self.row else {})

    def typed(self, fact: object) -> object:
        """A fact as the initial value of its field."""
        return "" if fact is None else fact

    def on(self, now: Facts) -> Self:
        """The form based on `now`, the row's current facts: what the person changed is kept, the rest is new."""
        seen, data = self.cleaned_data["seen"], QueryDict(mutable=True)
        data.update(self.data)
        mine = {name for name, value in self.values.items() if fact_of(value) != seen.get(name)}
        for name in now.keys() - mine:
            data.setlist(name, _as_posted(self.typed(now[name])))
        data["seen"] = json.dumps(now)
        form = type(self)(data, self.row)
        changed = [name for name in now if now[name] != seen.get(name)]
        form.changes = [self._describe_change(name, seen.get(name), now[name], name in mine) for name in changed]
        return form

    def _describe_change(self, name: str, was: object, now: object, mine: bool) -> str:
        label = self.fields[name].label or name.capitalize()
        if mine:
            kept = " You had changed it as well: what you typed is still below."
        else:
            kept = ""
        return f"{label}: it was {self.word(was)}, and is {self.word(now)} now.{kept}"

    def word(self, fact: object) -> str:
        if fact is None:
            return "empty"
        if isinstance(fact, bool):
            return "ticked" if fact else "not ticked"
        if isinstance(fact, list):
            return ", ".join(map(str, fact))
        return str(fact)


def _read(text: str) -> Facts | None:
    # json.loads raises RecursionError for text that is nested too deeply.
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) else None


def _as_posted(value: object) -> list[Any]:
    """The values that a browser sends: one for each choice of a list, none for a box that isn't ticked."""
    if isinstance(value, list):
        return value
    if value is False:
        return []
    return [str(value)]


class ThresholdsForm(PolicyForm):
    max_active_calls = NumberField(
        0,
        100_000,
        label="Calls in progress",
        help_text="A pause is rejected while a campaign has more than this: people could lose their calls. A "
        "campaign can have a limit of its own.",
    )
    max_windows = NumberField(
        1, 50, label="Windows in a schedule", help_text="As many as your CXone licence tier allows; usually 5."
    )
    max_concurrent_pauses = NumberField(
        1, 50, label="Pauses at the same time", help_text="More pauses wait until CXone has answered one of these."
    )
    pause_patience_minutes = NumberField(
        1,
        240,
        label="Minutes that a pause keeps trying",
        help_text="While CXone does not answer. After that it fails, and somebody has to pause the campaign in CXone.",
    )
    late_minutes = NumberField(
        0,
        1440,
        label="Minutes that a scheduled operation may be late",
        help_text="If this system was down when it was due. One that is later than this is not carried out.",
    )
    paused_too_long_days = NumberField(
        1,
        365,
        label="Days that a pause without an end may last",
        help_text="After that the campaign needs attention: somebody may have forgotten it.",
    )
    two_for_resume = forms.BooleanField(
        required=False, label="Resumes", help_text="One or many: resumes of many at once wait with them."
    )
    two_for_bulk = forms.BooleanField(
        required=False, label="Resumes of many at once", help_text="Only those. A single resume goes at once."
    )
    two_for_schedule = forms.BooleanField(required=False, label="Changes of dialing hours")
    approval_minutes = NumberField(
        1,
        1440,
        label="Minutes until a request lapses",
        help_text="If nobody has approved it by then, nothing is sent, and somebody has to ask again.",
    )


class ReasonForm(PolicyForm):
    code = LineField(
        "code",
        40,
        "Give it a code, such as MAINTENANCE.",
        help_text="For exports and commands: capital letters A to Z and _.",
    )
    label = LineField("label", 100, "Give it a label: people choose by it.", help_text="What people see and choose.")
    overrides_calls_check = forms.BooleanField(
        required=False,
        label="Overrides the calls limit",
        help_text="Pauses a campaign however many calls are in progress, after a second confirmation.",
    )
    for_pause = forms.BooleanField(required=False, initial=True, label="Offered for a pause")
    for_resume = forms.BooleanField(required=False, initial=True, label="Offered for a resume")
    needs_note = forms.BooleanField(
        required=False,
        label="Needs a note",
        help_text="Whoever gives this reason must write what happened. What the product does by itself needs no note.",
    )
    retired = forms.BooleanField(
        required=False, label="Retired", help_text="No longer offered. Operations that gave it keep it on record."
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not re.fullmatch("[A-Z][A-Z_]*", code):
            raise forms.ValidationError("A code is made of capital letters A to Z and _, such as WFM_OVERRIDE.")
        return code

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not (data["for_pause"] or data["for_resume"] or data["retired"]):
            self.add_error("for_pause", "Offer it for pauses, for resumes or for both, or retire it.")
        return data


class RuleForm(PolicyForm):
    name = LineField("name", 100, "Give the rule a name, such as Texas.")
    days = forms.MultipleChoiceField(
        choices=list(DAY_NAMES.items()),
        label="Days on which calls are lawful",
        error_messages={"required": "Choose at least one day.", "invalid_choice": "Choose days from the list."},
    )
    earliest = ClockField(
        edge=Edge.START, label="Earliest", error_messages={"required": "Write the earliest time, such as 8:00."}
    )
    latest = ClockField(
        edge=Edge.END, label="Latest", error_messages={"required": "Write the latest time, such as 21:00."}
    )
    source = LineField(
        "source",
        200,
        "Name the source: the law or the contract that says so.",
        help_text="The law or the contract that says so. Findings name it.",
    )
    valid_from = OptionalDayField(required=False, label="Valid from")
    valid_to = OptionalDayField(required=False, label="Valid to")

    def begin_with(self, preset: HoursPreset) -> None:
        """Fill the form with a state's hours, which nobody has saved yet."""
        self.initial = {
            **self.initial,
            "name": preset.name,
            "days": list(DAYS),
            "earliest": f"{preset.earliest:%H:%M}",
            "latest": f"{preset.latest:%H:%M}",
            "source": f"{preset.source}, in force since {preset.since}",
        }

    def clean_days(self) -> list[str]:
        return [day for day in DAYS if day in self.cleaned_data["days"]]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if {"earliest", "latest"} <= set(values) and values["latest"] <= values["earliest"]:
            self.add_error("latest", "The latest time must come after the earliest. 24:00 reaches to midnight.")
        first, last = values.get("valid_from"), values.get("valid_to")
        if isinstance(first, date) and isinstance(last, date) and last <= first:
            self.add_error("valid_to", "The last day must come after the first.")
        return values


class CampaignPolicyForm(PolicyForm):
    """A campaign's own policy. The rule is identified by its name, as in audit records."""

    max_active_calls = NumberField(0, 100_000, label="Calls in progress", required=False)
    calling_hours = forms.CharField(required=False, label="Calling hours")

    def __init__(self, data: Mapping[str, Any] | None = None, row: Model | None = None) -> None:
        super().__init__(data, row)
        self.rules = list(CallingHoursRule.objects.all())

    def word(self, fact: object) -> str:
        if fact is None:
            return "that of all campaigns"
        return super().word(fact)

    def clean_calling_hours(self) -> CallingHoursRule | None:
        name = self.cleaned_data["calling_hours"]
        for rule in self.rules:
            if rule.name == name:
                return rule
        if name:
            raise forms.ValidationError("That rule no longer exists. Choose one from the list.")
        return None
