"""What one record adds to the figures."""

import json
from typing import Any

import pytest

from audit.kinds import RecordKind
from audit.models import Record
from audit.statistics.figures import Figures


def ended(state: str, latency_ms: int | None = None, **details: Any) -> Record:
    return Record(kind=RecordKind.OPERATION_ENDED, latency_ms=latency_ms, details={"state": state, **details})


def drained(**details: Any) -> Record:
    usual = {"end": "empty", "calls_at_start": 12, "calls_at_end": 0, "seconds": 41.5}
    return Record(kind=RecordKind.DRAIN_ENDED, details={**usual, **details})


def of(*records: Record) -> Figures:
    figures = Figures()
    for record in records:
        figures.add(record)
    return figures


def test_campaign_that_came_back_is_one_change_in_cxone() -> None:
    """Two records tell of it: what was changed, and which pause no longer holds."""
    kinds = RecordKind.CAMPAIGN_CHANGED_OUTSIDE, RecordKind.CAMPAIGN_CAME_BACK
    assert of(*(Record(kind=kind, details={}) for kind in kinds)).changes_in_cxone == 1


def test_ends_count_by_state() -> None:
    figures = of(ended("CONFIRMED"), ended("CONFIRMED"), ended("FAILED"), Record(kind=RecordKind.OPERATION_CANCELLED))
    assert figures.outcomes == {"CONFIRMED": 2, "FAILED": 1, "CANCELLED": 1}


def test_success_is_of_what_was_tried() -> None:
    states = ["CONFIRMED", "CONFIRMED", "FAILED", "UNCONFIRMED", "CONFLICT", "SKIPPED", "REJECTED", "CANCELLED"]
    assert of(*map(ended, states)).success_rate == 0.4


def test_nothing_tried_has_no_rate() -> None:
    assert of(ended("SKIPPED"), ended("REJECTED")).success_rate is None


def test_latency_counts_whatever_the_end() -> None:
    assert of(ended("CONFIRMED", 120), ended("UNCONFIRMED", 80), ended("REJECTED")).latency.count == 2


def test_confirmation_counts_confirmed_only() -> None:
    figures = of(ended("CONFIRMED", confirmation_ms=900), ended("FAILED", confirmation_ms=900), ended("CONFIRMED"))
    assert figures.confirmation.count == 1


def test_drain_counts_calls() -> None:
    figures = of(drained(), drained(calls_at_start=5, calls_at_end=2, end="deadline"))
    assert (figures.drains, figures.calls_at_start, figures.calls_ended) == (2, 17, 15)


def test_emptied_in_milliseconds() -> None:
    assert of(drained(seconds=41.5)).emptied.percentile(1) == pytest.approx(41_500, rel=0.01)


def test_only_emptied_drains_have_a_time() -> None:
    assert of(drained(end="deadline"), drained(end="resumed")).emptied.count == 0


def test_risen_calls_are_none_ended() -> None:
    assert of(drained(calls_at_start=3, calls_at_end=7)).calls_ended == 0


@pytest.mark.parametrize(
    "record",
    [
        Record(kind=RecordKind.OPERATION_ASKED, details={"state": "CONFIRMED"}),
        Record(kind=RecordKind.OPERATION_ENDED, details=[]),
        Record(kind=RecordKind.OPERATION_ENDED, details={"state": "DONE"}),
        Record(kind=RecordKind.OPERATION_ENDED, details={"state": ["CONFIRMED"]}),
        Record(kind=RecordKind.OPERATION_ENDED, details={}, latency_ms=-5),
        Record(kind="no.kind", details=None),
        Record(kind=RecordKind.DRAIN_ENDED, details={}),
        drained(calls_at_start="12"),
        drained(calls_at_end=None),
        drained(calls_at_end=True),
        drained(calls_at_start=-1),
    ],
)
def test_odd_records_add_nothing(record: Record) -> None:
    assert of(record) == Figures()


@pytest.mark.parametrize("odd", ["900", None, True, -1, [900], float("nan"), float("inf")])
def test_odd_durations_are_left_out(odd: object) -> None:
    figures = of(ended("CONFIRMED", confirmation_ms=odd), drained(seconds=odd))
    assert (figures.outcomes["CONFIRMED"], figures.drains) == (1, 1)
    assert (figures.confirmation.count, figures.emptied.count) == (0, 0)


def test_merging_equals_adding() -> None:
    some, others = [ended("CONFIRMED", 5, confirmation_ms=0), drained()], [ended("SKIPPED"), drained(end="deadline")]
    merged = of(*some)
    merged.merge(of(*others))
    assert merged == of(*some, *others)


def test_stored_merges_the_same() -> None:
    some, others = [ended("CONFIRMED", 5, confirmation_ms=0), drained()], [ended("SKIPPED"), drained(end="deadline")]
    merged = of(*some)
    merged.merge_stored(json.loads(json.dumps(of(*others).stored())))
    assert merged == of(*some, *others)
