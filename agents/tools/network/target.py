"""Addresses as people write them, read in one way: whatever could be read in two is refused. Pure.

What is read here is what is connected to: nothing reads the text a second time.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

import idna

from agents.words import invisible

PORTS = {"http": 80, "https": 443}

_LONGEST = 2_000
_URL = re.compile(r"(?P<scheme>[^:/?#]*)://(?P<host>[^/?#]*)(?P<rest>[^#]*)(?:#.*)?", re.DOTALL)
_BARE = re.compile(r"[^\s:/?#@]+(?:\.[^\s:/?#@]+)+\.?(?::[0-9]+)?(?:[/?#].*)?", re.DOTALL)
_WITH_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>[0-9]{0,5}))?", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE = "%/?:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Place:
    """A host, as a name in ASCII and lower case or an IP address, and a port of it."""

    host: str
    port: int

    def told(self, default: int) -> str:
        """As people write it, without the port that is understood."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == default else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL. rest: its path and query, percent-encoded."""

    scheme: str
    place: Place
    rest: str

    @property
    def url(self) -> str:
        """The one way that it is written."""
        return f"{self.scheme}://{self.place.told(PORTS[self.scheme])}{self.rest}"


# --- reading -------------------------------------------------------------------------------------


def read_url(text: str) -> Target:
    """A URL; a bare domain stands for https. Raises `ValueError` with a line for people."""
    found = _URL.fullmatch(_printable(text))
    if found is None and _BARE.fullmatch(text):
        found = _URL.fullmatch(f"https://{text}")
    if found is None:
        raise ValueError("write an address as https://example.com/health")
    scheme = found["scheme"].lower()
    if scheme not in PORTS:
        raise ValueError("only http:// and https:// can be asked")
    place = _place(found["host"], PORTS[scheme])
    rest = found["rest"] if found["rest"].startswith("/") else f"/{found['rest']}"
    return Target(scheme, place, quote(_LONE_PERCENT.sub("%25", rest), safe=_SAFE))


def read_place(text: str, default: int = 443) -> Place:
    """A host, perhaps with a port, or the one in a URL. Raises `ValueError` like `read_url`."""
    text = _printable(text)
    if "://" in text:
        return read_url(text).place
    if _is_v6(text):
        text = f"[{text}]"
    return _place(text, default)


def joined(target: Target, location: str) -> Target:
    """Where an answer of `target` sends to. Raises `ValueError`."""
    found = urljoin(target.url, _printable(location))
    if "://" not in found:
        raise ValueError("only http:// and https:// can be asked")
    return read_url(found)


def _printable(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"an address has at most {_LONGEST:,} characters")
    odd = invisible(text) or not text.isprintable() or any(sign in text for sign in ' \\"<>`')
    if odd or not text:
        raise ValueError("an address has no spaces, quotes, backslashes or invisible signs")
    return text


def _place(text: str, default: int) -> Place:
    if "@" in text:
        raise ValueError("an address has no user name or password in it")
    found = _WITH_PORT.fullmatch(text)
    if found is None:
        raise ValueError("write a host as example.com, or example.com:8443")
    port = int(found["port"] or default)
    if not 0 < port < 2**16:
        raise ValueError(f"{port} is no port")
    return Place(_host(found["host"]), port)


def _host(text: str) -> str:
    if text.startswith("["):
        if not _is_v6(text[1:-1]):
            raise ValueError("that is no IPv6 address")
        return str(IPv6Address(text[1:-1]))
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _v4(name)
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("that is no host name")
    return name


def _ascii(text: str) -> str:
    """The name in lower case; one in other letters by its international rules."""
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode().lower()
    except idna.IDNAError:
        raise ValueError("that is no host name") from None


def _v4(name: str) -> str:
    """An IPv4 address in its usual spelling; others are read one way here and another there."""
    try:
        return str(IPv4Address(name))
    except AddressValueError:
        raise ValueError("write an IPv4 address as four decimal numbers, as 192.0.2.1") from None


def _is_v6(text: str) -> bool:
    """Whether it is an IPv6 address; one with a zone ("%eth0") names a wire of this machine."""
    try:
        return IPv6Address(text).scope_id is None
    except AddressValueError:
        return False


# --- what is the same, and what config knows -----------------------------------------------------


def same_url(text: str) -> str:
    """The one spelling of a URL. Raises `ValueError`."""
    return read_url(text).url


def same_place(text: str) -> str:
    """The one spelling of a host with its port; without one it is that of TLS."""
    return read_place(text).told(443)


def same_name(text: str) -> str:
    """The one spelling of a name."""
    return read_place(text).host


def url_within(text: str, hosts: frozenset[str]) -> bool:
    """Whether the URL leads to one of the hosts, and has no query that could tell it anything."""
    target = read_url(text)
    return "?" not in target.rest and target.place.told(PORTS[target.scheme]) in hosts


def place_within(text: str, hosts: frozenset[str]) -> bool:
    """Whether it is one of the hosts, on the port that config names with it, or that of TLS."""
    return same_place(text) in hosts


def name_within(text: str, hosts: frozenset[str]) -> bool:
    """Whether it is the name of one of the hosts, whatever the port."""
    return same_name(text) in {read_place(host).host for host in hosts}
