"""Rows of the audit that are kept for the next reader: each reader's are their own."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from audit.kinds import Status
from campaigns.models import ReasonCode
from tests.audit.ledgers import append, ended
from tests.audit.pages.reading import link_to, rows_on
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_reader_in_another_zone_sees_their_own_times(reviewer: Client) -> None:
    append()
    there = rows_on(reviewer.get("/audit/?zone=Asia/Tokyo"))[0][0]
    assert rows_on(reviewer.get("/audit/?zone=America/New_York"))[0][0] != there
    assert rows_on(reviewer.get("/audit/?zone=Asia/Tokyo"))[0][0] == there


def test_who_may_not_see_campaigns_gets_no_link_to_one(reviewer: Client) -> None:
    append()
    assert link_to(reviewer.get("/audit/"), "Spring") == "/campaigns/c-1/"
    group = Group.objects.create(name="auditors")
    group.permissions.add(Permission.objects.get(content_type__app_label="audit", codename="view_record"))
    user = make_user(username="otto")
    user.groups.set([group])
    auditor = Client()
    auditor.force_login(user)
    page = auditor.get("/audit/")
    assert [row[3] for row in rows_on(page) if row[3]] == ["Spring"]
    assert 'href="/campaigns/c-1/"' not in page.text


def test_renamed_reason_is_shown_at_once(reviewer: Client) -> None:
    ended(status=Status.SUCCESS, reason="MAINTENANCE")
    reviewer.get("/audit/")
    ReasonCode.objects.filter(code="MAINTENANCE").update(label="Works on the switch")
    assert "Works on the switch" in rows_on(reviewer.get("/audit/"))[0][4]
