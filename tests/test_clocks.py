"""A page process whose clock is off: what it shows is judged by the database's clock, so it is right all the same."""

import re
from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from time_machine import travel

from campaigns.models import Campaign, Heartbeat, SyncState
from campaigns.queueing.rows import database_now
from tests.factories import make_campaign, make_operation, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
OFF = [-90, 90]


@pytest.fixture(autouse=True)
def all_is_well() -> None:
    """Read four seconds ago, with a dispatcher that lives."""
    SyncState.objects.update(last_good_at=Now() - timedelta(seconds=4), interval_seconds=15)
    Heartbeat.objects.create(name="host:1", at=Now())


def clock_off_by(seconds: int) -> travel:
    return travel(timezone.now() + timedelta(seconds=seconds))


@pytest.fixture
def supervisor() -> Client:
    client = Client()
    client.force_login(make_user())
    return client


def read_at(ago: timedelta) -> datetime:
    at = database_now() - ago
    SyncState.objects.update(last_good_at=at)
    return at


@pytest.mark.parametrize("seconds", OFF)
def test_fresh_data_is_fresh(seconds: int, supervisor: Client) -> None:
    make_campaign()
    with clock_off_by(seconds):
        shown = supervisor.get("/freshness/", headers={"HX-Request": "true"}).text
    assert ">Live<" in shown
    assert any(f'data-age="{age}"' in shown for age in range(4, 15))


@pytest.mark.parametrize("seconds", OFF)
def test_old_data_is_old(seconds: int, supervisor: Client) -> None:
    read_at(timedelta(seconds=60))
    with clock_off_by(seconds):
        assert "State unknown" in supervisor.get("/freshness/", headers={"HX-Request": "true"}).text


@pytest.mark.parametrize("seconds", OFF)
def test_live_dispatcher_is_ready(seconds: int, client: Client) -> None:
    with clock_off_by(seconds):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["cxone"]) == (200, "fresh")
    assert 0 <= answer.json()["dispatcher_heartbeat_seconds"] < 3
    assert 4 <= answer.json()["last_good_read_seconds"] < 8


@pytest.mark.parametrize("seconds", OFF)
def test_dead_dispatcher_is_noticed(seconds: int, client: Client) -> None:
    Heartbeat.objects.update(at=Now() - timedelta(seconds=20))
    with clock_off_by(seconds):
        assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("seconds", OFF)
def test_ago_is_right(seconds: int, supervisor: Client) -> None:
    campaign: Campaign = make_campaign("c-1", read_at=database_now())
    make_operation(campaign, requested_at=database_now() - timedelta(minutes=5, seconds=10))
    with clock_off_by(seconds):
        assert "5 min ago" in supervisor.get("/campaigns/c-1/").text


@pytest.mark.parametrize("seconds", OFF)
def test_list_counts_from_the_databases_now(seconds: int, supervisor: Client) -> None:
    make_campaign()
    with clock_off_by(seconds):
        page = supervisor.get("/campaigns/").text
    now = re.search(r'data-now="([^"]+)"', page)
    assert now
    assert abs(datetime.fromisoformat(now[1]) - database_now()) < timedelta(seconds=30)
