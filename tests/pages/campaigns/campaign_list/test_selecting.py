"""Selecting several rows of the list: ticks, and all that match the filter."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from campaigns.models import SyncState
from tests.factories import make_bulk, make_campaign, make_user
from tests.pages.campaigns.campaign_list.reading import client_of, page, rows, token_of

pytestmark = pytest.mark.django_db


def test_row_can_be_ticked(client: Client) -> None:
    make_campaign("c-1", name="Spring <offer>")
    text = page(client)
    assert '<input type="checkbox" name="id" value="c-1"' in text
    (own,) = re.findall(r'aria-labelledby="w-select (n-[^ "]+)"', text)
    assert re.search(rf'id="{own}" href="[^"]*">Spring &lt;offer&gt;</a>', text)
    assert '<span id="w-select">Select</span>' in text


def test_ticks_are_sent_to_either_form(client: Client) -> None:
    make_campaign()
    text = page(client)
    assert '<form class="selection" id="selection" method="get"' in text
    assert 'formaction="/bulk/pause/"' in text
    assert 'formaction="/bulk/resume/"' in text


def test_filter_itself_travels(client: Client) -> None:
    for _ in range(60):
        make_campaign()
    make_campaign(status="PAUSED")
    text = page(client, status="active", page=2)
    assert 'href="/bulk/pause/?all=1&amp;status=ACTIVE"' in text
    assert "Pause all 60" in " ".join(text.split())


def test_list_is_remembered_with_the_ticks(client: Client) -> None:
    make_campaign()
    assert 'name="listed" value="status=ACTIVE&amp;sort=-calls"' in page(client, status="ACTIVE", sort="-calls")


def test_refresh_tells_how_many_match_now(client: Client) -> None:
    make_campaign()
    seen = token_of(client)
    make_campaign()
    SyncState.bump()
    assert "Pause all 2" in " ".join(rows(client, seen=seen).content.decode().split())


def test_empty_list_offers_nothing(client: Client) -> None:
    assert "Pause all" not in page(client)


def test_reviewer_selects_to_hold_and_for_nothing_else() -> None:
    make_campaign()
    text = page(client_of("reviewer"))
    assert 'formaction="/bulk/hold/"' in text
    assert 'formaction="/bulk/pause/"' not in text
    assert 'formaction="/bulk/resume/"' not in text


def test_one_right_offers_one_button() -> None:
    make_campaign()
    user = make_user("")
    role = Group.objects.create(name="night shift")
    role.permissions.set(Permission.objects.filter(codename__in=["view_campaign", "resume_campaign"]))
    user.groups.add(role)
    browser = Client()
    browser.force_login(user)
    text = page(browser)
    assert 'formaction="/bulk/resume/"' in text
    assert 'formaction="/bulk/pause/"' not in text


def test_bulk_in_progress_is_told(client: Client) -> None:
    bulk = make_bulk(make_campaign(), by="bob")
    text = " ".join(page(client).split())
    assert f'<a href="/bulk/{bulk.pk}/">Pause of 1 campaign</a>' in text
    assert "by bob is in progress." in text


def test_ended_bulk_is_not_told(client: Client) -> None:
    make_bulk(make_campaign(), ended_at=timezone.now())
    assert 'class="bulks"' not in page(client)
