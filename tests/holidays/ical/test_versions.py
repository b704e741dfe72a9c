"""A file is a list of statements, of which later ones replace earlier ones (RFC 5546, 2.1.4)."""

import pytest

from tests.holidays.ical.reading import calendar, days, event, left_out, one, read, reading

SERIES = ["UID:s", "SUMMARY:Review", "DTSTART;VALUE=DATE:20270104", "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3"]


def joined(*events: list[str]) -> bytes:
    return calendar(*[line for lines in events for line in lines])


def moved(to: str, *lines: str, of: str = "20270201") -> list[str]:
    return one("UID:s", f"RECURRENCE-ID;VALUE=DATE:{of}", f"DTSTART;VALUE=DATE:{to}", "SUMMARY:Review", *lines)


def test_highest_sequence_counts_for_an_occurrence() -> None:
    data = joined(one(*SERIES), moved("20270203", "SEQUENCE:2"), moved("20270202", "SEQUENCE:1"))
    assert days(data) == ["2027-01-04", "2027-02-03", "2027-03-01"]
    assert left_out(data) == ["Line 16: “Review” is left out. Line 9 has a later version of it."]


def test_highest_sequence_counts_for_an_event() -> None:
    data = joined(*(one("UID:a", f"SEQUENCE:{n}", f"DTSTART:202705{n:02}") for n in (2, 11, 9)))
    assert days(data) == ["2027-05-11"]


def test_of_equal_sequences_the_latest_stamp_counts() -> None:
    stamps = [("20261102T000000Z", "20270502"), ("20261103T000000Z", "20270503"), ("20261101T000000Z", "20270501")]
    data = joined(*(one("UID:a", f"DTSTAMP:{stamp}", f"DTSTART:{day}") for stamp, day in stamps))
    assert days(data) == ["2027-05-03"]


def test_sequence_counts_over_the_stamp() -> None:
    data = joined(
        one("UID:a", "SEQUENCE:1", "DTSTAMP:20261101T000000Z", "DTSTART:20270501"),
        one("UID:a", "SEQUENCE:0", "DTSTAMP:20261109T000000Z", "DTSTART:20270509"),
    )
    assert days(data) == ["2027-05-01"]


def test_one_occurrence_is_the_same_by_another_clock() -> None:
    """13:00 in New York is 18:00 in UTC."""
    data = joined(
        one("UID:a", "DTSTART;TZID=America/New_York:20270104T130000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2"),
        one("UID:a", "RECURRENCE-ID;TZID=America/New_York:20270105T130000", "DTSTART:20270110", "SEQUENCE:1"),
        one("UID:a", "RECURRENCE-ID:20270105T180000Z", "DTSTART:20270111", "SEQUENCE:2"),
    )
    assert days(data) == ["2027-01-04 13:00-14:00", "2027-01-11"]


def test_events_that_share_an_identifier_are_all_taken() -> None:
    """Some programs give one UID to all of their events: none may be lost."""
    data = joined(one("UID:x", "DTSTART:20270101"), one("UID:x", "DTSTART:20270704"))
    assert days(data) == ["2027-01-01", "2027-07-04"]
    assert "several events under one identifier" in read(data)[0].remark


def test_same_event_twice_is_once() -> None:
    data = joined(*[one("UID:x", "SUMMARY:New Year", "DTSTART:20270101")] * 2)
    assert (days(data), read(data)[0].remark) == (["2027-01-01"], "")


def test_events_without_identifier_stand_by_themselves() -> None:
    data = joined(one("SEQUENCE:1", "DTSTART:20270101"), one("SEQUENCE:2", "DTSTART:20270704"))
    assert days(data) == ["2027-01-01", "2027-07-04"]


# --- Cancellations ---


def test_withdrawn_file_adds_nothing() -> None:
    data = calendar("METHOD:CANCEL", *one("UID:c", "SUMMARY:Company Day", "DTSTART:20270503"))
    assert (days(data), left_out(data)) == (
        [],
        ["Line 4: “Company Day” is left out. The file withdraws it (METHOD:CANCEL)."],
    )
    assert "The file withdraws its events (METHOD:CANCEL)" in reading(data).notes[0]


@pytest.mark.parametrize("method", ["METHOD:cancel", "METHOD : CANCEL ", "method:Cancel"])
def test_method_is_read_in_any_spelling(method: str) -> None:
    assert days(calendar(method, *one("DTSTART:20270503"))) == []


