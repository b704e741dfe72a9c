"""How the published API grants tokens: for an access key, with the app's client or without one.

There are no client credentials here: a key belongs to an employee, and the client says which app uses it.
"""

from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field

import httpx

from campaigns.cxone import errors
from campaigns.cxone.fields import number_as_text
from campaigns.cxone.json_body import parse_json
from campaigns.cxone.masking import basic_credentials
from campaigns.cxone.replies import Call, Reply, token_code, token_refusal

APP = (
    "Nothing was changed. CXone doesn’t know the app, or NICE hasn’t approved it yet, which takes two or three "
    "working days. An admin should compare CXONE_CLIENT_ID and CXONE_CLIENT_SECRET with what NICE sent, or "
    "ask NICE whether the app is approved for this tenant."
)
KEY = (
    "Nothing was changed. The access key is wrong or was revoked, or its user was deactivated. An admin "
    "should compare CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET (with every = at its end) with the key, and ask "
    "CXone’s administrator whether the key and its user are active."
)
EITHER = (
    "Nothing was changed. An admin must check CXONE_ACCESS_KEY_ID and CXONE_ACCESS_KEY_SECRET (with every = "
    "at its end), and CXONE_CLIENT_ID and CXONE_CLIENT_SECRET if NICE has registered an app, and ask CXone’s "
    "administrator whether the key and its user are active."
)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """`client_id`, `client_secret`: of the app that NICE has registered; "" for none."""

    token_url: str
    key_id: str
    key_secret: str = field(repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    @property
    def scope(self) -> str:
        """What a key may do is up to its user's role."""
        return ""

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.key_secret, self.client_secret)))

    def request(self, client: httpx.Client) -> httpx.Request:
        if not self.client_id:
            keys = {"accessKeyId": self.key_id, "accessKeySecret": self.key_secret}
            return client.build_request("POST", self.token_url, json=keys)
        # RFC 6749, 4.3.2. httpx encodes the form: a secret ends in "====".
        form = {"grant_type": "password", "username": self.key_id, "password": self.key_secret}
        basic = basic_credentials(self.client_id, self.client_secret)
        return client.build_request("POST", self.token_url, data=form, headers={"Authorization": f"Basic {basic}"})

    def refused(self, call: Call, reply: Reply) -> errors.CXoneError:
        error, code = token_refusal(call, reply), token_code(reply)
        if not isinstance(error, errors.WrongCredentials):
            return error
        if code in {"invalid_client", "unauthorized_client"}:
            return error.advising(APP)
        return error.advising(KEY if code == "invalid_grant" or not self.client_id else EITHER)


def tenant_in(id_token: str) -> str:
    """The tenant that an ID token is about; "" if it doesn't say.

    Its signature isn't checked: it came over TLS with the token itself, and decides nothing but the address.
    """
    parts = id_token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = parse_json(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (NotBase64, ValueError):
        return ""
    tenant = number_as_text(claims.get("tenantId")) if isinstance(claims, dict) else ""
    return tenant.strip() if isinstance(tenant, str) else ""
