"""Bulks from the shell: what they print, and how they exit."""

from typing import Any

import pytest

from audit.models import Record
from campaigns.models import Bulk, Campaign, Operation
from campaigns.simulator import Simulator
from campaigns.sync import full_read
from tests.factories import make_calendar, make_operation

KEYS = [
    "bulk", "campaigns", "confirmed", "skipped", "rejected", "failed", "unconfirmed", "cancelled", "superseded",
    "pending", "requests", "seconds",
]  # fmt: skip


@pytest.fixture
def campaigns(campaign: Campaign, cxone: Simulator) -> list[Campaign]:
    """Spring, and four more of which one is paused."""
    for number in range(4):
        cxone.add(id=f"c{number}", name=f"Autumn {number}", calls=2, status="PAUSED" if number == 3 else "ACTIVE")
    full_read.read_all_campaigns()
    return list(Campaign.objects.order_by("pk"))


def test_pause_all_pauses_all(campaigns: list[Campaign], cxone: Simulator, command: Any) -> None:
    status, line, said = command("pause_all", "--reason", "MAINTENANCE", "--by", "Ada", "--yes")
    assert (status, list(line)) == (0, KEYS)
    assert (line["campaigns"], line["confirmed"], line["skipped"]) == (5, 4, 1)
    assert set(cxone.campaign_ids("PAUSED")) == {campaign.pk for campaign in campaigns}
    assert "5 of 5 have ended" in said
    assert Record.objects.get(kind="bulk.asked").by == "Ada"


def test_requests_of_its_own_reads_are_counted(campaigns: list[Campaign], command: Any) -> None:
    _, line, _ = command("pause_all", "--reason", "MAINTENANCE", "--yes")
    # Four changes, and the list with its count of calls after them.
    assert line["requests"] == 4 + 2


def test_without_yes_it_only_tells(campaigns: list[Campaign], command: Any) -> None:
    status, line, said = command("pause_all", "--reason", "MAINTENANCE")
    assert (status, line) == (2, [])
    assert "5 campaigns: 4 would be paused (13 calls are in progress on them); 1 need no change" in said
    assert not Bulk.objects.exists()


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (["--search", "autumn"], 4),
        (["--status", "active"], 4),
        (["--campaign", "c0", "--campaign", "c1"], 2),
        (["--search", "autumn", "--status", "PAUSED"], 1),
        (["--zone", "US/Eastern"], 5),
        (["--calendar", "US"], 2),
        (["--tag", "client:Northwind"], 2),
        (["--tag", "client:Northwind", "--tag", "region:Texas"], 1),
        (["--tag", "CXone campaign:Q4 Outreach"], 1),
    ],
)
def test_filters_are_those_of_the_list(
    campaigns: list[Campaign], cxone: Simulator, command: Any, words: list[str], chosen: int
) -> None:
    make_calendar(*campaigns[:2], name="US")
    for campaign, region in zip(campaigns[:2], ("Texas", "Florida"), strict=True):
        cxone.change(campaign.pk, tags={"client": "Northwind", "region": region})
    cxone.change(campaigns[2].pk, tags={"CXone campaign": "Q4 Outreach"})
    full_read.read_all_campaigns()
    _, line, _ = command("pause_all", "--reason", "MAINTENANCE", "--yes", *words)
    assert line["campaigns"] == chosen


def test_selection_is_on_record(campaigns: list[Campaign], command: Any) -> None:
    command("pause_all", "--reason", "MAINTENANCE", "--yes", "--search", "autumn", "--status", "active")
    assert Bulk.objects.get().selection == {"filter": {"status": "ACTIVE", "q": "autumn"}}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--search", "winter"], "No campaign matches"),
        (["--tag", "Northwind"], "'Northwind' isn’t a tag: write NAME:TEXT"),
        (["--calendar", "Mars"], "No holiday calendar is called 'Mars'"),
        (["--note", "n" * 501], "--note has 501 characters"),
    ],
)
def test_what_can_not_be_asked_exits_with_2(
    campaigns: list[Campaign], command: Any, words: list[str], sentence: str
) -> None:
    status, _, said = command("pause_all", "--reason", "MAINTENANCE", "--yes", *words)
    assert status == 2
    assert sentence in said
    assert not Bulk.objects.exists()


