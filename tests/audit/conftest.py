"""A reviewer at the audit's pages."""

import pytest
from django.test import Client
from django.utils import timezone

from audit import clock
from tests.factories import make_user


@pytest.fixture(autouse=True)
def process_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many tests here stop the process's clock, and with it what PostgreSQL says; test_clock.py has the real thing."""
    monkeypatch.setattr(clock, "columns", tuple)
    monkeypatch.setattr(clock, "now", timezone.now)


@pytest.fixture
def reviewer(client: Client) -> Client:
    """Rosa. Her sign-in is the ledger's first record."""
    client.force_login(make_user("reviewer", "rosa"))
    return client
