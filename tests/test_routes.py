"""Every route, and who gets in. A route without a line in the table fails; so does a line without a route."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from pytest_django import DjangoDbBlocker

from campaigns.models import FindingCode
from cxadmin.accounts import unsent
from tests.attention.given import make_finding
from tests.factories import (
    make_approval,
    make_bulk,
    make_calendar,
    make_campaign,
    make_delivery,
    make_handover,
    make_holiday,
    make_operation,
    make_user,
    make_wall_link,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows", "enqueued")]

SignIn = Callable[..., Client]

OPERATION = UUID("2f0a6f1e-7f5c-4c56-9a47-3a1a5a0a7c11")
BULK = UUID("9d5b6e0a-2a63-4b0c-8e57-6a1f0c3d7b44")
DELIVERY = UUID("5b0c7a52-1c39-4a0f-8a55-0d5b1b7e9c22")
PERSON = 4711
APPROVAL = UUID("7a1f0c3d-5b0c-4b0c-9a47-6a1f0c3d7b44")
WALL_TOKEN = "Q1CtEcCGpiO1Ekz5ZGSrMfjOIsWY6dSA"
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
    # Where nobody signs in through the company, there are no such addresses.
    "company_sign_in": Route("/accounts/company/", answer=404, public=True),
    "company_callback": Route("/accounts/company/callback/", answer=404, public=True),
    "company_link": Route("/accounts/company/link/", answer=404),
    # Before the right password there is no second step, and after it is nothing but the work.
    "second_factor": Route("/accounts/second-factor/", answer=302),
    "factor_set_up": Route("/accounts/second-factor/set-up/"),
    "factors": Route("/account/second-factors/"),
    "session": Route("/accounts/session/"),
    "healthz": Route("/healthz", public=True),
    "readyz": Route("/readyz", answer=503, public=True),
    "metrics": Route("/metrics", public=True),
    "audit:list": Route("/audit/", AUDIT),
    "audit:record": Route("/audit/1/", AUDIT),
    "audit:panel": Route("/audit/1/panel/", AUDIT),
    "audit:campaign_names": Route("/audit/campaigns/", AUDIT),
    "audit:body": Route("/audit/1/body", AUDIT),
    "audit:charts": Route("/audit/charts/", AUDIT),
    "audit:figures": Route("/audit/charts/figures.csv", AUDIT),
    "audit:export": Route("/audit/export/", AUDIT),
    "audit:evidence": Route("/audit/evidence/", AUDIT, answer=302),
    "audit:verify": Route("/audit/verify/", AUDIT),
    "audit:verify_progress": Route("/audit/verify/progress/", AUDIT, answer=302),
    "password_link": Route("/accounts/password/unknown/", answer=404, public=True),
    "own_password": Route("/account/password/"),
    "own_sessions": Route("/account/sessions/"),
    "own_sessions_end": Route("/account/sessions/end/", answer=303, method="POST"),
    "people": Route("/people/", ADMIN),
    "person_new": Route("/people/new/", ADMIN),
    "person": Route(f"/people/{PERSON}/", ADMIN),
    "person_role": Route(f"/people/{PERSON}/role/", ADMIN, answer=303, method="POST"),
    "person_disable": Route(f"/people/{PERSON}/disable/", ADMIN),
    "person_enable": Route(f"/people/{PERSON}/enable/", ADMIN, answer=303, method="POST"),
    "person_factor_reset": Route(f"/people/{PERSON}/second-factor/", ADMIN),
    "person_link": Route(f"/people/{PERSON}/link/", ADMIN, method="POST"),
    "person_link_revoke": Route(f"/people/{PERSON}/link/revoke/", ADMIN, answer=303, method="POST"),
    "person_sessions_end": Route(f"/people/{PERSON}/sessions/end/", ADMIN, answer=303, method="POST"),
    "campaigns:find": Route("/find/"),
    "campaigns:keys": Route("/find/keys/"),
    "campaigns:help": Route("/help/"),
    "campaigns:connecting": Route("/help/connect/", ADMIN),
    "campaigns:account": Route("/account/"),
    "campaigns:freshness": Route("/freshness/", answer=302),
    "campaigns:list": Route("/campaigns/", ROLES),
    "campaigns:rows": Route("/campaigns/rows/", ROLES, answer=302),
    "campaigns:list_csv": Route("/campaigns/list.csv", ROLES, method="POST"),
    "campaigns:star": Route("/campaigns/star/", ROLES, answer=404, method="POST"),
    "campaigns:columns": Route("/campaigns/columns/", ROLES, answer=303, method="POST"),
    "campaigns:view_save": Route("/campaigns/views/", ROLES, answer=303, method="POST"),
    "campaigns:view": Route("/campaigns/views/1/", ROLES, answer=404, method="POST"),
    "campaigns:detail": Route("/campaigns/c-1/", ROLES),
    "campaigns:live": Route("/campaigns/c-1/live/", ROLES, answer=302),
    "campaigns:history": Route("/campaigns/c-1/history/", ROLES),
    "campaigns:timeline": Route("/timeline/", ROLES),
    "campaigns:timeline_csv": Route("/timeline/csv/", ROLES),
    "campaigns:panel": Route("/campaigns/c-1/panel/", ROLES, answer=302),
    "campaigns:pause": Route("/campaigns/c-1/pause/", CHANGE),
    "campaigns:resume": Route("/campaigns/c-1/resume/", CHANGE),
    "campaigns:hold": Route("/campaigns/c-1/hold/", AUDIT),
    "campaigns:hold_lift": Route("/campaigns/c-1/hold/lift/", AUDIT, answer=303),
    "campaigns:due_time": Route("/campaigns/c-1/due-time/", ROLES, answer=302),
    "campaigns:attention": Route("/attention/", ROLES),
    "campaigns:attention_rows": Route("/attention/rows/", ROLES, answer=302),
    "campaigns:finding_take": Route("/attention/71/take/", CHANGE, answer=303, method="POST"),
    "campaigns:finding_dismiss": Route("/attention/71/dismiss/", CHANGE),
    "campaigns:schedule": Route("/campaigns/c-1/schedule/", CHANGE),
    "campaigns:schedule_check": Route("/campaigns/c-1/schedule/check/", CHANGE, answer=303, method="POST"),
    "campaigns:operations": Route("/operations/", ROLES),
    "campaigns:operation_rows": Route("/operations/rows/", ROLES, answer=302),
    "campaigns:operation": Route(f"/operations/{OPERATION}/", ROLES),
    "campaigns:operation_live": Route(f"/operations/{OPERATION}/live/", ROLES, answer=302),
    "campaigns:operation_time": Route(f"/operations/{OPERATION}/time/", CHANGE, answer=303),
    "campaigns:cancel": Route(f"/operations/{OPERATION}/cancel/", CHANGE, answer=303, method="POST"),
    "campaigns:undo": Route(f"/operations/{OPERATION}/undo/", CHANGE, answer=303, method="POST"),
    "campaigns:tray": Route("/operations/mine/", ROLES, answer=302),
    "campaigns:tray_seen": Route("/operations/mine/seen/", ROLES, answer=204, method="POST"),
    "campaigns:resolve": Route(f"/operations/{OPERATION}/resolve/", CHANGE, answer=404, method="POST"),
    "campaigns:hours_back": Route(f"/operations/{OPERATION}/hours-back/", CHANGE, answer=404, method="POST"),
    "campaigns:bulks": Route("/bulk/", ROLES),
    "campaigns:bulk_rows": Route("/bulk/rows/", ROLES, answer=302),
    "campaigns:bulk_pause": Route("/bulk/pause/", CHANGE),
    "campaigns:bulk_hold": Route("/bulk/hold/", AUDIT),
    "campaigns:stop": Route("/bulk/stop/", CHANGE),
    "campaigns:bulk_resume": Route("/bulk/resume/", CHANGE),
    "campaigns:bulk": Route(f"/bulk/{BULK}/", ROLES),
    "campaigns:bulk_live": Route(f"/bulk/{BULK}/live/", ROLES, answer=302),
    "campaigns:bulk_cancel": Route(f"/bulk/{BULK}/cancel/", CHANGE, answer=303, method="POST"),
    "campaigns:bulk_retry": Route(f"/bulk/{BULK}/retry/", CHANGE, answer=303, method="POST"),
    "campaigns:bulk_undo": Route(f"/bulk/{BULK}/resume/", CHANGE),
    "campaigns:approvals": Route("/approvals/", ROLES),
    "campaigns:approvals_rows": Route("/approvals/rows/", ROLES, answer=302),
    "campaigns:approval": Route(f"/approvals/{APPROVAL}/", ROLES),
    "campaigns:approve": Route(f"/approvals/{APPROVAL}/approve/", ROLES, answer=303, method="POST"),
    "campaigns:refuse": Route(f"/approvals/{APPROVAL}/refuse/", ROLES),
    "campaigns:campaign_policy": Route("/campaigns/c-1/policy/", ADMIN),
    "campaigns:policy": Route("/policy/", ADMIN),
    "campaigns:thresholds": Route("/policy/thresholds/", ADMIN),
    "campaigns:reasons": Route("/policy/reasons/", ADMIN),
    "campaigns:rules": Route("/policy/hours/", ADMIN),
    "campaigns:presets": Route("/policy/hours/presets/", ADMIN),
    "campaigns:integrations": Route("/policy/integrations/", ADMIN),
    "campaigns:reason_move": Route("/policy/reasons/MAINTENANCE/move/", ADMIN, answer=303, method="POST"),
    "campaigns:reason_new": Route("/policy/reasons/new/", ADMIN),
    "campaigns:reason": Route("/policy/reasons/MAINTENANCE/", ADMIN),
    "campaigns:reason_delete": Route("/policy/reasons/MAINTENANCE/delete/", ADMIN, answer=303, method="POST"),
    "campaigns:hours_new": Route("/policy/hours/new/", ADMIN),
    "campaigns:hours": Route("/policy/hours/1/", ADMIN),
    "campaigns:hours_default": Route("/policy/hours/1/default/", ADMIN, answer=303, method="POST"),
    "campaigns:hours_delete": Route("/policy/hours/1/delete/", ADMIN, answer=303, method="POST"),
    "campaigns:hours_campaigns": Route("/policy/hours/1/campaigns/", ADMIN),
    "campaigns:calendars": Route("/holidays/", ADMIN),
    "campaigns:calendar_new": Route("/holidays/new/", ADMIN),
    "campaigns:calendar": Route("/holidays/7/", ADMIN),
    "campaigns:calendar_settings": Route("/holidays/7/settings/", ADMIN),
    "campaigns:calendar_guard": Route("/holidays/7/guard/", ADMIN, answer=303, method="POST"),
    "campaigns:calendar_delete": Route("/holidays/7/delete/", ADMIN),
    "campaigns:calendar_campaigns": Route("/holidays/7/campaigns/", ADMIN),
    "campaigns:calendar_rules": Route("/holidays/7/rules/", ADMIN),
    "campaigns:calendar_rule_delete": Route("/holidays/7/rules/1/", ADMIN, answer=303, method="POST"),
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
    "campaigns:handovers": Route("/handover/", ROLES),
    "campaigns:handover_new": Route("/handover/new/", CHANGE),
    "campaigns:handover": Route("/handover/11/", ROLES),
    "campaigns:handover_acknowledge": Route("/handover/11/acknowledge/", CHANGE, answer=303, method="POST"),
    "campaigns:wall_links": Route("/wall/links/", ADMIN),
    "campaigns:wall_revoke": Route("/wall/links/13/revoke/", ADMIN, answer=303, method="POST"),
    "campaigns:wall": Route(f"/wall/{WALL_TOKEN}/", public=True),
    "campaigns:wall_live": Route(f"/wall/{WALL_TOKEN}/live/", public=True),
    "campaigns:cxone_event": Route(
        f"/webhooks/cxone/{settings.CXONE_WEBHOOK_TOKEN}/", answer=204, method="POST", public=True
    ),
}
PRIVATE = [name for name, route in ROUTES.items() if not route.public]
# CXone has no form: its address has a secret in it. The others are answered before there is a session, and only read.
FORMLESS = {"campaigns:cxone_event", "healthz", "readyz", "metrics"}


def make_rows() -> None:
    """What the addresses of the table are about."""
    make_delivery(operation=make_operation(make_campaign("c-1"), id=OPERATION), id=DELIVERY)
    make_holiday(make_calendar(id=7), id=9)
    make_bulk(make_campaign("c-2"), id=BULK)
    make_approval(id=APPROVAL)
    make_finding(FindingCode.CHANGED_IN_CXONE, id=71)
    make_handover(id=11)
    make_wall_link(WALL_TOKEN, id=13)
    User.objects.create(pk=PERSON, username="somebody")


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """Made once, with a session of each role: the transaction of every test is within this one, and rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_rows()
        yield {role: _session_of(make_user(role)) for role in sorted(SIGNED_IN)}
        transaction.set_rollback(True)


