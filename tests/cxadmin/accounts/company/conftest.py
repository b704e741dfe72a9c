from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.http import HttpResponse
from django.test import Client

from cxadmin.accounts.company import bounded, discovery
from tests.cxadmin.accounts.company.company import CLIENT_ID, CLIENT_SECRET, Company, run_company, visit_company

SignIn = Callable[..., HttpResponse]


@pytest.fixture(scope="package")
def running_company() -> Iterator[Company]:
    with run_company("http://testserver") as company:
        yield company


@pytest.fixture
def company(running_company: Company, settings: Any) -> Iterator[Company]:
    """A company whose sign-in the product uses."""
    use_company(settings, running_company.issuer)
    yield running_company
    running_company.calm()
    forget_company()


def use_company(settings: Any, issuer: str) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, CLIENT_ID, CLIENT_SECRET
    settings.OIDC_IS_ON = True
    discovery.forget_provider()


def forget_company() -> None:
    discovery.forget_provider()
    requests.Session.close(bounded.session())
    bounded.session.cache_clear()


@pytest.fixture
def sign_in(client: Client) -> SignIn:
    """Sign in through the company as `name`, and what the product shows then."""

    def go(name: str, browser: Client = client) -> HttpResponse:
        started = browser.get("/accounts/company/")
        returned = urlsplit(visit_company(started["Location"], name))
        return browser.get(f"{returned.path}?{returned.query}")  # type: ignore[return-value]

    return go
