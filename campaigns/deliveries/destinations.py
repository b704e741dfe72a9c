"""Where a webhook may go: which addresses are public, and what a name leads to at this moment. No Django in here."""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address

GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
# Protocol assignments and the old relays of 6to4; versions of Python differ about both.
SPECIAL = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
PORTS = {"http": 80, "https": 443}


class Malformed(ValueError):
    """It is no address that a webhook can be sent to. The text is the end of a sentence that begins with its name."""


class Private(Exception):
    """The host leads into a private network; `address` is where."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


@dataclass(frozen=True, slots=True)
class Destination:
    """`host` as it was written, without the brackets of IPv6; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port == PORTS[self.scheme]:
            return host
        return f"{host}:{self.port}"


def read_destination(url: str) -> Destination:
    """Malformed: it isn't one, or it carries a password, which would be shown and logged with it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Malformed("is not an address: its host or its port can’t be read") from None
    if parts.scheme not in PORTS or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise Malformed("is not an address that starts with http:// or https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise Malformed("has a user name or a password in it. Leave them out: what is sent is signed")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, PORTS[parts.scheme] if port is None else port, target)


def is_public(address: Address) -> bool:
    """Whether it can be meant for the whole internet, and for one machine."""
    inner = _inside(address)
    if isinstance(inner, IPv6Address) and inner not in GLOBAL_UNICAST:
        return False
    if isinstance(inner, IPv4Address) and any(inner in network for network in SPECIAL):
        return False
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def names_private(host: str) -> str:
    """The private address that `host` is by itself, in whatever notation; "" where only a look-up could tell."""
    plain = host.rstrip(".").lower()
    if plain == "localhost" or plain.endswith(".localhost"):
        return plain
    address = _literal(plain)
    if address and not is_public(address):
        return str(address)
    return ""


def is_near(address: str) -> bool:
    """Whether it leads to this machine, a private network or another container: CXone itself is at none of them."""
    host = urlsplit(address).hostname or ""
    if names_private(host):
        return True
    # Without a dot it is a container's name, unless it is a number: resolvers read one as an address of anywhere.
    return not set(host) & set(".:") and not re.fullmatch("[0-9]+|0x[0-9a-f]+", host)


def resolve_destination(destination: Destination, *, allow_private: bool) -> list[str]:
    """The addresses that the host has now. Private: one of them isn't public. OSError: it has none.

    One private address is enough to refuse them all: who may choose what a name leads to may choose their order too.
    """
    addresses = look_up(destination.host, destination.port)
    for address in addresses:
        if not allow_private and not is_public(ip_address(address)):
            raise Private(address)
    return addresses


def look_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError(f"{host} is no host name") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _literal(host: str) -> Address | None:
    """`host` as an address: also 2130706433, 0x7f.1 and 127.1, which the system's look-up takes for one."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _inside(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
