"""One signed request to another system, straight to an address that was checked, within ten seconds in all.

httpcore follows no redirect and reads no proxy from the environment, and takes the connection's address apart from the
name that its certificate must be of.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial

import httpcore
from standardwebhooks import Webhook

from campaigns.cxone import deadline
from campaigns.cxone.clock import http_date
from campaigns.cxone.retry_after import retry_after
from campaigns.deliveries import destinations
from campaigns.deliveries.destinations import Destination
from campaigns.deliveries.receivers import WFM, Receiver

TOTAL_SECONDS = 10.0
# For each of the host's addresses, so that one that is down doesn't use up the time of the others.
CONNECT_SECONDS = 3.0
# Seconds. A Retry-After may ask for more, but a delivery has a day in all.
LONGEST_WAIT = 3600.0
# As much of an answer is read, and as many characters of that are kept: enough for an error message.
MOST_BYTES = 4096
MOST_CHARACTERS = 300

Headers = list[tuple[bytes | str, bytes | str]]


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """`wait`: the seconds that its Retry-After asks for; `words`: what its body says, cut and cleaned; `sent_at`: its
    Date, by the receiver's clock."""

    status: int
    wait: float | None
    words: str
    sent_at: datetime | None = field(default=None, compare=False)


class Unanswered(Exception):
    """There was no answer, or none in time. The text is a sentence for people."""


def post(webhook_id: str, body: bytes, *, receiver: Receiver = WFM, now: datetime | None = None) -> WebhookAnswer:
    """Send `body`, signed at `now` (aware; else by this machine's clock), to the address of `receiver`. Unanswered: it
    may have arrived all the same."""
    deadline.begin_exchange(TOTAL_SECONDS)
    destination = destinations.read_destination(receiver.url)
    signature = sign_webhook(webhook_id, body, now or datetime.now(UTC), receiver)
    headers: Headers = [("Host", destination.authority), *HEADERS.items(), *signature.items()]
    try:
        return _send(destination, _addresses(destination, receiver), headers, body)
    except (httpcore.ConnectTimeout, httpcore.PoolTimeout):
        raise Unanswered(f"Nothing was sent: no connection to {receiver.name} was made in time.") from None
    except httpcore.TimeoutException:
        raise Unanswered(f"{receiver.begin} did not answer within {TOTAL_SECONDS:.0f} s.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise Unanswered(f"{receiver.begin} could not be reached, or broke off ({_clean(str(error))}).") from None


def sign_webhook(webhook_id: str, body: bytes, now: datetime, receiver: Receiver = WFM) -> dict[str, str]:
    """The three headers of Standard Webhooks. `now` in UTC; the same id at each try, another time and signature."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(receiver.secret).sign(webhook_id, now, body.decode()),
    }


HEADERS = {
    "User-Agent": "campaign-control",
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
}


def _addresses(destination: Destination, receiver: Receiver) -> list[str]:
    resolve = partial(destinations.resolve_destination, destination, allow_private=receiver.allows_private)
    try:
        return deadline.run_within(deadline.remaining_seconds(), resolve)
    except TimeoutError:
        raise Unanswered(f"Nothing was sent: the look-up of {destination.host} takes too long.") from None
    except destinations.Private as private:
        raise Unanswered(
            f"Nothing was sent: {destination.host} leads to {private.address}, which is not an address of the public "
            f"internet. Correct {receiver.url_setting}, or set {receiver.private_setting}=on if you mean it."
        ) from None
    except OSError as error:
        raise Unanswered(f"Nothing was sent: {destination.host} has no address ({error.strerror or error}).") from None


def _send(destination: Destination, addresses: list[str], headers: Headers, body: bytes) -> WebhookAnswer:
    """To the first address that takes the connection."""
    for address in addresses[:-1]:
        try:
            return _send_to(address, destination, headers, body)
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            continue
    return _send_to(addresses[-1], destination, headers, body)


def _send_to(address: str, destination: Destination, headers: Headers, body: bytes) -> WebhookAnswer:
    url = httpcore.URL(
        scheme=destination.scheme, host=address, port=destination.port, target=destination.target.encode()
    )
    timeouts = {"pool": deadline.remaining_seconds(), "connect": CONNECT_SECONDS}
    extensions = {"sni_hostname": destination.host.rstrip("."), "timeout": timeouts}
    with _connections().stream("POST", url, headers=headers, content=body, extensions=extensions) as response:
        sent_at = http_date(_header(response, b"date"))
        wait = retry_after(_header(response, b"retry-after"), sent_at or datetime.now(UTC), longest=LONGEST_WAIT)
        words = _clean(_beginning(response).decode(errors="replace"))
        return WebhookAnswer(response.status, wait, words, sent_at)


def _header(response: httpcore.Response, name: bytes) -> str | None:
    found = [value for key, value in response.headers if key.lower() == name]
    return found[0].decode("latin-1") if found else None


def _beginning(response: httpcore.Response) -> bytes:
    """What it says, as far as it is read. An answer that breaks off in its body is one all the same."""
    said = b""
    try:
        for part in response.iter_stream():
            said += part
            if len(said) >= MOST_BYTES:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    return said[:MOST_BYTES]


def _clean(text: str) -> str:
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if len(words) <= MOST_CHARACTERS:
        return words
    return f"{words[: MOST_CHARACTERS - 1]}…"


@cache
def _connections() -> httpcore.ConnectionPool:
    """This process's connections. They are kept by address, so one is used again only where the name still leads."""
    return httpcore.ConnectionPool(max_connections=8, keepalive_expiry=30.0, network_backend=deadline.Backend())


def close_webhook_connections() -> None:
    """Close this process's connections; the next request opens new ones."""
    _connections().close()
    _connections.cache_clear()


os.register_at_fork(after_in_child=_connections.cache_clear)
