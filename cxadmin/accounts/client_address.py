"""Which address a request comes from, as far as the headers can be trusted."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

# The least that a provider assigns to one customer (RFC 6177), who can use any address in it: they count as one.
IPV6_PREFIX = 64


def client_of(request: HttpRequest) -> str:
    """The nearest address that isn't one of our own proxies (TRUSTED_PROXIES); "" where the server gives none."""
    peer = _read(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    # Each proxy appends its own client to X-Forwarded-For, and that client may have sent a header with anything in it.
    # So the header is read from its right end, and only for as long as one of our proxies wrote the entry. Without
    # TRUSTED_PROXIES it is ignored.
    while peer is not None and hops and _is_trusted_proxy(peer):
        previous = _read(hops.pop().strip())
        if previous is None:
            break
        peer = previous
    return _subnet(peer)


def subnet_of(text: str) -> str:
    """The address that somebody typed, as `client_of` returns it."""
    return _subnet(_read(text))


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        # Without the interface that a link-local address may carry: fe80::1%eth0.
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _is_trusted_proxy(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _subnet(address: IPv4Address | IPv6Address | None) -> str:
    if address is None:
        return ""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address)
