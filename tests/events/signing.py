"""Signs events as CXone does."""

from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

SECRET = "whsec_" + "a" * 43 + "="
OTHER_SECRET = "whsec_" + "b" * 43 + "="


def signed(body: bytes, *secrets: str, age: timedelta = timedelta()) -> dict[str, str]:
    """The headers of an event that was sent `age` ago, with a signature by each of the secrets."""
    sent_at = datetime.now(UTC) - age
    signatures = [Webhook(secret).sign("msg_1", sent_at, body.decode()) for secret in secrets]
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
