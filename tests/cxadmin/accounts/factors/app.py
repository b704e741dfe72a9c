"""An authenticator app, and somebody who uses it."""

import base64
import hmac
import struct
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN, SECOND, SET_UP = "/accounts/login/", "/accounts/second-factor/", "/accounts/second-factor/set-up/"


def code_of(secret: str, steps: int = 0) -> str:
    """What an app shows now, or `steps` half minutes later (RFC 6238), worked out apart from the product."""
    counter = struct.pack(">Q", int(timezone.now().timestamp()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def type_password(browser: Client, name: str = "anna", password: str = PASSWORD, **fields: str) -> Any:
    return browser.post(LOGIN, {"username": name, "password": password} | fields)


def type_code(browser: Client, code: str) -> Any:
    return browser.post(SECOND, {"code": code})


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200
