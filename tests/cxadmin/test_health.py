"""/healthz and /readyz: what they say to those who watch, signed in or not."""

from datetime import timedelta

import pytest
import tzdata
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from campaigns.models import Heartbeat, SyncState
from cxadmin import health
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def beat(seconds_ago: float) -> None:
    Heartbeat.objects.create(name="host:1", at=timezone.now() - timedelta(seconds=seconds_ago))


def test_process_answers_without_sign_in(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_with_dispatcher_and_database(client: Client) -> None:
    beat(2)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["reasons"]) == (200, [])


def test_release_of_the_zone_data_is_named(client: Client) -> None:
    assert client.get("/readyz").json()["zone_data"] == tzdata.IANA_VERSION


def test_any_live_dispatcher_counts(client: Client) -> None:
    beat(2)
    Heartbeat.objects.create(name="host:2", at=timezone.now() - timedelta(hours=1))
    assert client.get("/readyz").status_code == 200


def test_no_dispatcher_is_a_reason(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "No dispatcher" in response.json()["reasons"][0]


def test_silent_dispatcher_is_a_reason(client: Client) -> None:
    beat(16)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "run_dispatcher" in response.json()["reasons"][0]


def test_dead_database_is_a_reason(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("secret connection string")

    monkeypatch.setattr(health, "_look", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "database does not answer" in response.json()["reasons"][0]
    assert "secret" not in response.content.decode()


def test_age_of_last_read_is_told(client: Client) -> None:
    beat(2)
    SyncState.objects.update(last_good_at=timezone.now() - timedelta(hours=1))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["last_good_read_seconds"] == pytest.approx(3600, abs=30)
    assert response.json()["cxone"] == "old"


@pytest.mark.parametrize(
    ("probe_in", "circuit"), [(None, "closed"), (timedelta(seconds=9), "open"), (timedelta(0), "half-open")]
)
def test_circuit_is_told(client: Client, probe_in: timedelta | None, circuit: str) -> None:
    beat(2)
    since = timezone.now()
    SyncState.objects.update(unanswered_since=since, probe_at=None if probe_in is None else since + probe_in)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["cxone_circuit"]) == (200, circuit)


def test_clock_of_cxone_is_shown(client: Client) -> None:
    beat(2)
    SyncState.objects.update(clock_ahead_seconds=-90)
    assert client.get("/readyz").json()["cxone_clock_ahead_seconds"] == -90


def test_never_read_has_no_age(client: Client) -> None:
    beat(2)
    assert client.get("/readyz").json()["last_good_read_seconds"] is None


def test_answers_are_not_kept(client: Client) -> None:
    assert "no-store" in client.get("/readyz")["Cache-Control"]


def test_signed_in_probe_is_answered_while_the_database_is_down(client: Client) -> None:
    client.force_login(make_user("admin"))

    def fail(*_arguments: object) -> None:
        raise OperationalError("down")

    with connection.execute_wrapper(fail):
        process, readiness = client.get("/healthz"), client.get("/readyz")
    assert process.status_code == 200
    assert readiness.status_code == 503
    assert "database does not answer" in readiness.json()["reasons"][0]


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probe_may_come_by_any_host_name(client: Client, address: str) -> None:
    beat(2)
    assert client.get(address, headers={"Host": "10.11.12.13:8000"}).status_code == 200


def test_probe_only_reads(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
