"""The forms of calendars, holidays and imports. Every error is a sentence, and nothing that was typed is lost."""

from collections.abc import Callable, Mapping
from datetime import date, time
from itertools import chain
from typing import Any, TypeVar, cast

from django import forms
from django.core import signing
from django.http import QueryDict

from campaigns.errors import Refusal
from campaigns.holidays import public
from campaigns.holidays.comparison import Outdated, compare_import
from campaigns.holidays.dates import NAME_LENGTH, HolidayEntry
from campaigns.holidays.ical import LeftOut, Withdrawn
from campaigns.holidays.import_offers import Offer, offer_of_country
from campaigns.models import Calendar, Holiday
from campaigns.pages.fields import ClockField, DayField, LineField
from campaigns.pages.holidays.queries import Ticked
from campaigns.schedule.typed_time import Edge
from campaigns.schedule.zones import known_zones

# The form offers this many years, from the current one on.
YEARS_AHEAD = 5
# An older preview is refused.
PREVIEW_SECONDS = 24 * 3600
# The number changes with the contents of a preview, so that one from before an upgrade is refused, not misread.
_SALT = "holiday preview 2"
_Result = TypeVar("_Result")


class CalendarForm(forms.Form):
    name = LineField("name", 100, "Give the calendar a name.")
    zone = forms.CharField(required=False, label="Time zone")

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"]
        if zone and zone not in known_zones():
            raise forms.ValidationError(
                f"There is no time zone “{zone[:60]}”. Choose one from the list, like America/New_York, or leave it "
                "empty for each campaign’s own."
            )
        return zone


class HolidayForm(forms.Form):
    name = LineField("name", NAME_LENGTH, "Give the holiday a name.")
    date = DayField(error_messages={"required": "Choose the date."})
    starts = ClockField(edge=Edge.START, required=False, label="From")
    ends = ClockField(edge=Edge.END, required=False, label="To")
    every_year = forms.BooleanField(required=False, label="Every year")
    observed = forms.BooleanField(required=False, label="Also observed on the nearest weekday")

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if {"starts", "ends"} <= set(values):
            starts, ends = values["starts"], values["ends"]
            if (starts is None) != (ends is None):
                missing = "starts" if starts is None else "ends"
                self.add_error(missing, "Give both times, or neither for the whole day.")
            elif starts is not None and ends <= starts:
                self.add_error(
                    "ends",
                    "The restricted hours end before they start. Hours past midnight are two holidays, one a day; "
                    "24:00 reaches to midnight.",
                )
        return values


def initial_of(holiday: Holiday) -> dict[str, Any]:
    return {name: getattr(holiday, name) for name in HolidayForm.base_fields}


class CountryForm(forms.Form):
    """Which public holidays to import. `today`: the date from whose year on years are offered. `recent`: the code of
    the country that was chosen last, which is offered first."""

    country = forms.ChoiceField(error_messages={"invalid_choice": "Choose a country from the list."})
    subdivision = forms.ChoiceField(required=False, label="State or part")
    years = forms.TypedMultipleChoiceField(coerce=int, widget=forms.CheckboxSelectMultiple, label="Years")

    def __init__(self, data: Mapping[str, Any] | None, today: date, recent: str = "") -> None:
        super().__init__(_with_years(data, today))
        _offer(self, "years", [(year, str(year)) for year in range(today.year, today.year + YEARS_AHEAD)])
        self.fields["years"].error_messages |= {
            "required": "Choose at least one year.",
            "invalid_choice": "Choose years from the list.",
        }
        _offer(self, "country", [("", "Choose a country"), *_choices(_likely_first(recent))])
        parts = public.subdivisions(self.chosen) if self.chosen else ()
        _offer(self, "subdivision", [("", "National holidays only"), *_choices(parts)])
        self.fields["subdivision"].error_messages["invalid_choice"] = "This country has no such part. Choose one."

    @property
    def chosen(self) -> str:
        """The code of the chosen country; "" if it isn't a known one."""
        code = str(self.data.get("country", ""))
        if code in {country.code for country in public.countries()}:
            return code
        return ""

    def find(self) -> Offer:
        """The offer of the chosen place and years. Refusal: the library has no holidays there."""
        values = self.cleaned_data
        country, part = values["country"], values["subdivision"]
        try:
            found = offer_of_country(country, part, values["years"])
        except public.UnknownRegion as unknown:
            raise Refusal(str(unknown)) from None
        if not found.entries:
            nothing = "No public holidays are known there in those years. Add them one by one, or from a file."
            raise Refusal(" ".join((nothing, *found.notes)))
        return found


def _with_years(data: Mapping[str, Any] | None, today: date) -> Mapping[str, Any] | None:
    """What was chosen; where only the country is, with the years that nearly everybody wants: this and the next."""
    if not isinstance(data, QueryDict) or "preview" in data or "years" in data:
        return data
    filled = data.copy()
    filled.setlist("years", [str(today.year), str(today.year + 1)])
    return filled