def _session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@pytest.fixture
def sign_in(rows: dict[str, str]) -> SignIn:
    def sign_in_as(role: str, **options: Any) -> Client:
        client = Client(**options)
        client.cookies["sessionid"] = rows[role]
        return client

    return sign_in_as


def walk(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"


def ask(route: Route, client: Client, **headers: str) -> HttpResponseBase:
    return client.generic(route.method, route.address, headers=headers)


def test_every_route_is_in_the_table() -> None:
    assert set(walk(get_resolver().url_patterns)) == set(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
def test_address_is_that_routes(name: str) -> None:
    assert resolve(ROUTES[name].address).view_name == name


@pytest.mark.parametrize("name", [name for name in PRIVATE if ROUTES[name].method == "GET"])
def test_stranger_is_sent_to_sign_in(sign_in: SignIn, name: str) -> None:
    response = ask(ROUTES[name], Client())
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={ROUTES[name].address}")


@pytest.mark.parametrize("name", [name for name in PRIVATE if ROUTES[name].method == "POST"])
def test_stranger_is_never_sent_on_to_an_address_for_buttons(sign_in: SignIn, name: str) -> None:
    address = ask(ROUTES[name], Client())["Location"]
    assert address.startswith("/accounts/login/")
    led_to = parse_qs(urlsplit(address).query).get("next", ["/"])[0]
    assert sign_in("admin").get(led_to).status_code in {200, 302}


def test_every_address_for_buttons_says_what_was_not_done(sign_in: SignIn) -> None:
    client = sign_in("admin")
    for_buttons = {name for name in PRIVATE if client.get(ROUTES[name].address).status_code == 405}
    assert for_buttons == set(unsent.NOT_DONE)


@pytest.mark.parametrize("name", PRIVATE)
def test_strangers_refresh_is_refused(name: str) -> None:
    assert ask(ROUTES[name], Client(), **{"X-Automatic-Refresh": "1"}).status_code == 401


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.public])
def test_public_needs_no_sign_in(sign_in: SignIn, name: str) -> None:
    response = ask(ROUTES[name], Client())
    assert response.status_code in {200, ROUTES[name].answer}
    assert "Location" not in response


@pytest.mark.parametrize("role", sorted(SIGNED_IN))
@pytest.mark.parametrize("name", ROUTES)
def test_role_gets_what_the_table_says(sign_in: SignIn, name: str, role: str) -> None:
    route = ROUTES[name]
    response = ask(route, sign_in(role))
    assert response.status_code == (route.answer if role in route.who else 403)


@pytest.mark.parametrize("name", [name for name in PRIVATE if "" not in ROUTES[name].who])
def test_refusal_is_a_page_in_words(sign_in: SignIn, name: str) -> None:
    response = sign_in("").generic(ROUTES[name].method, ROUTES[name].address)
    assert "You don’t have access to this" in response.text


@pytest.mark.parametrize("name", sorted(set(ROUTES) - FORMLESS))
def test_change_needs_the_forms_token(sign_in: SignIn, name: str) -> None:
    """Addresses that change nothing refuse it, too, so that none has to be left out by its name."""
    client = sign_in("admin", enforce_csrf_checks=True)
    assert client.post(ROUTES[name].address).status_code == 403
