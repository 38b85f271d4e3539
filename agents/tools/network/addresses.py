"""Which machines may be reached at all: those of the whole internet, and networks of config. Pure.

An address that carries another one inside (IPv4 in IPv6) is judged by that one as well.
"""

from collections.abc import Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_KINDS: tuple[tuple[str, tuple[Network, ...]], ...] = tuple(
    (kind, tuple(ip_network(one) for one in networks))
    for kind, networks in (
        ("unspecified", ("0.0.0.0/8", "::/128")),
        ("loopback", ("127.0.0.0/8", "::1/128")),
        ("link-local", ("169.254.0.0/16", "fe80::/10")),
        ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")),
        ("shared by carriers", ("100.64.0.0/10",)),
        ("multicast", ("224.0.0.0/4", "ff00::/8")),
        # Networks of documents, benchmarks and protocols, and what nobody has been given yet.
        ("reserved", ("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15")),
        ("reserved", ("198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4")),
        (
            "reserved",
            ("64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16"),
        ),
    )
)
_INTERNET = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")

REMEDY = "`[tools] private` allows networks"


def unfit(address: str, allowed: Sequence[Network]) -> str:
    """What is wrong with the address, as "private"; "" if it may be reached."""
    try:
        # A zone ("%eth0") names a wire of this machine, not another address.
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return "no address"
    return next((kind for one in _meant(known) if (kind := _kind(one, allowed))), "")


def _meant(address: Address) -> Iterator[Address]:
    """Every address that a packet to it may come to."""
    if isinstance(address, IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    else:
        yield address
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo


def _kind(address: Address, allowed: Sequence[Network]) -> str:
    """Why it may not be reached; "" if it may."""
    if any(address in network for network in allowed):
        return ""
    for kind, networks in _KINDS:
        if any(address in network for network in networks):
            return kind
    if isinstance(address, IPv6Address) and address not in _INTERNET:
        return "reserved"
    return ""
