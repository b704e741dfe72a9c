"""The page of verification, and the banner that tells of a break on every page."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.integrity import known_break, monitor, signing
from audit.models import Watch
from audit.pages import verify
from tests.audit.ledgers import append_some, change, tampering
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

ADDRESS, PROGRESS = "/audit/verify/", "/audit/verify/progress/"
REFRESH = {"HX-Request": "true", "X-Automatic-Refresh": "1"}


def page(client: Client) -> str:
    return " ".join(client.get(ADDRESS).text.split())


def ask(client: Client, walk: str) -> str:
    return " ".join(client.post(ADDRESS, {"walk": walk}, follow=True).text.split())


def test_untouched_audit_holds(reviewer: Client) -> None:
    append_some(2)
    monitor.run_step()
    shown = page(reviewer)
    assert "<strong>Intact.</strong> All 3 records match what was written. Last full check" in shown
    assert "up to record 3" in shown


def test_full_check_tells_how_long_it_took(reviewer: Client) -> None:
    append_some(2)
    monitor.run_step()
    assert ", 20 s." not in page(reviewer)
    Watch.objects.update(round_seconds=20.4)
    assert re.search(r"Last full check .{,300}, 20 s\.", page(reviewer))


def test_untaken_walk_is_told(reviewer: Client) -> None:
    append_some(2)
    Watch.objects.update(checked_at=timezone.now(), checked_number=1)
    assert "No break is known, but not every record has been checked yet." in page(reviewer)


def test_break_is_named(reviewer: Client) -> None:
    append_some(2)
    change(2)
    monitor.run_step()
    shown = page(reviewer)
    assert "The audit was changed at record 2: its column reason differs from its stored bytes." in shown
    assert "Leave the database as it is" in shown


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps numbers in columns of numbers")
@pytest.mark.parametrize("table", ["audit_head", "audit_record"])
def test_unreadable_ledger_still_has_a_page(table: str, reviewer: Client) -> None:
    with tampering() as cursor:
        cursor.execute(f"UPDATE {table} SET number = 'abc'")  # noqa: S608
    monitor.run_step()
    assert "The audit was changed at record" in page(reviewer)


def test_unwatched_audit_is_no_good_news(reviewer: Client) -> None:
    append_some(2)
    assert "nothing has been checked yet" in page(reviewer)
    monitor.run_step()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert "nothing has been checked since" in page(reviewer)


def test_new_records_are_checked(reviewer: Client) -> None:
    append_some(2)
    assert "3 new records checked, up to record 3: all hold." in ask(reviewer, "new")
    assert "No record is new: all up to record 3 were checked before." in ask(reviewer, "new")


def test_break_in_new_records_is_told(reviewer: Client) -> None:
    append_some(2)
    change(2)
    assert "The new records don’t hold: at record 2" in ask(reviewer, "new")
    assert known_break.read_row().known_break is not None


def test_check_in_a_request_is_bounded(reviewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "AT_ONCE", 2)
    append_some(2)
    shown = ask(reviewer, "new")
    assert "2 new records checked, up to record 2: all hold. 1 more are new" in shown


def test_whole_walk_is_left_to_the_background(reviewer: Client) -> None:
    append_some(2)
    shown = ask(reviewer, "all")
    assert "Everything is being checked</strong>, requested by rosa: 0 of 3 records." in shown
    assert 'data-live="5"' in shown
    monitor.run_step()
    assert "data-live" not in page(reviewer)


def test_whole_walk_is_not_begun_twice(reviewer: Client) -> None:
    append_some(2)
    monitor.request_full_walk("anna")
    Watch.objects.update(round_number=2)
    ask(reviewer, "all")
    assert (known_break.read_row().wanted_by, known_break.read_row().round_number) == ("anna", 2)


def test_unchanged_progress_is_empty(reviewer: Client) -> None:
    append_some(2)
    monitor.request_full_walk("anna")
    first = reviewer.get(PROGRESS, headers=REFRESH)
    seen = first.text.partition("?seen=")[2].partition('"')[0]
    assert reviewer.get(PROGRESS, {"seen": seen}, headers=REFRESH).status_code == 204
    monitor.run_step()
    assert reviewer.get(PROGRESS, {"seen": seen}, headers=REFRESH).status_code == 200


def test_key_is_shown_by_fingerprint_only(reviewer: Client) -> None:
    shown = page(reviewer)
    assert signing.key_fingerprint(signing.public_bytes(signing.load_key())) in shown
    assert "PRIVATE" not in shown


def test_folder_is_for_admins() -> None:
    folder = str(settings.AUDIT_CHECKPOINT_DIR)
    told = {}
    for role in ("reviewer", "admin"):
        client = Client()
        client.force_login(make_user(role))
        told[role] = folder in page(client)
    assert told == {"reviewer": False, "admin": True}


def test_retention_is_reported(client: Client) -> None:
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC), tick=False):
        append_some(3)
    client.force_login(make_user("reviewer"))
    assert "3 are older than 5 years." in page(client)


def test_page_costs_few_queries(reviewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    append_some(20)
    monitor.run_step()
    with django_assert_max_num_queries(17):
        page(reviewer)


@pytest.mark.parametrize("role", ["reviewer", "admin"])
def test_break_is_told_on_every_page(role: str, client: Client) -> None:
    append_some(3)
    change(2)
    monitor.run_step()
    client.force_login(make_user(role))
    shown = client.get("/campaigns/").text
    assert "The audit was changed at record 2:" in shown
    assert f'<a href="{ADDRESS}">' in shown


def test_break_is_not_for_everybody(client: Client) -> None:
    append_some(3)
    change(2)
    monitor.run_step()
    client.force_login(make_user("supervisor"))
    assert "The audit was changed" not in client.get("/campaigns/").text


def test_missing_checkpoints_are_told(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "AUDIT_CHECKPOINT_DIR", tmp_path / "file")
    append_some(3)
    monitor.run_step()
    client.force_login(make_user("admin"))
    assert "No signed checkpoints are written." in client.get("/campaigns/").text
    assert "no signed checkpoint can be written" in client.get(ADDRESS).text


def test_no_banner_without_a_break(reviewer: Client) -> None:
    append_some(2)
    monitor.run_step()
    assert 'role="alert"' not in reviewer.get("/campaigns/").text
