"""States are data: complete, and drawn as they are."""

from pathlib import Path

import pytest

from campaigns.states import (
    ENDS,
    IN_PROGRESS,
    LABELS,
    MOVES,
    State,
    diagram,
    may_be_paused,
    may_be_resumed,
    sources,
)


def test_every_state_has_a_label() -> None:
    assert set(LABELS) == set(State)


def test_an_end_has_no_way_out() -> None:
    assert not set(MOVES) & set(ENDS)


def test_every_end_can_be_reached() -> None:
    assert all(sources(state) for state in ENDS)


def test_in_progress_always_leads_on() -> None:
    assert all(MOVES[state] for state in IN_PROGRESS)


def test_accepted_is_never_skipped() -> None:
    assert State.SKIPPED not in MOVES[State.ACCEPTED]


def test_documentation_shows_the_moves() -> None:
    page = Path(__file__).parent.parent / "docs" / "operations.md"
    assert diagram() in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("status", ["ACTIVE", "active", " Active ", "RAMPING", ""])
def test_what_dials_or_might_can_be_paused(status: str) -> None:
    assert may_be_paused(status)


@pytest.mark.parametrize("status", ["PAUSED", "paused", "COMPLETE", "Completed", "DRAFT", "STOPPING"])
def test_what_is_paused_or_at_rest_cannot(status: str) -> None:
    assert not may_be_paused(status)


@pytest.mark.parametrize(
    ("status", "may"), [("PAUSED", True), ("paused", True), ("ACTIVE", False), ("RAMPING", False)]
)
def test_only_what_is_paused_can_be_resumed(status: str, may: bool) -> None:
    assert may_be_resumed(status) == may
