"""The form that changes dialing hours: what it shows, what it checks, every way in which it is refused."""

import json
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from campaigns.models import Calendar, CallingHoursRule, Campaign, Holiday, Operation, Policy, Preferences, SyncState
from campaigns.pages.schedule.rows import WindowRow, copy_day
from tests.factories import SCHEDULE, make_campaign, make_operation
from tests.pages.asking import words_of
from tests.pages.costs import FRAGMENT, HEAD

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 16, 15, tzinfo=UTC)  # 10:00 in New York
ADDRESS = "/campaigns/c-1/schedule/"
FORM = "application/x-www-form-urlencoded"
WEEK = [(day, "09:00", "17:00") for day in ("MON", "TUE", "WED", "THU", "FRI")]
EARLY_FRIDAY = [*WEEK[:4], ("FRI", "09:00", "12:00")]
Rows = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def now(db: None, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(MONDAY, tick=False)
    SyncState.objects.update(last_good_at=MONDAY)


@pytest.fixture
def campaign(now: None) -> Campaign:
    return make_campaign("c-1", name="Spring <offer>")


def fill(client: Client, rows: Rows, **typed: Any) -> dict[str, Any]:
    """The form as it goes out now, with these rows; `typed` replaces, None leaves out."""
    form = client.get(ADDRESS).context["form"]
    fields = {
        "timezone": form.zone,
        "condition": form.conditions,
        "day": [row[0] for row in rows],
        "start": [row[1] for row in rows],
        "end": [row[2] for row in rows],
        "note": "",
        "key": str(form.own_key),
        "base": form.signed_base,
    }
    return {name: value for name, value in (fields | typed).items() if value is not None}


def send(client: Client, rows: Rows, **typed: Any) -> Any:
    return client.post(ADDRESS, fill(client, rows, **typed))


def check(client: Client, rows: Rows, **typed: Any) -> Any:
    return client.post(f"{ADDRESS}check/", fill(client, rows, **typed), headers={"HX-Request": "true"})


def rows_of(response: Any) -> Rows:
    """Each as day, start and end."""
    return [row.typed for row in response.context["form"].rows]


def codes_of(response: Any) -> set[str]:
    return {str(finding.code) for finding in response.context["checked"].findings}


# --- before the click ---


def test_form_shows_the_schedule(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get(ADDRESS)
    assert rows_of(page) == WEEK
    assert 'value="America/New_York"' in page.text
    assert "No changes yet" in page.text


def test_zones_are_offered_by_their_names_now(supervisor: Client, campaign: Campaign) -> None:
    page = supervisor.get(ADDRESS).text
    assert '<option value="Asia/Kathmandu">' in page
    assert "Asia/Katmandu" not in page


def test_week_is_drawn_with_calling_hours(supervisor: Client, campaign: Campaign) -> None:
    page = words_of(supervisor.get(ADDRESS))
    assert '<rect x="540" y="3" width="480" height="14"/>' in page
    assert "Grey: outside the calling hours (Federal (TCPA), 08:00 to 21:00)." in page


def test_strange_schedule_is_shown_as_it_is(supervisor: Client) -> None:
    hours = [{"day": "FUNDAY", "startTime": "9", "endTime": None}, "nonsense"]
    make_campaign("c-1", schedule={"timezone": 7, "dialingHours": hours, "pauseConditions": ["HAIL"]})
    page = supervisor.get(ADDRESS)
    assert rows_of(page) == [("FUNDAY", "9", ""), ("", "", "")]
    assert [view.row.day for view in page.context["checked"].other.rows] == ["FUNDAY", ""]
    assert '<option value="FUNDAY" selected>' in page.text
    assert "“nonsense”, as CXone has it" in page.text
    assert 'value="HAIL" checked' in page.text


def test_empty_schedule_has_a_form(supervisor: Client) -> None:
    make_campaign("c-1", schedule={})
    assert "NO_WINDOW" in codes_of(supervisor.get(ADDRESS))


def test_operation_in_progress_is_told(supervisor: Client, campaign: Campaign) -> None:
    make_operation(campaign, kind="schedule", by="bob", reason="")
    assert "A schedule change requested by bob is still in progress" in supervisor.get(ADDRESS).text


def test_campaigns_page_leads_here(supervisor: Client, reviewer: Client, campaign: Campaign) -> None:
    assert f'href="{ADDRESS}"' in supervisor.get("/campaigns/c-1/").text
    assert f'href="{ADDRESS}"' not in reviewer.get("/campaigns/c-1/").text


def test_right_is_asked_for(reviewer: Client, campaign: Campaign) -> None:
    response = reviewer.post(ADDRESS)
    assert response.status_code == 403
    assert "Your role does not allow you to change dialing hours." in response.text


@pytest.mark.parametrize("rows", [1, 5, 50])
def test_showing_costs_so_many_queries(
    supervisor: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    hours = [{"day": "MON", "startTime": "09:00", "endTime": "17:00"}] * rows
    make_campaign("c-1", schedule=SCHEDULE | {"dialingHours": hours})
    supervisor.get(ADDRESS)
    with django_assert_num_queries(HEAD + 7):
        supervisor.get(ADDRESS)


# --- the click ---


def test_change_becomes_an_operation(supervisor: Client, campaign: Campaign) -> None:
    response = send(supervisor, EARLY_FRIDAY, condition=["BUSY"], note="summer")
    operation = Operation.objects.get()
    assert (response.status_code, response.url) == (303, f"/operations/{operation.pk}/")
    assert (operation.kind, operation.by, operation.note) == ("schedule", "ann", "summer")
    assert operation.payload["base"] == SCHEDULE
    assert operation.payload["ours"]["pauseConditions"] == ["BUSY"]
    assert operation.payload["ours"]["dialingHours"][4]["endTime"] == "12:00"


def test_double_click_is_one_operation(supervisor: Client, campaign: Campaign) -> None:
    form = fill(supervisor, EARLY_FRIDAY)
    first, second = supervisor.post(ADDRESS, form), supervisor.post(ADDRESS, form)
    assert first["Location"] == second["Location"]
    assert Operation.objects.count() == 1


def test_base_is_what_the_person_saw(supervisor: Client, campaign: Campaign) -> None:
    form = fill(supervisor, EARLY_FRIDAY)
    Campaign.objects.update(schedule=SCHEDULE | {"pauseConditions": ["BUSY"]})
    supervisor.post(ADDRESS, form)
    assert Operation.objects.get().payload["base"] == SCHEDULE


def test_unchanged_hours_are_not_sent(supervisor: Client, campaign: Campaign) -> None:
    response = send(supervisor, WEEK[::-1], note="kept")
    assert response.status_code == 422
    assert "These are the hours that you started from" in response.text
    assert "kept</textarea>" in response.text
    assert not Operation.objects.exists()


def test_error_refuses_and_keeps_all(supervisor: Client, campaign: Campaign) -> None:
    response = send(supervisor, [("MON", "17:00", "09:00")], timezone="Mars/Olympus", note="kept")
    assert response.status_code == 422
    assert codes_of(response) == {"UNKNOWN_ZONE", "END_NOT_AFTER_START"}
    assert rows_of(response) == [("MON", "17:00", "09:00")]
    assert 'value="Mars/Olympus"' in response.text
    assert "kept</textarea>" in response.text
    assert not Operation.objects.exists()


def test_refusal_counts_the_errors_and_lists_each_once(supervisor: Client, campaign: Campaign) -> None:
    text = words_of(send(supervisor, [("MON", "banana", "17:00")]))
    problems = text[text.index('id="problems"') : text.index('id="schedule"')]
    assert "<strong> Not saved. Fix 1 error </strong>" in problems
    assert '<a href="#window-0-start">' in problems
    assert unescape(problems).count("The start 'banana' is not a time.") == 1


def test_other_operation_refuses_and_keeps_all(supervisor: Client, campaign: Campaign) -> None:
    other = make_operation(campaign, by="bob")
    response = send(supervisor, EARLY_FRIDAY)
    assert response.status_code == 409
    assert f"/operations/{other.pk}/" in response.text
    assert rows_of(response) == EARLY_FRIDAY


def test_finding_stands_beside_its_row(supervisor: Client, campaign: Campaign) -> None:
    checked = send(supervisor, [*WEEK[:2], ("WED", "9:5", "17:00")]).context["checked"]
    assert [view.code for view in checked.days if view.findings] == ["WED"]
    assert checked.days[2].wrong == "window-2-start"
    assert "Write 09:05." in checked.days[2].findings[0].suggestion


def test_end_of_the_day_is_sent_as_cxone_writes_it(supervisor: Client, campaign: Campaign) -> None:
    CallingHoursRule.objects.update(is_default=False)
    send(supervisor, [*WEEK[:4], ("FRI", "9", "midnight")])
    friday = Operation.objects.get().payload["ours"]["dialingHours"][4]
    assert friday == {"day": "FRI", "startTime": "09:00", "endTime": "23:59"}


def test_end_is_understood_by_its_start(supervisor: Client, campaign: Campaign) -> None:
    assert rows_of(check(supervisor, [("MON", "9", "5"), ("TUE", "5", "9pm")])) == [
        ("MON", "09:00", "17:00"),
        ("TUE", "5", "21:00"),
    ]


# --- warnings ---


@pytest.fixture
def thanksgiving(campaign: Campaign) -> Calendar:
    calendar = Calendar.objects.create(name="US")
    calendar.campaigns.add(campaign)
    Holiday.objects.create(calendar=calendar, name="Thanksgiving", date="2026-11-26")
    return calendar


def test_warning_needs_to_be_known(supervisor: Client, thanksgiving: Calendar) -> None:
    response = send(supervisor, EARLY_FRIDAY)
    assert response.status_code == 422
    assert codes_of(response) == {"HOLIDAY_AHEAD"}
    assert "Not saved. Acknowledge 1 warning, or change the hours" in words_of(response)
    assert not Operation.objects.exists()


def test_known_warning_lets_through(supervisor: Client, thanksgiving: Calendar) -> None:
    known = send(supervisor, EARLY_FRIDAY).context["checked"].warned_of
    assert send(supervisor, EARLY_FRIDAY, acknowledged=known).status_code == 303
    assert Operation.objects.get().payload["acknowledged"]


def test_new_warning_is_to_be_known_anew(supervisor: Client, thanksgiving: Calendar) -> None:
    known = send(supervisor, EARLY_FRIDAY).context["checked"].warned_of
    response = send(supervisor, EARLY_FRIDAY[1:], acknowledged=known)
    assert codes_of(response) == {"HOLIDAY_AHEAD", "STOPS_DIALING"}
    assert response.status_code == 422


def test_each_day_can_be_acknowledged_where_it_stands(supervisor: Client, thanksgiving: Calendar) -> None:
    Holiday.objects.create(calendar=thanksgiving, name="Day after", date="2026-11-27")
    days = {view.code: view.warned_of for view in send(supervisor, EARLY_FRIDAY).context["checked"].days}
    assert send(supervisor, EARLY_FRIDAY, acknowledged=days["THU"]).status_code == 422
    assert send(supervisor, EARLY_FRIDAY, acknowledged=[days["THU"], days["FRI"]]).status_code == 303


def test_holidays_of_a_day_are_one_line(supervisor: Client, thanksgiving: Calendar) -> None:
    for day in ("2026-12-24", "2026-12-31"):
        Holiday.objects.create(calendar=thanksgiving, name="Eve", date=day)
    thursday = check(supervisor, EARLY_FRIDAY).context["checked"].days[3]
    assert [line.summary for line in thursday.warnings] == ["Falls on 3 holidays: Thu 26 Nov, Thu 24 Dec, Thu 31 Dec"]
    assert len(thursday.warnings[0].details) == 3


def test_holiday_does_not_keep_other_days_from_being_changed(supervisor: Client, thanksgiving: Calendar) -> None:
    """Monday, now, is a holiday, and dials as before."""
    Holiday.objects.create(calendar=thanksgiving, name="Today", date=MONDAY.date())
    known = send(supervisor, EARLY_FRIDAY).context["checked"].warned_of
    assert send(supervisor, EARLY_FRIDAY, acknowledged=known).status_code == 303
    longer = [("MON", "09:00", "18:00"), *WEEK[1:]]
    assert "Fix 1 error" in words_of(send(supervisor, longer, acknowledged=known))


def test_holidays_are_drawn_on_their_days(supervisor: Client, thanksgiving: Calendar) -> None:
    Holiday.objects.create(calendar=thanksgiving, name="Half day", date="2026-11-20", starts="12:00", ends="23:59")
    page = words_of(supervisor.get(ADDRESS))
    assert '<rect class="restricted" x="720" y="1" width="720" height="18"/>' in page
    assert "Half day" in page


def test_twelve_hours_for_those_who_want_them(supervisor: Client, campaign: Campaign) -> None:
    assert "9:00 AM" not in supervisor.get(ADDRESS).text
    Preferences.objects.create(user=User.objects.get(), twelve_hours=True)
    assert "9:00 AM to 5:00 PM" in words_of(supervisor.get(ADDRESS))


# --- rows, without scripts ---


def press(client: Client, button: str, rows: Rows = WEEK, **typed: str) -> Any:
    return send(client, rows, do=button, note="kept", **typed)


def test_window_is_added_to_its_day(supervisor: Client, campaign: Campaign) -> None:
    page = press(supervisor, "add-TUE")
    assert (page.status_code, rows_of(page)) == (200, [*WEEK[:2], ("TUE", "", ""), *WEEK[2:]])
    assert page.context["form"].focus == "window-2-start"
    assert 'aria-label="Tuesday start, window 2"' in page.text
    assert "kept</textarea>" in page.text


def test_window_that_is_still_empty_does_not_count(supervisor: Client, campaign: Campaign) -> None:
    rows = [("MON", "", ""), *WEEK[:4], ("FRI", "09:00", "12:00")]
    assert codes_of(check(supervisor, rows)) == set()
    send(supervisor, rows)
    assert Operation.objects.get().payload["ours"]["dialingHours"][4]["endTime"] == "12:00"
    assert len(Operation.objects.get().payload["ours"]["dialingHours"]) == 5


def test_finding_after_an_empty_window_stands_beside_its_own(supervisor: Client, campaign: Campaign) -> None:
    checked = check(supervisor, [("MON", "", ""), ("MON", "9:5", "17:00")]).context["checked"]
    assert checked.days[0].wrong == "window-1-start"


def test_window_is_removed(supervisor: Client, campaign: Campaign) -> None:
    page = press(supervisor, "remove-1")
    assert rows_of(page) == [WEEK[0], *WEEK[2:]]
    assert page.context["form"].focus == "add-TUE"


def test_day_is_copied(supervisor: Client, campaign: Campaign) -> None:
    rows = [("MON", "08:00", "12:00"), ("WED", "09:00", "17:00"), ("SAT", "10:00", "11:00")]
    page = press(supervisor, "copy-MON-weekdays", rows)
    assert [day for day, _, _ in rows_of(page)] == ["MON", "TUE", "WED", "THU", "FRI", "SAT"]
    assert {start for _, start, _ in rows_of(page)[:5]} == {"08:00"}
    assert 'id="copying-MON" open' in words_of(page)


def test_day_without_windows_is_not_copied() -> None:
    rows = [WindowRow("TUE", "09:00", "17:00")]
    assert copy_day(rows, "MON", ("MON", "TUE")) == rows


@pytest.mark.parametrize(
    "button",
    [
        "remove-5",
        "remove-",
        "remove-²",
        "remove-99999",
        "copy",
        "copy-",
        "copy-XXX-TUE",
        "copy-MON-XXX",
        "add-XXX",
        "explode",
        "",
    ],
)
def test_strange_button_changes_nothing(supervisor: Client, campaign: Campaign, button: str) -> None:
    page = press(supervisor, button)
    assert (page.status_code, rows_of(page)) == (200, WEEK)
    assert not Operation.objects.exists()


def test_button_keeps_what_it_started_from(supervisor: Client, campaign: Campaign) -> None:
    form = fill(supervisor, WEEK, do="add-SAT")
    Campaign.objects.update(schedule={})
    page = supervisor.post(ADDRESS, form).context["form"]
    assert page.base_seen == SCHEDULE
    assert str(page.own_key) == form["key"]


# --- the check as one types ---


def test_check_answers_with_findings_and_week(supervisor: Client, campaign: Campaign) -> None:
    answer = check(supervisor, [("MON", "09:00", "25:00"), ("TUE", "08:00", "10:00")])
    assert "1 error in Monday" in words_of(answer)
    assert '<div id="findings-MON" class="findings" data-wrong="window-0-end" hx-swap-oob="patch">' in words_of(answer)
    assert '<rect x="480" y="3" width="120" height="14"/>' in answer.text
    assert "<html" not in answer.text


def test_mistyped_hours_are_not_called_cxones(supervisor: Client, campaign: Campaign) -> None:
    for answer in (check(supervisor, [("MON", "banana", "17:00")]), send(supervisor, [("MON", "banana", "17:00")])):
        assert "be read: “MON banana to 17:00”." in answer.text
        assert "CXone has hours here" not in answer.text


def test_check_changes_nothing(supervisor: Client, campaign: Campaign) -> None:
    assert "Saves 1 change" in words_of(check(supervisor, EARLY_FRIDAY))
    assert not Operation.objects.exists()


def test_check_tells_of_a_change_meanwhile(supervisor: Client, campaign: Campaign) -> None:
    form = fill(supervisor, EARLY_FRIDAY)
    Campaign.objects.update(schedule=SCHEDULE | {"pauseConditions": ["BUSY"]})
    answer = supervisor.post(f"{ADDRESS}check/", form, headers={"HX-Request": "true"})
    assert "These hours changed while you were editing." in answer.text
    assert "Changed in CXone: Pause conditions to Busy" in words_of(answer)


def test_check_keeps_what_is_known(supervisor: Client, thanksgiving: Calendar) -> None:
    known = check(supervisor, EARLY_FRIDAY).context["checked"].warned_of
    assert f'value="{known}" checked' in words_of(check(supervisor, EARLY_FRIDAY, acknowledged=known))


@pytest.mark.parametrize("rows", [1, 50])
def test_check_costs_so_many_queries(
    supervisor: Client, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    form = fill(supervisor, WEEK[:1] * rows)
    with django_assert_num_queries(FRAGMENT + 7):
        supervisor.post(f"{ADDRESS}check/", form, headers={"HX-Request": "true"})


# --- bad input ---


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"end": ["25:00"]}, "BAD_TIME"),
        ({"start": ["9:5"]}, "BAD_TIME"),
        ({"start": ["\u0660\u0669:\u0660\u0660"]}, "BAD_TIME"),
        ({"start": ["09:00\0"]}, "BAD_TIME"),
        ({"start": ["9" * 100_000]}, "BAD_TIME"),
        ({"start": []}, "BAD_TIME"),
        ({"day": ["Moonday"]}, "UNKNOWN_DAY"),
        ({"end": ["09:00"]}, "END_NOT_AFTER_START"),
        ({"timezone": "US/Nowhere"}, "UNKNOWN_ZONE"),
        ({"timezone": "../../etc/passwd"}, "UNKNOWN_ZONE"),
        ({"timezone": "a\0b"}, "UNKNOWN_ZONE"),
        ({"timezone": None}, "UNKNOWN_ZONE"),
        ({"condition": ["HAIL\0"]}, "UNKNOWN_CONDITION"),
        ({"condition": ["BUSY", "BUSY"]}, "DUPLICATE_CONDITION"),
        ({"start": ["09:00:30"]}, "BAD_TIME"),
        ({"day": ["MON"] * 2, "start": ["09:00"] * 2, "end": ["17:00"] * 2}, "DUPLICATE_WINDOW"),
        ({"day": [], "start": [], "end": []}, "NO_WINDOW"),
        ({"end": ["23:00"]}, "OUTSIDE_CALLING_HOURS"),
    ],
)
def test_bad_input_is_a_finding(supervisor: Client, campaign: Campaign, typed: dict[str, Any], code: str) -> None:
    response = send(supervisor, WEEK[:1], **typed)
    assert response.status_code == 422
    assert code in codes_of(response)
    assert not Operation.objects.exists()


