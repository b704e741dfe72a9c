"""What 5,000 campaigns at once cost: as many queries as thirty, and a page of a bounded size."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Bulk, Campaign, Operation
from campaigns.states import State
from tests.factories import make_bulk
from tests.pages.bulk.asking import PAUSE, open_form
from tests.pages.costs import FRAGMENT, HEAD

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.data_layer]

NUMBERS = [30, 5000]
# Bytes. Most of it is a hundred rows, and what the form knows of each campaign that it was about.
FORM, PAGE = 120_000, 120_000


def make_many(number: int) -> list[Campaign]:
    now = timezone.now()
    return Campaign.objects.bulk_create(
        Campaign(id=f"{each:032x}", name=f"Spring {each}", status="ACTIVE", read_at=now, active_calls=each % 70)
        for each in range(number)
    )


def make_begun(number: int) -> Bulk:
    now = timezone.now()
    campaigns, states = make_many(number), [State.CONFIRMED, State.REJECTED, State.QUEUED]
    bulk = make_bulk(*campaigns, started_at=now)
    Operation.objects.bulk_create(
        Operation(
            kind="pause",
            campaign=campaign,
            by="ann",
            bulk=bulk,
            idempotency_key=campaign.pk,
            requested_at=now,
            next_attempt_at=now,
            state=states[place % 3],
        )
        for place, campaign in enumerate(campaigns)
    )
    return bulk


@pytest.mark.parametrize("number", NUMBERS)
def test_form_is_bounded(supervisor: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_many(number)
    supervisor.get("/campaigns/")
    with django_assert_num_queries(HEAD + 4):
        page = supervisor.get(f"{PAUSE}?all=1")
    assert len(page.context["prospect"].rows) == min(number, 100)
    assert len(page.content) < FORM


@pytest.mark.parametrize("number", NUMBERS)
def test_its_refresh_is_bounded(
    supervisor: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_many(number)
    seen = supervisor.get(f"{PAUSE}?all=1").context["prospect"].version
    address = f"{PAUSE}?all=1&page=1&seen="
    with django_assert_num_queries(FRAGMENT + 3):
        assert supervisor.get(address + seen, headers={"HX-Request": "true"}).status_code == 204


@pytest.mark.parametrize("number", NUMBERS)
def test_sending_it_is_bounded(
    supervisor: Client, number: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_many(number)
    fields = open_form(supervisor, f"{PAUSE}?all=1") | {"reason": "EMERGENCY"}
    with django_assert_max_num_queries(30):
        assert supervisor.post(f"{PAUSE}?all=1", fields).status_code == 303


@pytest.mark.parametrize("number", NUMBERS)
def test_bulk_is_bounded(supervisor: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    bulk = make_begun(number)
    supervisor.get("/campaigns/")
    with django_assert_num_queries(HEAD + 10):
        page = supervisor.get(f"/bulk/{bulk.pk}/")
    assert len(page.context["detail"].rows) == min(number, 100)
    assert len(page.content) < PAGE


@pytest.mark.parametrize("number", NUMBERS)
def test_list_of_bulks_is_bounded(
    supervisor: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_begun(number)
    supervisor.get("/campaigns/")
    with django_assert_num_queries(HEAD + 4):
        page = supervisor.get("/bulk/")
    assert "campaign_ids" in page.context["bulks"].rows[0].bulk.get_deferred_fields()
