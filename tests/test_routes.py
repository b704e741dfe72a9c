"""Every route, and who gets in. A route without a line in the table fails; so does a line without a route."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from cxadmin.accounts import unsent
from tests.factories import (
    make_bulk,
    make_calendar,
    make_campaign,
    make_delivery,
    make_holiday,
    make_operation,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("enqueued", "rows")]

OPERATION = UUID("2f0a6f1e-7f5c-4c56-9a47-3a1a5a0a7c11")
BULK = UUID("9d5b6e0a-2a63-4b0c-8e57-6a1f0c3d7b44")
DELIVERY = UUID("5b0c7a52-1c39-4a0f-8a55-0d5b1b7e9c22")
SIGNED_IN = frozenset({"", "supervisor", "reviewer", "admin"})  # "" is somebody without a role
ROLES = SIGNED_IN - {""}
CHANGE = frozenset({"supervisor", "admin"})
AUDIT = frozenset({"reviewer", "admin"})
ADMIN = frozenset({"admin"})


class Route(NamedTuple):
    """`who` gets `answer`; other signed-in people get a 403, and strangers the sign-in page, unless it is public."""

    address: str
    who: frozenset[str] = SIGNED_IN
    answer: int = 200
    method: str = "GET"
    public: bool = False


ROUTES = {
    "home": Route("/", answer=302),
    "login": Route("/accounts/login/", answer=302, public=True),
    "logout": Route("/accounts/logout/", answer=302, method="POST"),
    "session": Route("/accounts/session/"),
    "healthz": Route("/healthz", public=True),
    "readyz": Route("/readyz", answer=503, public=True),
    "audit:list": Route("/audit/", AUDIT),
    "audit:record": Route("/audit/1/", AUDIT),
    "audit:body": Route("/audit/1/body", AUDIT),
    "audit:charts": Route("/audit/charts/", AUDIT),
    "audit:figures": Route("/audit/charts/figures.csv", AUDIT),
    "audit:export": Route("/audit/export/", AUDIT),
    "audit:evidence": Route("/audit/evidence/", AUDIT),
    "audit:verify": Route("/audit/verify/", AUDIT),
    "audit:verify_progress": Route("/audit/verify/progress/", AUDIT, answer=302),
    "campaigns:freshness": Route("/freshness/", answer=302),
    "campaigns:list": Route("/campaigns/", ROLES),
    "campaigns:rows": Route("/campaigns/rows/", ROLES, answer=302),
    "campaigns:detail": Route("/campaigns/c-1/", ROLES),
    "campaigns:live": Route("/campaigns/c-1/live/", ROLES, answer=302),
    "campaigns:pause": Route("/campaigns/c-1/pause/", CHANGE),
    "campaigns:resume": Route("/campaigns/c-1/resume/", CHANGE),
    "campaigns:due_time": Route("/campaigns/c-1/due-time/", ROLES, answer=302),
    "campaigns:let_dial": Route("/campaigns/c-1/let-dial/", CHANGE, answer=303, method="POST"),
    "campaigns:schedule": Route("/campaigns/c-1/schedule/", CHANGE),
    "campaigns:schedule_check": Route("/campaigns/c-1/schedule/check/", CHANGE, answer=303, method="POST"),
    "campaigns:operations": Route("/operations/", ROLES),
    "campaigns:operation_rows": Route("/operations/rows/", ROLES, answer=302),
    "campaigns:operation": Route(f"/operations/{OPERATION}/", ROLES),
    "campaigns:operation_live": Route(f"/operations/{OPERATION}/live/", ROLES, answer=302),
    "campaigns:operation_time": Route(f"/operations/{OPERATION}/time/", CHANGE, answer=303),
    "campaigns:cancel": Route(f"/operations/{OPERATION}/cancel/", CHANGE, answer=303, method="POST"),
    "campaigns:resolve": Route(f"/operations/{OPERATION}/resolve/", CHANGE, answer=404, method="POST"),
    "campaigns:bulks": Route("/bulk/", ROLES),
    "campaigns:bulk_rows": Route("/bulk/rows/", ROLES, answer=302),
    "campaigns:bulk_pause": Route("/bulk/pause/", CHANGE),
    "campaigns:bulk_resume": Route("/bulk/resume/", CHANGE),
    "campaigns:bulk": Route(f"/bulk/{BULK}/", ROLES),
    "campaigns:bulk_live": Route(f"/bulk/{BULK}/live/", ROLES, answer=302),
    "campaigns:bulk_cancel": Route(f"/bulk/{BULK}/cancel/", CHANGE, answer=303, method="POST"),
    "campaigns:bulk_retry": Route(f"/bulk/{BULK}/retry/", CHANGE, answer=303, method="POST"),
    "campaigns:bulk_undo": Route(f"/bulk/{BULK}/resume/", CHANGE),
    "campaigns:campaign_policy": Route("/campaigns/c-1/policy/", ADMIN),
    "campaigns:policy": Route("/policy/", ADMIN),
    "campaigns:thresholds": Route("/policy/thresholds/", ADMIN),
    "campaigns:reason_new": Route("/policy/reasons/new/", ADMIN),
    "campaigns:reason": Route("/policy/reasons/MAINTENANCE/", ADMIN),
    "campaigns:reason_delete": Route("/policy/reasons/MAINTENANCE/delete/", ADMIN, answer=303, method="POST"),
    "campaigns:hours_new": Route("/policy/hours/new/", ADMIN),
    "campaigns:hours": Route("/policy/hours/1/", ADMIN),
    "campaigns:hours_default": Route("/policy/hours/1/default/", ADMIN, answer=303, method="POST"),
    "campaigns:hours_delete": Route("/policy/hours/1/delete/", ADMIN, answer=303, method="POST"),
    "campaigns:hours_campaigns": Route("/policy/hours/1/campaigns/", ADMIN),
    "campaigns:calendars": Route("/holidays/", ADMIN),
    "campaigns:calendar": Route("/holidays/7/", ADMIN),
    "campaigns:calendar_settings": Route("/holidays/7/settings/", ADMIN),
    "campaigns:calendar_guard": Route("/holidays/7/guard/", ADMIN, answer=303, method="POST"),
    "campaigns:calendar_delete": Route("/holidays/7/delete/", ADMIN),
    "campaigns:calendar_campaigns": Route("/holidays/7/campaigns/", ADMIN),
    "campaigns:calendar_preview": Route("/holidays/7/preview/", ADMIN),
    "campaigns:holiday_add": Route("/holidays/7/add/", ADMIN),
    "campaigns:holiday_import": Route("/holidays/7/import/", ADMIN),
    "campaigns:holiday_upload": Route("/holidays/7/import/file/", ADMIN, answer=422, method="POST"),
    "campaigns:holiday": Route("/holidays/7/9/", ADMIN),
    "campaigns:holiday_delete": Route("/holidays/7/9/delete/", ADMIN, answer=303, method="POST"),
    "campaigns:deliveries": Route("/deliveries/", ADMIN),
    "campaigns:delivery": Route(f"/deliveries/{DELIVERY}/", ADMIN),
    "campaigns:delivery_again": Route(f"/deliveries/{DELIVERY}/again/", ADMIN, answer=303, method="POST"),
    "campaigns:deliveries_again": Route("/deliveries/again/", ADMIN, answer=303, method="POST"),
    "campaigns:cxone_event": Route(
        f"/webhooks/cxone/{settings.CXONE_WEBHOOK_TOKEN}/", answer=204, method="POST", public=True
    ),
}
PRIVATE = [name for name, route in ROUTES.items() if not route.public]
CHANGES = [
    "logout",
    "session",
    "audit:verify",
    "audit:evidence",
    "audit:export",
    "campaigns:pause",
    "campaigns:resume",
    "campaigns:let_dial",
    "campaigns:schedule",
    "campaigns:schedule_check",
    "campaigns:bulk_pause",
    "campaigns:bulk_resume",
    "campaigns:bulk_cancel",
    "campaigns:bulk_retry",
    "campaigns:bulk_undo",
    "campaigns:cancel",
    "campaigns:resolve",
    "campaigns:delivery_again",
    "campaigns:calendars",
    "campaigns:calendar_settings",
    "campaigns:calendar_guard",
    "campaigns:calendar_delete",
    "campaigns:calendar_campaigns",
    "campaigns:holiday_add",
    "campaigns:holiday_import",
    "campaigns:holiday_upload",
    "campaigns:holiday",
    "campaigns:holiday_delete",
    "campaigns:campaign_policy",
    "campaigns:thresholds",
    "campaigns:reason_new",
    "campaigns:reason",
    "campaigns:reason_delete",
    "campaigns:hours_new",
    "campaigns:hours",
    "campaigns:hours_default",
    "campaigns:hours_delete",
    "campaigns:hours_campaigns",
]


@pytest.fixture
def rows() -> None:
    make_delivery(operation=make_operation(make_campaign("c-1"), id=OPERATION), id=DELIVERY)
    make_holiday(make_calendar(id=7), id=9)
    make_bulk(make_campaign("c-2"), id=BULK)


def walk(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"


def ask(route: Route, client: Client, **headers: str) -> HttpResponseBase:
    return client.generic(route.method, route.address, headers=headers)


def sign_in(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def test_every_route_is_in_the_table() -> None:
    assert set(walk(get_resolver().url_patterns)) == set(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
def test_address_is_that_routes(name: str) -> None:
    assert resolve(ROUTES[name].address).view_name == name


@pytest.mark.parametrize("name", [name for name in PRIVATE if ROUTES[name].method == "GET"])
def test_stranger_is_sent_to_sign_in(name: str) -> None:
    response = ask(ROUTES[name], Client())
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={ROUTES[name].address}")


@pytest.mark.parametrize("name", [name for name in PRIVATE if ROUTES[name].method == "POST"])
def test_stranger_is_never_sent_on_to_an_address_for_buttons(name: str) -> None:
    address = ask(ROUTES[name], Client())["Location"]
    assert address.startswith("/accounts/login/")
    led_to = parse_qs(urlsplit(address).query).get("next", ["/"])[0]
    assert sign_in("admin").get(led_to).status_code in {200, 302}


def test_every_address_for_buttons_says_what_was_not_done() -> None:
    client = sign_in("admin")
    for_buttons = {name for name in PRIVATE if client.get(ROUTES[name].address).status_code == 405}
    assert for_buttons == set(unsent.NOT_DONE)


@pytest.mark.parametrize("name", PRIVATE)
def test_strangers_refresh_is_refused(name: str) -> None:
    assert ask(ROUTES[name], Client(), **{"X-Automatic-Refresh": "1"}).status_code == 401


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.public])
def test_public_needs_no_sign_in(name: str) -> None:
    response = ask(ROUTES[name], Client())
    assert response.status_code in {200, ROUTES[name].answer}
    assert "Location" not in response


@pytest.mark.parametrize("role", sorted(SIGNED_IN))
@pytest.mark.parametrize("name", ROUTES)
def test_role_gets_what_the_table_says(name: str, role: str) -> None:
    route = ROUTES[name]
    response = ask(route, sign_in(role))
    assert response.status_code == (route.answer if role in route.who else 403)


@pytest.mark.parametrize("name", [name for name in PRIVATE if "" not in ROUTES[name].who])
def test_refusal_is_a_page_in_words(name: str) -> None:
    response = sign_in("").generic(ROUTES[name].method, ROUTES[name].address)
    assert "You don't have access to this" in response.text


@pytest.mark.parametrize("name", CHANGES)
def test_change_needs_the_forms_token(name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("admin"))
    assert client.post(ROUTES[name].address).status_code == 403
