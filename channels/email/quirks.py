"""What the IMAP library does not do by itself."""

import asyncio
import re
import socket

from aioimaplib import IMAP4, IMAP4_SSL  # type: ignore[import-untyped]

from channels.email.settings import Server
from channels.email.trust import trusting

_FETCH = re.compile(rb"\* \d+ fetch ")


def client_of(server: Server) -> IMAP4:
    """A client that begins to connect."""
    if server.security == "plain":
        return IMAP4(server.host, server.port, timeout=server.timeout)
    trusted = trusting(server.ca)
    return IMAP4_SSL(server.host, server.port, timeout=server.timeout, ssl_context=trusted)


def keep_alive(client: IMAP4) -> None:
    """A connection that died silently is noticed by the system in the end."""
    transport = client.protocol.transport
    sock = transport.get_extra_info("socket") if transport else None
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def hear_any_case(client: IMAP4) -> None:
    """An answer to FETCH that is not in capitals is passed over otherwise."""
    takes = client.protocol._untagged_response

    def any_case(line: bytes) -> object:
        begins = _FETCH.match(line.lower())
        return takes(line[: begins.end()].upper() + line[begins.end() :] if begins else line)

    client.protocol._untagged_response = any_case


async def push(client: IMAP4, seconds: float, idling: asyncio.Future[object]) -> list[bytes]:
    """The lines of a push; none when the time is over, or the server waits no more.

    Whoever waits for a push alone is not told that the server has ended the wait.
    """
    pushing = asyncio.ensure_future(client.wait_server_push(seconds * 2 + 60))
    try:
        await asyncio.wait({pushing, idling}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        told = pushing.result() if pushing.done() else None
        return told if isinstance(told, list) else []
    finally:
        pushing.cancel()
