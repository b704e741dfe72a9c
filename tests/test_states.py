"""States are data: complete, and drawn as they are."""

from pathlib import Path

from campaigns.states import ENDS, IN_PROGRESS, LABELS, MOVES, State, diagram, sources


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
