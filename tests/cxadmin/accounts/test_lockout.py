"""Failed sign-ins: when a name is locked, for whom and how long, and how little is kept of them."""

from collections.abc import Iterable
from datetime import timedelta
from importlib import import_module
from ipaddress import ip_network
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Record
from cxadmin.accounts import failed_sign_ins
from cxadmin.models import FailedSignIn
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
LOGIN = "/accounts/login/"
HERE, THERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def anna() -> None:
    make_user(username="anna")
    make_user(username="bert")


def sign_in(
    name: str = "anna",
    password: str = PASSWORD,
    *,
    address: str = HERE,
    client: Client | None = None,
    forwarded: str = "",
) -> Any:
    values = {"username": name, "password": password}
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return (client or Client()).post(LOGIN, values, REMOTE_ADDR=address, headers=headers)


def fail(times: int = 1, name: str = "anna", **options: Any) -> Any:
    for _ in range(times):
        response = sign_in(name, "wrong", **options)
    return response


def pass_by(**time: float) -> None:
    """Let so much time go by for what is counted."""
    FailedSignIn.objects.update(ends_at=F("ends_at") - timedelta(**time))


def is_locked(**options: Any) -> bool:
    return bool(sign_in(**options).status_code == 429)


def test_tenth_failure_locks_the_name() -> None:
    assert fail(9).status_code == 200
    assert fail().status_code == 429
    assert is_locked()


def test_lock_ends_after_a_quarter_of_an_hour() -> None:
    fail(10)
    pass_by(minutes=14, seconds=50)
    assert is_locked()
    pass_by(seconds=10)
    assert sign_in().status_code == 302


@pytest.mark.parametrize("password", ["wrong", PASSWORD])
def test_tries_while_locked_prolong_nothing(password: str) -> None:
    fail(10)
    pass_by(minutes=14)
    for _ in range(20):
        assert sign_in(password=password).status_code == 429
    pass_by(minutes=1)
    assert sign_in().status_code == 302


def test_nothing_is_written_while_locked() -> None:
    fail(10)
    client = Client()
    # Looks the page up once, so that what is written once for a process is written before.
    fail(client=client)
    with CaptureQueriesContext(connection) as queries:
        fail(5, client=client)
        sign_in(client=client)
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


def test_locked_page_says_how_long_is_left() -> None:
    fail(10)
    pass_by(minutes=3, seconds=30)
    response = sign_in()
    assert "Wait 12 min and try again" in response.text
    assert 600 < int(response["Retry-After"]) <= 690


def test_lock_is_for_that_address_only() -> None:
    fail(10)
    assert sign_in(address=THERE).status_code == 302


def test_lock_is_for_that_name_only() -> None:
    fail(10)
    assert sign_in("bert").status_code == 302


def test_name_that_nobody_has_is_locked_like_any_other() -> None:
    assert fail(10, name="nobody").status_code == 429


def test_one_ipv6_network_is_one_place() -> None:
    for number in range(10):
        response = fail(address=f"2001:db8:1:2::{number}")
    assert response.status_code == 429
    assert sign_in(address="2001:db8:1:3::1").status_code == 302


def test_failures_count_for_an_hour() -> None:
    fail(9)
    pass_by(hours=1)
    assert fail(9).status_code == 200


def test_sign_in_begins_the_count_again() -> None:
    fail(9)
    sign_in()
    assert fail(9).status_code == 200


def put_on_guard(name: str = "anna") -> None:
    """As failures at fifty addresses would, none of which is in a network that a test uses."""
    fail(name=name, address="10.0.0.1")
    FailedSignIn.objects.filter(place="everywhere").update(tries=failed_sign_ins.EVERYWHERE.failures - 1)
    fail(name=name, address="10.1.0.1")


def guesses(name: str, addresses: Iterable[str]) -> int:
    """How many passwords were looked at."""
    return sum(fail(name=name, address=address).status_code == 200 for address in addresses)


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_guesses_from_many_addresses_are_few_at_each(name: str) -> None:
    put_on_guard(name)
    assert guesses(name, [HERE] * 10) == 2
    assert guesses(name, [THERE] * 10) == 2


@pytest.mark.parametrize(
    ("address", "most"),
    [("198.51.100.{}", 29), ("198.51.{}.1", 99), ("2001:db8:1:{}::1", 29), ("2001:db8:{}::1", 99)],
)
def test_guesses_from_one_network_are_few(address: str, most: int) -> None:
    put_on_guard()
    assert guesses("anna", [address.format(number) for number in range(most + 6)]) == most


def test_one_with_many_addresses_keeps_nobody_out() -> None:
    put_on_guard()
    guesses("anna", [f"198.51.{number}.1" for number in range(100)])
    assert is_locked(address="198.51.200.1")
    assert sign_in(address=HERE).status_code == 302


