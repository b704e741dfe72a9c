"""/metrics: who gets them, in which format, and that they tell nothing of campaigns and people."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.openmetrics import parser as openmetrics
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from campaigns.models import FindingCode
from tests.attention.given import make_finding
from tests.factories import make_campaign, make_delivery, make_operation
from tests.metrics import scrape, value

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

TOKEN = "0123456789abcdef0123456789abcdef"
OTHERS = "203.0.113.7"


def ask(address: str = "127.0.0.1", **headers: str) -> Any:
    return Client().get("/metrics", REMOTE_ADDR=address, headers={"Host": "localhost", **headers})


@pytest.fixture
def behind_proxy(settings: Settings) -> None:
    """One that runs on the same machine."""
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_without_a_token_this_machine_is_shown_them(address: str) -> None:
    assert ask(address).status_code == 200


@pytest.mark.parametrize("address", [OTHERS, "10.0.0.5", "::ffff:10.0.0.5", "2001:db8::1", ""])
def test_without_a_token_others_find_no_such_page(address: str) -> None:
    response = ask(address)
    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via"])
def test_what_a_proxy_on_this_machine_passes_on_is_not_from_it(header: str) -> None:
    assert ask(**{header: "127.0.0.1"}).status_code == 404


@pytest.mark.usefixtures("behind_proxy")
@pytest.mark.parametrize(
    "forwarded", [OTHERS, f"127.0.0.1, {OTHERS}", f"127.0.0.1,{OTHERS},127.0.0.1", "unknown", "x,"]
)
def test_known_proxy_makes_nobody_local(forwarded: str) -> None:
    assert ask(**{"X-Forwarded-For": forwarded}).status_code == 404


@pytest.mark.usefixtures("behind_proxy")
def test_known_proxy_that_names_no_client_makes_nobody_local() -> None:
    assert ask(**{"X-Forwarded-Proto": "https"}).status_code == 404


@pytest.mark.usefixtures("behind_proxy")
def test_this_machine_is_known_behind_its_own_proxy() -> None:
    assert ask(**{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}).status_code == 200


def test_page_that_points_its_own_name_here_reads_nothing() -> None:
    assert ask(Host="rebound.example").status_code == 404


def test_token_lets_in_from_anywhere(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert ask(OTHERS, Host="10.0.0.5:8000", Authorization=f"Bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("given", ["", TOKEN, f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x"])
def test_wrong_token_lets_nobody_in(settings: Settings, given: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    response = ask(Authorization=given)
    assert (response.status_code, response.content, response["WWW-Authenticate"]) == (401, b"", "Bearer")


def test_only_reads() -> None:
    assert Client().post("/metrics").status_code == 405


def test_nothing_keeps_them() -> None:
    assert "no-store" in ask()["Cache-Control"]


def test_text_format_is_the_default() -> None:
    assert ask()["Content-Type"].startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize("version", ["1.0.0", "what"])
def test_openmetrics_for_whoever_asks(version: str) -> None:
    response = ask(Accept=f"application/openmetrics-text; version={version}, text/plain;q=0.5")
    assert response["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    families: Any = openmetrics.text_string_to_metric_families(response.content.decode())  # type: ignore[no-untyped-call]
    assert "campaign_control_operations" in {family.name for family in families}


def test_dead_database_fails_the_scrape() -> None:
    def fail(*_arguments: object) -> None:
        raise OperationalError("host=db.internal")

    with connection.execute_wrapper(fail):
        response = ask()
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")


def test_names_of_campaigns_and_people_are_nowhere() -> None:
    campaign = make_campaign("cid-spring", name="Spring renewal")
    make_operation(campaign, by="anna.smith", note="a note")
    make_delivery(campaign)
    make_finding(FindingCode.CAME_BACK, campaign)
    text = ask().content.decode()
    assert [word for word in ("cid-spring", "Spring", "anna", "a note") if word in text] == []


def test_every_metric_of_the_contract_is_there() -> None:
    names = {sample.name.removeprefix("campaign_control_") for sample in scrape()}
    assert names >= {
        "operations_total",
        "operations_open",
        "operation_oldest_due_seconds",
        "click_to_put_seconds_bucket",
        "confirmation_seconds_bucket",
        "cxone_budget_used_ratio",
        "last_good_read_age_seconds",
        "deliveries_open",
        "delivery_oldest_seconds",
        "attention_open",
        "audit_records",
        "audit_checked_ratio",
        "audit_break",
        "dispatcher_heartbeat_age_seconds",
    }


def test_statements_are_as_few_however_much_there_is(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        make_operation()
        make_delivery()
        make_finding(FindingCode.CAME_BACK)
    with django_assert_num_queries(8 if connection.vendor == "sqlite" else 9):
        ask()


def test_never_is_infinite() -> None:
    assert value("last_good_read_age_seconds") == float("inf")
    assert value("dispatcher_heartbeat_age_seconds") == float("inf")
