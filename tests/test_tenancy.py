"""A database is about one CXone: under settings that lead elsewhere nothing is read, and nothing is sent."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from audit.kinds import RecordKind
from audit.models import Record
from campaigns import tenancy
from campaigns.management import shell
from campaigns.models import CXoneTenant, Operation, ReasonCode
from campaigns.operations.runner import execution, gathered
from campaigns.operations.runner.bulks import work
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from campaigns.tenancy import OtherTenantError
from cxadmin.celery import require_cxone
from tests.bulks import ask_bulk
from tests.cxadmin.doctor.visit import Place
from tests.factories import make_campaign, make_operation
from tests.operations.runner.schedules import campaign
from tests.processes.product import free_port
from tests.worker import ask_pause, clock, cxone, posts_events

__all__ = ["campaign", "clock", "cxone", "posts_events"]

pytestmark = pytest.mark.django_db

NA1 = {"CXONE_BASE_URL": "https://api.na1.my.cxone.com", "CXONE_CLIENT_ID": "campaign-control"}
THERE = {"CXONE_IS_MEANT": True, "CXONE_SIMULATED": False, "CXONE_DIALECT": "v2", "CXONE_INSTANCE": ""}
SECRETS = {"CXONE_TOKEN_URL": "https://api.na1.my.cxone.com/token", "CXONE_CLIENT_SECRET": "a secret"}
KEY = {"CXONE_ACCESS_KEY_ID": "KEY", "CXONE_ACCESS_KEY_SECRET": "another secret"}
OTHERS = [
    {"CXONE_BASE_URL": "https://api.eu1.my.cxone.com"},
    # One address serves many tenants.
    {"CXONE_CLIENT_ID": "another"},
    {"CXONE_INSTANCE": "acme"},
    {
        "CXONE_DIALECT": "published",
        "CXONE_ACCESS_KEY_ID": "KEY",
        "CXONE_ACCESS_KEY_SECRET": "x",
        "CXONE_TOKEN_URL": "x",
    },
    {"CXONE_BASE_URL": "http://127.0.0.1:8100"},
]


@pytest.fixture
def begin(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A process begins with these settings."""

    def begin(**values: Any) -> None:
        monkeypatch.setattr(tenancy, "_found", "")
        for name, value in (THERE | NA1 | SECRETS | values).items():
            setattr(settings, name, value)

    return begin


def test_first_process_decides_and_others_with_the_same_settings_go_on(begin: Callable[..., None]) -> None:
    for _ in range(2):
        begin()
        tenancy.require_own_tenant()
    assert CXoneTenant.objects.get().connection == "https://api.na1.my.cxone.com as the client campaign-control"


@pytest.mark.parametrize("other", OTHERS)
def test_process_with_other_settings_is_refused(other: dict[str, str], begin: Callable[..., None]) -> None:
    begin()
    tenancy.require_own_tenant()
    begin(**other)
    with pytest.raises(OtherTenantError, match=r"This database is about https://api\.na1\.my\.cxone\.com"):
        tenancy.require_own_tenant()
    with pytest.raises(SystemExit, match=r"manage\.py same_tenant"):
        require_cxone()
    begin()
    tenancy.require_own_tenant()


SAME = {
    "CXONE_BASE_URL": [
        ("https://api.na1.my.cxone.com", "HTTPS://API.NA1.my.cxone.com:443"),
        ("https://api.na1.my.cxone.com", "https://api.na1.my.cxone.com."),
    ],
    "CXONE_INSTANCE": [("acme", "ACME")],
}


@pytest.mark.parametrize(("name", "one", "other"), [(name, *both) for name, all_ in SAME.items() for both in all_])
@pytest.mark.parametrize("is_turned", [False, True])
def test_another_way_to_write_it_is_no_other_tenant(
    name: str, one: str, other: str, is_turned: bool, begin: Callable[..., None]
) -> None:
    for value in (other, one) if is_turned else (one, other):
        begin(**{name: value})
        tenancy.require_own_tenant()


def test_instance_is_the_address_of_its_name(begin: Callable[..., None]) -> None:
    """CXONE_INSTANCE=Acme makes that address."""
    for instance in ("Acme", ""):
        begin(CXONE_BASE_URL="https://acme.mycxone.com", CXONE_INSTANCE=instance)
        tenancy.require_own_tenant()
    # At another address a header tells instances apart.
    begin(CXONE_BASE_URL="https://acme.mycxone.com", CXONE_INSTANCE="other")
    with pytest.raises(OtherTenantError):
        tenancy.require_own_tenant()


@pytest.mark.parametrize(
    "found_out", [{"CXONE_TENANT_ID": "11eb"}, {"CXONE_BASE_URL": "https://api-na1.niceincontact.com"}]
)
def test_what_was_found_out_may_be_set(found_out: dict[str, str], begin: Callable[..., None]) -> None:
    """An access key is one tenant's, wherever its API is."""
    published = {"CXONE_DIALECT": "published", "CXONE_BASE_URL": "", "CXONE_TENANT_ID": ""} | KEY
    for values in (published, published | found_out, published):
        begin(**values)
        tenancy.require_own_tenant()
    begin(**published | {"CXONE_ACCESS_KEY_ID": "ANOTHER"} | found_out)
    with pytest.raises(OtherTenantError):
        tenancy.require_own_tenant()