@pytest.mark.parametrize("lines", [["SEQUENCE:1"], [], ["DTSTAMP:20261101T000000Z"]])
def test_second_calendar_withdraws_what_the_first_has(lines: list[str]) -> None:
    published = calendar("METHOD:PUBLISH", *one("UID:c", "DTSTART:20270503"), *one("UID:d", "DTSTART:20270504"))
    withdrawn = calendar("METHOD:CANCEL", *one("UID:c", "DTSTART:20270503", *lines))
    assert days(published + withdrawn) == ["2027-05-04"]


def test_old_withdrawal_is_no_more() -> None:
    withdrawn = calendar("METHOD:CANCEL", *one("UID:c", "SEQUENCE:1", "DTSTART:20270503"))
    assert days(withdrawn + calendar(*one("UID:c", "SEQUENCE:2", "DTSTART:20270505"))) == ["2027-05-05"]


def test_later_cancellation_counts() -> None:
    data = joined(one("UID:a", "DTSTART:20270501"), one("UID:a", "SEQUENCE:1", "DTSTART:20270501", "STATUS:CANCELLED"))
    assert days(data) == []


@pytest.mark.parametrize("status", ["STATUS:CANCELLED", "STATUS:cancelled", "STATUS:Canceled"])
def test_cancelled_occurrence_is_taken_away(status: str) -> None:
    assert days(joined(one(*SERIES), moved("20270201", status))) == ["2027-01-04", "2027-03-01"]


def test_cancelled_occurrence_needs_no_beginning() -> None:
    gone = one("UID:s", "RECURRENCE-ID;VALUE=DATE:20270201", "STATUS:CANCELLED")
    assert days(joined(one(*SERIES), gone)) == ["2027-01-04", "2027-03-01"]


def test_cancelled_series_takes_its_occurrences_along() -> None:
    data = joined(one(*SERIES, "SEQUENCE:3", "STATUS:CANCELLED"), moved("20270203", "SEQUENCE:2"))
    assert (days(data), len(left_out(data))) == ([], 2)


def test_occurrence_that_was_stated_after_the_cancellation_stays() -> None:
    data = joined(one(*SERIES, "SEQUENCE:3", "STATUS:CANCELLED"), moved("20270203", "SEQUENCE:4"))
    assert days(data) == ["2027-02-03"]


@pytest.mark.parametrize("method", ["REPLY", "COUNTER", "REFRESH", "ADD", "DECLINECOUNTER"])
def test_message_that_publishes_nothing_is_left_out(method: str) -> None:
    data = calendar(f"METHOD:{method}", *one("UID:c", "DTSTART:20270503"))
    assert f"It is part of a {method} message" in left_out(data)[0]


# --- Single occurrences, and all from one on ---


@pytest.mark.parametrize(
    "extra", [["RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3"], ["RDATE:20270601"], ["EXDATE:20270203"], ["RRULE:FREQ=NEVER"]]
)
def test_occurrence_that_bears_a_rule_comes_once(extra: list[str]) -> None:
    assert days(joined(one(*SERIES), moved("20270203", *extra))) == ["2027-01-04", "2027-02-03", "2027-03-01"]


def test_occurrence_of_a_timed_series_may_be_named_by_its_day() -> None:
    series = one("UID:s", "DTSTART:20270104T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2")
    named = one("UID:s", "RECURRENCE-ID;VALUE=DATE:20270105", "DTSTART:20270105T140000", "DURATION:PT1H")
    assert days(joined(series, named)) == ["2027-01-04 09:00-10:00", "2027-01-05 14:00-15:00"]


def test_occurrence_without_its_series_is_a_day() -> None:
    assert days(joined(moved("20270203", "RRULE:FREQ=DAILY"))) == ["2027-02-03"]


def test_occurrence_from_outside_the_years_may_come_into_them() -> None:
    series = one("UID:s", "DTSTART:20200101", "RRULE:FREQ=YEARLY;COUNT=3")
    assert days(joined(series, moved("20270105", of="20210101"))) == ["2027-01-05"]


def test_broken_occurrence_takes_only_itself_along() -> None:
    data = joined(one(*SERIES), moved("soon"))
    assert days(data) == ["2027-01-04", "2027-03-01"]
    assert "DTSTART is “soon”" in left_out(data)[0]


