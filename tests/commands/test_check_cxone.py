"""check_cxone: what a tenant shows, in one JSON object."""

from typing import Any

import pytest
from django.test import override_settings

from campaigns.models import Campaign
from campaigns.simulator import PublishedSimulator, Simulator
from tests.worker import published

__all__ = ["published"]

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_what_v2_shows(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.add(status="PAUSED")
    status, report, _ = command("check_cxone")
    assert status == 0
    assert (report["dialect"], report["token"], report["try_by_hand"]) == ("v2", True, [])
    assert report["counts"]["campaigns"] == 2
    assert report["counts"]["running"] == 1
    assert report["shapes"]["statuses"] == ["ACTIVE", "PAUSED"]
    assert report["shapes"]["etag"] == "strong"
    assert abs(report["clock"]["ahead_seconds"]) <= 1, "a Date has whole seconds"


def test_refused_call_is_a_part_of_it(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.fail("GET", "/api/v2/event/subscriptions", status=403)
    status, report, words = command("check_cxone")
    assert (status, report["counts"]["subscriptions"]) == (0, None)
    assert [refused["status"] for refused in report["refused"]] == [403]
    assert "CXone forbids this system to list the event subscriptions" in words


def test_nothing_changes_at_cxone(campaign: Campaign, cxone: Simulator, command: Any) -> None:
    cxone.record.clear()
    command("check_cxone")
    # A query is sent by POST, too; what a request has changed, the record says.
    assert [request for request in cxone.record.requests() if request.applied] == []


@pytest.mark.parametrize("status", [401, 503])
def test_without_a_list_it_fails(cxone: Simulator, command: Any, status: int) -> None:
    cxone.fail("*", "*", times=None, status=status)
    code, report, words = command("check_cxone")
    assert (code, report["counts"], report["token"]) == (1, {}, False)
    assert words


def test_what_the_published_api_shows(published: PublishedSimulator, command: Any) -> None:
    status, report, _ = command("check_cxone")
    assert status == 0
    assert report["counts"] | {"with_schedules": 0} == {
        "skills": 1,
        "pc_skills": 1,
        "running": 1,
        "calls": 7,
        "with_schedules": 0,
    }
    assert report["try_by_hand"]


@override_settings(CXONE_BASE_URL="")
def test_missing_setting_is_named(command: Any) -> None:
    status, report, words = command("check_cxone")
    assert (status, report) == (2, None)
    assert "CXONE_BASE_URL is not set" in words
