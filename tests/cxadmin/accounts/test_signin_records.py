"""Sign-ins on record: who, how it ended, and nothing that was typed."""

from collections.abc import Callable

import pytest
from django.test import Client

from audit import clock, ledger
from audit.kinds import RecordKind, Status
from audit.models import Record, Tally
from cxadmin.accounts.signin_records import record_failure
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[..., int]


@pytest.fixture
def sign_in(client: Client) -> SignIn:
    make_user("supervisor", "anna")

    def post(username: str = "anna", password: str = PASSWORD, address: str = "10.0.0.1") -> int:
        values = {"username": username, "password": password}
        return client.post("/accounts/login/", values, REMOTE_ADDR=address).status_code

    return post


@pytest.fixture(autouse=True)
def one_hour(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Floods are counted by the hour, and one may end during a test."""
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)


def told(kind: RecordKind) -> list[tuple[str, str]]:
    return [(record.by, record.status) for record in Record.objects.filter(kind=kind).order_by("number")]


def test_sign_in_is_on_record(sign_in: SignIn) -> None:
    assert sign_in() == 302
    assert told(RecordKind.SIGNIN_SUCCEEDED) == [("anna", Status.SUCCESS)]


def test_sign_out_is_on_record(sign_in: SignIn, client: Client) -> None:
    sign_in()
    client.post("/accounts/logout/")
    assert told(RecordKind.SIGNIN_ENDED) == [("anna", Status.INFO)]


def test_stranger_signs_out_silently(client: Client) -> None:
    client.post("/accounts/logout/")
    assert not Record.objects.exists()


def test_wrong_password_is_on_record(sign_in: SignIn) -> None:
    sign_in(password="wrong")
    assert told(RecordKind.SIGNIN_FAILED) == [("anna", Status.FAILURE)]


@pytest.mark.parametrize("typed", ["my secret password", "Anna", "a\ud800", ""])
def test_unknown_name_is_never_kept(sign_in: SignIn, typed: str) -> None:
    sign_in(username=typed.encode("utf-8", "replace").decode(), password="another secret")
    bodies = b"".join(bytes(record.body) for record in Record.objects.all())
    assert {by for by, _ in told(RecordKind.SIGNIN_FAILED)} <= {""}
    assert not Tally.objects.exclude(key="signin.failed:").exists()
    assert b"secret" not in bodies


def test_lock_out_is_on_record(sign_in: SignIn) -> None:
    for _ in range(10):
        sign_in(password="wrong")
    assert told(RecordKind.SIGNIN_FAILED)[-1] == ("anna", Status.REJECTED)


def test_right_password_fails_while_locked(sign_in: SignIn) -> None:
    for _ in range(10):
        sign_in(password="wrong")
    sign_in()
    assert told(RecordKind.SIGNIN_SUCCEEDED) == []


@pytest.mark.parametrize("username", ["anna", "nobody"])
def test_flood_leaves_few_records(username: str) -> None:
    make_user("supervisor", "anna")
    for _ in range(1000):
        record_failure({"username": username})
    assert len(told(RecordKind.SIGNIN_FAILED)) == 10


def test_many_unknown_names_are_one_flood(sign_in: SignIn) -> None:
    for number in range(64):
        sign_in(username=f"guess{number}", password="wrong", address=f"10.0.0.{number}")
    assert len(told(RecordKind.SIGNIN_FAILED)) == 7


def test_flood_of_refused_pages_leaves_few_records(client: Client) -> None:
    client.force_login(make_user("supervisor", "anna"))
    for _ in range(20):
        client.get("/audit/")
    assert len(told(RecordKind.ACCESS_DENIED)) == 5


def refused(client: Client, *addresses: str) -> list[str]:
    """What is on record of these requests."""
    before = Record.objects.count()
    for address in addresses:
        client.get(address)
    return list(Record.objects.order_by("number").values_list("reason", flat=True)[before:])


@pytest.fixture
def anna() -> Client:
    client = Client()
    client.force_login(make_user("supervisor", "anna"))
    return client


def test_harmless_pages_hide_no_others(anna: Client) -> None:
    refused(anna, *["/deliveries/"] * 64)
    others = [f"/audit/{number}/" for number in range(60)] + ["/audit/", "/policy/", "/audit/export/"]
    assert refused(anna, *others) == [f"GET {address}" for address in others]


def test_many_different_pages_hide_no_other_kind(anna: Client) -> None:
    refused(anna, *[f"/audit/{number}/" for number in range(130)])
    assert refused(anna, "/policy/", "/audit/export/") == ["GET /policy/", "GET /audit/export/"]


def test_invented_methods_make_no_more_records(anna: Client) -> None:
    for number in range(130):
        anna.generic(f"METHOD{number}", "/policy/thresholds/", headers={"x-no": "1"})
    assert Record.objects.filter(kind=RecordKind.ACCESS_DENIED).count() <= 110


def test_no_sign_in_without_a_record(sign_in: SignIn, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ledger, "append", fail)
    with pytest.raises(OSError, match="disk full"):
        sign_in()
    assert client.get("/campaigns/").status_code == 302
