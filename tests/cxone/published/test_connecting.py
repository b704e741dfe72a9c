"""The dialect that the settings choose, and what its processes share."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from campaigns.cxone import connect
from campaigns.cxone.budget import Lane
from campaigns.cxone.connect import CacheNotes
from campaigns.cxone.published.gateway import CAPABILITIES, Published
from campaigns.cxone.v2.gateway import CAPABILITIES as OF_V2
from campaigns.simulator import PublishedSimulator
from tests.cxone.fakes import Till
from tests.simulator.transport import SimulatorTransport


@pytest.fixture(autouse=True)
def configured(settings: Settings, simulator: PublishedSimulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CXONE_DIALECT = "published"
    settings.CXONE_BASE_URL = settings.CXONE_TENANT_ID = settings.CXONE_TIMEZONE = ""
    settings.CXONE_DIRECTORY_URL = "https://cxone.test"
    settings.CXONE_TOKEN_URL = "https://cxone.test/auth/token"
    settings.CXONE_ACCESS_KEY_ID, settings.CXONE_ACCESS_KEY_SECRET = "simulator====", "simulator-secret===="
    settings.CXONE_CLIENT_ID, settings.CXONE_CLIENT_SECRET = "simulator", "simulator-secret"
    monkeypatch.setattr(connect, "transport", lambda: SimulatorTransport(simulator))
    connect.close_connections()
    cache.clear()
    yield
    connect.close_connections()
    cache.clear()


def test_settings_choose_the_dialect(settings: Settings) -> None:
    assert isinstance(connect.open_gateway(Lane.CLICK, Till()), Published)
    assert connect.capabilities() == CAPABILITIES
    settings.CXONE_DIALECT = "v2"
    assert connect.capabilities() == OF_V2


def test_gateways_of_a_process_share_token_address_and_pages(simulator: PublishedSimulator, skill: str) -> None:
    first, second = (connect.open_gateway(Lane.CLICK, Till()) for _ in range(2))
    first.list_campaigns()
    assert second.tenant() == first.tenant()
    second.read_state(skill)
    assert second.requests == 1


def test_processes_share_token_and_address(simulator: PublishedSimulator, skill: str) -> None:
    connect.open_gateway(Lane.CLICK, Till()).read_state(skill)
    connect.close_connections()
    later = connect.open_gateway(Lane.CLICK, Till())
    later.read_state(skill)
    assert later.requests == 1


def test_all_lead_in_without_a_cache(
    simulator: PublishedSimulator, skill: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("no cache")

    for name in ("get", "set", "add", "delete"):
        monkeypatch.setattr(LocMemCache, name, fail)
    for requests in (3, 1):
        gateway = connect.open_gateway(Lane.CLICK, Till())
        gateway.read_state(skill)
        assert gateway.requests == requests


@pytest.mark.parametrize("name", ["CXONE_ACCESS_KEY_ID", "CXONE_ACCESS_KEY_SECRET", "CXONE_TOKEN_URL"])
def test_missing_setting_is_named(settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    with pytest.raises(ImproperlyConfigured, match=f"^{name} is not set"):
        connect.require_settings()


def test_notes_of_another_tenant_are_others() -> None:
    CacheNotes("one").put("base", "https://one.test", 60)
    assert (CacheNotes("one").get("base"), CacheNotes("other").get("base")) == ("https://one.test", "")
