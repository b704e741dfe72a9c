"""/healthz and /readyz: what they say to those who watch, signed in or not."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
import tzdata
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from audit.models import Watch
from campaigns.models import Heartbeat, SyncState
from cxadmin import broker_answer, health, preparing
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
    ("probe_in", "circuit"), [(None, "closed"), (timedelta(seconds=9), "open"), (timedelta(seconds=-1), "half-open")]
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


# --- What is wrong, by its code

Ask = Callable[[], dict[str, str]]


@pytest.fixture
def problems(client: Client) -> Ask:
    """The codes of what is wrong, once a dispatcher runs and CXone was read, with their levels."""
    beat(2)
    SyncState.objects.update(last_good_at=timezone.now())

    def ask() -> dict[str, str]:
        return {problem["code"]: problem["level"] for problem in client.get("/readyz").json()["problems"]}

    return ask


def test_nothing_is_wrong(problems: Ask) -> None:
    assert problems() == {}


def test_dispatcher_that_is_silent_makes_unready(problems: Ask) -> None:
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=1))
    assert problems() == {"dispatcher": "error"}


def test_missing_migration_makes_unready(problems: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "_known_migrations", lambda: frozenset({("campaigns", "9999_of_tomorrow")}))
    assert problems() == {"migrations": "error"}


def test_migration_of_a_later_version_does_no_harm(problems: Ask) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('campaigns', '9999_later', CURRENT_TIMESTAMP)"
        )
    assert problems() == {}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"last_good_at": None}, "last_read"),
        ({"last_good_at": timezone.now() - timedelta(hours=1)}, "last_read"),
        ({"unanswered_since": timezone.now(), "probe_at": timezone.now() + timedelta(hours=1)}, "cxone"),
        ({"clock_ahead_seconds": -90}, "cxone_clock"),
        ({"unreadable": 1}, "cxone_list"),
    ],
)
def test_trouble_with_cxone_is_a_warning(problems: Ask, values: dict[str, Any], code: str) -> None:
    SyncState.objects.update(**values)
    assert problems()[code] == "warning"
    assert "error" not in problems().values()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"break_number": 3, "break_fault": "x"}, "audit"),
        ({"checkpoint_error": "/srv/points: no space"}, "checkpoints"),
    ],
)
def test_trouble_with_the_audit_is_a_warning(problems: Ask, values: dict[str, Any], code: str) -> None:
    Watch.objects.update_or_create(pk=1, defaults=values)
    assert problems() == {code: "warning"}


@pytest.mark.parametrize("hours", [-1, 1])
def test_clock_that_is_off_is_a_warning(problems: Ask, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Moved":
            return cls.fromtimestamp(timezone.now().timestamp() + hours * 3600, tz)

    monkeypatch.setattr(health, "datetime", Moved)
    assert problems() == {"clock": "warning"}


def test_redis_that_does_not_answer_is_a_warning(
    problems: Ask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_answer, "_looked_at", float("-inf"))
    settings.REDIS_URL = "redis://:s3cret@127.0.0.1:1/0"
    assert problems() == {"broker": "warning"}
    monkeypatch.setattr(broker_answer, "_was_silent", False)


def test_strangers_learn_no_address_and_no_words_of_errors(problems: Ask, client: Client) -> None:
    Watch.objects.update_or_create(pk=1, defaults={"checkpoint_error": "/srv/points: no space"})
    SyncState.objects.update(error="https://acme.mycxone.com said no", failing_since=timezone.now())
    text = client.get("/readyz").content.decode()
    assert [word for word in ("/srv", "acme", "said no") if word in text] == []


def test_each_problem_is_documented() -> None:
    page = (Path(settings.BASE_DIR) / "docs/monitoring.md").read_text(encoding="utf-8")
    codes = {problem.code for problem in vars(health).values() if isinstance(problem, health.HealthProblem)}
    assert [code for code in codes if f"| `{code}` |" not in page] == []
