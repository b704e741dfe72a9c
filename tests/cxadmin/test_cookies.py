"""With TLS, every cookie is accepted by browsers from this very host alone, and over TLS alone."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import PASSWORD, make_calendar, make_operation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_tls(settings: Any) -> None:
    """As settings.py has it with https:// in PUBLIC_BASE_URL."""
    settings.HTTPS, settings.COOKIE_PREFIX = True, "__Host-"
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


@pytest.fixture
def admin(with_tls: None) -> Client:
    """Somebody who has signed in, has been told something, and has looked for holidays."""
    iris, client = make_user("admin", "iris"), Client()
    client.get("/accounts/login/", secure=True)
    client.post("/accounts/login/", {"username": iris.username, "password": PASSWORD}, secure=True)
    client.get(f"/holidays/{make_calendar().pk}/import/?country=CA&years=2027&preview=1", secure=True)
    client.post("/account/sessions/end/", secure=True)
    return client


def test_each_belongs_to_this_host(admin: Client) -> None:
    assert set(admin.cookies) == {
        f"__Host-{name}"
        for name in ("sessionid", "csrftoken", "messages", "signed_in", "signed_in_before", "holiday_country")
    }
    # What browsers demand of such a name.
    assert {(bool(cookie["secure"]), cookie["path"], cookie["domain"]) for cookie in admin.cookies.values()} == {
        (True, "/", "")
    }


def test_browser_is_known_again(admin: Client) -> None:
    mark = admin.cookies["__Host-signed_in_before"].value
    admin.post("/accounts/logout/", secure=True)
    assert not admin.cookies["__Host-signed_in"].value
    admin.post("/accounts/login/", {"username": "iris", "password": PASSWORD}, secure=True)
    assert admin.cookies["__Host-signed_in_before"].value.split(":")[0] == mark.split(":")[0]


def test_zone_of_another_host_is_not_taken(admin: Client) -> None:
    admin.cookies["zone"] = "America/New_York"
    operation = make_operation()
    assert "UTC</time>" in admin.get(f"/operations/{operation.pk}/", secure=True).text
    admin.cookies["__Host-zone"] = "Asia/Kathmandu"
    assert "UTC+5:45</time>" in admin.get(f"/operations/{operation.pk}/", secure=True).text
