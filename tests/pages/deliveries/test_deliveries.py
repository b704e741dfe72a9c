"""What the WFM system was told, for admins alone: the list, one delivery, and sending it again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from audit.kinds import RecordKind
from audit.models import Record
from campaigns.deliveries import outbox as sending
from campaigns.models import Delivery, DeliveryState
from campaigns.pages.deliveries import queries
from tests.factories import make_campaign, make_delivery
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in
from tests.pages.costs import HEAD_OF_READERS

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def wfm(settings: Settings) -> None:
    settings.WFM_WEBHOOK_URL = "https://wfm.example.com/events"
    settings.WFM_WEBHOOK_SECRET = SECRET


@pytest.fixture
def admin(enqueued: list[tuple[str, ...]]) -> Client:
    return sign_in("admin", "root")


def test_newest_come_first() -> None:
    older, newer = make_delivery(), make_delivery()
    assert queries.read_deliveries().rows == [newer, older]


def test_pages_miss_and_repeat_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    made = [make_delivery() for _ in range(5)][::-1]
    first = queries.read_deliveries()
    second = queries.read_deliveries(before=first.older)
    third = queries.read_deliveries(before=second.older)
    assert first.rows + second.rows + third.rows == made
    assert third.older == ""


@pytest.mark.parametrize("before", ["nonsense", "-1", "٣", "9" * 40, "\0", "1.5"])
def test_nonsense_place_is_the_first_page(before: str) -> None:
    made = make_delivery()
    assert queries.read_deliveries(before=before).rows == [made]


@pytest.mark.parametrize(
    "wanted", [{"state": "parked"}, {"campaign": "c-1"}, {"campaign": "SPRING"}, {"campaign": "offer spring"}]
)
def test_filters_narrow(wanted: dict[str, str]) -> None:
    make_delivery()
    found = make_delivery(make_campaign("c-1", name="Spring offer"), state=DeliveryState.PARKED)
    assert queries.read_deliveries(**wanted).rows == [found]


def test_filters_live_in_the_address(admin: Client) -> None:
    make_delivery()
    page = admin.get("/deliveries/", {"state": "parked", "campaign": "spring"})
    assert '<option value="parked" selected>' in page.text
    assert 'value="spring"' in page.text
    assert "No notice matches" in page.text


def test_older_keeps_the_filter(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 1)
    make_delivery()
    newest = make_delivery()
    page = admin.get("/deliveries/", {"state": "pending"})
    assert f'href="?state=pending&amp;before={newest.number}"' in page.text


def test_row_tells_what_became_of_it(admin: Client) -> None:
    delivery = make_delivery(make_campaign(name="Spring"), error="The WFM system answered HTTP 503.")
    delivery.attempts.create(number=1, sent_at=timezone.now(), status=503)
    page = words_of(admin.get("/deliveries/"))
    assert "The WFM system answered HTTP 503." in page
    assert 'class="number">1</td>' in page
    assert "Pending" in page


def test_list_costs_so_many_queries(admin: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        make_delivery()
    admin.get("/deliveries/")
    with django_assert_num_queries(HEAD_OF_READERS + 4):
        admin.get("/deliveries/")


@pytest.mark.parametrize("address", ["/deliveries/", "/deliveries/{}/"])
def test_without_an_address_the_page_says_how(admin: Client, settings: Settings, address: str) -> None:
    settings.WFM_WEBHOOK_URL = ""
    page = words_of(admin.get(address.format(make_delivery().pk)))
    assert "Nothing is sent to the WFM system." in page
    assert '<a href="/policy/integrations/#receiver-wfm">How to set it</a>' in page


def test_nothing_yet_is_said(admin: Client) -> None:
    assert "No notices yet" in words_of(admin.get("/deliveries/"))


def test_page_shows_body_and_attempts(admin: Client) -> None:
    delivery = make_delivery(body=b'{"event":"CAMPAIGN_PAUSED","reason":"<b>"}')
    delivery.attempts.create(number=1, sent_at=timezone.now(), status=503, milliseconds=1234, error="Out of order.")
    page = words_of(admin.get(f"/deliveries/{delivery.pk}/"))
    assert '"reason": "<b>"' in page
    assert "answered with status 503 after 1,234 ms" in page
    assert "Out of order." in page


def test_body_is_escaped(admin: Client) -> None:
    delivery = make_delivery(body=b'{"reason":"<script>"}')
    assert "&quot;&lt;script&gt;&quot;" in admin.get(f"/deliveries/{delivery.pk}/").text


def test_thousand_attempts_are_not_all_shown(admin: Client) -> None:
    delivery = make_delivery()
    for number in range(1, 53):
        delivery.attempts.create(number=number, sent_at=timezone.now(), status=500, milliseconds=1)
    page = words_of(admin.get(f"/deliveries/{delivery.pk}/"))
    assert "52 in all; the newest 50 are shown" in page
    assert "Attempt 2," not in page


def test_page_says_what_goes_first(admin: Client) -> None:
    campaign = make_campaign()
    older, newer = make_delivery(campaign), make_delivery(campaign)
    page = admin.get(f"/deliveries/{newer.pk}/").text
    assert f'an <a href="/deliveries/{older.pk}/">older one</a> of this campaign goes first' in page


@pytest.mark.parametrize("address", ["/deliveries/", "/deliveries/{}/"])
def test_secret_is_on_no_page(admin: Client, address: str) -> None:
    delivery = make_delivery(state=DeliveryState.PARKED, parked_at=timezone.now())
    assert SECRET.removeprefix("whsec_") not in admin.get(address.format(delivery.pk)).text


def test_parked_one_is_sent_again(admin: Client, enqueued: list[tuple[str, ...]]) -> None:
    delivery = make_delivery(state=DeliveryState.PARKED, parked_at=timezone.now(), error="gone")
    assert "Send again" in admin.get(f"/deliveries/{delivery.pk}/").text
    response = admin.post(f"/deliveries/{delivery.pk}/again/")
    assert (response.status_code, response["Location"]) == (303, f"/deliveries/{delivery.pk}/")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == (DeliveryState.PENDING, "")


def test_second_click_changes_nothing(admin: Client) -> None:
    delivery = make_delivery(park_at=timezone.now() + timedelta(hours=1))
    page = words_of(admin.post(f"/deliveries/{delivery.pk}/again/", follow=True))
    assert "It is on its way already" in page
    assert Delivery.objects.get().park_at == delivery.park_at


def test_pending_one_offers_no_button(admin: Client) -> None:
    assert "Send again" not in admin.get(f"/deliveries/{make_delivery().pk}/").text


def test_unknown_one_is_not_found(admin: Client) -> None:
    page = admin.get("/deliveries/2f0a6f1e-7f5c-4c56-9a47-3a1a5a0a7c11/")
    assert page.status_code == 404


@pytest.mark.parametrize("role", ["supervisor", "reviewer", ""])
def test_others_see_no_link(role: str) -> None:
    assert 'href="/deliveries/"' not in sign_in(role, "ann").get("/campaigns/").text


def test_all_parked_ones_are_sent_again_by_one_click(admin: Client, enqueued: list[tuple[str, ...]]) -> None:
    parked = [make_delivery(state=DeliveryState.PARKED, parked_at=timezone.now()) for _ in range(3)]
    delivered = make_delivery(state=DeliveryState.DELIVERED)
    page = words_of(admin.get("/deliveries/"))
    assert "Gave up on 3 notices." in page
    assert "Send all 3 again" in page
    answer = admin.post("/deliveries/again/", follow=True)
    assert "3 notices are sent again" in words_of(answer)
    assert not Delivery.objects.filter(state=DeliveryState.PARKED).exists()
    assert Record.objects.filter(kind=RecordKind.DELIVERY_RESENT).count() == len(parked)
    delivered.refresh_from_db()
    assert delivered.state == DeliveryState.DELIVERED


def test_one_click_sends_a_bounded_number(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_AT_ONCE", 2)
    made = [make_delivery(state=DeliveryState.PARKED, parked_at=timezone.now()) for _ in range(3)]
    assert "Send the oldest 2 again" in words_of(admin.get("/deliveries/"))
    admin.post("/deliveries/again/")
    assert [*Delivery.objects.filter(state=DeliveryState.PARKED)] == [made[2]]


def test_nothing_parked_changes_nothing(admin: Client) -> None:
    make_delivery(state=DeliveryState.DELIVERED)
    assert "Gave up on" not in words_of(admin.get("/deliveries/"))
    assert "nothing was changed" in words_of(admin.post("/deliveries/again/", follow=True))


def test_supervisor_sends_nothing_again(enqueued: list[tuple[str, ...]]) -> None:
    make_delivery(state=DeliveryState.PARKED, parked_at=timezone.now())
    assert sign_in("supervisor", "anna").post("/deliveries/again/").status_code == 403
    assert Delivery.objects.filter(state=DeliveryState.PARKED).exists()


# --- how one gets there ---

IN_NAV = '<li> <a href="/deliveries/" > Notices <span class="menu-count">'


def test_they_are_found_under_policy(admin: Client) -> None:
    page = words_of(admin.get("/policy/integrations/"))
    assert IN_NAV not in page
    assert 'href="/deliveries/?target=wfm" aria-label="Notices for the WFM system">Notices</a>' in page


def test_parked_one_shows_in_the_head_of_every_page(admin: Client) -> None:
    make_delivery(state=DeliveryState.PARKED)
    assert IN_NAV in words_of(admin.get("/campaigns/"))
    assert "on 1 notice" in words_of(admin.get("/policy/integrations/"))


def test_only_admins_see_that_one_is_parked() -> None:
    make_delivery(state=DeliveryState.PARKED)
    assert IN_NAV not in words_of(sign_in("supervisor", "ann").get("/campaigns/"))
