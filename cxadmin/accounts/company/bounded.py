"""Requests to the company's sign-in service: each bounded in time and size, and sent to no other address.

allauth speaks through `requests`, whose timeouts count between two bytes and whose answers have no end. So each
exchange has a thread, which the person's request waits for no longer than TOTAL_SECONDS.
"""

import os
import ssl
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from campaigns.cxone import deadline
from cxadmin.accounts.company.errors import CompanyUnreachable, Misconfigured

TOTAL_SECONDS = 5.0
CONNECT_SECONDS = 2.0
# Of the largest answer, the keys of a provider: a few kilobytes in practice.
MOST_BYTES = 256 * 1024
# Errors of a token request (RFC 6749, 5.2) that only whoever runs the product or the provider can do something about.
OF_THE_SETTINGS = {
    "invalid_client": "the provider refuses OIDC_CLIENT_ID or OIDC_CLIENT_SECRET (invalid_client).",
    "unauthorized_client": "the provider doesn’t let this client sign people in (unauthorized_client).",
}
OF_THE_CODE = "invalid_grant"


class CodeRefused(Exception):
    """The code of a sign-in was used before, or is too old."""


class BoundedSession(requests.Session):
    """Kept for as long as the process: its connections stay open, and allauth's `with` closes nothing."""

    def __init__(self) -> None:
        super().__init__()
        # No proxy and no certificates but the system's, or those that SSL_CERT_FILE names, as for other webhooks.
        self.trust_env = False
        self.mount("https://", _TrustsTheSystem())

    def close(self) -> None:
        """Nothing: see above."""

    def request(  # type: ignore[override]  # nobody here asks in bytes
        self, method: str, url: str, *args: Any, **options: Any
    ) -> requests.Response:
        """CompanyUnreachable, Misconfigured or CodeRefused; otherwise an answer with status 200, read to its end."""
        send = super().request

        def exchange() -> requests.Response:
            options.update(timeout=(CONNECT_SECONDS, TOTAL_SECONDS), stream=True, allow_redirects=False)
            response = send(method, url, *args, **options)
            with response:
                _read(response)
            return response

        host = urlsplit(url).hostname
        try:
            response = deadline.run_within(TOTAL_SECONDS, exchange)
        except TimeoutError:
            raise CompanyUnreachable(f"{host} did not answer within {TOTAL_SECONDS:.0f} s.") from None
        except (requests.RequestException, OSError) as error:
            raise CompanyUnreachable(f"{host} can’t be reached ({_cause(error)}).") from None
        if response.status_code != requests.codes.ok:
            raise _refusal(response, host or "")
        return response


class _TrustsTheSystem(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=ssl.create_default_context())


@cache
def session() -> BoundedSession:
    """This process's."""
    return BoundedSession()


os.register_at_fork(after_in_child=session.cache_clear)


def _read(response: requests.Response) -> None:
    content = b""
    for part in response.iter_content(16 * 1024):
        content += part
        if len(content) > MOST_BYTES:
            raise requests.RequestException(f"its answer is longer than {MOST_BYTES} bytes")
    # Where `requests` keeps what was read; `text` and `json()` find it there.
    response._content = content


def _refusal(response: requests.Response, host: str) -> Exception:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    error = str(answer.get("error", "")) if isinstance(answer, dict) else ""
    if error == OF_THE_CODE:
        return CodeRefused()
    if error in OF_THE_SETTINGS:
        return Misconfigured(OF_THE_SETTINGS[error])
    return CompanyUnreachable(f"{host} answered with the status {response.status_code}.")


def _cause(error: Exception) -> str:
    """The system's words, from within those of two libraries."""
    inner: BaseException = error
    while (deeper := inner.__cause__ or inner.__context__ or getattr(inner, "reason", None)) is not None:
        if not isinstance(deeper, BaseException):
            break
        inner = deeper
    return str(getattr(inner, "strerror", None) or getattr(inner, "verify_message", None) or type(inner).__name__)
