from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from cxadmin.accounts.factors import kept
from tests.cxadmin.accounts.factors.app import SECRET, code_of
from tests.factories import make_user


@pytest.fixture
def clock(one_clock: None) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def anna(clock: time_machine.Traveller) -> User:
    """She has an authenticator app, and used it a minute ago."""
    user = make_user("admin", "anna")
    assert kept.add_app(user, SECRET, code_of(SECRET))
    clock.shift(60)
    return user


@pytest.fixture
def browser() -> Client:
    return Client()
