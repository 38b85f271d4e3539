"""The way out: names are resolved here and sockets made here, so that both are looked at.

The address that was looked at is the one that is connected to: nothing resolves the name again
for the same connection. And as a socket is made its address is looked at once more.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ssl import SSLContext

from agents.tools.network.addresses import REMEDY, Network, unfit

AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]
"""As `getaddrinfo` has them: family, type, protocol, name, socket address."""

Lookup = Callable[[str], Awaitable[Sequence[str]]]
"""A name -> its addresses. Raises `OSError`."""

MakeSocket = Callable[[AddrInfo], socket.socket]


class NotAllowed(OSError):
    """It may not be reached: the text says which address that would be, and what allows it.

    An `OSError`, so that whatever tries to connect takes it for a failed connection.
    """


class NoSuchHost(OSError):
    """The name has no address: the text says so."""


async def of_system(host: str) -> Sequence[str]:
    """The addresses that this machine knows for the name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


def plain_socket(info: AddrInfo) -> socket.socket:
    """A socket that goes to the address by itself."""
    return socket.socket(info[0], info[1], info[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What is reached, and how. trust: whom certificates are checked against, None: the system."""

    private: tuple[Network, ...] = ()
    lookup: Lookup = of_system
    make: MakeSocket = plain_socket
    trust: SSLContext | None = None

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Where the host is. If one of its addresses may not be reached, none is.

        Raises `NotAllowed` or `NoSuchHost`.
        """
        self.look_at_host(host)
        if _is_address(host):
            return (host,)
        try:
            found = tuple(dict.fromkeys(await self.lookup(host)))
        except (OSError, UnicodeError) as fault:
            raise NoSuchHost(f"{host} does not resolve") from fault
        if not found:
            raise NoSuchHost(f"{host} does not resolve")
        for address in found:
            self.look_at(address, host)
        return found

    def socket(self, info: AddrInfo) -> socket.socket:
        """A socket for this very address. Raises `NotAllowed`."""
        address = str(info[4][0])
        self.look_at(address, address)
        return self.make(info)

    def look_at_host(self, host: str) -> None:
        """Raise `NotAllowed` if the host is an address that may not be reached."""
        if _is_address(host):
            self.look_at(host, host)

    def look_at(self, address: str, host: str) -> None:
        """Raise `NotAllowed` if the address, to which `host` led, may not be reached."""
        kind = unfit(address, self.private)
        if not kind:
            return
        where = f"{address} is {kind}"
        if address != host:
            where = f"{host} resolves to {address}, which is {kind}"
        raise NotAllowed(f"{where}: {REMEDY}")


def info_of(address: str, port: int) -> AddrInfo:
    """What a TCP connection to the address needs."""
    if ":" in address:
        host, _, zone = address.partition("%")
        scope = int(zone) if zone.isdecimal() else 0
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port, 0, scope)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
