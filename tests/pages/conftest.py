"""Signed-in clients, one a role; and time for pages, which ask the database's clock."""

import pytest
from django.test import Client

from tests.factories import make_user


@pytest.fixture(autouse=True)
def clocks(one_clock: None) -> None:
    """tests/test_clocks.py has them differ."""


@pytest.fixture
def supervisor(enqueued: list[tuple[str, ...]]) -> Client:
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
