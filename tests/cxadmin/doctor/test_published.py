"""What the doctor says of a tenant that speaks the published API, and what check_cxone shows of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cxadmin.doctor.visit import Place
from tests.processes.cxone import PublishedCXone

pytestmark = pytest.mark.slow
SECRET = "simulator-secret"


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublishedCXone]:
    simulator = PublishedCXone(tmp_path_factory.mktemp("tenant"), "--campaigns", "120", "--rate", "0")
    simulator.start()
    yield simulator
    simulator.close()


@pytest.fixture
def place(place: Place, tenant: PublishedCXone) -> Place:
    """Where everything is well, with this dialect."""
    return Place(place.directory, **tenant.settings)


def check(place: Place, **settings: str) -> dict[str, Any]:
    ran = place.manage("check_cxone", **settings)
    assert ran.returncode == 0, ran.stderr
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def test_everything_is_well(place: Place) -> None:
    report = place.ask_doctor()
    assert report.failing == []
    assert "sends no events" in report.checks["webhook_cxone"].found


def test_key_whose_end_was_lost(place: Place) -> None:
    said = place.ask_doctor(CXONE_ACCESS_KEY_SECRET=SECRET).checks["token"]
    assert "doesn’t accept these credentials" in said.found
    assert said.do.startswith("The access key is wrong or was revoked, or its user was deactivated.")
    assert "with every = at its end" in said.do


def test_app_that_nobody_has_approved(place: Place) -> None:
    said = place.ask_doctor(CXONE_CLIENT_ID="another-app").checks["token"]
    assert "NICE hasn’t approved it yet" in said.do
    assert "ask NICE whether the app is approved" in said.do


def test_version_that_the_tenant_does_not_have(place: Place) -> None:
    said = place.ask_doctor(CXONE_API_VERSION="v99.0").checks["read"]
    assert "nothing at the address" in said.found
    assert "may not have version v99.0" in said.do


def test_missing_permission(place: Place, tenant: PublishedCXone) -> None:
    tenant.switch(permissions=[])
    try:
        said = place.ask_doctor().checks["read"]
    finally:
        tenant.switch(permissions=["Skills View", "Skills Edit", "Outbound Strategy Manager"])
    assert "forbids this system" in said.found
    assert "“Skills Edit” and “Outbound Strategy Manager”" in said.do


def test_address_that_is_not_encrypted(place: Place) -> None:
    report = place.ask_doctor(CXONE_BASE_URL="http://api-na1.niceincontact.com")
    assert "CXONE_BASE_URL begins with http://" in report.checks["settings"].found
    assert report.checks["token"].found == "Not looked at: CXONE_BASE_URL can’t be used."


def test_survey_reads_and_changes_nothing(place: Place, tenant: PublishedCXone) -> None:
    before = len(tenant.whole_record())
    report = check(place)
    sent = tenant.whole_record()[before:]
    assert {(each["method"], each["path"]) for each in sent if each["method"] != "GET"} == {("POST", "/auth/token")}
    assert report["requests"] == len(sent)
    assert report["versions"] == {"used": "v34.0", "offered": ["v30.0", "v34.0"]}
    assert report["zone"]["as_understood"] == "America/New_York"
    assert (report["counts"]["pc_skills"], report["page_cap"], report["odd"]) == (120, 100, None)
    assert any("hold against the skill’s schedule" in line for line in report["try_by_hand"])


def test_survey_of_nobody_exits_with_1(place: Place) -> None:
    ran = place.manage("check_cxone", CXONE_ACCESS_KEY_SECRET=SECRET)
    assert ran.returncode == 1
    assert json.loads(ran.stdout)["token"] is False
    assert "access key is wrong or was revoked" in ran.stderr
