"""The list of campaigns as a signed-in person gets it."""

import re
from datetime import UTC, datetime
from html import unescape

from django.http import HttpResponse
from django.test import Client

from tests.factories import make_user

NOW = datetime(2026, 11, 16, 15, 0, 30, tzinfo=UTC)  # a Monday, 10:00 in New York
HTMX = {"HX-Request": "true"}


def client_of(role: str) -> Client:
    browser = Client()
    browser.force_login(make_user(role))
    return browser


def page(client: Client, **parameters: str | int) -> str:
    response = client.get("/campaigns/", parameters)
    assert response.status_code == 200
    return response.content.decode()


def names(client: Client, **parameters: str | int | list[str]) -> list[str]:
    shown = client.get("/campaigns/", parameters).text
    return [unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', shown)]


def rows(client: Client, **parameters: str | int) -> HttpResponse:
    response: HttpResponse = client.get("/campaigns/rows/", parameters, headers=HTMX)  # type: ignore[assignment]
    return response


def token_of(client: Client, **parameters: str | int) -> str:
    return str(client.get("/campaigns/", parameters).context["token"])
