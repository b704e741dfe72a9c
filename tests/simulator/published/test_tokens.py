"""Tokens are given for an access key, both ways; and they end."""

import httpx

from campaigns.simulator import PublishedSimulator
from tests.simulator.calling import Clock
from tests.simulator.published.calling import (
    FORM,
    SERVICES,
    claims,
    connect,
    sign_in,
    sign_in_with_key,
)
from tests.simulator.published.calling import stranger as stranger_of

CLOCK = f"{SERVICES}/server-time"


def as_bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_registered_app_gets_a_token(stranger: httpx.Client) -> None:
    answer = sign_in(stranger)
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "Bearer", 3600)
    assert stranger.get(CLOCK, headers=as_bearer(answer)).status_code == 200


def test_key_alone_gets_a_token(stranger: httpx.Client) -> None:
    answer = sign_in_with_key(stranger)
    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "id_token", "refresh_token"}
    assert stranger.get(CLOCK, headers=as_bearer(answer)).status_code == 200


def test_id_token_names_the_tenant_whose_address_is_public(stranger: httpx.Client) -> None:
    tenant = claims(sign_in(stranger).json()["id_token"])["tenantId"]
    answer = stranger.get("/.well-known/cxone-configuration", params={"tenantId": tenant})
    assert answer.json()["api_endpoint"] == "https://cxone.test"


def test_unknown_tenant_has_no_address(stranger: httpx.Client) -> None:
    assert stranger.get("/.well-known/cxone-configuration", params={"tenantId": "other"}).status_code == 404


def test_token_address_is_published(stranger: httpx.Client) -> None:
    answer = stranger.get("/.well-known/openid-configuration")
    assert answer.json()["token_endpoint"] == "https://cxone.test/auth/token"


def test_secret_of_the_app_comes_form_encoded(clock: Clock) -> None:
    client = stranger_of(PublishedSimulator(0, clock=clock, client_id="an app", client_secret="a+b:c"))
    answer = sign_in(client, app=("an app", "a+b:c"))
    assert answer.status_code == 200


def test_client_credentials_are_unknown(stranger: httpx.Client) -> None:
    answer = sign_in(stranger, grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_unknown_app_is_refused(stranger: httpx.Client) -> None:
    answer = sign_in(stranger, app=("other", "simulator-secret"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_key_without_its_equals_signs_is_refused(stranger: httpx.Client) -> None:
    assert sign_in(stranger, username="simulator").json()["error"] == "invalid_grant"
    assert sign_in(stranger, password="simulator-secret").json()["error"] == "invalid_grant"


def test_form_built_by_hand_loses_the_equals_signs(stranger: httpx.Client) -> None:
    form = "&".join(f"{name}={value}" for name, value in FORM.items())
    answer = stranger.post("/auth/token", content=form, auth=("simulator", "simulator-secret"))
    assert answer.json()["error"] == "invalid_grant"


def test_wrong_key_alone_is_refused(stranger: httpx.Client) -> None:
    answer = sign_in_with_key(stranger, accessKeySecret="other====")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_refusal_is_a_401_in_practice(simulator: PublishedSimulator, stranger: httpx.Client) -> None:
    simulator.switch(token_refusal=401)
    assert sign_in(stranger, password="other").status_code == 401
    assert sign_in_with_key(stranger, accessKeySecret="other").status_code == 401


def test_token_ends_after_an_hour(client: httpx.Client, clock: Clock) -> None:
    clock.advance(3599)
    assert client.get(CLOCK).status_code == 200
    clock.advance(1)
    assert client.get(CLOCK).status_code == 401


def test_token_ends_after_some_calls(simulator: PublishedSimulator) -> None:
    simulator.switch(token_calls=2)
    client = connect(simulator)
    assert [client.get(CLOCK).status_code for _ in range(3)] == [200, 200, 401]


def test_tokens_are_ended_from_outside(simulator: PublishedSimulator, client: httpx.Client) -> None:
    simulator.expire_tokens()
    assert client.get(CLOCK).status_code == 401