def test_two_mistakes_keep_nobody_out_on_guard() -> None:
    put_on_guard()
    fail(2, address=THERE)
    assert sign_in(address=THERE).status_code == 302


def test_address_of_an_earlier_sign_in_isnt_on_guard() -> None:
    sign_in()
    put_on_guard()
    assert guesses("anna", [HERE] * 20) == 9


def test_network_locks_no_address_of_an_earlier_sign_in() -> None:
    sign_in()
    put_on_guard()
    guesses("anna", [f"203.0.113.{number}" for number in range(100, 140)])
    assert sign_in().status_code == 302


def test_few_guesses_an_hour_put_a_name_on_guard_too() -> None:
    for number in range(failed_sign_ins.EVERYWHERE.failures):
        pass_by(minutes=20)
        fail(address=f"10.{number}.0.1")
    assert guesses("anna", [THERE] * 10) == 2


def test_guard_ends_after_a_day() -> None:
    put_on_guard()
    guesses("anna", [HERE] * 10)
    pass_by(hours=23, minutes=59)
    assert is_locked()
    pass_by(minutes=1)
    assert guesses("anna", [HERE] * 20) == 9


def test_guard_is_on_record_once() -> None:
    put_on_guard()
    guesses("anna", [f"198.51.{number}.1" for number in range(20)])
    assert Record.objects.filter(kind="signin.failed", reason__contains="few attempts for a day").count() == 1


def test_persons_own_sign_in_sets_no_guesser_free() -> None:
    for number in range(failed_sign_ins.EVERYWHERE.failures - 1):
        fail(address=f"10.{number}.0.1")
    sign_in(address=THERE)
    fail(address="10.99.0.1")
    assert guesses("anna", [HERE] * 10) == 2


@pytest.mark.slow
def test_many_names_lock_an_address(settings: Any) -> None:
    trust(settings, "192.0.2.0/24")
    for number in range(failed_sign_ins.EVERY_NAME.failures):
        fail(name=f"guess{number}")
    assert is_locked()
    assert sign_in(address=THERE).status_code == 302


@pytest.mark.slow
def test_many_names_lock_no_known_browser(settings: Any, browser: Client) -> None:
    trust(settings, "192.0.2.0/24")
    for number in range(failed_sign_ins.EVERY_NAME.failures):
        fail(name=f"guess{number}")
    assert sign_in(client=browser).status_code == 302


@pytest.mark.slow
def test_many_names_lock_no_address_that_may_be_a_proxys() -> None:
    for number in range(failed_sign_ins.EVERY_NAME.failures):
        fail(name=f"guess{number}")
    assert not is_locked()


@pytest.fixture
def browser() -> Client:
    """Anna has signed in and out again in it."""
    client = Client()
    sign_in(client=client)
    client.post("/accounts/logout/")
    return client


def test_browser_of_an_earlier_sign_in_isnt_locked_by_others(browser: Client) -> None:
    fail(10)
    put_on_guard()
    guesses("anna", [HERE] * 10)
    assert is_locked()
    assert sign_in(client=browser).status_code == 302


def test_that_browser_is_locked_by_its_own_failures(browser: Client) -> None:
    assert fail(10, client=browser).status_code == 429
    assert sign_in(client=browser).status_code == 429
    assert sign_in().status_code == 302


def test_mark_is_for_that_name_only(browser: Client) -> None:
    fail(10, name="bert")
    assert is_locked(name="bert", client=browser)


def test_several_people_share_a_browser(browser: Client) -> None:
    sign_in("bert", client=browser)
    browser.post("/accounts/logout/")
    fail(10)
    fail(10, name="bert")
    assert sign_in("bert", client=browser).status_code == 302
    browser.post("/accounts/logout/")
    assert sign_in(client=browser).status_code == 302


@pytest.mark.parametrize("value", ["", "x", "WyJhIiwgImIiXQ:1abc:forged"])
def test_forged_mark_counts_for_nothing(value: str) -> None:
    fail(10)
    client = Client()
    client.cookies["signed_in_before"] = value
    assert is_locked(client=client)


def test_mark_is_kept_from_scripts_and_forms_of_other_sites(browser: Client) -> None:
    mark = browser.cookies["signed_in_before"]
    assert (mark["httponly"], mark["samesite"], mark["path"], mark["max-age"]) == (
        True,
        "Lax",
        "/",
        31_536_000,
    )
    assert "anna" not in mark.value


