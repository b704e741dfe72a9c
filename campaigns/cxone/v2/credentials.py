"""How v2 grants tokens: OAuth 2.0 client credentials (RFC 6749, 4.4)."""

from dataclasses import dataclass, field

import httpx

from campaigns.cxone.errors import CXoneError
from campaigns.cxone.masking import basic_credentials
from campaigns.cxone.replies import Call, Reply, token_refusal


@dataclass(frozen=True, slots=True)
class Credentials:
    """`auth`: how the client proves itself, "post" (in the form) or "basic" (in the header)."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    auth: str = "post"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.client_secret,)

    def refused(self, call: Call, reply: Reply) -> CXoneError:
        return token_refusal(call, reply)

    def request(self, client: httpx.Client) -> httpx.Request:
        """RFC 6749, 4.4.2, with the client's credentials in the form or in the header (2.3.1), never in both."""
        form = {"grant_type": "client_credentials", "scope": self.scope}
        headers = {}
        if self.auth == "basic":
            headers["Authorization"] = f"Basic {basic_credentials(self.client_id, self.client_secret)}"
        else:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        return client.build_request("POST", self.token_url, data=form, headers=headers)
