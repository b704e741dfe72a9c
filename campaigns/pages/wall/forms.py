"""The form of a new link. Nothing that was typed is lost, and every error is a sentence."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from campaigns.models import WallTheme
from campaigns.pages.fields import LineField, OptionalDayField
from campaigns.queueing.rows import database_now
from campaigns.schedule.zones import known_zones
from campaigns.selection import known_tags, tag_label
from campaigns.wall.links import WallSettings

LONGEST_NAME = 60


class WallLinkForm(forms.Form):
    name = LineField(
        "name",
        LONGEST_NAME,
        "Name the screen, so that others know which link is whose.",
        label="Screen",
        help_text="Where it hangs: “Floor 2, by the stairs”. The screen shows it.",
    )
    group_by = forms.ChoiceField(label="Group by", required=False, help_text="A tag of the campaigns in CXone.")
    zone = LineField(
        "time zone",
        64,
        "Choose the time zone of the clock.",
        label="Time zone",
        help_text="For its clock and all its times, such as America/New_York.",
        widget=forms.TextInput(attrs={"list": "zones"}),
    )
    theme = forms.ChoiceField(label="Colours", choices=WallTheme.choices, initial=WallTheme.DARK)
    until = OptionalDayField(
        label="Works until", required=False, help_text="The last day. Leave it empty: it works until it is revoked."
    )
    shows_people = forms.BooleanField(
        label="Show who did it",
        required=False,
        help_text="Who paused what, in big type, visible to everybody who walks by.",
    )
    offers_sound = forms.BooleanField(
        label="Offer a sound",
        required=False,
        help_text="A button on the screen turns it on: a tone whenever there is a new finding.",
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        names = list(known_tags())
        zone = timezone.get_current_timezone_name()
        initial = {"key": uuid4().hex, "zone": zone, "group_by": names[0] if names else ""}
        super().__init__(data, initial=initial)
        self.fields["group_by"].choices = [*((name, tag_label(name)) for name in names), ("", "Nothing")]  # type: ignore[attr-defined]
        self.zones = sorted(known_zones())

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        if zone not in known_zones():
            raise forms.ValidationError(f"“{zone}” isn’t a time zone. Choose one, such as America/New_York.")
        return zone

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        until, zone = values.get("until"), values.get("zone")
        if isinstance(until, date) and zone and until < database_now().astimezone(ZoneInfo(zone)).date():
            self.add_error("until", "That day is over. Choose a later one, or none.")
        return values

    @property
    def settings(self) -> WallSettings:
        values = self.cleaned_data
        return WallSettings(
            name=values["name"],
            group_by=values["group_by"],
            zone=values["zone"],
            theme=WallTheme(values["theme"]),
            shows_people=values["shows_people"],
            offers_sound=values["offers_sound"],
            expires_at=_end_of(values["until"], values["zone"]),
        )


def _end_of(day: date | None, zone: str) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
