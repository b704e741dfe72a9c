"""What the doctor says where NICE's directory has to be asked for the tenant's address."""

import pytest
from pytest_django import Settings

from campaigns.simulator import PublishedSimulator
from cxadmin.doctor import cxone
from tests.worker import clock, published

__all__ = ["clock", "published"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def directory(published: PublishedSimulator, settings: Settings) -> None:
    """It alone knows where the tenant is."""
    settings.CXONE_BASE_URL = ""
    settings.CXONE_DIRECTORY_URL = "https://cxone.test"


def test_address_is_found_by_the_token() -> None:
    visit = cxone.visit(frozenset(), has_tables=True)
    assert (visit.token.ok, visit.read.ok) == (True, True)


def test_unknown_tenant_is_no_fault_of_the_key(settings: Settings) -> None:
    settings.CXONE_TENANT_ID = "another"
    visit = cxone.visit(frozenset(), has_tables=True)
    assert "NICE’s directory doesn’t know this tenant" in visit.read.do
    assert visit.token.found == "Not looked at: CXone’s address comes first."


def test_address_without_tls_is_not_visited(published: PublishedSimulator) -> None:
    found: dict[str, object] = {"api_endpoint": "http://api-na1.niceincontact.com"}
    published.fail("GET", "/.well-known/cxone-configuration", status=200, body=found)
    visit = cxone.visit(frozenset(), has_tables=True)
    assert "doesn’t begin with https://" in visit.read.found
    assert "ask NICE for the right one" in visit.read.do