def test_all_from_one_on_are_moved() -> None:
    later = one("UID:s", "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20270201", "DTSTART:20270203", "SUMMARY:Later")
    assert days(joined(one(*SERIES), later)) == ["2027-01-04", "2027-02-03", "2027-03-03"]
    assert [entry.name for entry in read(joined(one(*SERIES), later))] == ["Review", "Later", "Later"]


def test_all_from_one_on_have_other_hours() -> None:
    data = joined(
        one("UID:s", "DTSTART:20270104T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4"),
        one("UID:s", "RECURRENCE-ID;RANGE=THISANDFUTURE:20270118T090000", "DTSTART:20270118T140000", "DURATION:PT2H"),
    )
    assert days(data) == [
        *("2027-01-04 09:00-10:00", "2027-01-11 09:00-10:00", "2027-01-18 14:00-16:00", "2027-01-25 14:00-16:00"),
    ]


def test_all_from_one_on_are_moved_into_the_years_that_are_read() -> None:
    data = joined(
        one("UID:s", "DTSTART:20241215", "RRULE:FREQ=YEARLY"),
        one("UID:s", "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20251215", "DTSTART:20260114"),
    )
    assert days(data) == ["2026-01-14", "2027-01-14", "2028-01-14"]


def test_all_from_one_on_are_moved_back_into_the_years_that_are_read() -> None:
    data = joined(
        one("UID:s", "DTSTART:20260110", "RRULE:FREQ=YEARLY"),
        one("UID:s", "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20270110", "DTSTART:20261220"),
    )
    assert days(data) == ["2026-01-10", "2026-12-20", "2027-12-20", "2028-12-20"]


def test_what_is_moved_from_the_end_of_time_leaves_the_others() -> None:
    moved_far = one("UID:s", "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:99981201", "DTSTART:20270113")
    assert days(joined(one(*SERIES), moved_far)) == ["2027-01-04", "2027-02-01", "2027-03-01"]


def test_all_from_one_on_last_longer() -> None:
    data = joined(
        one("UID:s", "DTSTART:20241227", "RRULE:FREQ=YEARLY;UNTIL=20251231"),
        one("UID:s", "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20251227", "DTSTART:20251227", "DURATION:P8D"),
    )
    assert days(data) == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_period_that_lasts_longer_than_the_first_event() -> None:
    found = days(joined(one("DTSTART:20250601T090000", "DURATION:PT1H", "RDATE;VALUE=PERIOD:20251225T000000/P9D")))
    assert found == ["2026-01-01", "2026-01-02"]


def test_all_from_one_on_are_named_by_a_date_in_a_series_of_times() -> None:
    data = joined(
        one("UID:s", "DTSTART:20270104T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3"),
        one(
            "UID:s",
            "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20270111",
            "DTSTART:20270111T100000",
            "DURATION:PT1H",
        ),
    )
    assert days(data) == ["2027-01-04 09:00-10:00", "2027-01-11 10:00-11:00", "2027-01-18 10:00-11:00"]


def test_all_from_one_on_are_cancelled() -> None:
    gone = one("UID:s", "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20270201", "STATUS:CANCELLED")
    assert days(joined(one(*SERIES), gone)) == ["2027-01-04"]


def test_one_of_those_that_were_moved_is_moved_again() -> None:
    later = one("UID:s", "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20270201", "DTSTART:20270203")
    data = joined(one(*SERIES), later, moved("20270310", of="20270301"))
    assert days(data) == ["2027-01-04", "2027-02-03", "2027-03-10"]


# --- What a file says that an event is ---


