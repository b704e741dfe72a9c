"""Somebody signed in, at a time that stands still, right after a good read of CXone."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from campaigns.models import SyncState
from tests.pages.campaigns.campaign_list.reading import NOW, client_of


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        SyncState.objects.update(version=1, last_good_at=NOW, interval_seconds=15)
        yield traveller


@pytest.fixture
def client() -> Client:
    return client_of("supervisor")
