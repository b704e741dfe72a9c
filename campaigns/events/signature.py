"""The signature of an event, as Standard Webhooks defines it: by a secret that CXone and this product share."""

from collections.abc import Mapping

from django.conf import settings
from standardwebhooks import Webhook, WebhookVerificationError


class NotSigned(Exception):
    """The event can't be known to be CXone's. The text says why, and repeats nothing of the event."""


def secrets() -> list[str]:
    """Those in CXONE_WEBHOOK_SECRET, none if it isn't set. While one replaces another, there are two."""
    if not settings.CXONE_WEBHOOK_SECRET:
        return []
    return [secret.strip() for secret in settings.CXONE_WEBHOOK_SECRET.split(",")]


def check_signature(body: bytes, headers: Mapping[str, str]) -> None:
    """NotSigned: no secret has signed these bytes within the last five minutes, by this machine's clock.

    Without a secret, everything passes.
    """
    faults = [_fault(secret, body, headers) for secret in secrets()]
    if faults and all(faults):
        raise NotSigned(faults[0])


def _fault(secret: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Why it isn't signed by `secret`; "" if it is."""
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except WebhookVerificationError as error:
        return str(error)
    # standardwebhooks 1.1.0 splits and decodes headers without a look at what is in them.
    except ValueError:
        return "The signature or the body can’t be read"
    return ""
