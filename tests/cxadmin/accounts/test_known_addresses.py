"""Addresses from which somebody has signed in: how many, for how long, and how little is stored of them."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from cxadmin.accounts import known_addresses
from cxadmin.models import KnownAddress
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def sign_in(address: str, name: str = "anna") -> None:
    values = {"username": name, "password": PASSWORD}
    assert Client().post("/accounts/login/", values, REMOTE_ADDR=address).status_code == 302


@pytest.fixture(autouse=True)
def anna() -> None:
    make_user(username="anna")
    make_user(username="bert")


def test_address_is_known_to_that_name_only() -> None:
    sign_in("203.0.113.7")
    assert known_addresses.is_known("anna", "203.0.113.7")
    assert not known_addresses.is_known("bert", "203.0.113.7")


def test_address_is_forgotten_after_90_days() -> None:
    sign_in("203.0.113.7")
    KnownAddress.objects.update(seen_at=F("seen_at") - timedelta(days=90))
    assert not known_addresses.is_known("anna", "203.0.113.7")
    known_addresses.forget_old()
    assert not KnownAddress.objects.exists()


def test_twenty_are_known_of_each_account() -> None:
    sign_in("203.0.113.7", "bert")
    for number in range(25):
        sign_in(f"10.0.0.{number}")
    assert not known_addresses.is_known("anna", "10.0.0.4")
    assert known_addresses.is_known("anna", "10.0.0.5")
    assert KnownAddress.objects.count() == 21


def test_no_address_can_be_read() -> None:
    sign_in("203.0.113.7")
    [digest] = KnownAddress.objects.values_list("digest", flat=True)
    assert len(digest) == 64
    assert "203" not in KnownAddress.objects.get().__str__()


def test_request_without_an_address_makes_none_known() -> None:
    sign_in("")
    assert not KnownAddress.objects.exists()
