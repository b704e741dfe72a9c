"""Signed-in clients, one a role; and time for pages, which ask the database's clock."""

from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from tests.factories import make_user


@pytest.fixture(autouse=True)
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that stops the clock stops the database's, too. tests/test_clocks.py has them differ."""

    def as_process(*_: Any, **__: Any) -> tuple[str, list[Any]]:
        return "%s", [timezone.now().strftime("%Y-%m-%d %H:%M:%S.%f")]

    monkeypatch.setattr(Now, "as_sqlite", as_process)


@pytest.fixture
def supervisor(rung: list[tuple[str, ...]]) -> Client:
    """Ann, who may pause and resume."""
    return sign_in("supervisor", "ann")


@pytest.fixture
def reviewer() -> Client:
    """Rosa, who sees everything and changes nothing."""
    return sign_in("reviewer", "rosa")


def sign_in(role: str, username: str) -> Client:
    client = Client()
    client.force_login(make_user(role, username))
    return client
