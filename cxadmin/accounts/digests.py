"""Keyed digests of what may not be kept as it is: names that were typed, addresses."""

from django.utils.crypto import salted_hmac


def digest(kind: str, text: str) -> str:
    """64 hex digits, HMAC-SHA-256. Keyed by SECRET_KEY, so that a copy of the database can't be searched for guesses;
    `kind` keeps digests for different purposes apart."""
    # A client can send half of a surrogate pair.
    value = text.encode("utf-8", "surrogatepass")
    return salted_hmac(f"cxadmin.{kind}", value, algorithm="sha256").hexdigest()
