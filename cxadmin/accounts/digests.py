"""Keyed digests of what must not be stored in the clear: typed names, addresses."""

from django.utils.crypto import salted_hmac


def keyed_digest(kind: str, text: str) -> str:
    """HMAC-SHA-256 as 64 hex digits. `kind` separates digests that serve different purposes.

    It is keyed with SECRET_KEY, so that nobody can test guesses against a copy of the database.
    """
    # A client can send half of a surrogate pair, which has no UTF-8.
    value = text.encode("utf-8", "surrogatepass")
    return salted_hmac(f"cxadmin.{kind}", value, algorithm="sha256").hexdigest()