def test_nothing_typed_is_kept() -> None:
    for number in range(30):
        values = {"username": "my secret", "password": "also secret", "more": "x" * 1000}
        Client(headers={"user-agent": "secret agent"}).post(
            f"{LOGIN}?q=secret{'y' * 1000}", values, REMOTE_ADDR=f"10.0.0.{number}"
        )
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        assert not model.objects.exists()
    kept = [str(value) for row in FailedSignIn.objects.values("name", "place") for value in row.values()]
    assert all(len(value) <= 64 and "secret" not in value and "10.0.0" not in value for value in kept)
    assert len(kept) == 2 * 31


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(failed_sign_ins, "MOST_ROWS", 40)
    monkeypatch.setattr(failed_sign_ins, "SPARE", 5)
    return 40


def test_random_names_are_bounded(few_rows: int) -> None:
    for number in range(60):
        fail(name=f"guess{number}")
    assert FailedSignIn.objects.count() <= few_rows


def test_flood_of_names_drives_out_no_lock(few_rows: int) -> None:
    fail(10)
    fail(9, name="bert")
    for number in range(60):
        fail(name=f"guess{number}")
    assert is_locked()
    assert fail(name="bert").status_code == 429


def test_ended_counts_are_deleted() -> None:
    fail(3)
    failed_sign_ins.delete_ended()
    assert FailedSignIn.objects.count() == 2
    pass_by(days=1)
    failed_sign_ins.delete_ended()
    assert not FailedSignIn.objects.exists()


def test_command_unlocks_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    fail(10)
    call_command("axes_reset_username", "anna")
    assert "2 attempts removed" in capsys.readouterr().out
    assert sign_in().status_code == 302


def test_command_unlocks_an_address() -> None:
    fail(10)
    call_command("axes_reset_ip", HERE)
    assert sign_in().status_code == 302


def test_each_lock_is_on_record_once() -> None:
    fail(20)
    reasons = list(Record.objects.filter(kind="signin.failed").order_by("number").values_list("reason", flat=True))
    assert reasons.count("locked for a while after too many failures") == 1
    assert reasons[-1] == "locked for a while after too many failures"


@pytest.mark.parametrize("proxies", [(), ("192.0.2.0/24",)])
def test_forged_header_counts_for_nothing(settings: Any, proxies: tuple[str, ...]) -> None:
    trust(settings, *proxies)
    for number in range(10):
        response = fail(forwarded=f"10.0.0.{number}")
    assert response.status_code == 429


def test_behind_trusted_proxies_the_persons_address_counts(settings: Any) -> None:
    trust(settings, "192.0.2.0/24", "192.168.0.1")
    # The first part is the client's own invention.
    fail(10, address="192.0.2.10", forwarded=f"1.2.3.4, {HERE}, 192.168.0.1")
    assert is_locked(address="192.0.2.10", forwarded=f"5.6.7.8, {HERE}, 192.168.0.1")
    assert not is_locked(address="192.0.2.10", forwarded=f"1.2.3.4, {THERE}, 192.168.0.1")


@pytest.mark.parametrize("forwarded", ["", "nonsense", "1.2.3.4, ", "unknown"])
def test_unreadable_header_leaves_the_proxys_address(settings: Any, forwarded: str) -> None:
    trust(settings, "192.0.2.0/24")
    fail(10, address="192.0.2.10", forwarded=forwarded)
    assert is_locked(address="192.0.2.10")


@pytest.mark.parametrize(
    "forwarded",
    [f"{HERE}:4711", f" {HERE}:4712 ", f"::ffff:{HERE}", f"[::ffff:{HERE}]:4713", f"<script>, 1.2.3.4:x,{HERE}"],
)
def test_every_way_to_write_an_address_is_the_same(settings: Any, forwarded: str) -> None:
    trust(settings, "192.0.2.0/24")
    fail(10, address="192.0.2.10", forwarded=HERE)
    assert is_locked(address="192.0.2.10", forwarded=forwarded)


def test_ipv6_client_with_a_port(settings: Any) -> None:
    trust(settings, "2001:db8:ffff::/48")
    fail(10, address="2001:db8:ffff::1", forwarded="[2001:db8:1:2::3]:4711")
    assert is_locked(address="2001:db8:ffff::2", forwarded="2001:db8:1:2::4")
    assert not is_locked(address="2001:db8:ffff::1", forwarded="[2001:db8:1:3::3]:4711")


def trust(settings: Any, *networks: str) -> None:
    settings.TRUSTED_PROXIES = tuple(ip_network(network) for network in networks)


def test_upgrade_deletes_what_was_kept_before() -> None:
    # In bulk, since axes' signals of a single one expect its own handler.
    AccessAttempt.objects.bulk_create([AccessAttempt(username="my secret", post_data="x", failures_since_start=1)])
    AccessLog.objects.create(username="anna")
    AccessFailureLog.objects.create(username="anna")
    migration = import_module("cxadmin.migrations.0001_failed_sign_ins")
    migration.empty(apps, connection.schema_editor())
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        assert not model.objects.exists()
