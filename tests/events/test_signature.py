"""Whether an event was signed with a secret that CXone shares with this product."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import binary, dictionaries, sampled_from, text
from pytest_django import Settings

from campaigns.events.signature import NotSigned, check_signature
from tests.events.signing import OTHER_SECRET, SECRET, signed

BODY = '{"campaignId": "Frühling"}'.encode()
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@pytest.fixture(autouse=True)
def secret(settings: Settings) -> None:
    settings.CXONE_WEBHOOK_SECRET = SECRET


def test_signed_event_passes() -> None:
    check_signature(BODY, signed(BODY, SECRET))


def test_everything_passes_without_a_secret(settings: Settings) -> None:
    settings.CXONE_WEBHOOK_SECRET = ""
    check_signature(BODY, {})


def test_names_of_headers_have_no_case() -> None:
    check_signature(BODY, {name.title(): value for name, value in signed(BODY, SECRET).items()})


@pytest.mark.parametrize("name", HEADERS)
def test_missing_header_is_refused(name: str) -> None:
    headers = signed(BODY, SECRET)
    del headers[name]
    with pytest.raises(NotSigned):
        check_signature(BODY, headers)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "1e999"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": "v1,ü"},
        {"webhook-signature": "v2,AAAA"},
    ],
)
def test_changed_header_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(NotSigned):
        check_signature(BODY, signed(BODY, SECRET) | changed)


def test_changed_body_is_refused() -> None:
    with pytest.raises(NotSigned):
        check_signature(BODY + b" ", signed(BODY, SECRET))


@pytest.mark.parametrize("minutes", [-6, 6])
def test_signature_of_another_time_is_refused(minutes: int) -> None:
    with pytest.raises(NotSigned, match=r"too (old|new)"):
        check_signature(BODY, signed(BODY, SECRET, age=timedelta(minutes=minutes)))


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_a_little(minutes: int) -> None:
    check_signature(BODY, signed(BODY, SECRET, age=timedelta(minutes=minutes)))


def test_other_secret_is_refused() -> None:
    with pytest.raises(NotSigned):
        check_signature(BODY, signed(BODY, OTHER_SECRET))


def test_sender_may_sign_with_two() -> None:
    """While CXone replaces its secret, it signs with the old and the new one."""
    check_signature(BODY, signed(BODY, OTHER_SECRET, SECRET))


@pytest.mark.parametrize("used", [SECRET, OTHER_SECRET])
def test_either_of_two_secrets_passes(settings: Settings, used: str) -> None:
    settings.CXONE_WEBHOOK_SECRET = f"{OTHER_SECRET}, {SECRET}"
    check_signature(BODY, signed(BODY, used))


def test_reason_repeats_nothing() -> None:
    with pytest.raises(NotSigned) as refused:
        check_signature(b"\xff", signed(BODY, SECRET) | {"webhook-signature": "v1,s3cret"})
    assert "s3cret" not in str(refused.value)


@given(body=binary(max_size=200), headers=dictionaries(sampled_from(HEADERS), text(max_size=80)))
def test_nothing_else_is_believed(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(NotSigned):
        check_signature(body, headers)


@given(body=text(max_size=200))
def test_whatever_is_signed_passes(body: str) -> None:
    check_signature(body.encode(), signed(body.encode(), SECRET))