def test_rejected_ones_exit_with_3(campaigns: list[Campaign], cxone: Simulator, command: Any) -> None:
    cxone.change("c0", calls=90)
    full_read.read_all_campaigns()
    status, line, _ = command("pause_all", "--reason", "MAINTENANCE", "--yes")
    assert (status, line["rejected"], line["confirmed"]) == (3, 1, 3)


def test_failed_ones_exit_with_1(campaigns: list[Campaign], cxone: Simulator, command: Any) -> None:
    cxone.fail("PUT", "/api/v2/campaigns/c0", status=403)
    status, line, _ = command("pause_all", "--reason", "MAINTENANCE", "--yes")
    assert (status, line["failed"], line["confirmed"]) == (1, 1, 3)


def test_lost_responses_are_settled_here(campaigns: list[Campaign], cxone: Simulator, command: Any) -> None:
    cxone.fail("PUT", "/api/v2/campaigns/c0", cut=True)
    status, line, _ = command("pause_all", "--reason", "MAINTENANCE", "--yes")
    assert (status, line["confirmed"]) == (0, 4)


def test_resume_all_resumes_all(campaigns: list[Campaign], cxone: Simulator, command: Any) -> None:
    command("pause_all", "--reason", "MAINTENANCE", "--yes")
    status, line, _ = command("resume_all", "--reason", "RESOLVED", "--yes")
    assert (status, line["confirmed"]) == (0, 5)
    assert cxone.campaign_ids("PAUSED") == []


def test_resume_bulk_resumes_what_it_paused(campaigns: list[Campaign], cxone: Simulator, command: Any) -> None:
    _, paused, _ = command("pause_all", "--reason", "MAINTENANCE", "--yes")
    command("resume_campaign", "c0", "--reason", "RESOLVED")
    status, line, _ = command("resume_bulk", paused["bulk"])
    assert (status, line["campaigns"], line["confirmed"]) == (0, 3, 3)
    # It was paused before.
    assert cxone.campaign_ids("PAUSED") == ["c3"]


def test_resume_bulk_leaves_what_others_touched(campaigns: list[Campaign], cxone: Simulator, command: Any) -> None:
    _, paused, _ = command("pause_all", "--reason", "MAINTENANCE", "--yes")
    command("resume_campaign", "c0", "--reason", "RESOLVED")
    command("pause_campaign", "c0", "--reason", "MAINTENANCE")
    _, line, _ = command("resume_bulk", paused["bulk"])
    assert line["campaigns"] == 3
    assert cxone.campaign("c0")["status"] == "PAUSED"


def test_second_resume_bulk_says_why_not(campaigns: list[Campaign], cxone: Simulator, command: Any) -> None:
    _, paused, _ = command("pause_all", "--reason", "MAINTENANCE", "--yes")
    command("resume_bulk", paused["bulk"])
    status, _, said = command("resume_bulk", paused["bulk"])
    assert status == 2
    assert "None of its campaigns is still paused by that bulk" in said


@pytest.mark.parametrize("name", ["resume_bulk", "cancel_operation"])
@pytest.mark.parametrize("number", ["00000000-0000-4000-8000-000000000001", "spring"])
def test_unknown_ids_exit_with_2(campaigns: list[Campaign], command: Any, name: str, number: str) -> None:
    status, _, said = command(name, number)
    assert status == 2
    assert number in said


def test_cancelling_prints_the_operation(campaigns: list[Campaign], command: Any) -> None:
    operation = make_operation(campaigns[0])
    status, line, _ = command("cancel_operation", str(operation.pk), "--by", "Bea")
    assert (status, line["state"]) == (0, "CANCELLED")
    assert Record.objects.get(kind="operation.cancelled").by == "Bea"


def test_late_cancelling_exits_with_1(campaigns: list[Campaign], command: Any) -> None:
    operation = make_operation(campaigns[0], state="CONFIRMED")
    status, line, said = command("cancel_operation", str(operation.pk))
    assert (status, line["state"]) == (1, "CONFIRMED")
    assert "too late" in said
    assert Operation.objects.get().state == "CONFIRMED"
