"""The settings of CXone and of the WFM system as system checks. docs/settings.md lists the ids."""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from campaigns.deliveries import destinations
from campaigns.events import signature

IDS = {
    "CXONE_REGION": "campaigns.E001",
    "CXONE_INSTANCE": "campaigns.E002",
    "CXONE_BASE_URL": "campaigns.E003",
    "CXONE_TOKEN_URL": "campaigns.E004",
    "CXONE_CLIENT_ID": "campaigns.E005",
    "CXONE_CLIENT_SECRET": "campaigns.E006",
    "CXONE_TOKEN_AUTH": "campaigns.E007",
    "CXONE_DIALECT": "campaigns.E008",
    "CXONE_RATE_PER_MINUTE": "campaigns.E009",
    "CXONE_WEBHOOK_TOKEN": "campaigns.E010",
    "SYNC_INTERVAL_SECONDS": "campaigns.E011",
    "CONFIRM_SECONDS": "campaigns.E012",
    "WFM_WEBHOOK_URL": "campaigns.E013",
    "WFM_WEBHOOK_SECRET": "campaigns.E014",
    "WFM_ALLOW_PRIVATE": "campaigns.E015",
    "CXONE_WEBHOOK_SECRET": "campaigns.E016",
}
# Each of these says where CXone is.
ADDRESSES = ("CXONE_REGION", "CXONE_INSTANCE", "CXONE_BASE_URL")
# 24 of 64 characters have 144 bits, more than anybody can try.
TOKEN_CHARACTERS = 24
TOKEN = re.compile("[A-Za-z0-9_-]{1,200}")
# Standard Webhooks: a key of 24 to 64 random bytes.
LEAST_KEY_BYTES, MOST_KEY_BYTES = 24, 64


def check_cxone_and_wfm(**_: object) -> list[CheckMessage]:
    return [
        *settings.ENVIRONMENT.errors(IDS),
        *_check_dialect(),
        *_check_cxone_is_meant(),
        *_check_address_of_cxone("CXONE_BASE_URL", settings.CXONE_BASE_URL),
        *_check_address_of_cxone("CXONE_TOKEN_URL", settings.CXONE_TOKEN_URL),
        *_check_client(),
        *_check_webhook_token(),
        *_check_event_secrets(),
        *_check_wfm_address(),
        *_check_wfm_secret(),
    ]


def _error(setting: str, rest: str, hint: str) -> Error:
    return Error(f"{setting} {rest}", hint=hint, id=IDS[setting])


def _check_dialect() -> Iterator[Error]:
    if settings.CXONE_DIALECT != "v2":
        rest = f"is {settings.CXONE_DIALECT!r}; the one dialect there is so far is v2."
        yield _error("CXONE_DIALECT", rest, "Correct it or unset it.")


def _check_cxone_is_meant() -> Iterator[Error]:
    """Credentials or blank addresses without an address: whoever wrote them doesn't want the simulated CXone.

    One error, however many of them there are: it is one mistake.
    """
    environment = settings.ENVIRONMENT
    if not all(environment.is_missing(name) for name in ADDRESSES):
        return
    for name in ("CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET", "CXONE_TOKEN_URL"):
        if environment.is_given(name):
            yield _error(
                name,
                "is set, but nothing says where CXone is.",
                f"Set CXONE_REGION, CXONE_INSTANCE or CXONE_BASE_URL; or unset {name} to work on the simulated CXone.",
            )
            return
    for name in ADDRESSES:
        if environment.is_blank_in_file(name):
            yield _error(
                name,
                "is set to nothing in .env, and nothing else says where CXone is.",
                "Set it, or remove the line to work on the simulated CXone.",
            )
            return


def _check_client() -> Iterator[Error]:
    if settings.CXONE_SIMULATED or not settings.CXONE_BASE_URL:
        return
    for name in ("CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET"):
        if settings.ENVIRONMENT.is_missing(name):
            yield _error(
                name,
                "is not set, but CXone's address is: without it CXone lets nobody in.",
                f"Set it, or let {name}_FILE name the file that holds it.",
            )


def _check_address_of_cxone(name: str, address: str) -> Iterator[Error]:
    """Credentials are sent there."""
    if settings.ENVIRONMENT.is_missing(name):
        # It follows from another one, which has a line of its own.
        return
    parts = urlsplit(address)
    if parts.username is not None or parts.fragment:
        yield _error(name, "has a user name, a password or a # in it.", "Leave them out.")
    elif parts.scheme == "http" and not destinations.is_near(address):
        yield _error(
            name,
            "begins with http://, and the client's secret would be sent there for all to read.",
            "Write https://.",
        )


def _check_webhook_token() -> Iterator[Error]:
    token = settings.CXONE_WEBHOOK_TOKEN
    if len(token) < TOKEN_CHARACTERS:
        yield _error(
            "CXONE_WEBHOOK_TOKEN",
            f"has {len(token)} characters; it must have at least {TOKEN_CHARACTERS}, or it could be guessed.",
            "Make one: openssl rand -hex 32",
        )
    elif not TOKEN.fullmatch(token):
        yield _error(
            "CXONE_WEBHOOK_TOKEN",
            "must be letters, digits, - and _, at most 200: it is a part of an address.",
            "Make one: openssl rand -hex 32",
        )


def _check_event_secrets() -> Iterator[Error]:
    # None is missing: CXone may sign nothing.
    if not all(_is_webhook_secret(secret) for secret in signature.secrets()):
        yield _error(
            "CXONE_WEBHOOK_SECRET",
            "is not whsec_ followed by the base64 of 24 to 64 bytes, as Standard Webhooks has it, nor several of them "
            "with commas between.",
            "Copy it again from CXone, or make one for both: echo whsec_$(openssl rand -base64 32)",
        )


def _check_wfm_address() -> Iterator[Error]:
    """Where webhooks go; what a name leads to is looked up when they are sent."""
    name, url = "WFM_WEBHOOK_URL", settings.WFM_WEBHOOK_URL
    if not url:
        return
    try:
        destination = destinations.read_destination(url)
    except destinations.Malformed as fault:
        yield _error(name, f"{fault}.", "Correct it or unset it.")
        return
    if settings.WFM_ALLOW_PRIVATE:
        return
    if private := destinations.names_private(destination.host):
        yield _error(
            name,
            f"leads to {private}, which is not an address of the public internet.",
            "Correct it, or set WFM_ALLOW_PRIVATE=on if the WFM system is in your own network.",
        )
    elif destination.scheme == "http":
        yield _error(
            name,
            "begins with http://, and what is sent could be read on its way.",
            "Write https://, or set WFM_ALLOW_PRIVATE=on if the WFM system is in your own network.",
        )


def _check_wfm_secret() -> Iterator[Error]:
    name, secret = "WFM_WEBHOOK_SECRET", settings.WFM_WEBHOOK_SECRET
    if secret and not _is_webhook_secret(secret):
        yield _error(
            name,
            "is not whsec_ followed by the base64 of 24 to 64 bytes, as Standard Webhooks has it.",
            "Copy it again from the WFM system, or make one: echo whsec_$(openssl rand -base64 32)",
        )
    if settings.WFM_WEBHOOK_URL and settings.ENVIRONMENT.is_missing(name):
        yield _error(
            name,
            "is not set, but WFM_WEBHOOK_URL is: without it the WFM system can't tell who wrote.",
            f"Set it, or let {name}_FILE name the file that holds it.",
        )


def _is_webhook_secret(text: str) -> bool:
    encoded = text.removeprefix("whsec_").rstrip("=")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith("whsec_") and LEAST_KEY_BYTES <= len(key) <= MOST_KEY_BYTES
