"""Integrations: two receivers told apart, by what is set, what was sent last, and what failed."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries, Settings

from campaigns.models import DeliveryState, Target
from tests.factories import make_campaign, make_delivery
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in
from tests.pages.costs import HEAD_OF_READERS

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

WFM, NOTIFIED = "https://wfm.example.com/secret-path", "https://pager.example.com/hook"


@pytest.fixture
def admin(enqueued: list[tuple[str, ...]]) -> Client:
    return sign_in("admin", "ada")


def section(admin: Client, target: Target) -> str:
    """What the page says of one of them."""
    page = admin.get("/policy/integrations/").text
    (found,) = re.findall(rf'<section[^>]*aria-labelledby="receiver-{target.value}">(.*?)</section>', page, re.DOTALL)
    return " ".join(unescape(strip_tags(found)).replace("\xa0", " ").split())


@pytest.mark.parametrize("wfm", ["", WFM])
@pytest.mark.parametrize("notified", ["", NOTIFIED])
def test_each_says_whether_it_is_set(admin: Client, settings: Settings, wfm: str, notified: str) -> None:
    settings.WFM_WEBHOOK_URL, settings.NOTIFY_WEBHOOK_URL = wfm, notified
    for target, address, host in (
        (Target.WFM, wfm, "wfm.example.com"),
        (Target.ATTENTION, notified, "pager.example.com"),
    ):
        said = section(admin, target)
        assert (f"Address Set {host}" in said, "Address Not set nothing is sent" in said) == (
            bool(address),
            not address,
        )
        assert ("How to set it" in said) == (not address)


def test_address_is_told_by_its_host_alone(admin: Client, settings: Settings) -> None:
    settings.WFM_WEBHOOK_URL = WFM
    assert "secret-path" not in admin.get("/policy/integrations/").text


def test_each_is_set_by_its_own_settings(admin: Client) -> None:
    assert "WFM_WEBHOOK_URL and WFM_WEBHOOK_SECRET" in section(admin, Target.WFM)
    assert "NOTIFY_WEBHOOK_URL and NOTIFY_WEBHOOK_SECRET" in section(admin, Target.ATTENTION)


def test_last_notice_is_that_of_each(admin: Client) -> None:
    make_delivery(make_campaign(name="Older"))
    make_delivery(make_campaign(name="Spring"), state=DeliveryState.DELIVERED)
    assert "Last notice Delivered Pause of Spring," in section(admin, Target.WFM)
    assert "Last notice none yet" in section(admin, Target.ATTENTION)


def test_failures_are_counted_for_each(admin: Client) -> None:
    make_delivery(state=DeliveryState.PARKED, failures=9)
    make_delivery(failures=2)
    make_delivery(target=Target.ATTENTION, state=DeliveryState.PARKED)
    make_delivery(target=Target.ATTENTION, state=DeliveryState.PARKED)
    assert "Failures Gave up on 1 notice; 1 being retried" in section(admin, Target.WFM)
    assert "Failures Gave up on 2 notices" in section(admin, Target.ATTENTION)


def test_what_waits_for_an_address_is_counted(admin: Client, settings: Settings) -> None:
    settings.WFM_WEBHOOK_URL = ""
    make_delivery()
    assert "nothing is sent; 1 notice waits for an address" in section(admin, Target.WFM)


@pytest.mark.parametrize("number", [1, 10])
def test_queries_are_fixed(admin: Client, django_assert_num_queries: DjangoAssertNumQueries, number: int) -> None:
    for _ in range(number):
        make_delivery(state=DeliveryState.PARKED)
        make_delivery(target=Target.ATTENTION)
    admin.get("/policy/integrations/")
    with django_assert_num_queries(HEAD_OF_READERS + 4):
        admin.get("/policy/integrations/")


def test_notices_are_narrowed_to_one_receiver(admin: Client) -> None:
    make_delivery(make_campaign(name="Spring"))
    make_delivery(make_campaign(name="Autumn"), target=Target.ATTENTION)
    page = words_of(admin.get("/deliveries/", {"target": "attention"}))
    assert "Autumn" in page
    assert "Spring" not in page


@pytest.mark.parametrize("wfm", ["", WFM])
@pytest.mark.parametrize("notified", ["", NOTIFIED])
def test_list_names_who_gets_nothing(admin: Client, settings: Settings, wfm: str, notified: str) -> None:
    """Where something waits for an address, or nobody has one."""
    settings.WFM_WEBHOOK_URL, settings.NOTIFY_WEBHOOK_URL = wfm, notified
    make_delivery()
    make_delivery(target=Target.ATTENTION)
    page = words_of(admin.get("/deliveries/"))
    assert ("Nothing is sent to the WFM system." in page) == (not wfm)
    assert ("Nothing is sent to the receiver of attention notices." in page) == (not notified)


# --- The menu ---


def notices_in_menu(admin: Client) -> list[str]:
    page = words_of(admin.get("/campaigns/"))
    (menu,) = re.findall('<nav aria-label="Main">(.*?)</nav>', page)
    return [" ".join(strip_tags(item).split()) for item in re.findall("<li>(.*?)</li>", menu) if "Notices" in item]


def test_menu_counts_notices_that_were_given_up(admin: Client) -> None:
    for target in (Target.WFM, Target.ATTENTION):
        make_delivery(target=target, state=DeliveryState.PARKED)
    assert notices_in_menu(admin) == ["Notices 2"]


def test_menu_has_no_notices_while_none_was_given_up(admin: Client) -> None:
    make_delivery(failures=3)
    assert notices_in_menu(admin) == []


# --- Beside every page of settings ---


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("/policy/", "Limits"),
        ("/policy/thresholds/", "Limits"),
        ("/policy/reasons/", "Reasons"),
        ("/policy/reasons/new/", "Reasons"),
        ("/policy/reasons/HOLIDAY/", "Reasons"),
        ("/policy/hours/", "Calling hours"),
        ("/policy/hours/new/", "Calling hours"),
        ("/policy/hours/presets/", "Calling hours"),
        ("/policy/hours/1/", "Calling hours"),
        ("/policy/hours/1/campaigns/", "Calling hours"),
        ("/policy/integrations/", "Integrations"),
        ("/wall/links/", "Wallboard links"),
        ("/deliveries/", "Notices"),
        ("/deliveries/?state=parked", "Notices"),
    ],
)
def test_every_page_of_settings_has_the_groups_beside_it(admin: Client, address: str, group: str) -> None:
    page = words_of(admin.get(address))
    (groups,) = re.findall('<nav class="settings-nav" aria-label="Settings">(.*?)</nav>', page)
    assert groups.count("<li>") == 6
    (current,) = re.findall(r'aria-current="(?:page|true)">\s*([^<]*?)\s*</a>', groups)
    assert current == group
    assert page.count("<h1>") == 1


def test_page_of_one_notice_is_in_its_group(admin: Client) -> None:
    page = words_of(admin.get(f"/deliveries/{make_delivery().pk}/"))
    assert re.search(r'href="/deliveries/" aria-current="true">\s*Notices', page)
