"""Which addresses may be reached: the internet's, and those that config allows."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.network.addresses import unfit

INNER = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("0.0.0.0", "unspecified"),
    ("10.0.0.7", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("169.254.169.254", "link-local"),
    ("100.64.0.1", "shared by carriers"),
    ("100.100.100.200", "shared by carriers"),
    ("224.0.0.1", "multicast"),
    ("192.0.0.192", "reserved"),
    ("198.18.0.1", "reserved"),
    ("203.0.113.9", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fec0::1", "private"),
    ("fd00:ec2::254", "private"),
    ("ff0e::1", "multicast"),
    ("2001:db8::1", "reserved"),
    ("4000::1", "reserved"),
]

CARRIED = [
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:a9fe:a9fe", "link-local"),
    ("::127.0.0.1", "loopback"),
    ("64:ff9b::127.0.0.1", "loopback"),
    ("64:ff9b::a00:7", "private"),
    ("64:ff9b:1::a00:7", "reserved"),
    ("2002:7f00:1::", "loopback"),
    ("2002:a9fe:a9fe::1", "link-local"),
]


@pytest.mark.parametrize(("address", "kind"), INNER)
def test_inner_networks_are_refused(address: str, kind: str) -> None:
    """What is not an address of the whole internet may not be reached, and is called what it is."""
    assert unfit(address, ()) == kind


@pytest.mark.parametrize(("address", "kind"), CARRIED)
def test_an_address_inside_another_is_looked_at(address: str, kind: str) -> None:
    """IPv4 in IPv6, in each of the ways that there are, is judged as what it leads to."""
    assert unfit(address, ()) == kind


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1"]
)
def test_the_internet_may_be_reached(address: str) -> None:
    """What anybody could reach may be."""
    assert unfit(address, ()) == ""


def test_config_allows_networks() -> None:
    """Only what lies in a named network is allowed, also where it is carried inside IPv6."""
    allowed = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    for address in ("10.0.0.7", "::ffff:10.0.0.7", "64:ff9b::10.0.0.7", "fd00::1"):
        assert unfit(address, allowed) == ""
    for address in ("127.0.0.1", "192.168.0.1", "169.254.169.254", "fe80::1", "::1"):
        assert unfit(address, allowed) != ""


def test_what_carries_an_address_is_no_way_around() -> None:
    """A network that may be reached does not allow what is wrapped in its addresses."""
    assert unfit("2002:7f00:1::", (ip_network("2002::/16"),)) == "loopback"


def test_no_address_is_refused() -> None:
    """What can not be read is not reached."""
    for odd in ("", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4/8"):
        assert unfit(odd, ()) == "no address"


@given(st.ip_addresses(v=4))
def test_what_is_not_global_is_never_reached(address: object) -> None:
    """Whatever Python takes for an address of an inner network is one for us."""
    if not ip_address(str(address)).is_global:
        assert unfit(str(address), ()) != ""


@given(st.ip_addresses(v=6))
def test_what_is_not_global_is_never_reached_over_ipv6(address: object) -> None:
    """The same for IPv6, where addresses inside of others count by themselves."""
    known = ip_address(str(address))
    if not known.is_global and getattr(known, "ipv4_mapped", None) is None:
        assert unfit(str(address), ()) != ""
