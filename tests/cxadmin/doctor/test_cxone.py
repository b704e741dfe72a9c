"""What the doctor says of a CXone that doesn't answer as it should."""

import pytest

from tests.cxadmin.doctor.visit import Place
from tests.processes.cxone import SimulatedCXone
from tests.processes.product import free_port

pytestmark = pytest.mark.slow
SECRET = "another-client's-secret"


def test_wrong_secret(place: Place) -> None:
    report = place.ask_doctor(CXONE_CLIENT_SECRET=SECRET)
    assert "doesn’t accept these credentials" in report.checks["token"].found
    assert "ask CXone’s administrator whether they are still valid" in report.checks["token"].do
    assert not report.checks["read"].ok
    assert SECRET not in report.text
    assert report.checks["clock_cxone"].ok, "a refusal shows the time, too"


def test_closed_port(place: Place) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    report = place.ask_doctor(CXONE_BASE_URL=nowhere)
    assert "could not be reached" in report.checks["token"].found
    assert "network" in report.checks["token"].do
    assert report.checks["clock_cxone"].found == "Not looked at: CXone hasn’t shown its clock."


def test_missing_permission(place: Place, cxone: SimulatedCXone) -> None:
    cxone.fail("*", "/api/v2/analytics/outbound/conversations/details/query", times=1, status=403)
    report = place.ask_doctor()
    assert report.checks["token"].ok
    assert "forbids this system" in report.checks["read"].found
    assert "CXone’s administrator" in report.checks["read"].do


def test_nothing_at_that_address(place: Place, cxone: SimulatedCXone) -> None:
    report = place.ask_doctor(
        CXONE_BASE_URL=f"{cxone.address}/elsewhere", CXONE_TOKEN_URL=f"{cxone.address}/oauth/token"
    )
    assert "nothing at the address" in report.checks["read"].found
    assert "where CXone is" in report.checks["read"].do


def test_not_connected(place: Place) -> None:
    report = place.ask_doctor(CXONE_BASE_URL="", CXONE_CLIENT_ID="", CXONE_CLIENT_SECRET="")
    assert "CXONE_BASE_URL is not set" in report.checks["token"].found
    assert "docs/connect-your-cxone.md" in report.checks["token"].do


def test_clock_that_is_fast(place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    fast = SimulatedCXone(tmp_path_factory.mktemp("fast"), "--campaigns", "1", "--clock-ahead", "600")
    fast.start()
    try:
        said = place.ask_doctor(**fast.settings).checks["clock_cxone"]
    finally:
        fast.close()
    assert "ahead of this machine’s" in said.found
    assert "NTP" in said.do


def test_token_is_its_own(place: Place, cxone: SimulatedCXone) -> None:
    """A client that was disabled is seen at once, though processes share a token that still lives."""
    assert place.manage("sync_campaigns").returncode == 0
    before = len(cxone.record(path="/oauth/token"))
    place.ask_doctor()
    assert len(cxone.record(path="/oauth/token")) == before + 1
