"""What the doctor says about signing in through the company."""

from collections.abc import Iterator

import pytest

from tests.cxadmin.accounts.company.company import CLIENT_ID, CLIENT_SECRET, Company, run_company
from tests.cxadmin.doctor.visit import Place, Said


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with run_company("http://testserver") as running:
        yield running


def said_of(place: Place, issuer: str) -> Said:
    settings = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": CLIENT_SECRET}
    return place.ask_doctor(**settings).checks["company_sign_in"]


def test_company_that_can_be_asked_is_well(place: Place, company: Company) -> None:
    assert said_of(place, company.issuer) == Said(
        ok=True, found=f"{company.issuer} can be asked, and publishes its keys.", do=""
    )


def test_company_that_calls_itself_otherwise_is_named(place: Place, company: Company) -> None:
    said = said_of(place, f"http://localhost:{company.port}")
    assert f"the provider there calls itself {company.issuer}" in said.found
    assert "Correct OIDC_ISSUER" in said.do


def test_company_that_is_down_is_said(place: Place) -> None:
    assert said_of(place, "http://127.0.0.1:9").found == "127.0.0.1 can’t be reached (Connection refused)."
