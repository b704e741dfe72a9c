"""Times are told in the reader's zone, which a cookie names; UTC stands behind each."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from campaigns.models import Operation
from campaigns.pages.version import version_of
from campaigns.templatetags.display import dated, moment
from tests.factories import make_operation, make_user

AT = datetime(2026, 7, 4, 14, 3, 20, tzinfo=UTC)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def page_of_operation(client: Client) -> tuple[Client, Operation]:
    client.force_login(make_user())
    return client, make_operation(requested_at=AT)


def shown(reader: tuple[Client, Operation]) -> str:
    client, operation = reader
    return client.get(f"/operations/{operation.pk}/").text


@pytest.mark.django_db
def test_cookie_names_the_zone(page_of_operation: tuple[Client, Operation]) -> None:
    page_of_operation[0].cookies["zone"] = "America/New_York"
    page = shown(page_of_operation)
    assert ">Sat 4 Jul " in page
    assert f" 10:03:20{NBSP}EDT</time>" in page
    assert 'title="2026-07-04 14:03:20 UTC"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["", "Mars/Base", "../../etc/passwd", "a" * 3000, "america/new_york"])
def test_rubbish_cookie_means_utc(page_of_operation: tuple[Client, Operation], zone: str) -> None:
    page_of_operation[0].cookies["zone"] = zone
    assert f" 14:03:20{NBSP}UTC</time>" in shown(page_of_operation)


@pytest.mark.django_db
def test_zone_ends_with_its_request(page_of_operation: tuple[Client, Operation]) -> None:
    page_of_operation[0].cookies["zone"] = "Asia/Kathmandu"
    shown(page_of_operation)
    assert timezone.get_current_timezone_name() == settings.TIME_ZONE


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", f"Sat 4 Jul 2026 14:03:20{NBSP}UTC"),
        ("Asia/Kathmandu", f"Sat 4 Jul 2026 19:48:20{NBSP}UTC+5:45"),
        ("Pacific/Kiritimati", f"Sun 5 Jul 2026 04:03:20{NBSP}UTC+14"),
        ("America/St_Johns", f"Sat 4 Jul 2026 11:33:20{NBSP}NDT"),
    ],
)
def test_time_is_told_with_its_zone(zone: str, told: str) -> None:
    with timezone.override(zone):
        assert strip_tags(dated(AT)) == told


@time_machine.travel(datetime(2026, 7, 5, 1, tzinfo=UTC), tick=False)
def test_today_is_the_readers_own() -> None:
    """In New York it is still the 4th."""
    with timezone.override("America/New_York"):
        assert strip_tags(moment(AT)) == f"10:03:20{NBSP}EDT"
    assert strip_tags(moment(AT)) == f"Sat 4 Jul 14:03:20{NBSP}UTC"


@time_machine.travel(datetime(2027, 7, 5, 1, tzinfo=UTC), tick=False)
def test_other_year_is_told() -> None:
    assert strip_tags(moment(AT)) == f"Sat 4 Jul 2026 14:03:20{NBSP}UTC"


def test_fragment_in_another_zone_is_another() -> None:
    with timezone.override("America/New_York"):
        there = version_of("the same")
    assert there != version_of("the same")


@pytest.mark.django_db
def test_refresh_after_a_new_cookie_is_sent_anew(client: Client) -> None:
    client.force_login(make_user())
    token = client.get("/campaigns/").context["token"]
    address = f"/campaigns/rows/?seen={token}"
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 204
    client.cookies["zone"] = "America/New_York"
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 200
