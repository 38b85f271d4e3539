"""What the IMAP library does not do by itself."""

import re
import socket

from aioimaplib import IMAP4  # type: ignore[import-untyped]

_FETCH = re.compile(rb"\* \d+ fetch ")


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