def test_renamed_zone_is_a_hint(supervisor: Client, campaign: Campaign) -> None:
    assert "RENAMED_ZONE" in codes_of(check(supervisor, WEEK, timezone="Asia/Katmandu"))


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}check/"])
def test_ten_thousand_rows_are_a_sentence(supervisor: Client, campaign: Campaign, address: str) -> None:
    form = urlencode(fill(supervisor, WEEK * 2000), doseq=True)  # as browsers send it
    response = supervisor.post(address, form, FORM, headers={"HX-Request": "true"})
    assert response.status_code in {200, 422}
    assert "10,000 windows came with this form; it takes 200." in words_of(response)


def test_more_fields_than_any_form_has_are_a_page(supervisor: Client, campaign: Campaign) -> None:
    form = urlencode(fill(supervisor, WEEK * 3000), doseq=True)  # as browsers send it; in parts it would be too large
    response = supervisor.post(ADDRESS, form, FORM)
    assert response.status_code == 400
    assert "Nothing was changed." in response.text


def test_policys_limit_counts(supervisor: Client, campaign: Campaign) -> None:
    assert "TOO_MANY_WINDOWS" in codes_of(send(supervisor, [*WEEK, ("SAT", "09:00", "12:00")]))
    Policy.objects.update(max_windows=6)
    assert send(supervisor, [*WEEK, ("SAT", "09:00", "12:00")]).status_code == 303


