"""The settings of CXone and of the WFM system as system checks. docs/settings.md lists the ids."""

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.template.defaultfilters import pluralize

from campaigns.deliveries import destinations
from campaigns.deliveries.receivers import RECEIVERS, Receiver
from campaigns.events import signature
from campaigns.schedule.zones import known_zones

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
    "CALLS_HISTORY_DAYS": "campaigns.E017",
    "NOTIFY_WEBHOOK_URL": "campaigns.E018",
    "NOTIFY_WEBHOOK_SECRET": "campaigns.E019",
    "NOTIFY_ALLOW_PRIVATE": "campaigns.E020",
    "CXONE_ACCESS_KEY_ID": "campaigns.E021",
    "CXONE_ACCESS_KEY_SECRET": "campaigns.E022",
    "CXONE_TENANT_ID": "campaigns.E023",
    "CXONE_API_VERSION": "campaigns.E024",
    "CXONE_TIMEZONE": "campaigns.E025",
}
# Each of these says where CXone is.
ADDRESSES = ("CXONE_REGION", "CXONE_INSTANCE", "CXONE_BASE_URL")
# Only in the published dialect.
PUBLISHED_API = "published"
KEY = ("CXONE_ACCESS_KEY_ID", "CXONE_ACCESS_KEY_SECRET")
ONLY_PUBLISHED = (*KEY, "CXONE_TENANT_ID")
VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}")
# 24 of 64 characters have 144 bits, more than anybody can try.
TOKEN_CHARACTERS = 24
TOKEN = re.compile("[A-Za-z0-9_-]{1,200}")
# Standard Webhooks: a key of 24 to 64 random bytes.
LEAST_KEY_BYTES, MOST_KEY_BYTES = 24, 64


def check_cxone_and_wfm(**_: object) -> list[CheckMessage]:
    return [
        *settings.ENVIRONMENT.errors(IDS),
        *(() if settings.CXONE_DIALECT == PUBLISHED_API else _check_cxone_is_meant()),
        *_check_address_of_cxone("CXONE_BASE_URL", settings.CXONE_BASE_URL),
        *_check_address_of_cxone("CXONE_TOKEN_URL", settings.CXONE_TOKEN_URL),
        *_check_version_and_zone(),
        *(_check_key() if settings.CXONE_DIALECT == PUBLISHED_API else _check_v2()),
        *_check_webhook_token(),
        *_check_event_secrets(),
        *chain.from_iterable((*_check_address(each), *_check_secret(each)) for each in RECEIVERS.values()),
    ]


def _error(setting: str, rest: str, hint: str) -> Error:
    return Error(f"{setting} {rest}", hint=hint, id=IDS[setting])


def _check_v2() -> Iterator[Error]:
    yield from _check_client()
    for name in ONLY_PUBLISHED:
        if settings.ENVIRONMENT.is_given(name):
            yield _error(
                name,
                "is set, but the dialect v2 has no use for it.",
                f"Set CXONE_DIALECT=published, or unset {name}.",
            )
            return


def _check_version_and_zone() -> Iterator[Error]:
    if not VERSION.fullmatch(settings.CXONE_API_VERSION):
        rest = f"is {settings.CXONE_API_VERSION!r}; it must be a version of CXone’s API, such as v34.0."
        yield _error("CXONE_API_VERSION", rest, "Correct it or unset it.")
    zone = settings.CXONE_TIMEZONE
    if zone and zone not in known_zones():
        rest = f"is {zone!r}, which is no name of a time zone; one is America/New_York."
        yield _error("CXONE_TIMEZONE", rest, "Correct it or unset it.")


def _check_key() -> Iterator[Error]:
    environment = settings.ENVIRONMENT
    if settings.CXONE_SIMULATED or not _means_published():
        return
    for name in KEY:
        if environment.is_missing(name):
            yield _error(
                name,
                "is not set: without an access key CXone lets nobody in.",
                f"Set it, or let {name}_FILE name the file that holds it. CXone’s administrator makes the key.",
            )
    for name, other in (("CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET"), ("CXONE_CLIENT_SECRET", "CXONE_CLIENT_ID")):
        if environment.is_missing(name) and environment.is_given(other):
            yield _error(name, f"is not set, but {other} is.", "Set both, or neither if NICE has registered no app.")
    if not settings.CXONE_TOKEN_URL:
        yield _error(
            "CXONE_REGION",
            "is not set, and without an app’s client the region says where tokens are.",
            "Set it, such as na1, or set CXONE_CLIENT_ID and CXONE_CLIENT_SECRET.",
        )


def _means_published() -> bool:
    """Whether anything says that a real CXone is meant, and not the simulated one."""
    names = (*KEY, "CXONE_TENANT_ID", "CXONE_CLIENT_ID")
    return settings.CXONE_IS_MEANT or any(settings.ENVIRONMENT.is_given(name) for name in names)


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
                "is not set, but CXone’s address is: without it CXone lets nobody in.",
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
            "begins with http://, and the client’s secret would be sent there for all to read.",
            "Write https://.",
        )


def _check_webhook_token() -> Iterator[Error]:
    token = settings.CXONE_WEBHOOK_TOKEN
    if len(token) < TOKEN_CHARACTERS:
        yield _error(
            "CXONE_WEBHOOK_TOKEN",
            f"has {len(token)} character{pluralize(len(token))}; it must have at least {TOKEN_CHARACTERS}, or it "
            "could be guessed.",
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


def _check_address(receiver: Receiver) -> Iterator[Error]:
    """Where webhooks go; what a name leads to is looked up when they are sent."""
    name, url = receiver.url_setting, receiver.url
    if not url:
        return
    try:
        destination = destinations.read_destination(url)
    except destinations.Malformed as fault:
        yield _error(name, f"{fault}.", "Correct it or unset it.")
        return
    if receiver.allows_private:
        return
    allow = f"set {receiver.private_setting}=on if {receiver.name} is in your own network."
    if private := destinations.names_private(destination.host):
        yield _error(
            name, f"leads to {private}, which is not an address of the public internet.", f"Correct it, or {allow}"
        )
    elif destination.scheme == "http":
        yield _error(
            name, "begins with http://, and what is sent could be read on its way.", f"Write https://, or {allow}"
        )


def _check_secret(receiver: Receiver) -> Iterator[Error]:
    name, secret = receiver.secret_setting, receiver.secret
    if secret and not _is_webhook_secret(secret):
        yield _error(
            name,
            "is not whsec_ followed by the base64 of 24 to 64 bytes, as Standard Webhooks has it.",
            f"Copy it again from {receiver.name}, or make one: echo whsec_$(openssl rand -base64 32)",
        )
    if receiver.url and settings.ENVIRONMENT.is_missing(name):
        yield _error(
            name,
            f"is not set, but {receiver.url_setting} is: without it {receiver.name} can’t tell who wrote.",
            f"Set it, or let {name}_FILE name the file that holds it.",
        )


def _is_webhook_secret(text: str) -> bool:
    encoded = text.removeprefix("whsec_").rstrip("=")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith("whsec_") and LEAST_KEY_BYTES <= len(key) <= MOST_KEY_BYTES
