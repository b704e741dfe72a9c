"""The requests of the published contract, made bare."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx

PAGE = 100


@dataclass(frozen=True)
class PublishedTenant:
    """`client_id` "": no app is registered, and tokens are given for the key alone."""

    token_url: str
    directory_url: str
    key_id: str
    key_secret: str
    client_id: str
    client_secret: str
    base_url: str
    version: str = "v34.0"
    transport: httpx.BaseTransport | None = None


def sign_in(client: httpx.Client, tenant: PublishedTenant, **changed: str) -> httpx.Response:
    """`changed`: key_id, key_secret, client_id, client_secret."""
    given = {name: getattr(tenant, name) for name in ("key_id", "key_secret", "client_id", "client_secret")} | changed
    if not given["client_id"]:
        return client.post(
            tenant.token_url, json={"accessKeyId": given["key_id"], "accessKeySecret": given["key_secret"]}
        )
    pair = f"{quote_plus(given['client_id'])}:{quote_plus(given['client_secret'])}"
    return client.post(
        tenant.token_url,
        data={"grant_type": "password", "username": given["key_id"], "password": given["key_secret"]},
        headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
    )


def tenant_id(id_token: str) -> str:
    payload = id_token.split(".")[1]
    found: str = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["tenantId"]
    return found


def entries(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A list, wherever the server has it."""
    found: list[dict[str, Any]] = content.get("resultSet", content)[name]
    return found


def list_page(client: httpx.Client, skip: int = 0, **changed: object) -> httpx.Response:
    params = {"mediaTypeId": 4, "isActive": "true", "top": PAGE, "skip": skip} | changed
    return client.get("skills", params={name: str(value) for name, value in params.items()})


def schedule_of(skill_id: object) -> str:
    return f"skills/{skill_id}/parameters/schedule-settings"


def is_true(value: object) -> bool:
    """A boolean, which may come as text."""
    assert str(value).lower() in {"true", "false"}
    return str(value).lower() == "true"