def forge(campaign_id: str) -> str:
    return signing.dumps(SCHEDULE, salt=f"campaigns.pages.schedule.form:{campaign_id}", key="not ours")


@pytest.mark.parametrize("base", [None, "", "nonsense", forge("c-1"), json.dumps(SCHEDULE)])
def test_base_must_be_ours(supervisor: Client, campaign: Campaign, base: str | None) -> None:
    response = send(supervisor, EARLY_FRIDAY, base=base)
    assert response.status_code == 422
    assert "form was incomplete" in response.text
    assert rows_of(response) == EARLY_FRIDAY


def test_base_of_another_campaign_is_refused(supervisor: Client, campaign: Campaign) -> None:
    make_campaign("c-2")
    other = supervisor.get("/campaigns/c-2/schedule/").context["form"].signed_base
    assert send(supervisor, EARLY_FRIDAY, base=other).status_code == 422


@pytest.mark.parametrize("key", [None, "nonsense"])
def test_missing_key_is_given_anew(supervisor: Client, campaign: Campaign, key: str | None) -> None:
    response = send(supervisor, EARLY_FRIDAY, key=key)
    assert "This form was incomplete" in response.text
    assert send(supervisor, EARLY_FRIDAY, key=str(response.context["form"].own_key)).status_code == 303


