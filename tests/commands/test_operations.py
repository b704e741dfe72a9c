"""The shell's way: one line of JSON, words on standard error, and an exit status that tells the end."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from campaigns.cxone import connect
from campaigns.models import Campaign, Operation, Policy, ReasonCode
from campaigns.simulator import Simulator
from campaigns.states import State
from manage import main
from tests.factories import make_operation

STATE = "/api/v2/campaigns/spring"
ACTIVE: dict[str, object] = {"id": "spring", "name": "Spring renewal", "status": "ACTIVE", "schedule": {}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.management.shell.LOOK_SECONDS", 0.01)
    monkeypatch.setattr("campaigns.operations.runner.patience.backoff", lambda *_: 0.01)


def test_pause_prints_its_operation(campaign: Campaign, command: Any) -> None:
    status, line, _ = command("pause_campaign", "spring", "--reason", "MAINTENANCE", "--by", "Ada")
    assert status == 0
    assert list(line) == [
        "operation", "campaign_id", "action", "state", "reason", "by", "requested_at", "failing_since",
        "accepted_at", "confirmed_at", "due_at", "latency_ms", "attempts", "requests", "error",
    ]  # fmt: skip
    assert (line["state"], line["by"], line["error"]) == ("CONFIRMED", "Ada", None)


@pytest.mark.parametrize("words", [["--note", "n" * 501], ["--by", "b" * 151], ["--note", "\udcff"]])
def test_unkeepable_words_are_refused(campaign: Campaign, command: Any, words: list[str]) -> None:
    status, _, said = command("pause_campaign", "spring", "--reason", "MAINTENANCE", *words)
    assert status == 2
    assert words[0] in said
    assert not Operation.objects.exists()


def test_resume_is_confirmed(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.change("spring", status="PAUSED")
    status, line, _ = command("resume_campaign", "spring", "--reason", "MAINTENANCE")
    assert (status, line["action"], line["state"]) == (0, "resume", "CONFIRMED")


def test_no_worker_is_woken(campaign: Campaign, enqueued: list[tuple[str, ...]], command: Any) -> None:
    command("pause_campaign", "spring", "--reason", "MAINTENANCE")
    assert enqueued == []


def test_skipped_is_success(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.change("spring", status="PAUSED")
    status, line, words = command("pause_campaign", "spring", "--reason", "MAINTENANCE")
    assert (status, line["state"]) == (0, "SKIPPED")
    assert "already paused" in words


def test_rejected_exits_with_3(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.change("spring", calls=90)
    status, line, words = command("pause_campaign", "spring", "--reason", "MAINTENANCE")
    assert (status, line["state"]) == (3, "REJECTED")
    assert "90 calls" in words


def test_emergency_needs_no_more(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.change("spring", calls=90)
    assert command("pause_campaign", "spring", "--reason", "EMERGENCY")[0] == 0


def test_unconfirmed_exits_with_5(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    Policy.objects.update(pause_patience_minutes=0)
    cxone.fail("PUT", STATE, times=None, cut=True)
    assert command("pause_campaign", "spring", "--reason", "MAINTENANCE")[0] == 5


def test_command_that_has_to_wait_says_why(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.fail("GET", "/api/v2/outbound/campaigns/spring", times=2, status=503)
    status, _, words = command("pause_campaign", "spring", "--reason", "MAINTENANCE")
    assert (status, words.count("CXone has given no usable answer since")) == (0, 1)


def test_failed_exits_with_1(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.fail("PUT", STATE, status=400, body={"message": "no such reason"})
    status, line, words = command("pause_campaign", "spring", "--reason", "MAINTENANCE")
    assert (status, line["state"]) == (1, "FAILED")
    assert "no such reason" in words


def test_accepted_is_waited_for(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.fail("GET", STATE, times=2, body=ACTIVE)
    status, line, _ = command("pause_campaign", "spring", "--reason", "MAINTENANCE")
    assert (status, line["state"]) == (0, "CONFIRMED")


def test_unknown_campaign_exits_with_2(campaign: Campaign, command: Any) -> None:
    status, _, words = command("pause_campaign", "autumn", "--reason", "MAINTENANCE")
    assert (status, "autumn" in words) == (2, True)


def test_unknown_reason_exits_with_2(campaign: Campaign, command: Any) -> None:
    status, _, words = command("pause_campaign", "spring", "--reason", "BOREDOM")
    assert (status, "MAINTENANCE" in words) == (2, True)
    assert not Operation.objects.exists()


def test_one_in_the_way_is_named(campaign: Campaign, command: Any) -> None:
    make_operation(campaign, by="Grace", state=State.RUNNING)
    status, _, words = command("pause_campaign", "spring", "--reason", "MAINTENANCE")
    assert (status, "Grace" in words) == (1, True)


def test_sync_counts_what_it_read(cxone: Simulator, db: None, command: Any) -> None:
    assert command("sync_campaigns")[1] == {"campaigns": 1, "changed": 1, "requests": 3}


def test_failed_sync_says_why(cxone: Simulator, db: None, command: Any) -> None:
    cxone.fail("*", "/oauth/token", status=401, body={"error": "invalid_client"})
    status, _, words = command("sync_campaigns")
    assert (status, "CXONE_CLIENT_ID" in words) == (1, True)


def test_list_tells_each_campaign(campaign: Campaign, command: Any) -> None:
    line = command("list_campaigns")[1]
    assert line.pop("synced_at").endswith("Z")
    assert line == {
        "campaign_id": "spring",
        "name": "Spring renewal",
        "status": "ACTIVE",
        "state": "dialing",
        "active_calls": 7,
        "on_hold": False,
        "timezone": "America/New_York",
    }


def test_list_filters_by_status(campaign: Campaign, command: Any) -> None:
    assert command("list_campaigns", "--status", "PAUSED")[1] == []


def test_operations_filter_by_state(campaign: Campaign, command: Any) -> None:
    make_operation(campaign, state=State.CONFIRMED)
    failed = make_operation(campaign, state=State.FAILED)
    assert command("operations", "--state", "FAILED", "--campaign", "spring")[1]["operation"] == str(failed.pk)


def test_operations_are_listed_newest_first(db: None, command: Any) -> None:
    minutes = (3, 1, 5, 2, 4, 6)
    asked = {minute: make_operation(requested_at=datetime(2026, 11, 27, 9, minute, tzinfo=UTC)) for minute in minutes}
    shown = [line["operation"] for line in command("operations")[1]]
    assert shown == [str(asked[minute].pk) for minute in sorted(minutes, reverse=True)]


def test_missing_setting_is_named(settings: Settings, campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    connect.close_connections()
    settings.CXONE_CLIENT_SECRET = ""
    assert main(["manage.py", "sync_campaigns"]) == 1
    assert "CXONE_CLIENT_SECRET is not set" in capsys.readouterr().err


@pytest.mark.django_db
def test_reason_of_resumes_alone_is_none_of_a_pause() -> None:
    with pytest.raises(
        CommandError, match=r"RESOLVED isn’t a reason for a pause\. There are: WFM_OVERRIDE"
    ) as refused:
        call_command("pause_campaign", "spring", "--reason", "RESOLVED")
    assert refused.value.returncode == 2
    assert "RESOLVED," not in str(refused.value)


@pytest.mark.parametrize(
    "words", [("pause_campaign", "spring"), ("resume_campaign", "spring"), ("pause_all", "--yes")]
)
def test_reason_that_needs_a_note_is_refused_without(campaign: Campaign, command: Any, words: tuple[str, ...]) -> None:
    ReasonCode.objects.filter(pk="MAINTENANCE").update(needs_note=True)
    status, _, said = command(*words, "--reason", "MAINTENANCE")
    assert (status, said) == (2, "The reason MAINTENANCE needs a note: say more with --note. Nothing was requested.")
    assert not Operation.objects.exists()


def test_reason_that_needs_a_note_is_taken_with_one(campaign: Campaign, command: Any) -> None:
    ReasonCode.objects.filter(pk="MAINTENANCE").update(needs_note=True)
    status, line, _ = command("pause_campaign", "spring", "--reason", "MAINTENANCE", "--note", "Dialer update")
    assert (status, line["state"]) == (0, "CONFIRMED")