@pytest.mark.parametrize(
    ("lines", "nature", "is_suggested"),
    [
        (["DESCRIPTION:Public holiday"], "Public holiday", True),
        (["DESCRIPTION:Observance"], "Observance", False),
        (["DESCRIPTION:Observance\\nTo hide observances\\, go to Google Calendar Settings"], "Observance", False),
        (["DESCRIPTION:Public holiday in Texas"], "Public holiday in Texas", True),
        (["DESCRIPTION:Not a public holiday"], "Not a public holiday", False),
        (["CATEGORIES:Holiday"], "Holiday", True),
        (["CATEGORIES:National,Observances"], "National,Observances", False),
        (["DESCRIPTION:Country: US\\nType: Observance"], "Country: US, Type: Observance", False),
        (["DESCRIPTION:Observance. " + "It is dedicated to all flowers. " * 5], "Observance.", False),
        (["DESCRIPTION:Unofficial"], "Unofficial", False),
        (["DESCRIPTION:Federal holiday", "CATEGORIES:Observance"], "Federal holiday, Observance", True),
        (["DESCRIPTION:Season"], "Season", False),
        (["DESCRIPTION:" + "long " * 40], "", True),
        (["DESCRIPTION:Day"], "", True),
        (["TRANSP:TRANSPARENT"], "", True),
    ],
)
def test_nature_is_what_the_file_says(lines: list[str], nature: str, is_suggested: bool) -> None:
    (entry,) = read(event("SUMMARY:Day", "DTSTART:20270509", *lines))
    assert (entry.nature, entry.suggested) == (nature, is_suggested)


def test_public_holiday_of_two_events_is_suggested() -> None:
    data = joined(
        one("UID:a", "SUMMARY:Day", "DTSTART:20270509", "DESCRIPTION:Observance"),
        one("UID:b", "SUMMARY:Day", "DTSTART:20270509", "DESCRIPTION:Public holiday"),
    )
    assert [entry.suggested for entry in read(data)] == [True]


def test_tentative_is_told() -> None:
    assert read(event("DTSTART:20270509", "STATUS:TENTATIVE"))[0].remark == "The file calls it tentative."


def test_yearly_rule_that_comes_every_month_says_so() -> None:
    found = read(event("DTSTART;VALUE=DATE:20200214", "RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTHDAY=14"))
    assert len(found) == 36
    assert all("By its rule it comes every month" in entry.remark for entry in found)
    assert {entry.date.month for entry in found if entry.suggested} == {2}


@pytest.mark.parametrize("rule", ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=14", "FREQ=YEARLY", "FREQ=MONTHLY;BYMONTHDAY=14"])
def test_rule_that_says_its_months_needs_no_remark(rule: str) -> None:
    assert {entry.remark for entry in read(event("DTSTART:20200214", f"RRULE:{rule}"))} == {""}


def test_first_day_off_its_rule_says_so() -> None:
    found = read(event("DTSTART:20280701", "RRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4"))
    assert [bool(entry.remark) for entry in found] == [True, False]


@pytest.mark.parametrize(("rule", "count"), [("BYDAY=FR", 157), ("BYMONTH=5;BYDAY=MO", 14)])
def test_yearly_rule_that_comes_every_week_says_so(rule: str, count: int) -> None:
    found = read(event("DTSTART;VALUE=DATE:20240527", f"RRULE:FREQ=YEARLY;{rule}"))
    assert len(found) == count
    assert all("By its rule it comes every week" in entry.remark for entry in found)


def test_yearly_rule_that_counts_weekdays_of_the_year_says_so() -> None:
    """Columbus Day, the second Monday of October, without its month."""
    found = read(event("DTSTART;VALUE=DATE:20241014", "RRULE:FREQ=YEARLY;BYDAY=2MO"))
    assert [str(entry.date) for entry in found] == ["2026-01-12", "2027-01-11", "2028-01-10"]
    assert all("weekdays of the whole year" in entry.remark for entry in found)
    assert all("begins on Mon 14 Oct 2024" in entry.remark for entry in found)


@pytest.mark.parametrize("rule", ["BYDAY=2MO", "BYMONTH=1;BYDAY=2MO", "BYMONTHDAY=13;BYDAY=MO", "BYWEEKNO=2;BYDAY=MO"])
def test_yearly_rule_that_has_its_first_event_needs_no_remark(rule: str) -> None:
    found = read(event("DTSTART;VALUE=DATE:20250113", f"RRULE:FREQ=YEARLY;{rule}"))
    assert {entry.remark for entry in found} == {""}


def test_observance_by_its_name_is_not_suggested() -> None:
    found = read(
        calendar(
            *one("UID:a", "SUMMARY:Mother's Day (Observance)", "DTSTART:20270509"),
            *one("UID:b", "SUMMARY:Christmas Day (observed)", "DTSTART:20271224"),
        )
    )
    assert [entry.suggested for entry in found] == [False, True]
