"""Which address a request comes from, as far as the headers can be trusted."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# What only proxies add.
FORWARDED = ("FORWARDED", "VIA", "X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_REAL_IP")
# The least that a provider assigns to one customer (RFC 6177), who can use any address in it: they count as one.
IPV6_PREFIX = 64
# Whoever has many addresses has them side by side: the least that is routed, and what a provider usually holds.
IPV4_NETWORKS, IPV6_NETWORKS = (24, 16), (48, 32)
# Some proxies write the port, too: 203.0.113.7:4711, [2001:db8::1]:4711.
WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([\d.]+):\d+")


def client_of(request: HttpRequest) -> str:
    """The nearest address that isn't one of our own proxies (TRUSTED_PROXIES); "" where the server gives none."""
    return _subnet(_client(request))


def is_on_this_machine(request: HttpRequest) -> bool:
    """Whether the client is a program on the same machine, and no proxy on it that passes on what others ask for."""
    client = _client(request)
    if client is None or not client.is_loopback:
        return False
    peer = _read(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if peer is not None and hops and _is_trusted_proxy(peer):
        # It has named its client, which `_client` has found, unless it wrote no address.
        return all(_read(hop.strip()) for hop in hops.split(","))
    return not any(f"HTTP_{name}" in request.META for name in FORWARDED)


def comes_from_trusted_proxy(request: HttpRequest) -> bool:
    peer = _read(request.META.get("REMOTE_ADDR", ""))
    return peer is not None and _is_trusted_proxy(peer)


def _client(request: HttpRequest) -> IPv4Address | IPv6Address | None:
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
    return peer


def networks_around(client: str) -> list[str]:
    """The networks that an address (as `client_of` returns it) is in: the smaller first."""
    if not client:
        return []
    network = ip_network(client)
    lengths = IPV6_NETWORKS if network.version == 6 else IPV4_NETWORKS
    return [str(network.supernet(new_prefix=length)) for length in lengths]


def subnet_of(text: str) -> str:
    """The address that somebody typed, as `client_of` returns it."""
    return _subnet(_read(text))


def _read(text: str) -> IPv4Address | IPv6Address | None:
    if match := WITH_PORT.fullmatch(text):
        text = match[1] or match[2] or ""
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
