"""The company of the tests: npm's oidc-provider as a child process on loopback, and the people who work there."""

import json
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urljoin

import httpx
import pytest

FOLDER = Path(__file__).parent / "provider"
INSTALL = "npm ci --prefix tests/cxadmin/accounts/company/provider"
CLIENT_ID, CLIENT_SECRET = "control-room", "the-company-s-secret"
AS_IT_IS = {
    "people": {},
    "offset": 0,
    "lifetime": 3600,
    "lie": None,
    "newKey": False,
    "claimsIn": "id_token",
    "down": False,
    "endSession": True,
}
# Reading the authorities, which nothing here needs, would take as long as a sign-in.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
FLOOR, COMPLIANCE, ADMINS = "cc-floor", "cc-compliance", "cc-admins"


class Company:
    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process, self.port = process, port
        self.people: dict[str, dict[str, Any]] = {}

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tell(self, **told: object) -> None:
        """What it is, or does, from now on: `offset` of its clock in seconds, `lifetime` of its tokens, a `lie`, …"""
        httpx.post(f"{self.issuer}/control", content=json.dumps(told), timeout=30, verify=NO_TLS).raise_for_status()

    def employ(self, name: str, *groups: str, **claims: object) -> None:
        self.people[name] = {"preferred_username": name, "groups": groups, **claims}
        self.tell(people=self.people)

    def calm(self) -> None:
        self.people = {}
        self.tell(**AS_IT_IS)


def visit_company(address: str, name: str) -> str:
    """Sign in there as `name`, as a browser does; the address at which the browser then returns to the product."""
    with httpx.Client(timeout=30, verify=NO_TLS) as browser:
        response = browser.get(address)
        while True:
            while response.is_redirect:
                address = urljoin(str(response.url), response.headers["location"])
                if "/accounts/company/callback/" in address:
                    return address
                response = browser.get(address)
            form = re.search(r'<form[^>]*action="([^"]+)"', response.text)
            assert form, response.text
            response = browser.post(
                urljoin(str(response.url), form[1]), data={"prompt": "login", "login": name, "password": "any"}
            )


@contextmanager
def run_company(base: str) -> Iterator[Company]:
    """`base`: the address of the product that it knows."""
    node = shutil.which("node")
    if node is None:
        _give_up("No node was found. Install it: apt-get install nodejs npm.")
    if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        _give_up(f"oidc-provider is not installed. Install it: {INSTALL}.")
    with subprocess.Popen(
        [node, "provider.mjs", base],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout
            yield Company(process, int(process.stdout.readline()))
        finally:
            process.terminate()


def _give_up(sentence: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
