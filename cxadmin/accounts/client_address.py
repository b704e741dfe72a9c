"""From which address a request comes, as far as that can be believed."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

# One customer of an internet provider has at least so much of IPv6 (RFC 6177), so its parts are one place.
IPV6_PREFIX = 64


def of(request: HttpRequest) -> str:
    """The nearest address that is none of our own proxies (TRUSTED_PROXIES); "" where the server gives none.

    Each proxy appends whom it was reached by to X-Forwarded-For, so only its right end can be believed, and only
    as long as each hop that wrote it is one of ours. Without TRUSTED_PROXIES the header counts for nothing.
    """
    peer = _read(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while peer is not None and hops and _is_ours(peer):
        told = _read(hops.pop().strip())
        if told is None:
            break
        peer = told
    return _placed(peer)


def place(text: str) -> str:
    """The same of an address as somebody writes it."""
    return _placed(_read(text))


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_ours(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _placed(address: IPv4Address | IPv6Address | None) -> str:
    if address is None:
        return ""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address)
