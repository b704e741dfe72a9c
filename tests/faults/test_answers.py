"""CXone answers late, wrongly, not at all, or asks everybody to wait."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from campaigns.states import State, WaitingFor
from tests.faults.site import Site
from tests.processes.group import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.quick_on("sqlite")]

ANY_CALL = "/api/v2/*"


def put(campaign_id: str) -> tuple[str, str]:
    return "PUT", f"/api/v2/campaigns/{campaign_id}"


def test_lost_answer_with_the_work_done(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail(*put(campaign_id), cut=True, done=True)
    site.anna.pause(campaign_id)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert [request["applied"] for request in site.sent(campaign_id)] == [True]


def test_lost_answer_with_the_work_not_done(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail(*put(campaign_id), cut=True, done=False)
    site.anna.pause(campaign_id)
    site.wait_for([campaign_id], State.CONFIRMED)
    assert [request["applied"] for request in site.sent(campaign_id)] == [False, True]


def test_lost_answer_and_somebody_undid_it(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail(*put(campaign_id), cut=True, done=True)
    # Nobody sees it paused, by a read of all of them neither, so that there is time to undo it.
    site.cxone.fail("GET", f"/api/v2/campaigns/{campaign_id}", status=503, times=None)
    site.cxone.fail("GET", "/api/v2/outbound/campaigns", status=503, times=None)
    site.anna.pause(campaign_id)
    site.wait_until_sent(campaign_id)
    site.cxone.change(campaign_id, status="ACTIVE")
    site.cxone.calm()
    site.wait_for([campaign_id], State.UNCONFIRMED)
    assert site.applied([campaign_id]) == [1]
    assert site.cxone.status_of(campaign_id) == "ACTIVE"


@pytest.mark.parametrize("form", ["seconds", "date", "nonsense", "none"])
def test_too_many_requests(site: Site, form: str) -> None:
    (campaign_id,) = site.take()
    retry_after = {
        "seconds": "2",
        "date": format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True),
        "nonsense": "in a while",
        "none": None,
    }
    headers: Mapping[str, str | None] = {"Retry-After": retry_after[form]}
    site.cxone.fail(*put(campaign_id), status=429, headers=headers)
    site.anna.pause(campaign_id)
    site.wait_for([campaign_id], State.CONFIRMED)
    refused, applied = site.sent(campaign_id)
    assert (refused["status"], applied["applied"]) == (429, True)
    if form in {"seconds", "date"}:
        assert applied["at"] - refused["at"] > 1.5
        # Nobody else asks CXone either, but for what was on its way by then.
        assert site.came_between(refused["at"] + 0.5, refused["at"] + 1.5) == []


def test_campaigns_that_are_read_slowly_hold_up_no_others(site: Site) -> None:
    """More than are sent one by one: the last of them are gathered with one that is read at once."""
    slow, (quick,) = site.take(8), site.take()
    for campaign_id in slow:
        site.cxone.fail("GET", f"/api/v2/outbound/campaigns/{campaign_id}", done=True, delay=20, times=None)
    for campaign_id in [*slow, quick]:
        site.anna.pause(campaign_id)
    wait_until(lambda: site.cxone.status_of(quick) == "PAUSED", lambda: str(site.operations([quick])))
    site.cxone.calm()
    site.wait_for(slow, State.CONFIRMED)
    assert site.applied([*slow, quick]) == [1] * 9


def test_token_revoked_under_twenty_calls(site: Site) -> None:
    campaigns = site.take(20)
    site.product.shell.call("allow_pauses", number=20)
    before = len(tokens(site))
    # All have asked with the old token before the first of them learns that it no longer holds.
    site.cxone.fail("GET", "/api/v2/outbound/campaigns/*", delay=3, times=20)
    site.cxone.revoke_tokens()
    site.product.accepted += site.product.shell.call("pause_all", campaign_ids=campaigns)
    site.wait_for(campaigns, State.CONFIRMED)
    assert len(tokens(site)) - before == 1
    assert site.applied(campaigns) == [1] * len(campaigns)


def tokens(site: Site) -> list[object]:
    return [request for request in site.cxone.whole_record() if request["path"] == "/oauth/token"]


def test_storm_of_errors_and_then_calm(site: Site) -> None:
    during, after = site.take(8), site.take(1)
    forms = {campaign_id: site.anna.open_pause(campaign_id) for campaign_id in during}
    storms = ({"status": 503}, {"status": 502, "body": "<h1>Bad gateway</h1>"}, {"body": '{"id": "c', "done": True})
    for storm in storms * 20:
        site.cxone.fail("*", ANY_CALL, **storm)
    for campaign_id, form in forms.items():
        site.anna.pause(campaign_id, form)
    wait_until(lambda: len(site.cxone.faults()) < 40, lambda: f"{len(site.cxone.faults())} errors are left")
    site.cxone.calm()
    site.anna.pause(after[0])
    site.wait_for(after, State.CONFIRMED)
    assert max(site.applied(during)) <= 1


def test_waiting_is_told_in_words(site: Site) -> None:
    (campaign_id,) = site.take()
    site.cxone.fail("GET", f"/api/v2/*campaigns/{campaign_id}", status=503, times=None)
    page = site.anna.pause(campaign_id)

    def waits() -> bool:
        (operation,) = site.operations([campaign_id])
        return bool(operation["waiting_for"] == WaitingFor.RETRY)

    wait_until(waits, lambda: f"it doesn’t wait: {site.operations([campaign_id])}")
    assert "Waiting to try again" in site.anna.read(page)
    site.cxone.calm()
    site.wait_for([campaign_id], State.CONFIRMED)
