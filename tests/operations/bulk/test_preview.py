"""What a bulk would do to each campaign, told from the rows."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, OperationKind
from campaigns.operations.bulk.preview import Effect, preview
from campaigns.states import State
from tests.factories import make_campaign, make_operation

pytestmark = pytest.mark.django_db
PAUSE, RESUME = OperationKind.PAUSE, OperationKind.RESUME


@pytest.mark.parametrize(
    ("kind", "values", "effect"),
    [
        (PAUSE, {}, Effect.SENT),
        (PAUSE, {"status": "paused"}, Effect.ALREADY),
        (PAUSE, {"status": "COMPLETE"}, Effect.AT_REST),
        (PAUSE, {"status": "MYSTERY"}, Effect.SENT),
        (PAUSE, {"active_calls": 51}, Effect.OVER_LIMIT),
        (PAUSE, {"active_calls": 50}, Effect.SENT),
        (PAUSE, {"active_calls": 4, "max_active_calls": 3}, Effect.OVER_LIMIT),
        (RESUME, {"status": "PAUSED"}, Effect.SENT),
        (RESUME, {"status": "PAUSED", "active_calls": 51}, Effect.SENT),
        (RESUME, {}, Effect.ALREADY),
        (RESUME, {"status": "MYSTERY"}, Effect.AT_REST),
    ],
)
def test_effect_follows_from_the_row(kind: OperationKind, values: dict[str, Any], effect: Effect) -> None:
    (expected,) = preview(kind, [make_campaign(**values)], override=False).expected
    assert expected.effect == effect


def test_gone_campaigns_are_told() -> None:
    campaign = make_campaign()
    campaign.gone_at = campaign.read_at
    assert preview(PAUSE, [campaign], override=False).count(Effect.GONE) == 1


def test_overriding_reason_meets_no_limit() -> None:
    found = preview(PAUSE, [make_campaign(active_calls=90)], override=True)
    assert (found.count(Effect.SENT), found.calls) == (1, 90)


def test_operation_in_the_way_is_named() -> None:
    operation = make_operation(state=State.WAITING)
    (expected,) = preview(PAUSE, [operation.campaign], override=False).expected
    assert (expected.effect, expected.in_the_way) == (Effect.IN_THE_WAY, operation)


@pytest.mark.parametrize("kind", ["resume", "schedule"])
def test_stop_wins_over_other_kinds(kind: str) -> None:
    operation = make_operation(make_campaign(status="PAUSED"), kind=kind, state=State.RUNNING)
    (expected,) = preview(PAUSE, [operation.campaign], override=False).expected
    assert (expected.effect, expected.in_the_way) == (Effect.SENT, operation)


def test_resume_wins_over_nothing() -> None:
    operation = make_operation(make_campaign(status="PAUSED"), kind="resume", state=State.RUNNING)
    (expected,) = preview(RESUME, [operation.campaign], override=False).expected
    assert expected.effect == Effect.IN_THE_WAY


def test_calls_of_what_would_be_sent_are_summed() -> None:
    campaigns = [make_campaign(active_calls=calls) for calls in (3, 4, 80)]
    assert preview(PAUSE, campaigns, override=False).calls == 7


def test_queries_do_not_grow(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(20):
        make_campaign()
    campaigns = list(Campaign.objects.all())
    with django_assert_num_queries(2):
        preview(PAUSE, campaigns, override=False)
