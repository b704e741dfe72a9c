"""Queries that are worked out once: they find what Django's own would, whatever they are asked with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Operation, SyncState
from campaigns.prepared import fetch_objects, fetch_of, fetch_values, fetch_values_of, update_rows
from campaigns.states import State
from tests.factories import make_campaign, make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


def _of(ids: tuple[str, ...]) -> QuerySet[Campaign]:
    return Campaign.objects.filter(pk__in=ids).order_by("pk")


def _read_since(name: str, since: datetime) -> QuerySet[Campaign]:
    return Campaign.objects.filter(name=name, read_at__gt=since)


def _with_campaign() -> QuerySet[Operation]:
    older = Operation.objects.filter(campaign=OuterRef("campaign"), requested_at__lt=OuterRef("requested_at"))
    found = Operation.objects.select_related("campaign").defer("campaign__schedule")
    return found.annotate(has_older=Exists(older)).order_by("requested_at")


def _read_at(ids: tuple[str, ...]) -> QuerySet[Campaign, Any]:
    return Campaign.objects.filter(pk__in=ids).values_list("pk", "read_at", "schedule")


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 8])
def test_any_number_of_ids(number: int) -> None:
    made = [make_campaign(f"c-{each}").pk for each in range(9)]
    assert [campaign.pk for campaign in fetch_of(_of, made[:number])] == made[:number]


def test_ids_are_not_those_of_the_last_time() -> None:
    for name in "ab":
        make_campaign(name)
    assert [[each.pk for each in fetch_of(_of, [name])] for name in ("a", "b", "no such")] == [["a"], ["b"], []]


def test_texts_and_moments_are_other_ones_each_time() -> None:
    make_campaign("c-1", name="Spring", read_at=NOON)
    hour = timedelta(hours=1)
    asked = [("Spring", NOON - hour), ("Spring", NOON), ("Autumn", NOON - hour)]
    assert [len(fetch_objects(_read_since, name=name, since=since)) for name, since in asked] == [1, 0, 0]


def test_instances_are_whole() -> None:
    campaign = make_campaign(read_at=NOON, schedule={"timezone": "Europe/London"})
    (found,) = fetch_of(_of, [campaign.pk])
    assert (found.read_at, found.schedule, found.window_open) == (NOON, {"timezone": "Europe/London"}, None)


def test_related_rows_and_annotations_come_along() -> None:
    campaign = make_campaign(name="Spring")
    for hours in (2, 1):
        make_operation(campaign, state=State.CONFIRMED, requested_at=NOON - timedelta(hours=hours))
    with CaptureQueriesContext(connection) as queries:
        found = fetch_objects(_with_campaign)
        shown = [(each.campaign.name, each.has_older) for each in found]  # type: ignore[attr-defined]
    assert (shown, len(queries)) == ([("Spring", False), ("Spring", True)], 1)


def test_values_are_as_django_gives_them() -> None:
    campaign = make_campaign(read_at=NOON, schedule={"timezone": "Europe/London"})
    expected = [(campaign.pk, NOON, {"timezone": "Europe/London"})]
    assert fetch_values_of(_read_at, [campaign.pk]) == expected
    assert fetch_values(_read_at, (campaign.pk,)) == expected


def test_query_that_finds_nothing_is_not_asked() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert fetch_values(_read_at, ()) == []
    assert len(queries) == 0


# --- Updates ---


def _under_fence(operation_id: UUID, fence: int) -> QuerySet[Operation]:
    return Operation.objects.filter(pk=operation_id, fence=fence)


def _is_known() -> tuple[Exists]:
    return (Exists(Campaign.objects.filter(name="Spring")),)


def write(operation: Operation, fence: int = 0, **changes: Any) -> list[tuple[Any, ...]]:
    return update_rows(_under_fence, where={"operation_id": operation.pk, "fence": fence}, changes=changes)


def test_rows_are_updated_with_the_values_of_each_time() -> None:
    for value, at in ((1, NOON), (2, NOON + timedelta(hours=1)), (1, NOON)):
        operation = make_operation()
        write(operation, failures=value, error=f"error {value}", accepted_at=at, undoes_id=operation.pk)
        operation.refresh_from_db()
        assert (operation.failures, operation.error, operation.accepted_at) == (value, f"error {value}", at)
        assert operation.undoes_id == operation.pk


def test_values_of_any_kind_are_written() -> None:
    operation = make_operation(accepted_at=NOON)
    for payload in ({"a": [1, None]}, {}):
        write(operation, payload=payload, accepted_at=None, override=not payload, state=State.WAITING)
        operation.refresh_from_db()
        assert (operation.payload, operation.accepted_at, operation.override) == (payload, None, not payload)
        assert operation.state == State.WAITING


def test_only_rows_that_match_are_updated() -> None:
    operation = make_operation(fence=2)
    assert (write(operation, 1, error="no"), write(make_operation(), 2, error="no")) == ([], [])
    assert len(write(operation, 2, error="yes")) == 1
    assert list(Operation.objects.order_by("error").values_list("error", flat=True)) == ["", "yes"]


def test_what_the_database_computes_is_returned(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    operation = make_operation(fence=2)
    make_campaign(name="Spring")
    with django_assert_num_queries(1):
        ((fence, payload, at, is_known),) = update_rows(
            _under_fence,
            where={"operation_id": operation.pk, "fence": 2},
            changes={"fence": F("fence") + 1, "accepted_at": Now()},
            columns=("fence", "payload", "accepted_at"),
            brought=_is_known,
        )
    operation.refresh_from_db()
    assert (fence, payload, at, is_known) == (3, operation.payload, operation.accepted_at, True)


@pytest.mark.parametrize(("fence", "bumped"), [(0, 1), (1, 0)])
def test_pages_are_told_if_a_row_was_changed(fence: int, bumped: int) -> None:
    operation, before = make_operation(), SyncState.current().version
    where: dict[str, Any] = {"operation_id": operation.pk, "fence": fence}
    update_rows(_under_fence, where=where, changes={"error": "x"}, columns=("error",), bumps=True)
    assert SyncState.current().version - before == bumped