def test_shell_without_settings_confirms_nothing(begin: Callable[..., None]) -> None:
    """Otherwise no process with the product's own settings would start any more."""
    begin()
    tenancy.require_own_tenant()
    begin(CXONE_IS_MEANT=False, CXONE_BASE_URL="", CXONE_CLIENT_ID="")
    with pytest.raises(CommandError, match="No setting says where CXone is"):
        call_command("same_tenant", "--yes", stdout=StringIO())
    said = StringIO()
    call_command("same_tenant", stdout=said)
    assert json.loads(said.getvalue())["settings"] == ""
    begin()
    tenancy.require_own_tenant()


def test_new_secret_is_no_other_tenant(begin: Callable[..., None]) -> None:
    begin()
    tenancy.require_own_tenant()
    begin(CXONE_CLIENT_SECRET="renewed")
    tenancy.require_own_tenant()
    assert "renewed" not in CXoneTenant.objects.get().connection


def test_simulated_ones_are_one(begin: Callable[..., None]) -> None:
    """Each start of `make run` has it at another port."""
    for address in ("http://127.0.0.1:8100", "http://127.0.0.1:8101", "http://simulator:8100"):
        begin(CXONE_BASE_URL=address)
        tenancy.require_own_tenant()
    assert CXoneTenant.objects.get().connection == tenancy.SIMULATED


def _advance_bulk() -> None:
    work.advance_bulk(ask_bulk([make_campaign()]).pk)


def _advance_operation() -> None:
    execution.advance_operation(ask_pause(make_campaign()).pk)


def _advance_gathered() -> None:
    make_operation(state=State.WAITING, waiting_for=WaitingFor.TOGETHER, next_attempt_at=timezone.now())
    gathered.advance_gathered()


def _pause_from_the_shell() -> None:
    reason = ReasonCode.objects.get(pk="EMERGENCY")
    ask = lambda **values: pytest.fail("it was asked for")  # noqa: E731
    shell.run_to_end(ask, make_campaign().pk, reason.pk, "ada", {})


@pytest.mark.parametrize(
    "verb",
    [
        _advance_operation,
        _advance_bulk,
        _advance_gathered,
        _pause_from_the_shell,
        full_read.read_all_campaigns,
        lambda: full_read.read_one_campaign(make_campaign().pk),
    ],
)
def test_nothing_is_read_or_sent_elsewhere(
    verb: Callable[[], object], cxone: Simulator, begin: Callable[..., None]
) -> None:
    begin()
    tenancy.require_own_tenant()
    begin(CXONE_CLIENT_ID="another")
    with pytest.raises(OtherTenantError):
        verb()
    assert cxone.record.requests() == []
    # A process with the right settings goes on with it.
    assert not Operation.objects.exclude(lease_until=None).exists()
    assert not Operation.objects.filter(state__in=(State.RUNNING, State.FAILED)).exists()


def test_same_tenant_under_new_credentials_is_confirmed_on_record(begin: Callable[..., None]) -> None:
    begin()
    tenancy.require_own_tenant()
    begin(CXONE_CLIENT_ID="renewed")
    said, aloud = StringIO(), StringIO()
    call_command("same_tenant", stdout=said, stderr=aloud)
    assert json.loads(said.getvalue())["confirmed"] is False
    assert "run this again with --yes" in aloud.getvalue()
    with pytest.raises(OtherTenantError):
        tenancy.require_own_tenant()
    call_command("same_tenant", "--yes", by="ada", stdout=StringIO())
    tenancy.require_own_tenant()
    record = Record.objects.get(kind=RecordKind.TENANT_CONFIRMED)
    assert record.by == "ada"
    assert record.details["after"] == {"connection": "https://api.na1.my.cxone.com as the client renewed"}
    call_command("same_tenant", "--yes", by="ada", stdout=StringIO())
    assert Record.objects.filter(kind=RecordKind.TENANT_CONFIRMED).count() == 1


@pytest.mark.slow
def test_processes_do_not_start_and_the_doctor_says_why(tmp_path: Path) -> None:
    place = Place(tmp_path, **NA1, CXONE_CLIENT_SECRET="not the secret of anybody")
    place.prepare()
    assert json.loads(place.manage("same_tenant", "--yes").stdout)["confirmed"]
    other = {"CXONE_CLIENT_ID": "another"}
    for words in (
        ["up", "--port", str(free_port())],
        ["run_dispatcher"],
        ["run_embedded", "--port", str(free_port())],
        ["sync_campaigns"],
    ):
        ran = place.manage(*words, **other)
        assert ran.returncode != 0
        assert "This database is about https://api.na1.my.cxone.com as the client campaign-control" in ran.stderr
    found = place.ask_doctor(**other).checks["tenant"]
    assert not found.ok
    assert "manage.py same_tenant" in found.do
    place.manage("same_tenant", "--yes", **other)
    assert place.ask_doctor(**other).checks["tenant"].ok
