"""Where a webhook may go, and where it may not, however the address is written."""

from ipaddress import ip_address

import pytest

from campaigns.deliveries import destinations
from campaigns.deliveries.destinations import Destination, Malformed, Private

PRIVATE = [
    "127.0.0.1", "127.255.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "0.1.2.3", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1",  # noqa: S104
    "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
    "fec0::1", "ff02::1", "2001:db8::1", "100::1", "::ffff:10.0.0.1", "::ffff:7f00:1", "::127.0.0.1",
    "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:1::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "172.32.0.1", "192.167.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
WRITTEN_OTHERWISE = ["2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "10.1", "167772161"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_none(address: str) -> None:
    assert not destinations.is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_one(address: str) -> None:
    assert destinations.is_public(ip_address(address))


@pytest.mark.parametrize(
    "host", [*PRIVATE, *WRITTEN_OTHERWISE, "localhost", "LOCALHOST.", "a.localhost", "127.0.0.1."]
)
def test_private_name_is_known_by_itself(host: str) -> None:
    assert destinations.names_private(host)


@pytest.mark.parametrize("host", [*PUBLIC, "wfm.example.com", "localhost.example.com", "134744072"])
def test_other_names_are_looked_up(host: str) -> None:
    assert destinations.names_private(host) == ""


@pytest.mark.parametrize("host", WRITTEN_OTHERWISE)
def test_notation_hides_nothing_from_the_look_up(host: str) -> None:
    with pytest.raises(Private):
        destinations.resolve_destination(destinations.read_destination(f"http://{host}/"), allow_private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_name_that_leads_inside_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "look_up", lambda *_: ["8.8.8.8", address])
    with pytest.raises(Private) as refusal:
        destinations.resolve_destination(
            destinations.read_destination("https://wfm.example.com/"), allow_private=False
        )
    assert refusal.value.address == address


def test_setting_allows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "look_up", lambda *_: ["10.0.0.1"])
    assert destinations.resolve_destination(
        destinations.read_destination("https://wfm.example.com/"), allow_private=True
    ) == ["10.0.0.1"]


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_impossible_name_has_no_address(host: str) -> None:
    with pytest.raises(OSError, match=host[:8]):
        destinations.look_up(host, 443)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://wfm.example.com", Destination("https", "wfm.example.com", 443, "/")),
        ("http://WFM.example.com:8080/in/?a=b#c", Destination("http", "wfm.example.com", 8080, "/in/?a=b")),
        ("https://[2606:4700::1111]/x", Destination("https", "2606:4700::1111", 443, "/x")),
    ],
)
def test_address_is_read(url: str, read: Destination) -> None:
    assert destinations.read_destination(url) == read


@pytest.mark.parametrize(
    "url",
    [
        "wfm.example.com", "ftp://wfm.example.com", "https://", "https:///x", "http://[::1", "https://a:99999/",
        "https://a:b/", "https://user:pass@a/", "https://user@a/", "https://a b/", "https://ä.example/",
        "https://a/\x00", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_nonsense_is_malformed(url: str) -> None:
    with pytest.raises(Malformed):
        destinations.read_destination(url)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://a.example/", "a.example"),
        ("https://a.example:8443/", "a.example:8443"),
        ("http://[2606:4700::1111]:81/", "[2606:4700::1111]:81"),
    ],
)
def test_authority_is_the_host_header(url: str, authority: str) -> None:
    assert destinations.read_destination(url).authority == authority
