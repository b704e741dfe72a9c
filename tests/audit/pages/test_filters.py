"""What a filter in the address means, and what is said of one that means nothing."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit import queries
from audit.kinds import RecordKind, Status
from audit.models import Record
from audit.pages.filters import FilterForm
from tests.audit.ledgers import append, append_some

NEW_YORK = ZoneInfo("America/New_York")


def read(query: str) -> FilterForm:
    form = FilterForm(QueryDict(query))
    form.is_valid()
    return form


def fault(query: str) -> tuple[str, str]:
    """The one field that is wrong, and what is said of it."""
    ((field, messages),) = read(query).errors.items()
    return field, str(messages[0])


def since(query: str) -> datetime:
    at = read(query).cleaned_data["since"]
    assert isinstance(at, datetime)
    return at


def length(query: str) -> timedelta:
    since, until = read(query).times
    assert since
    assert until
    return until.astimezone(UTC) - since.astimezone(UTC)


def test_every_kind_can_be_chosen_once() -> None:
    _, *groups = read("").fields["kind"].widget.optgroups("kind", [])
    names = [name for name, _, _ in groups]
    assert len(names) == len(set(names))
    assert [option["value"] for _, options, _ in groups for option in options] == list(RecordKind)


def test_date_begins_in_its_zone() -> None:
    assert since("since=2026-11-21&zone=America/New_York") == datetime(2026, 11, 21, 5, tzinfo=UTC)


def test_reader_zone_counts_without_another() -> None:
    with timezone.override(NEW_YORK):
        assert since("since=2026-11-21 14:30") == datetime(2026, 11, 21, 19, 30, tzinfo=UTC)


def test_until_means_to_the_end_of_the_day() -> None:
    form = read("until=2026-11-21")
    assert form.cleaned_data["until"] == datetime(2026, 11, 22, tzinfo=UTC)


def test_day_of_25_hours_is_whole() -> None:
    form = read("since=2026-11-01&until=2026-11-01&zone=America/New_York")
    length = form.cleaned_data["until"].astimezone(UTC) - form.cleaned_data["since"].astimezone(UTC)
    assert length == timedelta(hours=25)


def test_time_that_comes_twice_is_the_earlier() -> None:
    assert since("since=2026-11-01 01:30&zone=America/New_York").astimezone(UTC).hour == 5


def test_time_that_is_skipped_goes_on() -> None:
    assert since("since=2026-03-08 02:30&zone=America/New_York").astimezone(UTC).hour == 7


@pytest.mark.parametrize("typed", ["2026-11-21T14:30Z", "2026-11-21 14:30 UTC", "2026-11-21T09:30-05:00"])
def test_typed_offset_counts_instead(typed: str) -> None:
    form = FilterForm({"since": typed, "zone": "Asia/Kolkata"})
    assert form.is_valid()
    assert form.cleaned_data["since"] == datetime(2026, 11, 21, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("since=yesterday", "since", "“yesterday” isn’t a date. Write it as 2026-11-21, or as 2026-11-21 14:30."),
        ("until=2026-02-30", "until", "The calendar or the clock has no 2026-02-30."),
        ("since=2026-02-20 25:00", "since", "The calendar or the clock has no"),
        ("until=9999-12-31", "until", "The calendar or the clock has no 9999-12-31."),
        ("since=0001-01-01", "since", "The year must lie between 1970 and 2999."),
        ("since=2026-11-22&until=2026-11-21", "until", "This isn’t later than “From”"),
        ("kind=nonsense", "kind", "There is no kind of record called nonsense."),
        ("outcome=MAYBE", "outcome", "There is no outcome called MAYBE."),
        ("operation=12", "operation", "This isn’t an operation’s id."),
        ("q=***", "q", "Words are made of letters and digits."),
        ("range=eternity", "range", "There is no range of time called eternity."),
        ("action=dance", "action", "There is no action called dance."),
        ("show=all", "show", "There is no view called all."),
        ("zone=Mars/Base", "zone", "There is no time zone called Mars/Base."),
    ],
)
def test_nonsense_is_told_beside_its_field(query: str, field: str, said: str) -> None:
    found, message = fault(query)
    assert found == field
    assert message.startswith(said)


def test_query_bears_its_zone() -> None:
    with timezone.override(NEW_YORK):
        assert read("since=2026-11-21&kind=").query_string() == "since=2026-11-21&zone=America%2FNew_York"
        assert read("kind=export.made").query_string() == "kind=export.made"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "since": st.dates(date(1971, 1, 1), date(2900, 1, 1)).map(str),
            "zone": st.sampled_from(["America/New_York", "Asia/Kathmandu", ""]),
            "kind": st.sampled_from([*RecordKind, ""]),
            "outcome": st.sampled_from([*Status, ""]),
            "by": st.text(max_size=20),
            "campaign": st.text(max_size=20),
            "operation": st.uuids().map(str),
            "q": st.text(max_size=20),
            "until": st.sampled_from(["2999-01-01", "rubbish", " "]),
        },
    )
)
@pytest.mark.django_db
def test_query_read_again_means_the_same(typed: dict[str, str]) -> None:
    form = FilterForm(typed)
    again = FilterForm(QueryDict(form.query_string()))
    assert (again.said(), again.query_string()) == (form.said(), form.query_string())


def test_said_is_exact() -> None:
    operation = uuid.uuid4()
    form = read(f"until=2026-11-21&zone=America/New_York&kind=export.made&outcome=INFO&operation={operation}&q=x")
    assert form.said() == {
        "until": "2026-11-22T00:00:00-05:00",
        "kind": "export.made",
        "outcome": "INFO",
        "operation": str(operation),
        "q": "x",
    }


def test_narrowing_can_be_taken_away() -> None:
    by, kind = read("kind=export.made&by=rosa&zone=Asia/Tokyo").narrowings()
    assert (kind.label, kind.value, kind.without) == ("Kind of record", "Audit exported", "by=rosa&zone=Asia%2FTokyo")
    assert (by.label, by.value, by.without) == ("Person", "rosa", "kind=export.made&zone=Asia%2FTokyo")


def test_last_time_takes_no_zone_along() -> None:
    with timezone.override(NEW_YORK):
        assert read("since=2026-11-21&zone=America/New_York").narrowings()[0].without == ""


def test_untidy_address_is_known() -> None:
    assert read("since=2026-11-21&zone=UTC&before=7").is_tidy
    assert not read("since=2026-11-21").is_tidy
    assert not read("kind=").is_tidy


SUNDAY_IN_NEW_YORK = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("today", "Sun 22 Nov 2026"),
        ("yesterday", "Sat 21 Nov 2026"),
        ("7d", "Mon 16 to Sun 22 Nov 2026"),
        ("this-week", "Mon 16 to Sun 22 Nov 2026"),
        ("last-week", "Mon 9 to Sun 15 Nov 2026"),
        ("30d", "Sat 24 Oct to Sun 22 Nov 2026"),
        ("this-month", "Sun 1 to Sun 22 Nov 2026"),
        ("last-month", "Thu 1 to Sat 31 Oct 2026"),
        ("1h", "Sun 22 Nov 2026 21:00 to Sun 22 Nov 2026 22:00"),
    ],
)
@time_machine.travel(SUNDAY_IN_NEW_YORK, tick=False)
def test_range_in_words_is_the_readers(name: str, days: str) -> None:
    with timezone.override(NEW_YORK):
        assert read(f"range={name}").range_in_days == days


@pytest.mark.parametrize(
    "at",
    [
        # Half an hour after summer time began; in the hour that occurs twice, the first and the second time.
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    ],
)
def test_last_hour_and_last_day_are_as_long_where_clocks_change(at: datetime) -> None:
    with time_machine.travel(at, tick=False), timezone.override(NEW_YORK):
        assert length("range=1h") == timedelta(hours=1)
        assert length("range=24h") == timedelta(hours=24)


@time_machine.travel(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), tick=False)
def test_fixed_range_says_which_time_is_meant_of_one_that_occurs_twice() -> None:
    with timezone.override(NEW_YORK):
        assert length(read("range=1h").pinned) == timedelta(hours=1)


@time_machine.travel(SUNDAY_IN_NEW_YORK, tick=False)
def test_range_stays_relative_until_it_is_fixed() -> None:
    with timezone.override(NEW_YORK):
        form = read("range=last-week&by=rosa")
        assert form.query_string() == "range=last-week&by=rosa&zone=America%2FNew_York"
        assert "since=2026-11-09+00%3A00%3A00&until=2026-11-16+00%3A00%3A00" in form.pinned
        assert "range" not in form.pinned
        assert form.said() == {
            "since": "2026-11-09T00:00:00-05:00",
            "until": "2026-11-16T00:00:00-05:00",
            "by": "rosa",
        }


def test_typed_times_take_precedence_over_a_range() -> None:
    form = read("range=last-week&since=2026-11-21&zone=UTC")
    assert (form.range_in_words, form.query_string()) == ("From 2026-11-21", "since=2026-11-21&zone=UTC")


@time_machine.travel(SUNDAY_IN_NEW_YORK, tick=False)
def test_chosen_range_is_marked() -> None:
    assert [link.label for link in read("range=last-week").ranges() if link.is_chosen] == ["Last week"]
    assert [link.label for link in read("").ranges() if link.is_chosen] == ["Any time"]


@pytest.mark.django_db
@pytest.mark.data_layer
def test_records_are_those_that_match() -> None:
    append_some(2)
    append(kind=RecordKind.SIGNIN_ENDED)
    found = read("kind=operation.asked&campaign=c-1&since=2026-01-01").records()
    assert [record.number for chunk in queries.chunks(found, upto=3) for record in chunk] == [1, 2]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["since=rubbish", "kind=operation.asked&outcome=x"])
def test_rubbish_finds_no_records(query: str) -> None:
    append_some(2)
    assert queries.read_record_page(read(query).records()).records == []
    assert Record.objects.exists()