def test_long_note_is_refused_and_kept(supervisor: Client, campaign: Campaign) -> None:
    response = send(supervisor, EARLY_FRIDAY, note="n" * 501)
    assert response.status_code == 422
    assert "n" * 501 in response.text


def test_empty_post_is_refused(supervisor: Client, campaign: Campaign) -> None:
    assert supervisor.post(ADDRESS).status_code == 422


def test_next_days_are_shown_with_what_is_gained_and_lost(supervisor: Client, thanksgiving: Calendar) -> None:
    answer = words_of(check(supervisor, [("MON", "08:00", "17:00"), *WEEK[1:4]]))
    outlook = answer[answer.index('id="what-if"') : answer.index('id="week-notes"')]
    assert "+2 h gained" in outlook
    assert "16 h lost" in outlook
    assert "Thanksgiving: 8 h not allowed" in outlook


@pytest.mark.parametrize(
    ("guarded", "says"),
    [
        (True, "The holiday guard pauses the campaign on these holidays."),
        (False, "No holiday guard is on: the campaign dials on these holidays all the same."),
    ],
)
def test_guard_is_named_only_where_one_is_on(
    supervisor: Client, thanksgiving: Calendar, guarded: bool, says: str
) -> None:
    Calendar.objects.update(guarded=guarded)
    assert says in words_of(check(supervisor, WEEK))


def test_days_without_holidays_name_no_guard(supervisor: Client, campaign: Campaign) -> None:
    assert "holiday guard" not in words_of(check(supervisor, WEEK))
