"""Handing over a shift: what is kept, who may, who took over."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit import canonical_json
from audit.models import Record
from campaigns.handover.snapshot import take_snapshot
from campaigns.models import Campaign, Control, Finding, FindingCode, Handover, OperationKind
from campaigns.states import State
from tests.factories import make_bulk, make_campaign, make_handover, make_operation, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NEW = "/handover/new/"


def client_of(name: str, role: str = "supervisor") -> Client:
    client = Client()
    client.force_login(make_user(role, name))
    return client


@pytest.fixture
def ada() -> Client:
    return client_of("ada")


def pause_of(campaign: Campaign, **values: Any) -> None:
    """Paused from here by Bea."""
    pause = make_operation(campaign, by="bea", reason="MAINTENANCE", state=State.CONFIRMED, **values)
    Campaign.objects.filter(pk=campaign.pk).update(
        status="PAUSED", control=Control.PERSON, controller="bea", explained_by=pause, status_since=timezone.now()
    )


def taken() -> dict[str, Any]:
    return take_snapshot(timezone.now())


def test_paused_campaigns_say_by_whom_why_and_until_when() -> None:
    campaign = make_campaign(name="Spring", timezone="America/New_York", active_calls=2)
    pause_of(campaign, note="new script")
    resume_at = timezone.now() + timedelta(hours=20)
    make_operation(campaign, kind=OperationKind.RESUME, state=State.SCHEDULED, not_before=resume_at)
    (row,) = taken()["paused"]
    assert (row["name"], row["by"], row["reason"], row["note"]) == ("Spring", "bea", "Maintenance", "new script")
    assert row["until"].endswith(("EST", "EDT"))
    assert row["calls"] == 2


def test_campaigns_that_others_paused_are_apart() -> None:
    make_campaign(name="Autumn", status="PAUSED", control=Control.BEFORE)
    snapshot = taken()
    assert snapshot["paused"] == []
    assert [row["name"] for row in snapshot["paused_elsewhere"]] == ["Autumn"]


def test_what_is_due_in_twelve_hours_and_what_runs_is_told() -> None:
    now = timezone.now()
    for hours in (2, 13):
        make_operation(
            make_campaign(name=f"in {hours}"), state=State.SCHEDULED, not_before=now + timedelta(hours=hours)
        )
    make_operation(make_campaign(name="running"), state=State.RUNNING)
    bulk = make_bulk(make_campaign())
    make_operation(make_campaign(name="of a bulk"), bulk=bulk, state=State.RUNNING)
    snapshot = taken()
    assert [row["name"] for row in snapshot["due"]] == ["in 2"]
    assert [row["name"] for row in snapshot["running"]] == ["running"]
    assert [row["bulk"] for row in snapshot["bulks"]] == [str(bulk.pk)]


def test_open_findings_are_told_with_what_to_do() -> None:
    now = timezone.now()
    campaign = make_campaign(name="Spring", active_calls=18)
    values = {"code": FindingCode.CALLS_OUTSIDE_HOURS, "since": now, "opened_at": now, "details": {}}
    Finding.objects.create(campaign=campaign, cause="x", **values)
    Finding.objects.create(campaign=campaign, cause="y", ended_at=now, **values)
    (row,) = taken()["findings"]
    assert (row["name"], row["label"]) == ("Spring", "Calls outside hours")
    assert row["why"]
    assert row["next"]


def test_handover_keeps_what_was_true_then(ada: Client) -> None:
    campaign = make_campaign(name="Spring")
    pause_of(campaign)
    response = ada.post(NEW, {"note": "Watch Spring.\r\nIt is new.", "key": "k1"}, follow=True)
    Campaign.objects.update(status="ACTIVE", name="Winter", controller="")
    page = ada.get(response.redirect_chain[0][0]).text
    assert "Watch Spring." in page
    assert "bea" in page
    assert "Winter" not in page


def test_handover_is_on_record_with_its_digest(ada: Client) -> None:
    pause_of(make_campaign())
    ada.post(NEW, {"note": "Watch it.", "key": "k1"})
    handover, record = Handover.objects.get(), Record.objects.get(kind="handover.written")
    assert (record.by, record.details["note"], record.details["paused"]) == ("ada", "Watch it.", 1)
    assert record.details["sha256"] == sha256(canonical_json.text(handover.snapshot).encode()).hexdigest()


def test_second_click_writes_no_second_handover(ada: Client) -> None:
    for _ in range(2):
        assert ada.post(NEW, {"note": "", "key": "k1"}).status_code == 303
    assert Handover.objects.count() == 1
    assert Record.objects.filter(kind="handover.written").count() == 1


def test_note_that_is_too_long_is_not_lost(ada: Client) -> None:
    response = ada.post(NEW, {"note": "n" * 4001, "key": "k1"})
    assert response.status_code == 422
    assert "The note has 4001 characters; 4000 fit." in response.text
    assert "n" * 4001 in response.text


def test_next_shift_acknowledges_by_name_on_record() -> None:
    handover = make_handover(written_by="ada")
    page = client_of("bea").post(f"/handover/{handover.pk}/acknowledge/", follow=True).text
    assert "Acknowledged by bea" in page
    record = Record.objects.get(kind="handover.acknowledged")
    assert (record.by, record.details) == ("bea", {"handover": handover.pk, "writer": "ada"})


def test_nobody_acknowledges_their_own(ada: Client) -> None:
    handover = make_handover(written_by="ada")
    assert "I take over" not in ada.get(f"/handover/{handover.pk}/").text
    page = ada.post(f"/handover/{handover.pk}/acknowledge/", follow=True).text
    assert "somebody of the next shift acknowledges it" in page
    assert not Record.objects.filter(kind="handover.acknowledged").exists()


def test_first_who_acknowledges_counts(ada: Client) -> None:
    handover = make_handover(written_by="eve", acknowledged_at=timezone.now(), acknowledged_by="bea")
    page = ada.post(f"/handover/{handover.pk}/acknowledge/", follow=True).text
    assert "bea has acknowledged this handover already." in page


def test_reviewers_read_and_do_not_acknowledge() -> None:
    handover = make_handover(written_by="ada")
    reviewer = client_of("rosa", "reviewer")
    assert "I take over" not in reviewer.get(f"/handover/{handover.pk}/").text
    assert reviewer.post(f"/handover/{handover.pk}/acknowledge/").status_code == 403


def test_waiting_handover_is_shown_to_whoever_writes_the_next(ada: Client) -> None:
    make_handover(written_by="eve")
    assert "is not acknowledged yet" in ada.get(NEW).text


def test_past_handovers_are_listed_newest_first(ada: Client) -> None:
    now = timezone.now()
    make_handover(written_by="old-eve", written_at=now - timedelta(days=2), acknowledged_at=now, acknowledged_by="bea")
    make_handover(written_by="new-eve", note="Watch Spring.")
    page = ada.get("/handover/").text
    assert page.index("new-eve") < page.index("old-eve")
    assert "Watch Spring." in page
    assert "Not yet" in page


def test_mail_carries_it_and_stays_short_enough_for_mail_programs(ada: Client) -> None:
    for number in range(100):
        pause_of(make_campaign(name=f"Campaign of the spring {number}"))
    handover = make_handover(written_by="eve", note="Watch it.")
    mail = ada.get(f"/handover/{handover.pk}/").context["mail"]
    assert mail.startswith("mailto:?subject=Handover%20by%20eve&body=")
    assert "Watch%20it." in mail
    assert len(mail) < 4000


@pytest.mark.parametrize("number", [2, 40])
def test_queries_do_not_grow(ada: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for each in range(number):
        pause_of(make_campaign())
        make_operation(make_campaign(), state=State.RUNNING)
        make_campaign(status="PAUSED", name=f"other {each}")
    with django_assert_num_queries(10):
        take_snapshot(timezone.now())


# --- until somebody of the next shift has acknowledged it ---

NOTICE = "has handed over."


def test_waiting_one_is_a_notice_to_the_next_shift(ada: Client) -> None:
    handover = make_handover(written_by="bea")
    assert f"bea {NOTICE}" in ada.get("/operations/").text
    assert NOTICE not in ada.get(f"/handover/{handover.pk}/").text
    ada.post(f"/handover/{handover.pk}/acknowledge/")
    assert NOTICE not in ada.get("/operations/").text


def test_whoever_wrote_it_is_not_told(ada: Client) -> None:
    make_handover(written_by="ada")
    assert NOTICE not in ada.get("/operations/").text


def test_reviewer_is_not_told_of_it() -> None:
    make_handover(written_by="bea")
    assert NOTICE not in client_of("rex", "reviewer").get("/audit/").text


def test_older_one_is_past(ada: Client) -> None:
    now = timezone.now()
    make_handover(written_by="bea", written_at=now - timedelta(hours=8))
    make_handover(written_by="bea", acknowledged_at=now, acknowledged_by="ada")
    assert NOTICE not in ada.get("/operations/").text


def test_note_that_just_fits_has_line_breaks_too(ada: Client) -> None:
    typed = "line\r\n" * 800
    assert ada.post(NEW, {"note": typed, "key": "k"}).status_code == 303
    assert Handover.objects.get().note == typed.replace("\r\n", "\n").strip()
