"""Pauses and resumes at a time, from the shell."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from campaigns.models import Campaign, Operation
from campaigns.simulator import Simulator
from campaigns.states import State

PAUSE = ("pause_campaign", "spring", "--reason", "MAINTENANCE")
RESUME = ("resume_campaign", "spring", "--reason", "RESOLVED")


@pytest.fixture(autouse=True)
def autumn(one_clock: None) -> Iterator[None]:
    """Before the clocks of New York, where the campaign is, are put back and then forward."""
    with time_machine.travel(datetime(2026, 10, 20, tzinfo=UTC), tick=False):
        yield


def test_local_time_is_the_campaigns(campaign: Campaign, command: Any) -> None:
    status, line, _ = command(*PAUSE, "--at", "2026-10-20T18:00")
    assert (status, line["state"], line["due_at"]) == (0, "SCHEDULED", "2026-10-20T22:00:00Z")
    assert (Operation.objects.get().entered_zone, Operation.objects.get().entered_local) == (
        "America/New_York", "2026-10-20T18:00:00",
    )  # fmt: skip


def test_offset_makes_an_instant(campaign: Campaign, command: Any) -> None:
    status, line, _ = command(*RESUME, "--at", "2026-10-20T18:00+02:00")
    assert (status, line["state"], line["due_at"]) == (0, "SCHEDULED", "2026-10-20T16:00:00Z")
    assert Operation.objects.get().entered_zone == ""


def test_pause_until_is_confirmed(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    status, line, _ = command(*PAUSE, "--until", "2026-10-20T18:00")
    assert (status, line["state"]) == (0, "CONFIRMED")
    resume = Operation.objects.get(kind="resume")
    assert (resume.state, str(resume.undoes_id)) == (State.SCHEDULED, line["operation"])


@pytest.mark.parametrize(
    ("typed", "earlier", "later"),
    [
        ("2026-11-01T01:30", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("2027-03-14T02:30", "2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00"),
    ],
)
def test_two_instants_are_a_question(campaign: Campaign, command: Any, typed: str, earlier: str, later: str) -> None:
    status, _, words = command(*PAUSE, "--at", typed)
    assert status == 2
    assert f"write {earlier} or {later}" in words
    assert not Operation.objects.exists()


def test_chosen_instant_is_held(campaign: Campaign, command: Any) -> None:
    assert command(*PAUSE, "--at", "2026-11-01T01:30:00-05:00")[1]["due_at"] == "2026-11-01T06:30:00Z"


@pytest.mark.parametrize(
    "typed", ["noon", "2026-10-20", "2026-13-01T10:00", "9999-12-31T23:59", "9999-12-31T23:59-05:00", ""]
)
def test_no_time_exits_with_2(campaign: Campaign, command: Any, typed: str) -> None:
    assert command(*PAUSE, "--at", typed)[0] == 2
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (("--at", "2026-10-19T18:00"), "has passed"),
        (("--at", "2026-10-20T18:00", "--until", "2026-10-20T17:00"), "after it begins"),
        (("--at", "2028-10-20T18:00"), "400 days"),
    ],
)
def test_impossible_times_exit_with_2(campaign: Campaign, command: Any, times: tuple[str, ...], words: str) -> None:
    status, _, said = command(*PAUSE, *times)
    assert (status, words in said) == (2, True)
    assert not Operation.objects.exists()


def test_unknown_zone_is_utc_and_said(campaign: Campaign, command: Any) -> None:
    Campaign.objects.update(schedule={}, timezone="")
    status, line, words = command(*PAUSE, "--at", "2026-10-20T18:00")
    assert (status, line["due_at"]) == (0, "2026-10-20T18:00:00Z")
    assert "taken as UTC" in words


def test_what_is_to_come_soonest_first(campaign: Campaign, command: Any) -> None:
    command(*PAUSE, "--at", "2026-10-21T18:00")
    command(*RESUME, "--at", "2026-10-20T18:00")
    command(*PAUSE)
    lines = command("operations", "--when", "due")[1]
    assert [(line["action"], line["due_at"]) for line in lines] == [
        ("resume", "2026-10-20T22:00:00Z"), ("pause", "2026-10-21T22:00:00Z"),
    ]  # fmt: skip
