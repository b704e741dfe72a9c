"""What CXone can't do is said where somebody decides by it, and only where it can't."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from time_machine import TimeMachineFixture

from campaigns.cxone.gateway import CampaignState
from campaigns.models import Campaign, Control, CXoneTenant, Operation, RequestSlot, SyncState
from campaigns.operations.runner import reconcile
from campaigns.states import State
from tests.factories import make_attempt, make_calendar, make_campaign, make_operation
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db

Cannot = Callable[..., None]


def said(response: Any) -> str:
    """All that a page says, without how it is marked up."""
    words = strip_tags(words_of(response).replace("<", " <"))
    return " ".join(words.split())


@pytest.fixture(autouse=True)
def campaign() -> Campaign:
    """One that dials, read just now."""
    SyncState.objects.update(last_good_at=timezone.now(), interval_seconds=250)
    return make_campaign("c-1", name="Spring", active_calls=7, subscription_id="s-1")


# --- Events ---


def test_state_is_read_every_so_often(supervisor: Client, cxone_cannot: Cannot) -> None:
    cxone_cannot("events")
    words = said(supervisor.get("/campaigns/c-1/"))
    assert "CXone tells of no changes. State is read every 250 s." in words
    assert "Event subscription" not in words


def test_subscription_is_shown_where_there_are_events(supervisor: Client) -> None:
    words = said(supervisor.get("/campaigns/c-1/"))
    assert "Event subscription s-1" in words
    assert "State is read every" not in words


# --- Later ---


def test_pause_for_later_says_who_must_run_then(supervisor: Client, cxone_cannot: Cannot) -> None:
    cxone_cannot("defers")
    words = said(supervisor.get("/campaigns/c-1/pause/"))
    assert "Its calls are counted and it is sent at that second. This system must be running then." in words


def test_pause_for_later_is_handed_over_where_cxone_keeps_it(supervisor: Client) -> None:
    words = said(supervisor.get("/campaigns/c-1/pause/"))
    assert "CXone is given the pause two minutes before." in words
    assert "This system must be running then." not in words


# --- A stop instead of a pause ---


MONDAY = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)  # 10:30 in New York, where it may dial from 9 to 17


@pytest.fixture
def only_stops(cxone_cannot: Cannot, time_machine: TimeMachineFixture) -> None:
    cxone_cannot("pauses_at_once", "holds_pauses")
    time_machine.move_to(MONDAY, tick=False)
    SyncState.objects.update(last_good_at=MONDAY)


def test_pause_says_what_it_is(supervisor: Client, only_stops: None) -> None:
    words = said(supervisor.get("/campaigns/c-1/pause/"))
    assert "CXone has no pause: this stops the skill. Running calls go on unless you drop them." in words
    assert "Its schedule may start it again Tue 09:00 EST." in words
    assert "stays paused until it is resumed" not in words
    assert "stays paused until somebody resumes it" not in words


def test_handover_says_what_else_may_end_a_pause(supervisor: Client, only_stops: None, campaign: Campaign) -> None:
    pause = make_operation(campaign, reason="MAINTENANCE", state=State.CONFIRMED)
    Campaign.objects.update(status="PAUSED", control=Control.PERSON, explained_by=pause, status_since=MONDAY)
    assert "somebody resumes it, or CXone starts it" in said(supervisor.get("/handover/new/"))


def test_panel_beside_the_list_says_it_too(supervisor: Client, only_stops: None) -> None:
    address, hx = "/campaigns/c-1/panel/", {"HX-Request": "true"}
    words = said(supervisor.get(address, headers=hx))
    assert words.count("CXone has no pause: this stops the skill.") == 1
    assert "Its schedule may start it again Tue 09:00 EST." in words
    Campaign.objects.update(status="PAUSED")
    words = said(supervisor.get(address, headers=hx))
    assert "CXone has no pause: it is only stopped. Its schedule may start it again Tue 09:00 EST." in words
    assert "this stops the skill" not in words


def test_pause_holds_where_cxone_has_one(supervisor: Client) -> None:
    words = said(supervisor.get("/campaigns/c-1/pause/"))
    assert "The campaign stays paused until it is resumed." in words
    assert "it stays paused until somebody resumes it." in words
    assert "CXone has no pause" not in words
    assert "may start it again" not in words


def test_campaign_without_hours_isnt_started_by_them(supervisor: Client, only_stops: None) -> None:
    Campaign.objects.update(schedule={"timezone": "America/New_York", "dialingHours": [], "isScheduled": False})
    words = said(supervisor.get("/campaigns/c-1/pause/"))
    assert "CXone has no pause: this stops the skill." in words
    assert "may start it again" not in words


@pytest.mark.parametrize(("until", "warns"), [("2026-11-02", False), ("2026-11-03", True)])
def test_pause_beyond_the_next_start_warns(supervisor: Client, only_stops: None, until: str, warns: bool) -> None:
    typed = {"name": "until", "ends": "pause", "until_date": until, "until_time": "12:00"}
    words = said(supervisor.get("/campaigns/c-1/due-time/", typed, headers={"HX-Request": "true"}))
    expected = "Its schedule may start it again Tue 09:00 EST. That is before this pause is to end."
    assert (expected in words) is warns


def test_end_of_a_hold_is_not_taken_for_that_of_a_pause(supervisor: Client, only_stops: None) -> None:
    typed = {"name": "until", "until_date": "2026-11-03", "until_time": "12:00"}
    words = said(supervisor.get("/campaigns/c-1/due-time/", typed, headers={"HX-Request": "true"}))
    assert "Tue 3 Nov 2026 12:00 EST" in words
    assert "this pause" not in words


def test_form_of_a_pause_asks_about_its_end(supervisor: Client, only_stops: None) -> None:
    assert '"name": "until", "ends": "pause"' in supervisor.get("/campaigns/c-1/pause/").text


def test_pause_beyond_the_next_start_warns_before_it_is_typed(supervisor: Client, only_stops: None) -> None:
    words = said(supervisor.get("/campaigns/c-1/pause/"))
    assert "Its schedule may start it again Tue 09:00 EST. A pause until a later time may not last." in words


def test_resume_outside_its_hours_promises_nothing(
    supervisor: Client, only_stops: None, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(MONDAY + timedelta(hours=10), tick=False)
    Campaign.objects.update(status="PAUSED")
    words = said(supervisor.get("/campaigns/c-1/resume/"))
    assert "CXone doesn’t tell whether it dials outside its schedule." in words


def test_paused_campaign_says_what_may_start_it(supervisor: Client, only_stops: None) -> None:
    Campaign.objects.update(status="PAUSED", control=Control.PERSON, controller="ann", active_calls=0)
    words = said(supervisor.get("/campaigns/c-1/"))
    assert "CXone has no pause: it is only stopped. Its schedule may start it again Tue 09:00 EST." in words
    assert "Paused By ann." in words


def test_what_nobody_here_paused_is_stopped(supervisor: Client, only_stops: None) -> None:
    Campaign.objects.update(status="PAUSED", control=Control.BEFORE, active_calls=0)
    assert "Stopped Since before we looked." in said(supervisor.get("/campaigns/c-1/"))
    assert '<td class="state paused">Stopped</td>' in supervisor.get("/campaigns/").text


def test_what_is_stopped_already_isnt_called_paused(supervisor: Client, only_stops: None) -> None:
    make_campaign("c-2", name="Autumn", status="PAUSED")
    assert "Autumn is stopped already." in said(supervisor.get("/campaigns/c-2/pause/"))


def test_what_nobody_here_paused_is_paused_where_cxone_has_a_pause(supervisor: Client) -> None:
    Campaign.objects.update(status="PAUSED", control=Control.BEFORE, active_calls=0)
    assert "Paused Since before we looked." in said(supervisor.get("/campaigns/c-1/"))
    assert '<td class="state paused">Paused</td>' in supervisor.get("/campaigns/").text


def test_many_are_stopped_too(supervisor: Client, only_stops: None) -> None:
    words = said(supervisor.get("/bulk/pause/?id=c-1"))
    assert "CXone has no pause: this stops the skills. Running calls go on." in words
    assert "CXone has no pause: this stops the skills" in said(supervisor.get("/bulk/stop/"))


@pytest.mark.parametrize("what", ["changed", "came back"])
def test_who_started_it_isnt_known(supervisor: Client, only_stops: None, campaign: Campaign, what: str) -> None:
    start(campaign, came_back=what == "came back")
    how = "y its schedule, a list upload with startSkill, a Studio script or a person; CXone doesn’t tell."
    words = said(supervisor.get("/campaigns/c-1/"))
    # In the finding, and in the history.
    assert words.count(f"; changed in CXone: b{how}") == 1
    assert words.count(f"B{how}") == 1


def test_who_resumed_it_is_asked_where_cxone_has_a_pause(supervisor: Client, campaign: Campaign) -> None:
    start(campaign)
    words = said(supervisor.get("/campaigns/c-1/"))
    assert "no operation from here explains it" in words
    assert "startSkill" not in words


def start(campaign: Campaign, *, came_back: bool = False) -> None:
    """A read finds it running that was paused."""
    Campaign.objects.update(status="PAUSED", read_at=timezone.now() - timedelta(minutes=1))
    if came_back:
        pause = make_operation(campaign, state=State.CONFIRMED, confirmed_at=timezone.now() - timedelta(minutes=1))
        make_attempt(pause)
    state = CampaignState("c-1", "Spring", "ACTIVE", campaign.schedule)
    reconcile.reconcile_campaign(state, timezone.now())


# --- Reasons ---


def test_reasons_are_kept_here_only(supervisor: Client, cxone_cannot: Cannot) -> None:
    cxone_cannot("reasons")
    for address in (
        "/campaigns/c-1/pause/",
        "/campaigns/c-1/resume/",
        "/bulk/pause/?id=c-1",
        "/bulk/stop/",
    ):
        words = said(supervisor.get(address))
        assert "Recorded here with your name: CXone keeps no reasons." in words, address
        assert "sent to CXone." not in words, address


def test_history_is_kept_here_only(supervisor: Client, cxone_cannot: Cannot) -> None:
    told = "Reasons, authors and history are in our records only"
    assert told not in said(supervisor.get("/campaigns/c-1/"))
    cxone_cannot("reasons")
    assert told in said(supervisor.get("/campaigns/c-1/"))
    assert told in said(supervisor.get("/campaigns/c-1/history/"))


# --- Holidays ---


def test_own_holidays_of_cxone_cant_be_read(only_stops: None) -> None:
    calendar = make_calendar()
    words = said(sign_in("admin", "ada").get(f"/holidays/{calendar.pk}/"))
    assert "CXone’s own DNC holidays can’t be read" in words
    assert "The guard stops the skills and starts them again" in words


# --- Schedules ---


@pytest.fixture
def narrow(cxone_cannot: Cannot, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(MONDAY, tick=False)
    SyncState.objects.update(last_good_at=MONDAY)
    cxone_cannot("several_windows", "chooses_zone", "pause_conditions", "versioned")


SCHEDULE_FORM = "/campaigns/c-1/schedule/"


def save(client: Client, *rows: tuple[str, str, str], **typed: str) -> Any:
    form = client.get(SCHEDULE_FORM).context["form"]
    days, starts, ends = zip(*rows, strict=True)
    fields = {"timezone": form.zone, "day": days, "start": starts, "end": ends}
    return client.post(SCHEDULE_FORM, fields | {"key": str(form.own_key), "base": form.signed_base} | typed)


def test_schedule_form_says_what_cxone_keeps(supervisor: Client, narrow: None) -> None:
    page = supervisor.get(SCHEDULE_FORM)
    words = said(page)
    assert "CXone keeps one window a day, no dates and no pause conditions." in words
    assert (
        "Three more layers narrow these hours further and aren’t shown here: cadence times, the skill’s time zones, "
        "the business unit’s." in words
    )
    assert "A save at CXone in the same second can still be overwritten." in words
    assert "Time zone America/New_York from CXone’s business unit, for all of its schedules" in words
    assert "One window a day, until 23:59 at the latest." in words
    assert 'name="timezone"' not in page.text
    assert 'name="condition"' not in page.text


def test_schedule_form_of_a_cxone_that_can_says_none_of_it(supervisor: Client) -> None:
    page = supervisor.get(SCHEDULE_FORM)
    words = said(page)
    assert "CXone keeps one window a day" not in words
    assert "can still be overwritten" not in words
    assert 'name="timezone"' in page.text
    assert 'name="condition"' in page.text


def test_one_window_a_day_is_saved(supervisor: Client, narrow: None) -> None:
    assert save(supervisor, ("MON", "08:00", "20:00"), ("SUN", "12:00", "18:00")).status_code == 303
    ours = Operation.objects.get().payload["ours"]
    assert ours["timezone"] == "America/New_York"
    assert [window["day"] for window in ours["dialingHours"]] == ["MON", "SUN"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("MON", "09:00", "12:00"), ("MON", "13:00", "17:00")], "CXone keeps one window a day, and Monday has 2."),
        ([("MON", "09:00", "24:00")], "CXone takes no 24:00, and no window past midnight"),
        ([("MON", "22:00", "02:00")], "CXone takes no 24:00, and no window past midnight"),
    ],
)
def test_what_cxone_doesnt_keep_is_refused(
    supervisor: Client, narrow: None, rows: list[tuple[str, str, str]], reason: str
) -> None:
    page = save(supervisor, *rows)
    assert page.status_code == 422
    assert reason in said(page)
    assert not Operation.objects.exists()


def test_zone_that_was_sent_along_changes_nothing(supervisor: Client, narrow: None) -> None:
    save(supervisor, ("MON", "08:00", "20:00"), timezone="Europe/Paris")
    assert Operation.objects.get().payload["ours"]["timezone"] == "America/New_York"


def test_hours_in_an_unknown_zone_are_read_only(supervisor: Client, narrow: None, campaign: Campaign) -> None:
    Campaign.objects.update(schedule=campaign.schedule | {"timezone": "Odd Standard Time"})
    page = supervisor.get(SCHEDULE_FORM)
    assert (
        "These hours can’t be changed here. Which time zone CXone keeps these hours in isn’t known here: it calls it "
        "'Odd Standard Time'." in said(page)
    )
    assert "Save hours" not in page.text
    assert "09:00 to 17:00" in said(page)


def test_campaign_without_hours_gets_a_schedule_by_saving(supervisor: Client, narrow: None) -> None:
    Campaign.objects.update(
        schedule={"timezone": "America/New_York", "dialingHours": [], "pauseConditions": [], "isScheduled": False}
    )
    assert "it dials whenever it has been started. Windows that you save give it a schedule." in said(
        supervisor.get(SCHEDULE_FORM)
    )
    assert "it dials whenever it has been started." in said(supervisor.get("/campaigns/c-1/"))
    assert "without hours in CXone" in said(supervisor.get("/campaigns/c-1/"))
    # That dialing stops outside of them has to be acknowledged, if it is outside now.
    digest = save(supervisor, ("MON", "08:00", "08:01")).context["checked"].warned_of
    assert save(supervisor, ("MON", "08:00", "08:01"), acknowledged=digest).status_code == 303
    assert "isScheduled" not in Operation.objects.get().payload["ours"]


# --- Requests of a day ---


@pytest.mark.parametrize(("sent", "near"), [(799, False), (800, True)])
def test_requests_of_the_day_are_shown_beside_their_limit(cxone_cannot: Cannot, sent: int, near: bool) -> None:
    cxone_cannot("events")
    today = timezone.now().astimezone(UTC).date()
    CXoneTenant.objects.create(zone="America/New_York", daily_limit=1000, counted_day=today, counted_from=0)
    RequestSlot.objects.update_or_create(number=1, defaults={"free_at": timezone.now(), "uses": sent})
    words = said(sign_in("admin", "ada").get("/policy/integrations/"))
    assert f"{sent} of 1,000, {sent // 10} % since midnight UTC" in words
    assert ("Near the limit" in words) is near
    assert "State is read every 250 s." in words


def test_how_cxone_is_read_stands_with_the_rest_of_it(cxone_cannot: Cannot) -> None:
    cxone_cannot("events")
    page = sign_in("admin", "ada").get("/policy/integrations/")
    assert page.text.count('id="cxone"') == 1
    words = said(page)
    assert words.index("State is read every") < words.index("WFM system")


def test_no_requests_of_the_day_where_cxone_states_none() -> None:
    assert "Requests today" not in said(sign_in("admin", "ada").get("/policy/integrations/"))


# --- Age ---


def test_what_is_minutes_old_isnt_called_live(supervisor: Client, cxone_cannot: Cannot) -> None:
    cxone_cannot("events")
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(minutes=5))
    words = said(supervisor.get("/campaigns/"))
    assert "As of 5 min ago" in words
    assert "Live" not in words


def test_what_was_just_read_is_live(supervisor: Client, cxone_cannot: Cannot) -> None:
    cxone_cannot("events")
    assert "Live updated 0 s ago" in said(supervisor.get("/campaigns/"))