def _likely_first(recent: str) -> tuple[public.Region, ...]:
    """All countries by name, after the one that was chosen last and the United States."""
    likely = {code: place for place, code in enumerate(dict.fromkeys((recent, "US")))}
    return tuple(sorted(public.countries(), key=lambda country: likely.get(country.code, len(likely))))


def _offer(form: forms.Form, name: str, choices: list[tuple[Any, str]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def _choices(regions: tuple[public.Region, ...]) -> list[tuple[str, str]]:
    choices = []
    for region in regions:
        # The library has no names for some subdivisions, only codes.
        if region.name == region.code:
            label = region.code
        else:
            label = f"{region.name} ({region.code})"
        choices.append((region.code, label))
    return choices


class TakeForm(forms.Form):
    """Which entries of a preview to add, and which outdated holidays to remove. `ticked`: as submitted, valid or not.
    The constructor raises Refusal if the preview is too old or of another calendar."""

    # The preview itself, signed: nothing is stored on the server until somebody takes it.
    preview = forms.CharField()
    take = forms.TypedMultipleChoiceField(coerce=int, required=False)
    take_out = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        error_messages={"invalid_choice": "A day that was to be removed has changed meanwhile. Look at them again."},
    )

    def __init__(self, data: QueryDict, calendar: Calendar) -> None:
        super().__init__(data)
        self.ticked = Ticked(set(data.getlist("take")), set(data.getlist("take_out")))
        self.offer = unpack_preview(str(data.get("preview", "")), calendar)
        self.comparison = compare_import(calendar, self.offer)
        self._outdated = {one.pk: one for one in self.comparison.outdated}
        _offer(self, "take", [(number, "") for number in range(len(self.offer.entries))])
        _offer(self, "take_out", [(pk, "") for pk in self._outdated])

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if not self.errors and not values["take"] and not values["take_out"]:
            self.add_error(None, "Tick at least one holiday, or cancel.")
        return values

    @property
    def problem(self) -> str:
        errors = chain.from_iterable(self.errors.values())
        return " ".join(map(str, errors))

    @property
    def taken(self) -> list[HolidayEntry]:
        return [self.offer.entries[number] for number in self.cleaned_data["take"]]

    @property
    def taken_out(self) -> list[Outdated]:
        return [self._outdated[pk] for pk in self.cleaned_data["take_out"]]


def pack_preview(calendar: Calendar, offer: Offer) -> str:
    entries = [
        (str(e.date), e.name, _text(e.starts), _text(e.ends), e.uid, e.line, e.nature, e.remark, e.suggested)
        for e in offer.entries
    ]
    packed = {
        "calendar": calendar.pk,
        "entries": entries,
        "source": offer.source,
        "span": (str(offer.first), str(offer.last)),
        "notes": offer.notes,
        "left_out": [(left.line, left.name, left.reason, left.matters, left.uid) for left in offer.left_out],
        "unlisted": offer.unlisted,
        "withdrawn": [(one.line, one.uid, str(one.on or "")) for one in offer.withdrawn],
    }
    return signing.dumps(packed, salt=_SALT, compress=True)


def unpack_preview(preview: str, calendar: Calendar) -> Offer:
    """The offer in a preview. Refusal: it is older than a day, of another calendar, or wasn't signed here."""
    try:
        packed = signing.loads(preview, salt=_SALT, max_age=PREVIEW_SECONDS)
    except signing.SignatureExpired:
        raise Refusal("This preview is older than a day. Nothing was added: start the import again.") from None
    except signing.BadSignature:
        packed = {}
    if packed.get("calendar") != calendar.pk:
        raise Refusal(
            "This isn’t a preview of an import into this calendar. Nothing was added: start the import again."
        )
    first, last = map(date.fromisoformat, packed["span"])
    return Offer(
        entries=tuple(
            HolidayEntry(date.fromisoformat(on), name, _time(starts), _time(ends), *rest)
            for on, name, starts, ends, *rest in packed["entries"]
        ),
        source=packed["source"],
        first=first,
        last=last,
        notes=tuple(packed["notes"]),
        left_out=tuple(LeftOut(*left) for left in packed["left_out"]),
        unlisted=packed["unlisted"],
        withdrawn=tuple(
            Withdrawn(line, uid, date.fromisoformat(on) if on else None) for line, uid, on in packed["withdrawn"]
        ),
    )


def _text(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


def carry_out(form: forms.Form, verb: Callable[..., _Result], **values: Any) -> _Result | None:
    """Call `verb` and return its result; None if it raised Refusal, which is then an error of the form."""
    try:
        return verb(**values)
    except Refusal as refused:
        form.add_error(refused.field or None, refused.sentence)
        return None
