"""Where webhooks go to and come from: whether each address can be reached; with `send`, whether a notice arrives."""

import socket
import ssl
from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit
from uuid import uuid4

import rfc8785
from django.conf import settings

from campaigns.cxone import deadline
from campaigns.deliveries import destinations
from campaigns.deliveries.destinations import Destination
from campaigns.deliveries.http import Unanswered, post
from campaigns.deliveries.receivers import RECEIVERS, Receiver
from campaigns.dialect import cxone_can
from cxadmin.doctor.results import CheckResult, failed, not_looked_at, passed

CONNECT_SECONDS = 5.0
LOOKUP_SECONDS = 10.0
TEST = "TEST"
MOST_WORDS = 200


def look_at_webhooks(unusable: Collection[str], *, send: bool) -> Iterator[CheckResult]:
    yield _look_at_incoming(unusable)
    for receiver in RECEIVERS.values():
        yield _look_at_receiver(receiver, unusable, send=send)


def _look_at_incoming(unusable: Collection[str]) -> CheckResult:
    """Where CXone posts its events. The address itself is as good as a password, and is shown nowhere."""
    name = "webhook_cxone"
    if "CXONE_DIALECT" in unusable or not cxone_can().events:
        return passed(name, "Not used: this CXone sends no events, and its campaigns are read regularly instead.")
    if "PUBLIC_BASE_URL" in unusable:
        return not_looked_at(name, "PUBLIC_BASE_URL can’t be used", "Correct it first.")
    if not settings.PUBLIC_BASE_URL:
        return passed(
            name, "Not used: PUBLIC_BASE_URL isn’t set, and changes in CXone are found by the regular reads."
        )
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if not destinations.is_near(settings.CXONE_BASE_URL) and (private := destinations.names_private(host)):
        return failed(
            name,
            f"PUBLIC_BASE_URL leads to {private}, which CXone can’t reach.",
            "Let it name the address at which CXone reaches this product, or unset it.",
        )
    return passed(
        name, f"CXone is asked to post events to {settings.PUBLIC_BASE_URL}; only an event shows that it can."
    )


def _look_at_receiver(receiver: Receiver, unusable: Collection[str], *, send: bool) -> CheckResult:
    name = f"webhook_{receiver.prefix.lower()}"
    wrong = sorted({receiver.url_setting, receiver.secret_setting, receiver.private_setting} & set(unusable))
    if wrong:
        return not_looked_at(name, f"{wrong[0]} can’t be used", "Correct it first.")
    if not receiver.url:
        return passed(name, f"Not used: {receiver.url_setting} isn’t set.")
    if send:
        return _send_test(name, receiver)
    return _connect(name, receiver)


def _send_test(name: str, receiver: Receiver) -> CheckResult:
    now = datetime.now(UTC)
    body = rfc8785.dumps({"event": TEST, "timestamp": now.isoformat(timespec="seconds").replace("+00:00", "Z")})
    try:
        answer = post(f"msg_{uuid4().hex}", body, receiver=receiver, now=now)
    except Unanswered as error:
        return failed(name, str(error), _ask_about(receiver))
    if 200 <= answer.status < 300:
        return passed(name, f"{receiver.begin} took a test notice ({answer.status}).")
    words = f': "{answer.words[:MOST_WORDS]}"' if answer.words else ""
    if answer.status in {401, 403}:
        do = f"Check with whoever runs {receiver.host} that {receiver.secret_setting} is the secret that it has."
    else:
        do = f"Ask whoever runs {receiver.host} why it refuses this address or this notice."
    return failed(name, f"{receiver.begin} refused a test notice ({answer.status}){words}.", do)


def _connect(name: str, receiver: Receiver) -> CheckResult:
    """As far as a notice would go before anything is sent: look-up, connection, certificate."""
    destination = destinations.read_destination(receiver.url)
    resolve = partial(destinations.resolve_destination, destination, allow_private=receiver.allows_private)
    try:
        addresses = deadline.run_within(LOOKUP_SECONDS, resolve)
        _shake_hands(destination, addresses)
    except destinations.Private as private:
        return failed(
            name,
            f"{destination.host} leads to {private.address}, which is not an address of the public internet.",
            f"Correct {receiver.url_setting}, or set {receiver.private_setting}=on if you mean it.",
        )
    except ssl.SSLCertVerificationError as error:
        return failed(
            name,
            f"The certificate of {destination.host} isn’t accepted: {error.verify_message}.",
            f"Ask whoever runs {destination.host}; for a certificate of your own authority set SSL_CERT_FILE.",
        )
    except (OSError, TimeoutError) as error:
        said = getattr(error, "strerror", None) or str(error) or "no answer in time"
        return failed(name, f"{receiver.begin} can’t be reached: {said}.", _ask_about(receiver))
    return passed(name, f"{destination.authority} takes connections; manage.py doctor --send sends a test notice.")


def _shake_hands(destination: Destination, addresses: list[str]) -> None:
    last = OSError("it has no address")
    for address in addresses:
        try:
            plain = socket.create_connection((address, destination.port), CONNECT_SECONDS)
        except OSError as error:
            last = error
            continue
        with closing(plain):
            if destination.scheme == "https":
                ssl.create_default_context().wrap_socket(plain, server_hostname=destination.host.rstrip(".")).close()
            return
    raise last


def _ask_about(receiver: Receiver) -> str:
    return f"Check {receiver.url_setting}, and ask whoever runs {receiver.host} or the firewall before it."
