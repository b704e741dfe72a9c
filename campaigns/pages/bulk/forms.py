"""What people type to pause or resume many campaigns.

The number of campaigns confirms a resume: a stop needs no second question, a start does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms

from campaigns.models import Bulk, Campaign
from campaigns.operations.labels import describe_control
from campaigns.pages.bulk.prospect import STANDING_WORDS, BulkProspect, standing_of
from campaigns.pages.bulk.seen import SeenChanges, changes_since, imprint_of, read_imprint
from campaigns.pages.operations.forms import ReasonedForm

# In a notice; the rest is counted.
MOST_CHANGES = 20
NO_SEEN = "This form was incomplete, so nothing was sent. It is complete now: check the campaigns and send it again."
# What people put between thousands: 5,000 and 5 000 are the same number, but 0.5 isn't 5.
_SEPARATORS = re.compile(r"[\s,.'\u2019]")
_NUMBER = re.compile(r"([0-9]+|[0-9]{1,3}([\s,.'\u2019][0-9]{3})+)\.?")


@dataclass(frozen=True, slots=True)
class ChangedCampaign:
    campaign: Campaign
    words: str


@dataclass(frozen=True, slots=True)
class FormChanges:
    """What changed while a form was open. `more`: how many campaigns aren't listed."""

    listed: list[ChangedCampaign] = field(default_factory=list)
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.listed or self.more)


class BulkForm(ReasonedForm):
    """`seen` says which campaigns the person saw, and how they stood."""

    number = forms.CharField(required=False, max_length=100)
    seen = forms.CharField(error_messages={"required": NO_SEEN})

    def __init__(
        self, data: Mapping[str, Any] | None, prospect: BulkProspect, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        self.initial = dict(initial or {})
        self.prospect = prospect
        self.is_changed = False
        if prospect.is_pause:
            del self.fields["number"]

    @property
    def offered_for(self) -> str:  # type: ignore[override]
        return "for_pause" if self.prospect.is_pause else "for_resume"

    @property
    def chosen_reason(self) -> str:
        """The code of the reason that is chosen. Most resumes are because something is resolved."""
        if not self.is_bound and not self.initial and not self.prospect.is_pause:
            return "RESOLVED"
        return self["reason"].value() or ""

    @property
    def own_seen(self) -> str:
        """What the form goes out with."""
        return imprint_of(self.prospect.standings)

    @property
    def typed_number(self) -> str:
        """Given again for what is seen now, where that has changed."""
        if self.is_changed:
            return ""
        return self["number"].value() or ""

    def clean_number(self) -> int:
        typed, number = self.cleaned_data["number"], self.prospect.number
        if not typed:
            raise forms.ValidationError(f"Type the number of campaigns to confirm: {number:,}.")
        if not _NUMBER.fullmatch(typed) or int(_SEPARATORS.sub("", typed)) != number:
            what = "this is 1 campaign" if number == 1 else f"these are {number:,} campaigns"
            raise forms.ValidationError(f"You typed “{typed}”, and {what}. Type {number:,} if you mean all of them.")
        return number

    def clean_seen(self) -> dict[bytes, str]:
        seen = read_imprint(self.cleaned_data["seen"])
        if seen is None:
            raise forms.ValidationError(NO_SEEN)
        return seen

    def find_sent(self) -> Bulk | None:
        """The bulk that this form, or the same one after a second click, has asked for already."""
        key = self.cleaned_data.get("key")
        return Bulk.objects.defer("campaign_ids").filter(idempotency_key=str(key)).first() if key else None

    def is_same_as(self, bulk: Bulk) -> bool:
        reason = self.cleaned_data.get("reason")
        return bool(reason and reason.code == bulk.reason and self.cleaned_data.get("note") == bulk.note)

    def tell_changes(self) -> FormChanges:
        """What is otherwise than the person saw. They confirm the number anew."""
        seen = self.cleaned_data.get("seen")
        if seen is None:
            return FormChanges()
        known = Campaign.objects.order_by().values_list("pk", flat=True)
        changes = changes_since(seen, self.prospect.standings, known.iterator())
        self.is_changed = bool(changes)
        return _told(changes)


def _told(changes: SeenChanges) -> FormChanges:
    ids = [*changes.before, *changes.added, *changes.left]
    rows = Campaign.objects.filter(pk__in=ids[:MOST_CHANGES]).order_by("name", "id")
    listed = [ChangedCampaign(row, _words(row, changes)) for row in rows]
    return FormChanges(listed, len(ids) - len(listed) + changes.unknown_left)


def _words(campaign: Campaign, changes: SeenChanges) -> str:
    now = STANDING_WORDS[standing_of(campaign)]
    if campaign.pk in changes.before:
        was = STANDING_WORDS.get(changes.before[campaign.pk], "otherwise")
        return f"was {was}, is {now} now, {describe_control(campaign)}"
    if campaign.pk in changes.added:
        return f"was not among them, and is {now}"
    return f"is no longer among them: it is {now}, {describe_control(campaign)}"
