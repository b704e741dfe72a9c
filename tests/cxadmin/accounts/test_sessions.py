"""Sessions: how long one lasts, and that what has ended is deleted."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from campaigns.models import PeriodicJob
from cxadmin import tasks
from cxadmin.accounts import sessions
from cxadmin.models import Session
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_ended_sessions_are_deleted() -> None:
    now = timezone.now()
    Session.objects.create(session_key="ended", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="going", session_data="", expire_date=now + timedelta(hours=1))
    tasks.delete_ended_sessions()
    assert [session.session_key for session in Session.objects.all()] == ["going"]


@pytest.mark.parametrize(("job", "hours"), [("delete_ended_sessions", 24), ("delete_ended_failures", 1)])
def test_what_has_ended_is_deleted_by_a_periodic_job(job: str, hours: int) -> None:
    assert PeriodicJob.objects.get(name=job).every_seconds == hours * 3600


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def anna(clock: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(make_user(username="anna"))
    return client


def is_signed_in(client: Client, **headers: str) -> bool:
    return client.get("/campaigns/", headers=headers).status_code == 200


def test_session_in_use_goes_on(anna: Client, clock: time_machine.Traveller) -> None:
    for _ in range(12):
        clock.shift(timedelta(minutes=50))
        assert is_signed_in(anna)


def test_it_ends_after_twelve_hours_all_the_same(anna: Client, clock: time_machine.Traveller) -> None:
    for _ in range(14):
        clock.shift(timedelta(minutes=50))
        is_signed_in(anna)
    clock.shift(timedelta(minutes=19))
    assert is_signed_in(anna)
    clock.shift(timedelta(minutes=1))
    assert not is_signed_in(anna)
    clock.shift(timedelta(seconds=1))
    tasks.delete_ended_sessions()
    assert not Session.objects.exists()


def test_refreshes_alone_dont_prolong_it(anna: Client, clock: time_machine.Traveller) -> None:
    is_signed_in(anna)
    for _ in range(5):
        clock.shift(timedelta(minutes=10))
        assert is_signed_in(anna, **{"X-Automatic-Refresh": "1"})
    clock.shift(timedelta(minutes=11))
    assert anna.get("/campaigns/", headers={"X-Automatic-Refresh": "1"}).status_code == 401


def test_page_in_use_is_written_once_a_minute(anna: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=2))
    is_signed_in(anna)
    ends_at = Session.objects.get().expire_date
    clock.shift(timedelta(seconds=59))
    is_signed_in(anna)
    assert Session.objects.get().expire_date == ends_at
    clock.shift(timedelta(seconds=1))
    is_signed_in(anna)
    assert Session.objects.get().expire_date == ends_at + timedelta(minutes=1)


def test_session_of_an_older_version_has_twelve_hours_from_now(anna: Client, clock: time_machine.Traveller) -> None:
    session = anna.session
    del session["began"]
    session.save()
    assert is_signed_in(anna)
    assert "began" in anna.session


# --- what a page asks before it warns ---


def time_left(client: Client) -> tuple[int, int]:
    answer = client.get("/accounts/session/", headers={"X-Automatic-Refresh": "1"}).json()
    return answer["seconds_left"], answer["at_most"]


def test_page_knows_how_long_it_lasts(anna: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=50))
    assert time_left(anna) == (600, 11 * 3600 + 600)


def test_asking_prolongs_nothing(anna: Client, clock: time_machine.Traveller) -> None:
    for _ in range(5):
        clock.shift(timedelta(minutes=11))
        time_left(anna)
    assert time_left(anna)[0] == 300


def test_staying_prolongs_it(anna: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=56))
    assert anna.post("/accounts/session/").json() == {"seconds_left": 3600, "at_most": 11 * 3600 + 240}


def test_staying_doesnt_prolong_the_last_hour(anna: Client, clock: time_machine.Traveller) -> None:
    for _ in range(14):
        clock.shift(timedelta(minutes=50))
        anna.post("/accounts/session/")
    assert anna.post("/accounts/session/").json() == {"seconds_left": 1200, "at_most": 1200}


def test_what_another_page_does_counts_for_all(anna: Client, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=56))
    is_signed_in(anna)
    assert time_left(anna)[0] == 3600


def test_page_says_what_its_script_begins_with(anna: Client, clock: time_machine.Traveller) -> None:
    assert 'data-seconds-left="3600" data-longest-hours="12"' in anna.get("/campaigns/").text


def test_page_says_how_long_a_sign_in_lasts_at_most(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LONGEST", timedelta(hours=8))
    assert 'data-longest-hours="8"' in anna.get("/campaigns/").text


def test_no_script_asks_on_the_sign_in_page(client: Client) -> None:
    page = client.get("/accounts/login/").text
    assert "session.js" not in page
    assert 'id="session"' not in page
