"""Sessions: how long one lasts, and that what has ended is deleted."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from campaigns import dispatcher, tasks
from campaigns.models import PeriodicJob
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
    assert job in dispatcher.JOBS


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
